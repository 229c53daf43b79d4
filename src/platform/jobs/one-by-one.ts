/** Rows that a sweep finds due, in a fixed order, and how one of them is worked. */
export interface DueRows<Row> {
  /** The next rows behind `after`, from the first on without it; an empty page is the end. */
  page(after: Row | undefined): Promise<Row[]>;
  /** Works one row in a transaction of its own. @returns what it counts as; 0 when another process had it */
  work(row: Row): Promise<number>;
  /** Hears of each row that could not be worked. */
  failed(error: unknown): void;
}

/**
 * Works due rows one after the other: one that cannot be worked is told of and passed over, for it must not hold up the
 * others.
 * @param share after so much work the page under way is the last, so that the next institution has its turn
 * @returns the sum of what `work` counted
 */
export async function oneByOne<Row>(due: DueRows<Row>, share = Infinity): Promise<number> {
  let worked = 0;
  let after: Row | undefined;
  while (worked < share) {
    const rows = await due.page(after);
    for (const row of rows) {
      try {
        worked += await due.work(row);
      } catch (error) {
        due.failed(error);
      }
    }
    // Those that fail stay due and would fill every page: go on behind them.
    after = rows.at(-1);
    if (after === undefined) break;
  }
  return worked;
}
