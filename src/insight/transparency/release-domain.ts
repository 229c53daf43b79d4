import { Temporal } from 'temporal-polyfill';
import { DomainError } from '../../platform/errors.js';

/**
 * The cells of the public table `reports`: period × territory × category. The list of cells is fixed before
 * the period starts and never looks at the data. A cell that appears only when somebody reports would
 * disclose that report, with or without noise. Every report falls in exactly one cell. Therefore the noise of
 * one cell is enough (sensitivity 1).
 */

export const NOT_STATED = 'not_stated';
/** Territory: a municipality (or state) that is not the institution's own. */
export const OTHER = 'other';
/**
 * Category: one that was added after the list was fixed. Distinct from `not_stated`, which would claim that
 * the reporter gave no category. An added category gets its own cells in the next version.
 */
export const NOT_LISTED = 'not_listed';
const RESERVED: readonly string[] = [NOT_STATED, OTHER, NOT_LISTED];

/** INEGI keys of the 32 states. */
export const STATE_KEYS: readonly string[] = Array.from({ length: 32 }, (_, i) =>
  String(i + 1).padStart(2, '0'),
);

/** Where an institution is competent. Decides how coarse its territories are. */
export type Jurisdiction =
  | { readonly level: 'federal' }
  | { readonly level: 'state'; /** INEGI key, two digits. */ readonly state: string }
  | { readonly level: 'municipal'; /** INEGI key, five digits. */ readonly municipality: string };

/** Plain data. Stored with a version and read back through `releaseDomain`. */
export interface ReleaseDomain {
  readonly jurisdiction: Jurisdiction;
  /** Category codes, sorted. */
  readonly categories: readonly string[];
}

export interface Cell {
  readonly territory: string;
  readonly category: string;
}

export interface NoisedCell extends Cell {
  /**
   * Count plus noise. May be negative. Stored as drawn, because clamping before summing would bias every
   * total.
   */
  readonly value: number;
}

/** The two facts of a report that decide its cell. */
export interface CellFacts {
  readonly municipality: string | null;
  readonly category: string | null;
}

/**
 * Check and freeze a domain.
 * @param categories codes valid when the period starts; order does not matter.
 * @throws RangeError for a bad INEGI key, or a category that is empty, doubled, reserved or holds `|`.
 */
export function releaseDomain(jurisdiction: Jurisdiction, categories: readonly string[]): ReleaseDomain {
  if (jurisdiction.level === 'state' && !STATE_KEYS.includes(jurisdiction.state)) {
    throw new RangeError('a state key has two digits, 01 to 32');
  }
  if (jurisdiction.level === 'municipal' && stateOf(jurisdiction.municipality) === null) {
    throw new RangeError('a municipality key has five digits, the first two from 01 to 32');
  }
  if (new Set(categories).size !== categories.length) throw new RangeError('a category comes twice');
  for (const category of categories) {
    if (category === '' || category.includes('|') || RESERVED.includes(category)) {
      throw new RangeError(`"${category}" cannot be a category of a release`);
    }
  }
  return Object.freeze({
    jurisdiction: Object.freeze({ ...jurisdiction }),
    categories: Object.freeze([...categories].sort()),
  });
}

/**
 * All cells of one period, zeros included, in a stable order.
 *
 * Territories of a municipality: its own key, `other` and `not_stated`. Territories of a state: its own key,
 * `other` and `not_stated` (Oaxaca's 570 municipalities would be nothing but noise). Territories of a federal
 * body: the 32 states and `not_stated`. Categories: the frozen list, `not_listed` and `not_stated`.
 */
export function cellsOf(domain: ReleaseDomain): Cell[] {
  const categories = [...domain.categories, NOT_LISTED, NOT_STATED];
  return territoriesOf(domain.jurisdiction).flatMap((territory) =>
    categories.map((category) => ({ territory, category })),
  );
}

/**
 * The one cell of a report. Never refuses a report: otherwise the report would be missing from the totals. A
 * key that is not an INEGI municipality counts as `not_stated`.
 */
export function cellOf(domain: ReleaseDomain, facts: CellFacts): Cell {
  return {
    territory: territoryOf(domain.jurisdiction, facts.municipality),
    category: categoryOf(domain, facts.category),
  };
}

/** Name of a cell in noise labels and keyed maps. No part contains `|`. */
export function cellLabel(cell: Cell): string {
  return `${cell.territory}|${cell.category}`;
}

/**
 * Exact counts per cell label from grouped rows (`GROUP BY municipality, category`). Cells without reports
 * are absent.
 */
export function countCells(
  domain: ReleaseDomain,
  groups: Iterable<CellFacts & { readonly count: number }>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const label = cellLabel(cellOf(domain, group));
    counts.set(label, (counts.get(label) ?? 0) + group.count);
  }
  return counts;
}

/**
 * Add the noise to the counts. The result is published once.
 * @param exactCounts by `cellLabel`; an absent cell is a zero and gets noise like the others.
 * @param noise one integer per cell, in the order of `cellsOf(domain)`.
 * @throws RangeError when the noise does not fit the domain, or a count is not a whole number ≥ 0, or a count
 *   lies outside the domain.
 */
