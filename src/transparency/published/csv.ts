/** RFC 4180 line end. */
const END = '\r\n';

/** A text that a spreadsheet would run as a formula (OWASP, CSV injection). Names of categories are written by people. */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * RFC 4180 text in UTF-8: a header row and one line per row, no totals and no comments. Numbers are written as they are;
 * a text that begins like a formula gets an apostrophe before it.
 * @param columns keys of the rows, in order; the header shows them in snake_case
 */
export function toCsv<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Partial<Record<Column, string | number>>>[],
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.map(snakeCase).join(','), ...lines].join(END) + END;
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
