/**
 * A problem that stops the embedded server from working. The message is one line and names the fix. Entry
 * points print `message` and exit with 1. They print no stack, because a stack would hide the message.
 */
export class EmbeddedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(/\s*\n\s*/g, ' ').trim(), options);
    this.name = 'EmbeddedError';
  }
}

/**
 * The code of a system error (`EACCES`), or undefined. Check the shape, not the class: errors in a test
 * runner come from another realm.
 */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
