interface DriverError {
  code?: unknown;
  constraint?: unknown;
}

/**
 * What the driver says of a failed statement; TypeORM wraps it where a statement went through its own
 * manager.
 */
function driverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  return (error as { driverError?: DriverError }).driverError ?? error;
}

/**
 * SQL state of a failed statement, or the code of a failed connection (`ECONNREFUSED`); empty when there is
 * none.
 */
export function sqlStateOf(error: unknown): string {
  const { code } = driverError(error);
  return typeof code === 'string' ? code : '';
}

/**
 * Name of the constraint, or of the rule of one of our functions, on which a statement failed; empty when it
 * was none.
 */
export function constraintOf(error: unknown): string {
  const { constraint } = driverError(error);
  return typeof constraint === 'string' ? constraint : '';
}

/** Whether a statement failed on a unique constraint (SQL state 23505), of this name when one is given. */
export function violates(error: unknown, constraint?: string): boolean {
  return sqlStateOf(error) === '23505' && (constraint === undefined || constraintOf(error) === constraint);
}
