/**
 * Whether a route template belongs to reporters: filing, following, the webhook of a messenger, and what a web form reads
 * before anything is filed.
 */
export function isReporterRoute(route: string): boolean {
  return /^\/api\/v1\/(reports|tracking|channels|public\/(institutions|catalogs|privacy-notice))(\/|$|\?)/.test(route);
}
