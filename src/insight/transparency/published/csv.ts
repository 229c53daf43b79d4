/** RFC 4180 line end. */
const END = '\r\n';

/**
 * Beginning of a text that a spreadsheet would run as a formula (OWASP, CSV injection), full-width signs
 * included. People write the names of categories, so a name may begin like this.
 */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/**
 * Makes Excel read a file as UTF-8 when it is opened by a double click. Other programs would take the mark as
 * part of the first column name.
 */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Write RFC 4180 text in UTF-8: a header row and one line per row, no totals and no comments. Numbers are
 * written unchanged. A text that begins like a formula gets an apostrophe before it. A text of digits alone
 * (the key `01`) is quoted.
 * @param columns keys of the rows, in order; the header shows them in snake_case
 * @param bom whether the text begins with a byte order mark
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
