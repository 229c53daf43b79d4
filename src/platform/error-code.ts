/**
 * The code of a system error (`EACCES`) or of one of the driver, or undefined. By its shape: a test runner
 * gives errors of another realm.
 */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
