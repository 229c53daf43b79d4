import { Temporal } from 'temporal-polyfill';
import type { Category, InstitutionSummary } from '../../../foundations/catalogs/catalogs.reader.js';
import {
  firstDay,
  isClosed,
  lastDay,
  nextPeriod,
  periodKind as kindOf,
  periodOf,
  releaseDomain,
  type Jurisdiction,
  type PeriodKind,
  type ReleaseDomain,
} from '../release-domain.js';

/** One version of the cells and the noise of a table, as stored. */
export interface DomainVersion {
  version: number;
  /** First day of the first period for which this version is valid. */
  validFrom: string;
  periodKind: PeriodKind;
  level: Jurisdiction['level'];
  territory: string | null;
  categories: readonly string[];
  epsilon: number;
}

/** ε and period length of the table `reports`, unless the set-up of an institution chose others. */
export const DEFAULT_EPSILON = 1;
export const DEFAULT_PERIOD_KIND: PeriodKind = 'month';

/**
 * Day of the following month on which the worker publishes a period. Before that day there is time to publish
 * by hand.
 */
const PUBLICATION_DAY = 5;

export function domainOf({ level, territory, categories }: DomainVersion): ReleaseDomain {
  return releaseDomain(jurisdictionOf({ kind: level, territory }), categories);
}

/**
 * Where an institution is competent. When kind and territory do not fit, `releaseDomain` throws RangeError
 * later.
 */
export function jurisdictionOf({
  kind,
  territory,
}: Pick<InstitutionSummary, 'kind' | 'territory'>): Jurisdiction {
  switch (kind) {
    case 'federal':
      return { level: 'federal' };
    case 'state':
      return { level: 'state', state: territory ?? '' };
    case 'municipal':
      return { level: 'municipal', municipality: territory ?? '' };
  }
}

/**
 * The version of a period: the highest version that is valid on its first day. Null when no version is valid,
 * or when the version uses another kind of period. The period kind of an institution never changes. Otherwise
 * months and quarters could overlap, and a report would be published twice.
 */
export function versionOf<V extends DomainVersion>(versions: readonly V[], period: string): V | null {
  const start = firstDay(period);
  const valid = versions.filter(({ validFrom }) => validFrom <= start);
  const ruling = valid.sort((a, b) => b.version - a.version)[0];
  return ruling?.periodKind === kindOf(period) ? ruling : null;
}

/**
 * Periods to publish now, oldest first: closed, not released, and at least the fifth day of the following
 * month has come.
 * @param today local day of the institution
 */
export function duePeriods(
  versions: readonly DomainVersion[],
  released: ReadonlySet<string>,
  today: string,
): string[] {
  const first = versions.find(({ version }) => version === 1);
  if (!first) return [];
  const due: string[] = [];
  for (
    let period = periodOf(first.validFrom, first.periodKind);
    isDue(period, today);
    period = nextPeriod(period)
  ) {
    if (!released.has(period)) due.push(period);
  }
  return due;
}

function isDue(period: string, today: string): boolean {
  if (!isClosed(period, today)) return false;
  const publication = Temporal.PlainDate.from(lastDay(period)).add({ days: PUBLICATION_DAY });
  return Temporal.PlainDate.compare(Temporal.PlainDate.from(today), publication) >= 0;
}

/**
 * The version to add today for the next period. Null when the newest version has the same categories. Looks
 * only at the catalogue, never at a report. Also null without a first version. The owner makes the first
 * version, because it chooses ε and the kind of period.
 * @param versions all that exist
 */
export function nextVersion(
  institution: Pick<InstitutionSummary, 'kind' | 'territory'>,
  categories: readonly Pick<Category, 'code' | 'validFrom' | 'validTo'>[],
  versions: readonly DomainVersion[],
  today: string,
): DomainVersion | null {
  const newest = [...versions].sort((a, b) => b.version - a.version)[0];
  if (!newest) return null;
  const { version, periodKind, epsilon } = newest;
  const period = nextPeriod(periodOf(today, periodKind));
  const codes = categoriesOf(period, categories);
  if (sameList(newest.categories, codes)) return null;
  return {
    version: version + 1,
    validFrom: firstDay(period),
    periodKind,
    level: institution.kind,
    territory: institution.territory,
    categories: codes,
    epsilon,
  };
}

/** Codes in force on at least one day of a period, sorted. */
export function categoriesOf(
  period: string,
  categories: readonly Pick<Category, 'code' | 'validFrom' | 'validTo'>[],
): string[] {
  const [from, to] = [firstDay(period), lastDay(period)];
  return categories
    .filter(({ validFrom, validTo }) => validFrom <= to && (validTo === null || validTo >= from))
    .map(({ code }) => code)
    .sort();
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, i) => item === right[i]);
}
