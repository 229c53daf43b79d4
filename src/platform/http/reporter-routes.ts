/** How tokens of reporters begin. What is done with one never goes into a log or the audit trail of staff. */
export const REPORTER_TOKEN = 'dat_';

/**
 * Whether a route template belongs to reporters: filing, following, the webhook of a messenger, and what a web form reads
 * before anything is filed.
 */
export function isReporterRoute(route: string): boolean {
  return /^\/api\/v1\/(reports|tracking|channels|public\/(institutions|catalogs|privacy-notice))(\/|$|\?)/.test(route);
}
