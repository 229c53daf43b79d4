import { readCsv } from '../../../foundations/catalogs/csv-file.js';
import { StartError } from '../../../platform/errors.js';
import type { NoisedCell } from '../release-domain.js';
import type { TableName } from './release.entities.js';
import type { Release } from './releases.service.js';
import type { DomainVersion } from './schedule.js';

/** A release as the public files show it. */
export interface PublishedRelease extends Release {
  cells: NoisedCell[];
}

/** A version of the plan as the public file shows it. */
export interface PublishedVersion extends DomainVersion {
  table: TableName;
  createdOn: string;
}

/**
 * Everything that an institution has published, oldest first. `plan` is empty when its file was not given.
 */
export interface Published {
  plan: PublishedVersion[];
  releases: PublishedRelease[];
}

export interface PublishedFile {
  name: string;
  text: string;
}

const COLUMNS = ['category', 'territory', 'period', 'value'];
/** Columns to ignore. The file repeats names, margin and ε for readers; the plan contains them. */
const IGNORED = ['category_label', 'territory_label', 'low', 'high', 'margin', 'epsilon', 'period_count'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Read the public downloads of one institution: the JSON of `GET /public/stats/releases`; the CSV of `GET
 * /public/stats/reports?by=category,territory,period`, in one or more files; and optionally the JSON of `GET
 * /public/stats/plan`.
 * @throws StartError in one line
 */
export function readPublished(files: readonly PublishedFile[]): Published {
  const lists = files.filter(isJson).map((file) => ({ ...file, items: parseList(file) }));
  const tables = files.filter((file) => !isJson(file));
  const plans = lists.filter(({ items }) => items.some((item) => 'validFrom' in item));
  const [releases, ...others] = lists.filter((list) => !plans.includes(list));
  if (!releases || others.length > 0 || plans.length > 1 || tables.length === 0)
    throw new StartError(
      'Give the JSON of /public/stats/releases and the CSV of /public/stats/reports?by=category,territory,period&format=csv; the JSON of /public/stats/plan too, if categories were added or ended.',
    );
  return {
    plan: plans.flatMap((file) => checked(file, isVersion, ({ version }) => version)),
    releases: withCells(
      checked(releases, isRelease, ({ period }) => period),
      tables,
    ),
  };
}

function withCells(releases: readonly Release[], tables: readonly PublishedFile[]): PublishedRelease[] {
  const cells = new Map<string, NoisedCell[]>(releases.map(({ period }) => [period, []]));
  for (const { name, text } of tables) {
    for (const row of readCsv(name, text, COLUMNS, IGNORED)) {
      const own = cells.get(row.cell('period'));
      const value = Number(row.cell('value'));
      if (!own)
        throw new StartError(`${name}, line ${row.line}: the list of releases has no ${row.cell('period')}.`);
      if (row.cell('value') === '' || !Number.isSafeInteger(value))
        throw new StartError(`${name}, line ${row.line}: the value is no whole number.`);
      own.push({ category: row.cell('category'), territory: row.cell('territory'), value });
    }
  }
  return releases.map((release) => ({ ...release, cells: cells.get(release.period)! }));
}

function isJson({ text }: PublishedFile): boolean {
  return text.trimStart().startsWith('[');
}

function parseList({ name, text }: PublishedFile): object[] {
  try {
    const list = JSON.parse(text) as unknown[];
    if (list.every((item) => typeof item === 'object' && item !== null)) return list;
  } catch {
    // No JSON: refused below.
  }
  throw new StartError(`${name} is no JSON of the public statistics.`);
}

/**
 * Check that the items of a list all have the right shape and that no item comes twice. Returns them in
 * order.
 */
function checked<T>(
  { name, items }: { name: string; items: object[] },
  fits: (item: Partial<T>) => boolean,
  keyOf: (item: T) => string | number,
): T[] {
  if (!items.every(fits)) throw new StartError(`${name} is no JSON of the public statistics.`);
  const list = (items as T[]).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (new Set(list.map(keyOf)).size !== list.length) throw new StartError(`${name} names something twice.`);
  return list;
}

function isRelease({ table, period, version, epsilon, publishedOn }: Partial<Release>): boolean {
  return (
    table === 'reports' &&
    typeof period === 'string' &&
    Number.isInteger(version) &&
    typeof epsilon === 'number' &&
    typeof publishedOn === 'string' &&
    DAY.test(publishedOn)
  );
}

function isVersion({
  table,
  version,
  validFrom,
  createdOn,
  categories,
  epsilon,
}: Partial<PublishedVersion>): boolean {
  return (
    table === 'reports' &&
    Number.isInteger(version) &&
    DAY.test(String(validFrom)) &&
    DAY.test(String(createdOn)) &&
    Array.isArray(categories) &&
    typeof epsilon === 'number'
  );
}
