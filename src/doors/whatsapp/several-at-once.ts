/**
 * Work several items at a time and resolve when all have ended.
 * @param next gives an item, or undefined when no more are to begin
 * @throws the error of the first failed item, after the others have ended
 */
export async function severalAtOnce<T>(
  count: number,
  next: () => T | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const line = async (): Promise<void> => {
    for (let item = next(); item !== undefined; item = next()) await work(item);
  };
  const lines = await Promise.allSettled(Array.from({ length: count }, line));
  const failed = lines.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
