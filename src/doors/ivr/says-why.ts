import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, throwError, type Observable } from 'rxjs';
import type { ActorRequest } from '../../platform/http/access.js';
import { DomainError } from '../../platform/errors.js';
import type { Language } from '../../platform/http/language.js';
import { InvalidRequest } from '../../platform/http/validation.js';
import { ivrErrors } from './errors.js';
import { IVR_TOKEN, IvrTokens } from './ivr-tokens.js';
import { sayRefusal } from './speech/refusals.js';
import { typedLanguage } from './typed.js';

/** Names under which programs send the number of a caller. */
const OF_A_CALLER =
  /^(caller|calling|called|ani$|cli$|clid|cid$|from|msisdn|e164|src$|source|origin|origen|number|numero|telefono|telephone|phone_?number|sender|remote|sip)/i;

/**
 * Puts beside each refusal what the caller hears: `say`, in the language of the call. The number of a caller
 * is refused by a code of its own.
 */
@Injectable()
export class SaysWhy implements NestInterceptor {
  constructor(private readonly tokens: IvrTokens) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { body, headers, query } = context.switchToHttp().getRequest<ActorRequest>();
    const language = (): Language =>
      this.tokens.languageOf(headers[IVR_TOKEN.toLowerCase()]) ??
      typedLanguage((body as { language?: unknown } | undefined)?.language) ??
      'es';
    return (hasNone(query) ? next.handle() : throwError(() => unknownIn(query))).pipe(
      catchError((error: unknown) =>
        throwError(() => {
          if (!(error instanceof DomainError)) return error;
          const refusal = tellsCaller(error) ? ivrErrors.callerRefused() : error;
          const extra = { ...refusal.extra, say: sayRefusal(refusal, language()) };
          if (refusal instanceof InvalidRequest) return new InvalidRequest(refusal.errors, extra);
          return new DomainError(refusal.code, refusal.status, refusal.detail, extra, refusal.permission);
        }),
      ),
    );
  }
}

/** No route of a voice menu has a query: what stands in an address stands in the logs of proxies. */
function hasNone(query: unknown): boolean {
  return Object.keys(query ?? {}).length === 0;
}

function unknownIn(query: unknown): InvalidRequest {
  const fields = Object.keys(query ?? {}).slice(0, 20);
  const message = { es: 'Este campo no existe.', en: 'This field does not exist.' };
  return new InvalidRequest(fields.map((field) => ({ field, code: 'UNKNOWN_FIELD', message })));
}

function tellsCaller(error: DomainError): boolean {
  return (
    error instanceof InvalidRequest &&
    error.errors.some(({ field, code }) => code === 'UNKNOWN_FIELD' && OF_A_CALLER.test(field))
  );
}
