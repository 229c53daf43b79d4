import type { FastifyRequest } from 'fastify';

/**
 * Tells whether a person opens the address in a browser, by a link or by typing it. Only then `Accept` names
 * HTML. Programs, and scripts of a page, do not name it. `Sec-Fetch-Dest` would say the same, but browsers
 * send it over HTTPS only.
 */
export function opensInBrowser(request: Pick<FastifyRequest, 'headers'>): boolean {
  return /\btext\/html\b/i.test(request.headers.accept ?? '');
}
