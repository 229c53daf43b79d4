/**
 * A refusal with a stable code, answered as RFC 9457 problem+json by the one filter in `problem.filter.ts`.
 * `detail` is plain Spanish for people and says what to do next; programs branch on `code` only.
 * Never put anything into `detail` or `extra` that could point to a reporter.
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail?: string,
    /** Further members of the problem document, e.g. `{version: 7}` or `{retryAfter: 30}` (seconds). */
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
    this.name = 'DomainError';
  }
}
