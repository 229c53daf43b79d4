import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Database } from '../database/database.js';
import { sqlStateOf } from '../database/sql-state.js';
import { isDiskFull } from '../disk-full.js';
import { DomainError, type Text } from '../errors.js';
import { Log } from '../logging.js';
import { StoreFailed } from '../storage/object-store.js';
import type { ActorRequest } from './access.js';
import { ErrorShapes } from './error-shapes.js';
import { inLanguage } from './labels.js';
import { languageOf, type Language } from './language.js';
import { ownerOf } from './route-owner.js';
import { InvalidRequest } from './validation.js';

const TITLES: Record<number, [es: string, en: string]> = {
  400: ['Solicitud no válida', 'Bad request'],
  401: ['Falta una credencial válida', 'Unauthorized'],
  403: ['Sin permiso', 'Forbidden'],
  404: ['No existe', 'Not found'],
  405: ['Método no permitido', 'Method not allowed'],
  406: ['Formato no disponible', 'Not acceptable'],
  408: ['Tardó demasiado', 'Request timeout'],
  409: ['Conflicto con el estado actual', 'Conflict'],
  412: ['La versión cambió', 'Precondition failed'],
  413: ['Demasiado grande', 'Content too large'],
  415: ['Tipo de contenido no admitido', 'Unsupported media type'],
  416: ['Esa parte no existe', 'Range not satisfiable'],
  422: ['No se puede procesar', 'Unprocessable content'],
  429: ['Demasiados intentos', 'Too many requests'],
  431: ['Encabezados demasiado grandes', 'Request header fields too large'],
  500: ['Error interno', 'Internal error'],
  503: ['Servicio no disponible por ahora', 'Service unavailable'],
  507: ['Sin espacio para guardar', 'Insufficient storage'],
};

/** Seconds after which a client may try again when the disk is full. Somebody must make room first. */
const FULL_RETRY = 30;

const DISK_FULL: Text = {
  es: 'El sistema se quedó sin espacio y no guardó nada de esta solicitud. Repítela en unos minutos.',
  en: 'The system ran out of disk space and stored nothing of this request. Send it again in a few minutes.',
};

const CODES: Record<number, string> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
  503: 'UNAVAILABLE',
};

/** Texts for refusals by the server or the framework. Every refusal says what to do next. */
const DETAILS: Record<number, [es: string, en: string]> = {
  400: [
    'La solicitud no se pudo leer. Revisa que el cuerpo sea JSON válido y que la dirección esté completa.',
    'The request could not be read. Check that its body is valid JSON and that the address is complete.',
  ],
  404: [
    'Esa dirección no existe, o no admite este método. Revísala en /docs.',
    'There is no such address, or it does not take this method. Check it in /docs.',
  ],
  405: [
    'Esa dirección no admite este método. Revísalo en /docs.',
    'That address does not take this method. See /docs.',
  ],
  408: [
    'La solicitud no llegó completa a tiempo. Vuelve a mandarla.',
    'The request did not arrive whole in time. Send it again.',
  ],
  413: [
    'La solicitud es demasiado grande. Manda menos a la vez.',
    'The request is too large. Send less at a time.',
  ],
  415: [
    'El cuerpo debe ser JSON («Content-Type: application/json»). Donde se manda un archivo, un formulario («multipart/form-data»).',
    'The body must be JSON ("Content-Type: application/json"). Where a file is sent, a form ("multipart/form-data").',
  ],
  431: [
    'Los encabezados de la solicitud pasan de 16 KiB. Manda menos.',
    'The headers of the request exceed 16 KiB. Send fewer.',
  ],
  503: [
    'El servicio está muy ocupado o se está recuperando. Vuelve a intentarlo en unos segundos.',
    'The service is busy or recovering. Try again in a few seconds.',
  ],
};

const STORE_FAILED: [string, string] = [
  'El almacén de archivos no contesta. Vuelve a intentarlo más tarde; las denuncias sin archivos siguen llegando.',
  'The store of files does not answer. Try again later; reports without files go on.',
];

/**
 * SQL states under which nothing was stored and a repeat may succeed: no connection, too many connections,
 * timeout, lock, conflict, shutdown.
 */
const UNAVAILABLE = /^(08|53|57P|57014|25P03|55P03|40001|40P01|ECONN|EPIPE|ETIMEDOUT)/;

/**
 * Messages of the driver that carry no code: the pool is full, or the server went away during a statement.
 */
