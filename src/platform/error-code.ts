/**
 * Returns the code of a system error (`EACCES`) or of a driver error, or undefined. Checks the shape and not
 * the class, because a test runner gives errors of another realm.
 */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
