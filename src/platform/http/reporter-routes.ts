/** Whether a route template belongs to reporters: filing, following, the webhook of a messenger. */
export function isReporterRoute(route: string): boolean {
  return /^\/api\/v1\/(reports|tracking|channels)(\/|$)/.test(route);
}
