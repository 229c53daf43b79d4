import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { languageOf } from '../../platform/http/language.js';

/** Seconds: an admin's change shows within five minutes, while a form that many open at once costs one query. */
const MAX_AGE = 300;

/** Lets anybody keep a successful answer of a public route; refusals stay uncached. */
@Injectable()
export class PublicCache implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      map((body: unknown) => {
        void http
          .getResponse<FastifyReply>()
          .header('Cache-Control', `public, max-age=${MAX_AGE}`)
          .header('Vary', 'Accept-Language')
          .header('Content-Language', languageOf(http.getRequest<FastifyRequest>()));
        return body;
      }),
    );
  }
}
