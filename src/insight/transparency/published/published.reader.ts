import { Injectable } from '@nestjs/common';
import { findCategory, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { findMunicipality, states } from '../../../foundations/catalogs/municipalities.js';
import { PublicCatalogsReader } from '../../../foundations/catalogs/public/public-catalogs.reader.js';
import type { Language } from '../../../platform/http/language.js';
import { assertOrder, unknownValue } from '../../../platform/http/validation.js';
import { onePerTick } from '../../../platform/one-per-tick.js';
import { MAX_ROWS, statisticsErrors } from '../errors.js';
import {
  display,
  privacyStatement,
  groupCells,
  sumGroup,
  totalOf,
  type Dimension,
  type PublicSum,
  type ReleasedCell,
} from '../margins.js';
import { firstDay, lastDay, NOT_LISTED, NOT_STATED, OTHER } from '../release-domain.js';
import type { Release } from '../releases/releases.service.js';
import { DEFAULT_EPSILON } from '../releases/schedule.js';
import { publicLabels } from './labels.js';
import { ReleaseMemory } from './release-memory.js';
import type { PlanView, PublishedFigure, PublishedReports, PublishedTotal } from './views.js';

export interface PublishedFilter {
  /** A period. Selects its first day and all later days. */
  from?: string;
  /** A period. Selects its last day and all earlier days. */
  to?: string;
  category?: string[];
  territory?: string[];
  by: readonly Dimension[];
}

/**
 * The public numbers. Every figure is a sum of frozen cells. The catalogues give only the names. Both come
 * from memory: many readers must not slow intake down.
 */
@Injectable()
export class PublishedReader {
  constructor(
    private readonly memory: ReleaseMemory,
    private readonly catalogs: PublicCatalogsReader,
  ) {}

  /** What an institution has published, oldest first. @throws INSTITUTION_UNKNOWN */
  async releases(institution: string): Promise<Release[]> {
    const { id } = await this.catalogs.institution(institution);
    return (await this.memory.releases(id)).map(({ table, period, version, epsilon, publishedOn }) => ({
      table,
      period,
      version,
      epsilon,
      publishedOn,
    }));
  }

  /** What an institution publishes and will publish, oldest version first. @throws INSTITUTION_UNKNOWN */
  async plan(institution: string): Promise<PlanView[]> {
    const { id } = await this.catalogs.institution(institution);
    return this.memory.plan(id);
  }

  /**
   * Sums of released reports.
   * @throws INSTITUTION_UNKNOWN, INVALID_PERIOD, TOO_MANY_ROWS, InvalidRequest when `to` lies before `from`
   */
  async reports(institution: string, filter: PublishedFilter, language: Language): Promise<PublishedReports> {
    const days = daysOf(filter);
    const catalog = await this.catalogs.snapshot(institution);
    assertCodes(catalog, filter);
    const { periods, epsilon } = await this.published(catalog.institution.id, days);
    const released = await this.memory.reports(catalog.institution.id, periods);
    const labels = publicLabels(catalog, language);
    const { rows, total } = await onePerTick(() => figuresOf(released, filter, labels, language));
    return {
      institution: catalog.institution.code,
      table: 'reports',
      unit: 'reports',
      privacy: { epsilon, statement: privacyStatement(epsilon)[language] },
      periods,
      rows,
      total,
    };
  }

  /**
   * The released periods of a span and the weakest ε among them. Each report has at least the protection of
   * that ε.
   */
  private async published(
    institutionId: string,
    days: Span,
  ): Promise<{ periods: string[]; epsilon: number }> {
    const releases = (await this.memory.releases(institutionId)).filter(
      ({ table, firstDay, lastDay }) => table === 'reports' && days.from <= firstDay && lastDay <= days.to,
    );
    if (releases.length > 0) {
      return {
        periods: releases.map(({ period }) => period),
        epsilon: Math.max(...releases.map((r) => r.epsilon)),
      };
    }
    const planned = (await this.memory.plan(institutionId)).filter(({ table }) => table === 'reports').at(-1);
    return { periods: [], epsilon: planned?.epsilon ?? DEFAULT_EPSILON };
  }
}

function figuresOf(
  released: readonly ReleasedCell[][],
  filter: PublishedFilter,
  labels: ReturnType<typeof publicLabels>,
  language: Language,
): Pick<PublishedReports, 'rows' | 'total'> {
  const cells = selected(released, filter);
  const groups = groupCells(cells, filter.by);
  if (groups.length > MAX_ROWS) throw statisticsErrors.tooManyRows(MAX_ROWS);
  const rows = groups.map((group): PublishedFigure => {
    const { dimensions, ...sum } = sumGroup(group, filter.by);
    return { ...labels(dimensions), ...shown(sum, language) };
  });
  return { rows, total: cells.length === 0 ? null : shown(totalOf(cells), language) };
}

/** Select the cells that a filter names, from some periods. */
function selected(
  periods: readonly ReleasedCell[][],
  { category, territory }: PublishedFilter,
): ReleasedCell[] {
  const categories = category && new Set(category);
  const territories = territory && new Set(territory);
  return periods.flatMap((cells) =>
    cells.filter(
      (cell) => (categories?.has(cell.category) ?? true) && (territories?.has(cell.territory) ?? true),
    ),
  );
}

/** @throws InvalidRequest for a code that no cell can have */
function assertCodes(catalog: CatalogSnapshot, { category = [], territory = [] }: PublishedFilter): void {
  const isCategory = (code: string): boolean =>
    code === NOT_LISTED || code === NOT_STATED || findCategory(catalog, { code }) !== undefined;
  const isTerritory = (key: string): boolean =>
    key === OTHER ||
    key === NOT_STATED ||
    states().some((state) => state.key === key) ||
    !!findMunicipality(key);
  if (!category.every(isCategory)) throw unknownValue('category', 'GET /public/stats/plan');
  if (!territory.every(isTerritory)) throw unknownValue('territory', 'GET /public/catalogs/municipalities');
}

interface Span {
  from: string;
  to: string;
}

/**
 * Turn periods into days. A period of either kind limits the span by its days: for an institution with
 * months, `2026-Q4` means October to December.
 */
function daysOf({ from, to }: PublishedFilter): Span {
  const days = {
    from: from === undefined ? '0000-00-00' : firstDay(from),
    to: to === undefined ? '9999-99-99' : lastDay(to),
  };
  if (from !== undefined && to !== undefined) assertOrder('to', days.from, days.to);
  return days;
}

function shown({ value, margin, periodCount }: PublicSum, language: Language): PublishedTotal {
  const { text, belowMargin } = display({ value, margin }, language);
  // No count is below zero. The interval cut at zero contains the exact figure just as often.
  const [low, high] = [Math.max(0, value - margin), Math.max(0, value + margin)];
  return { value, margin, low, high, display: text, belowMargin, periodCount };
}
