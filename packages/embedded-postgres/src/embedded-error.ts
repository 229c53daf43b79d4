/**
 * A fact that keeps the embedded server from working, told in one line that names the fix.
 * Entry points print `message` and exit with 1; a stack would bury it.
 */
export class EmbeddedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(/\s*\n\s*/g, ' ').trim(), options);
    this.name = 'EmbeddedError';
  }
}

/**
 * The code of a system error (`EACCES`), or undefined. By its shape: a test runner gives errors of another
 * realm.
 */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
