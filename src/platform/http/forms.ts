import { parse } from 'node:querystring';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';
import { acceptFiles, bringsFile } from './file-form.js';

const FORM = 'application/x-www-form-urlencoded';
/** The only route that takes a form. OAuth asks for a form (RFC 6749, section 4.3.2). */
export const FORM_ROUTE = '/api/v1/auth/token';
/**
 * Bytes: an address, a password of 128 characters (each character written as twelve bytes), and some names.
 */
export const FORM_LIMIT = 8 * 1024;

/**
 * Allows forms on one route, and forms with files on the routes that take them. On other routes a form is
 * answered 415 before its body is read. A browser sends a form for a page of any origin without asking. So
 * this route refuses a request from a page of another origin, unless the origin is listed. A form with a file
 * needs the bearer token that no page of another origin has.
 */
export function acceptForms(
  server: FastifyInstance,
  corsOrigins: readonly string[],
  takesAnything: (route: string) => boolean,
): void {
  server.addHook('onRequest', (request: FastifyRequest, _reply, done: (error?: Error) => void) => {
    const route = request.routeOptions.url ?? '';
    if (route === FORM_ROUTE) done(isForeign(request, corsOrigins) ? foreign() : undefined);
    else done(isOutOfPlace(request) && !takesAnything(route) ? notJson() : undefined);
  });
  acceptFiles(server);
  server.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) =>
    done(null, parse(String(body))),
  );
}

/** Tells whether a request brings a form to a route that takes none of its kind. */
function isOutOfPlace({ raw, routeOptions }: FastifyRequest): boolean {
  if (bringsFile(raw)) return routeOptions.config?.takesFile !== true;
  return raw.headers['content-type']?.trim().toLowerCase().startsWith(FORM) ?? false;
}

/**
 * Tells whether a request comes from a page of another origin that is not listed. Browsers say where a
 * request comes from, and no page can change it (Fetch Metadata, `Sec-Fetch-Site`).
 */
function isForeign({ headers }: FastifyRequest, corsOrigins: readonly string[]): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return !corsOrigins.includes(headers.origin ?? '');
}

function foreign(): DomainError {
  return new DomainError('FOREIGN_ORIGIN', 403, {
    es: 'Esta página no puede iniciar sesión aquí. Pide que agreguen su origen a CORS_ORIGINS.',
    en: 'This page may not sign in here. Ask for its origin to be added to CORS_ORIGINS.',
  });
}

function notJson(): DomainError {
  return new DomainError('UNSUPPORTED_MEDIA_TYPE', 415, {
    es: 'Envía la solicitud como application/json.',
    en: 'Send the request as application/json.',
  });
}
