/** Rows that a sweep finds due, in a fixed order, and how they are worked. */
export interface DueRows<Row> {
  /** The next rows behind `after`, from the first on without it; an empty page is the end. */
  page(after: Row | undefined): Promise<readonly Row[]>;
  /** Works rows in one transaction. @returns what they count as; 0 when another process had them */
  work(rows: readonly Row[]): Promise<number>;
  /** Counts the try of a row that cannot be worked even alone. */
  failed?(row: Row): Promise<void>;
}

export interface Turn {
  /** Rows in one transaction. */
  batch: number;
  /** After so much work the page under way is the last, so that others have their turn. */
  share: number;
}

/**
 * Works due rows, page after page. Of a batch that fails each row is worked alone: one that cannot be worked
 * is told of and passed over, for it must not hold up the others.
 * @param told hears of each batch and each row that failed
 * @returns the sum of what `work` counted
 */
export async function workDueRows<Row>(
  due: DueRows<Row>,
  { batch, share }: Turn,
  told: (error: unknown) => void,
): Promise<number> {
  const tryTo = async (rows: readonly Row[]): Promise<number> => {
    try {
      return await due.work(rows);
    } catch (error) {
      told(error);
      const [row] = rows;
      if (rows.length === 1) await due.failed?.(row!);
      let worked = 0;
      if (rows.length > 1) for (const one of rows) worked += await tryTo([one]);
      return worked;
    }
  };
  let worked = 0;
  let after: Row | undefined;
  do {
    const rows = await due.page(after);
    for (let n = 0; n < rows.length; n += batch) worked += await tryTo(rows.slice(n, n + batch));
    // Those that fail stay due and would fill every page: go on behind them.
    after = rows.at(-1);
  } while (after !== undefined && worked < share);
  return worked;
}
