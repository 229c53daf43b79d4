/** RFC 4180 line end. */
const END = '\r\n';

/**
 * A text that a spreadsheet would run as a formula (OWASP, CSV injection), full-width signs too. Names of
 * categories are written by people.
 */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/**
 * Makes Excel read a file as UTF-8 when it is opened by a double click; elsewhere it would be a part of the
 * first name.
 */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * RFC 4180 text in UTF-8: a header row and one line per row, no totals and no comments. Numbers are written
 * as they are; a text that begins like a formula gets an apostrophe before it, one of digits alone (the key
 * `01`) stands in quotes.
 * @param columns keys of the rows, in order; the header shows them in snake_case
 * @param bom whether a byte order mark stands before it
 */
export function toCsv<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Partial<Record<Column, string | number>>>[],
  { bom = false } = {},
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return (bom ? BYTE_ORDER_MARK : '') + [columns.map(snakeCase).join(','), ...lines].join(END) + END;
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /^\d+$|[",;\r\n\t\ufeff]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