export function applyNoise(
  domain: ReleaseDomain,
  exactCounts: ReadonlyMap<string, number>,
  noise: readonly number[],
): NoisedCell[] {
  const cells = cellsOf(domain);
  if (noise.length !== cells.length || !noise.every(Number.isSafeInteger)) {
    throw new RangeError('a release needs one whole number of noise per cell');
  }
  const left = new Map(exactCounts);
  const released = cells.map((cell, index) => {
    const label = cellLabel(cell);
    const count = left.get(label) ?? 0;
    left.delete(label);
    if (!Number.isSafeInteger(count) || count < 0)
      throw new RangeError('a count is a whole number, zero or more');
    return { ...cell, value: count + noise[index]! };
  });
  if (left.size > 0) throw new RangeError('a count lies outside of the domain');
  return released;
}

function territoriesOf(jurisdiction: Jurisdiction): readonly string[] {
  switch (jurisdiction.level) {
    case 'federal':
      return [...STATE_KEYS, NOT_STATED];
    case 'state':
      return [jurisdiction.state, OTHER, NOT_STATED];
    case 'municipal':
      return [jurisdiction.municipality, OTHER, NOT_STATED];
  }
}

function territoryOf(jurisdiction: Jurisdiction, municipality: string | null): string {
  const state = stateOf(municipality);
  if (municipality === null || state === null) return NOT_STATED;
  switch (jurisdiction.level) {
    case 'federal':
      return state;
    case 'state':
      return state === jurisdiction.state ? state : OTHER;
    case 'municipal':
      return municipality === jurisdiction.municipality ? municipality : OTHER;
  }
}

function categoryOf(domain: ReleaseDomain, category: string | null): string {
  if (category === null) return NOT_STATED;
  return domain.categories.includes(category) ? category : NOT_LISTED;
}

/** State of a municipality key, or null when the text is not a municipality key. */
function stateOf(municipality: string | null): string | null {
  if (municipality === null || !/^\d{5}$/.test(municipality)) return null;
  const state = municipality.slice(0, 2);
  return STATE_KEYS.includes(state) ? state : null;
}

export type PeriodKind = 'month' | 'quarter';

interface Period {
  readonly kind: PeriodKind;
  readonly first: Temporal.PlainDate;
}

const MONTHS: Readonly<Record<PeriodKind, number>> = { month: 1, quarter: 3 };

/**
 * The period that contains a day.
 * @param day `YYYY-MM-DD` in the institution's zone: the day of registration, not of reception. A phone call
 *   entered late has an earlier reception day. The period of that day may be released already, and the call
 *   would never be counted.
 * @returns `YYYY-MM` or `YYYY-Qn`.
 */
export function periodOf(day: string, kind: PeriodKind): string {
  return format(kind, Temporal.PlainDate.from(day));
}

/** @throws DomainError INVALID_PERIOD (400) when the text is neither `YYYY-MM` nor `YYYY-Qn`. */
export function periodKind(period: string): PeriodKind {
  return parse(period).kind;
}

/** First day of a period, `YYYY-MM-DD`. */
export function firstDay(period: string): string {
  return parse(period).first.toString();
}

/** Last day of a period, `YYYY-MM-DD`. */
export function lastDay(period: string): string {
  return end(parse(period)).subtract({ days: 1 }).toString();
}

/**
 * Whether a period is over on a day (`YYYY-MM-DD`, institution's zone). The last day still belongs to the
 * period.
 */
export function isClosed(period: string, today: string): boolean {
  return Temporal.PlainDate.compare(Temporal.PlainDate.from(today), end(parse(period))) >= 0;
}

/** The next period of the same kind. */
export function nextPeriod(period: string): string {
  const parsed = parse(period);
  return format(parsed.kind, end(parsed));
}

function parse(period: string): Period {
  const match = /^(\d{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))$/.exec(period);
  // Refuse years before 1900: the database has no such dates.
  if (!match || match[1]! < '1900') throw invalidPeriod();
  const [, year, month, quarter] = match;
  const startMonth = month === undefined ? Number(quarter) * 3 - 2 : Number(month);
  return {
    kind: month === undefined ? 'quarter' : 'month',
    first: new Temporal.PlainDate(Number(year), startMonth, 1),
  };
}

/** The day after the last day of a period. */
function end(period: Period): Temporal.PlainDate {
  return period.first.add({ months: MONTHS[period.kind] });
}

function format(kind: PeriodKind, day: Temporal.PlainDate): string {
  const year = String(day.year).padStart(4, '0');
  return kind === 'month'
    ? `${year}-${String(day.month).padStart(2, '0')}`
    : `${year}-Q${Math.ceil(day.month / 3)}`;
}

export function invalidPeriod(): DomainError {
  return new DomainError('INVALID_PERIOD', 400, {
    es: 'Escribe el periodo como 2026-03 (mes) o 2026-Q1 (trimestre).',
    en: 'Write the period as 2026-03 (month) or 2026-Q1 (quarter).',
  });
}
