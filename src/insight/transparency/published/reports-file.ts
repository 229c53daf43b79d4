import type { Dimension } from '../margins.js';
import { toCsv } from './csv.js';
import type { PublishedReports } from './views.js';

/**
 * The figures as a file. Columns hold what the JSON says beside the figures. Only the JSON contains the
 * privacy statement.
 */
export function reportsCsv(
  { rows, privacy }: PublishedReports,
  by: readonly Dimension[],
  { bom }: { bom: boolean },
): string {
  const dimensions = by.flatMap((dimension) =>
    dimension === 'period' ? (['period'] as const) : ([dimension, `${dimension}Label`] as const),
  );
  return toCsv(
    [...dimensions, 'value', 'low', 'high', 'margin', 'periodCount', 'epsilon'],
    rows.map((row) => ({ ...row, epsilon: privacy.epsilon })),
    { bom },
  );
}

/**
 * File name with institution, table, first and last period: `CONAVI-DEMO_reports_2026-08_2026-10.csv`. Codes
 * are ASCII.
 */
export function fileName({ institution, table, periods }: PublishedReports): string {
  const [first = 'none', last = first] = [periods[0], periods.at(-1)];
  return `${[institution, table, ...new Set([first, last])].join('_')}.csv`;
}

/**
 * The address of the same figures as JSON, with the privacy statement. Relative, so that the address is right
 * under any path of a proxy.
 */
export function asJson(url: string): string {
  const { searchParams } = new URL(url, 'http://localhost');
  searchParams.set('format', 'json');
  searchParams.delete('bom');
  return `?${searchParams.toString()}`;
}
