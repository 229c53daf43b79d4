/** A text in the two languages of the service; Spanish is the default, English by `Accept-Language`. */
export interface Text {
  es: string;
  en: string;
}

export function isText(value: unknown): value is Text {
  return typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'en,es';
}

/**
 * A refusal with a stable code, answered as RFC 9457 problem+json by the one filter in
 * `http/problem.filter.ts`. `detail` is plain language for people and says what to do next; programs branch
 * on `code` only. Never put anything into `detail` or `extra` that could point to a reporter.
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail?: string | Text,
    /**
     * Further members of the problem document, e.g. `{version: 7}` or `{retryAfter: 30}` (seconds). A `Text`
     * is shown in the reader's language.
     */
    readonly extra: Readonly<Record<string, unknown>> = {},
    /** The permission that was missing, for the audit trail. */
    readonly permission?: string,
  ) {
    super(code);
    this.name = 'DomainError';
  }
}

/** A fault that stops a process at its start: the message is the one line an operator reads. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

/** A command line that cannot be understood: the process ends with 2. */
export class UsageError extends Error {
  constructor(fault: string, usage: string) {
    super(`${fault}. Usage: ${usage}`);
    this.name = 'UsageError';
  }
}
