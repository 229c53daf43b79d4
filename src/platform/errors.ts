/** A text in the two languages of the service. Spanish is the default. `Accept-Language` chooses English. */
export interface Text {
  es: string;
  en: string;
}

export function isText(value: unknown): value is Text {
  return typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'en,es';
}

/**
 * A refusal with a stable code. The one filter in `http/problem.filter.ts` answers it as RFC 9457
 * problem+json. `detail` is plain language for people and says what to do next. Programs use `code` only.
 * Never put anything into `detail` or `extra` that could point to a reporter.
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail?: string | Text,
    /**
     * Further members of the problem document, e.g. `{version: 7}` or `{retryAfter: 30}` (seconds). A `Text`
     * appears in the reader's language.
     */
    readonly extra: Readonly<Record<string, unknown>> = {},
    /** The missing permission, for the audit trail. */
    readonly permission?: string,
  ) {
    super(code);
    this.name = 'DomainError';
  }
}

/** A fault that stops a process at its start. The message is the one line that an operator reads. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

/** A command line that the program does not understand. The process ends with code 2. */
export class UsageError extends Error {
  constructor(fault: string, usage: string) {
    super(`${fault}. Usage: ${usage}`);
    this.name = 'UsageError';
  }
}
