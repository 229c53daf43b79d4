/** How tokens of reporters begin. What is done with one never goes into a log or the audit trail of staff. */
export const REPORTER_TOKEN = 'dat_';

/**
 * Whether a route template belongs to reporters: filing, following, the webhook of a messenger, and what a web form reads
 * before anything is filed. The bare address too, and the page and document of the API to which it leads: whoever looks for a
 * place to report may begin there.
 */
export function isReporterRoute(route: string): boolean {
  return (
    /^\/(docs(\/.*)?|openapi\.(json|yaml))?$/.test(route) ||
    /^\/api\/v1\/(reports|tracking|channels|public\/(institutions|catalogs|privacy-notice))(\/|$)/.test(route)
  );
}

/**
 * Whose a request is, by the template of its route. `nobody`: no route has that path and method. Such a request may be a
 * reporter's who mistyped, in more ways than can be told by looking at the path, so of none of them stays method, path or time.
 * @param route absent without a route; Fastify's `*` answers the question that a browser asks before it sends
 */
export function ownerOf(route: string | undefined): 'reporters' | 'staff' | 'nobody' {
  if (!route?.startsWith('/')) return 'nobody';
  return isReporterRoute(route) ? 'reporters' : 'staff';
}
