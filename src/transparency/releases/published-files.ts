import { readCsv } from '../../catalogs/csv-file.js';
import { StartError } from '../../platform/errors.js';
import type { NoisedCell } from '../release-domain.js';
import type { Release } from './releases.service.js';

/** A release as the public files show it. */
export interface PublishedRelease extends Release {
  cells: NoisedCell[];
}

export interface PublishedFile {
  name: string;
  text: string;
}

const COLUMNS = ['category', 'territory', 'period', 'value'];
/** Names, margin and ε are repeated for readers: the plan has them. */
const IGNORED = ['category_label', 'territory_label', 'margin', 'epsilon', 'period_count'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads what everybody can download of one institution: the JSON of `GET /public/stats/releases` and the CSV of
 * `GET /public/stats/reports?by=category,territory,period`, which may be split over several files.
 * @returns oldest first, each with its cells
 * @throws StartError: one line per fault
 */
export function readPublished(files: readonly PublishedFile[]): PublishedRelease[] {
  const [lists, tables] = [files.filter(isJson), files.filter((file) => !isJson(file))];
  if (lists.length !== 1 || tables.length === 0)
    throw new StartError(
      'Give the JSON of /public/stats/releases and the CSV of /public/stats/reports?by=category,territory,period&format=csv.',
    );
  const releases = readList(lists[0]!);
  const cells = new Map<string, NoisedCell[]>(releases.map(({ period }) => [period, []]));
  for (const { name, text } of tables) {
    for (const row of readCsv(name, text, COLUMNS, IGNORED)) {
      const own = cells.get(row.cell('period'));
      const value = Number(row.cell('value'));
      if (!own) throw new StartError(`${name}, line ${row.line}: the list of releases has no ${row.cell('period')}.`);
      if (row.cell('value') === '' || !Number.isSafeInteger(value))
        throw new StartError(`${name}, line ${row.line}: the value is no whole number.`);
      own.push({ category: row.cell('category'), territory: row.cell('territory'), value });
    }
  }
  return releases
    .map((release) => ({ ...release, cells: cells.get(release.period)! }))
    .sort((a, b) => (a.period < b.period ? -1 : 1));
}

function isJson({ text }: PublishedFile): boolean {
  return text.trimStart().startsWith('[');
}

function readList({ name, text }: PublishedFile): Release[] {
  let list: Partial<Release>[];
  try {
    list = JSON.parse(text) as Partial<Release>[];
  } catch {
    throw new StartError(`${name} is no JSON of /public/stats/releases.`);
  }
  const whole = list.filter(isRelease);
  if (whole.length !== list.length || new Set(whole.map(({ period }) => period)).size !== list.length)
    throw new StartError(`${name} is no JSON of /public/stats/releases.`);
  return whole;
}

function isRelease(one: Partial<Release> | null): one is Release {
  return (
    one?.table === 'reports' &&
    typeof one.period === 'string' &&
    Number.isInteger(one.version) &&
    typeof one.epsilon === 'number' &&
    typeof one.publishedOn === 'string' &&
    DAY.test(one.publishedOn)
  );
}
