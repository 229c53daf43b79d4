import { CsvError, parse, type Info } from 'csv-parse/sync';
import { StartError } from '../platform/errors.js';

/** One row of a CSV file that a person wrote; an empty cell and a missing optional column are ''. */
export interface CsvRow {
  /** Line of the file, counted from 1 with the header. */
  line: number;
  cell(column: string): string;
}

/**
 * Gathers what is wrong in a file, so that a person can mend everything at once.
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
 * Reads a CSV file with a header row: UTF-8, commas, with or without byte order mark.
 * @throws StartError naming file and line
 */
export function readCsv(
  file: string,
  text: string,
  required: readonly string[],
  optional: readonly string[] = [],
): CsvRow[] {
  const [header, ...records] = parseRecords(file, text);
  const faults = new FileFaults(file);
  const names = header?.record ?? [];
  const known = [...required, ...optional];
  for (const name of names) if (!known.includes(name)) faults.add(1, `unknown column "${name}"`);
  for (const name of required) if (!names.includes(name)) faults.add(1, `the column "${name}" is missing`);
  for (const { record, line } of records) {
    if (record.length !== names.length) {
      faults.add(line, `${record.length} cells instead of ${names.length}; texts with commas need quotes`);
    }
  }
  faults.done();
  return records.map(({ record, line }) => ({ line, cell: (column) => record[names.indexOf(column)] ?? '' }));
}

function parseRecords(file: string, text: string): { record: string[]; line: number }[] {
  try {
    const parsed = parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
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
