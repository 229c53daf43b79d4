interface DriverError {
  code?: unknown;
  constraint?: unknown;
}

/**
 * Returns the driver's error of a failed statement. TypeORM wraps this error when the statement went through
 * its own manager.
 */
function driverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  return (error as { driverError?: DriverError }).driverError ?? error;
}

/**
 * Returns the SQL state of a failed statement, or the code of a failed connection (`ECONNREFUSED`). Empty
 * when there is none.
 */
export function sqlStateOf(error: unknown): string {
  const { code } = driverError(error);
  return typeof code === 'string' ? code : '';
}

/**
 * Returns the name of the constraint on which a statement failed, or the name of a rule in one of our
 * functions. Empty when there is none.
 */
export function constraintOf(error: unknown): string {
  const { constraint } = driverError(error);
  return typeof constraint === 'string' ? constraint : '';
}

/**
 * Tells whether a statement failed on a unique constraint (SQL state 23505). When a name is given, it must be
 * this constraint.
 */
export function violates(error: unknown, constraint?: string): boolean {
  return sqlStateOf(error) === '23505' && (constraint === undefined || constraintOf(error) === constraint);
}

/** Tells whether a statement failed because the row that another one names is not there (SQL state 23503). */
export function lacksItsOwner(error: unknown): boolean {
  return sqlStateOf(error) === '23503';
}
