/** The rows that a sweep finds due, in a fixed order, and how to work on them. */
export interface DueRows<Row> {
  /** Returns the next rows after `after`, or the first rows without it. An empty page is the end. */
  page(after: Row | undefined): Promise<readonly Row[]>;
  /** Works on rows in one transaction. @returns the count of the work; 0 when another process had the rows */
  work(rows: readonly Row[]): Promise<number>;
  /** Counts the try of a row that fails even alone. */
  failed?(row: Row): Promise<void>;
}

export interface Turn {
  /** Number of rows in one transaction. */
  batch: number;
  /** After this much work the current page is the last, so that other sweeps have their turn. */
  share: number;
}

/**
 * Works on due rows, page after page. When a batch fails, each of its rows is tried alone. A row that fails
 * alone is reported and passed over, because it must not hold up the others.
 * @param told gets the error of each batch and each row that failed
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
    // Rows that fail stay due and would fill every page. So continue after them.
    after = rows.at(-1);
  } while (after !== undefined && worked < share);
  return worked;
}
