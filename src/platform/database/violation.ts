/** Whether a statement failed on a unique constraint (SQL state 23505), of this name when one is given. */
export function violates(error: unknown, constraint?: string): boolean {
  const cause = (error as { driverError?: { code?: string; constraint?: string } } | null)?.driverError;
  return cause?.code === '23505' && (constraint === undefined || cause.constraint === constraint);
}
