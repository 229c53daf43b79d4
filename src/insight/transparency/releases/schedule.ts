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
  /** First day of the first period it rules. */
  validFrom: string;
  periodKind: PeriodKind;
  level: Jurisdiction['level'];
  territory: string | null;
  categories: readonly string[];
  epsilon: number;
}

/** ε of the table `reports` and the length of its periods, unless an institution was set up otherwise. */
export const DEFAULT_EPSILON = 1;
export const DEFAULT_PERIOD_KIND: PeriodKind = 'month';

/**
 * The worker publishes on this day of the month that follows a period, which leaves time to publish by hand
 * before.
 */
const PUBLICATION_DAY = 5;

export function domainOf({ level, territory, categories }: DomainVersion): ReleaseDomain {
  return releaseDomain(jurisdictionOf({ kind: level, territory }), categories);
}

/**
 * Where an institution answers for. RangeError (from `releaseDomain`) shows when kind and territory do not
 * fit.
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
 * The version that rules a period: the highest one valid on its first day. Null when there was none or it
 * counts by another kind of period; the kind of an institution never changes, else months and quarters could
 * overlap and a report would be published twice.
 */
export function versionOf<V extends DomainVersion>(versions: readonly V[], period: string): V | null {
  const start = firstDay(period);
  const valid = versions.filter(({ validFrom }) => validFrom <= start);
  const ruling = valid.sort((a, b) => b.version - a.version)[0];
  return ruling?.periodKind === kindOf(period) ? ruling : null;
}

/**
 * Periods to publish now, oldest first: closed, not released, and the fifth day of the month after them has
 * come.
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
 * The version to fix today for the next period, or null when the one that would rule it says the same. It
 * looks at the catalogue only, never at a report. None without a first version, which the owner makes: it
 * chooses ε and the kind of period.
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
