import { CsvError, parse, type Info } from 'csv-parse/sync';
import { StartError } from '../../platform/errors.js';
import { typedCode, typedName } from '../../platform/typed-text.js';

/** One row of a CSV file that a person wrote. An empty cell and a missing optional column are both ''. */
export interface CsvRow {
  /** Line number in the file. The header is line 1. */
  line: number;
  /** The text of a cell, without unseen characters at its ends. */
  cell(column: string): string;
  /** A key, a number or a word of a list, without any unseen characters. */
  code(column: string): string;
}

/**
 * The delimiters that Excel writes: commas, semicolons where the comma marks decimals, tabs in "Unicode
 * text".
 */
const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const;
type Delimiter = keyof typeof DELIMITERS;

/**
 * Collects the faults of a file, so that a person can correct all of them at once.
 * Each line names file and line: `areas.csv, line 3: the label is missing`.
 */
export class FileFaults {
  private readonly faults: string[] = [];

  constructor(private readonly file: string) {}

  add(line: number, message: string): void {
    this.faults.push(`${this.file}, line ${line}: ${message}`);
  }

  /** @throws StartError when there is any fault */
  done(): void {
    if (this.faults.length > 0) throw new StartError(this.faults.join('\n'));
  }
}

/**
 * Reads a table with a header row, as spreadsheets save it. Columns are separated by commas, semicolons or
 * tabs: the delimiter that splits the header into known columns. Empty rows, and empty columns without a
 * name, are ignored.
 * @param text decoded by `decodeText`
 * @throws StartError naming file and line
 */
export function readCsv(
  file: string,
  text: string,
  required: readonly string[],
  optional: readonly string[] = [],
): CsvRow[] {
  const known = [...required, ...optional];
  const delimiter = delimiterOf(text, known);
  const [header, ...records] = parseRecords(file, text, delimiter);
  const faults = new FileFaults(file);
  const names = (header?.record ?? []).map(typedCode);
  for (const [at, name] of names.entries()) {
    if (name === '' && records.every(({ record }) => (record[at] ?? '').trim() === '')) continue;
    if (!known.includes(name)) faults.add(header!.line, `unknown column "${name}"`);
    else if (names.indexOf(name) !== at) faults.add(header!.line, `the column "${name}" stands there twice`);
  }
  for (const name of required) if (!names.includes(name)) faults.add(1, `the column "${name}" is missing`);
  for (const { record, line } of records) {
    if (record.length !== names.length) {
      const said = DELIMITERS[delimiter];
      faults.add(line, `${record.length} cells instead of ${names.length}; texts with ${said} need quotes`);
    }
  }
  faults.done();
  return records.map(({ record, line }) => {
    const written = (column: string): string => record[names.indexOf(column)] ?? '';
    return {
      line,
      cell: (column) => typedName(written(column)),
      code: (column) => typedCode(written(column)),
    };
  });
}

/** Returns the delimiter that gives the most known columns, or the first of several equal ones. */
function delimiterOf(text: string, known: readonly string[]): Delimiter {
  const [header = ''] = text.trimStart().split(/[\r\n]/, 1);
  const found = (delimiter: string): number =>
    header.split(delimiter).filter((name) => known.includes(typedCode(name.replaceAll('"', '')))).length;
  const all = Object.keys(DELIMITERS) as Delimiter[];
  return all.reduce((best, next) => (found(next) > found(best) ? next : best));
}

function parseRecords(
  file: string,
  text: string,
  delimiter: Delimiter,
): { record: string[]; line: number }[] {
  try {
    const parsed = parse(text, {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
      info: true,
    }) as unknown as { record: string[]; info: Info }[];
    return parsed.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw new StartError(`${file}, line ${line}: quotes are not closed or stand in the wrong place`);
  }
}