const CONNECTION_LOST =
  /timeout exceeded when trying to connect|connection terminated|not queryable|already released/i;

/** What the filter leaves on the reply for code that runs after the answer. */
export interface ProblemReply {
  problemCode?: string;
  refusedPermission?: string;
}

/**
 * Turns every error into RFC 9457 problem+json with a stable `code`. An unknown error becomes a 500 without
 * details.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly database: Database,
    private readonly shapes: ErrorShapes,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<ActorRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const language = languageOf(request);
    const problem = describeProblem(error, language);
    this.database.disk.note(error);
    if (problem.status === 500 || error instanceof StoreFailed) this.logFault(error, request);
    if (typeof problem.retryAfter === 'number') reply.header('Retry-After', String(problem.retryAfter));
    const shaped = this.shapes.of(request.routeOptions?.url)?.(error, language);
    if ((shaped ?? problem).status === 401) reply.header('WWW-Authenticate', 'Bearer');
    Object.assign<FastifyReply, ProblemReply>(reply, {
      problemCode: problem.code,
      refusedPermission: error instanceof DomainError ? error.permission : undefined,
    });
    void reply
      .status((shaped ?? problem).status)
      .header('Content-Type', `application/${shaped ? 'json' : 'problem+json'}; charset=utf-8`)
      .header('Content-Language', language)
      .send(JSON.stringify({ ...(shaped?.body ?? problem), requestId: request.id }));
  }

  /**
   * Logs a fault. Route and request id are logged for staff only. With them, and with the place of the line
   * in the log, somebody could connect the line with a report.
   */
  private logFault(error: unknown, request: ActorRequest): void {
    if (ownerOf(request) === 'staff')
      this.log.fault('unexpected-error', error, { route: request.routeOptions.url, requestId: request.id });
    else this.log.faultWithoutTime('unexpected-error', error);
  }
}

export interface Problem extends Record<string, unknown> {
  type: string;
  title: string;
  status: number;
  code: string;
}

/** Returns the problem document of an error, without its request id. */
export function describeProblem(error: unknown, language: Language): Problem {
  const pick = (pair: [string, string]): string => pair[language === 'es' ? 0 : 1];
  const make = (status: number, code: string, rest: Record<string, unknown> = {}): Problem => ({
    type: `urn:denuncia-abierta:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: pick(TITLES[status] ?? TITLES[status >= 500 ? 500 : 400]!),
    status,
    code,
    ...rest,
  });
  if (error instanceof DomainError) {
    const detail = typeof error.detail === 'string' ? error.detail : error.detail?.[language];
    const errors =
      error instanceof InvalidRequest
        ? {
            errors: error.errors.map(({ field, code, message }) => ({
              field,
              code,
              message: message[language],
            })),
          }
        : {};
    return make(error.status, error.code, {
      ...(detail === undefined ? {} : { detail }),
      ...errors,
      ...Object.fromEntries(
        Object.entries(error.extra).map(([name, value]) => [name, inLanguage(value, language)]),
      ),
    });
  }
  if (isDiskFull(error)) return describeProblem(diskFull(DISK_FULL), language);
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    const known = DETAILS[status];
    return make(status, CODES[status] ?? 'BAD_REQUEST', { detail: pick(known ?? DETAILS[400]!) });
  }
  if (error instanceof StoreFailed)
    return make(503, 'UNAVAILABLE', { detail: pick(STORE_FAILED), retryAfter: 30 });
  if (status === 503 || UNAVAILABLE.test(sqlStateOf(error)) || CONNECTION_LOST.test(String(error))) {
    return make(503, 'UNAVAILABLE', { detail: pick(DETAILS[503]!), retryAfter: 2 });
  }
  return make(500, 'INTERNAL');
}

/**
 * Makes the refusal of something that has no room to be stored. @param detail says what was not stored and
 * what to do
 */
export function diskFull(detail: Text): DomainError {
  return new DomainError('DISK_FULL', 503, detail, { retryAfter: FULL_RETRY });
}

/**
 * Returns the status of an error of the HTTP server itself: body too large, broken JSON, unknown content
 * type.
 */
function statusOf(error: unknown): number | undefined {
  if (!error || typeof error !== 'object') return undefined;
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  return typeof statusCode === 'number' && typeof code === 'string' && code.startsWith('FST_')
    ? statusCode
    : undefined;
}
