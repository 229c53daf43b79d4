import { Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../catalogs/catalogs.reader.js';
import { catalogErrors } from '../../catalogs/errors.js';
import { Database } from '../../platform/database/database.js';
import type { Language } from '../../platform/http/language.js';
import { invalidField } from '../../platform/http/validation.js';
import {
  display,
  privacyStatement,
  sumCells,
  totalOf,
  type Dimension,
  type PublicSum,
  type ReleasedCell,
} from '../margins.js';
import { firstDay, lastDay } from '../release-domain.js';
import type { Release } from '../releases/releases.service.js';
import { DEFAULT_EPSILON } from '../releases/schedule.js';
import { publicLabels } from './labels.js';
import type { PlanView, PublishedFigure, PublishedReports, PublishedTotal } from './views.js';

export interface PublishedFilter {
  /** Period: its first day and all after it. */
  from?: string;
  /** Period: its last day and all before it. */
  to?: string;
  category?: string[];
  territory?: string[];
  by: readonly Dimension[];
}

/**
 * The public numbers. Every figure is a sum of frozen cells, read under a login that can read nothing else; the catalogues
 * give the names only.
 */
@Injectable()
export class PublishedReader {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
  ) {}

  /** What an institution has published, oldest first. @throws INSTITUTION_UNKNOWN */
  async releases(institution: string): Promise<Release[]> {
    const found = await this.catalogs.institutionByCode(institution);
    if (!found) throw catalogErrors.institutionUnknown();
    return this.database.publicRead<Release>(
      `select table_name as "table", period, version, epsilon, published_on::text as "publishedOn"
         from stat_releases where institution_id = $1 order by first_day, table_name`,
      [found.id],
    );
  }

  /** What an institution publishes and will publish, oldest version first. @throws INSTITUTION_UNKNOWN */
  async plan(institution: string): Promise<PlanView[]> {
    const found = await this.catalogs.institutionByCode(institution);
    if (!found) throw catalogErrors.institutionUnknown();
    return this.database.publicRead<PlanView>(
      `select table_name as "table", version, valid_from::text as "validFrom", created_on::text as "createdOn",
              period_kind as "periodKind", level, territory, categories, epsilon
         from stat_domains where institution_id = $1 order by table_name, version`,
      [found.id],
    );
  }

  /** Sums of released reports. @throws INSTITUTION_UNKNOWN, INVALID_PERIOD, InvalidRequest when `to` lies before `from` */
  async reports(institution: string, filter: PublishedFilter, language: Language): Promise<PublishedReports> {
    const days = daysOf(filter);
    const catalog = await this.catalogs.snapshotByCode(institution);
    const { periods, epsilon } = await this.published(catalog, days);
    const cells = await this.cells(catalog, periods, filter);
    const labels = publicLabels(catalog, language);
    const rows = sumCells(cells, filter.by).map(({ dimensions, ...sum }): PublishedFigure => ({
      ...labels(dimensions),
      ...shown(sum, language),
    }));
    return {
      institution: catalog.institution.code,
      table: 'reports',
      unit: 'reports',
      privacy: { epsilon, statement: privacyStatement(epsilon)[language] },
      periods,
      rows,
      total: cells.length === 0 ? null : shown(totalOf(cells), language),
    };
  }

  /** The released periods of a span and the weakest ε among them: each report is protected at least that much. */
  private async published(catalog: CatalogSnapshot, days: Span): Promise<{ periods: string[]; epsilon: number }> {
    const releases = await this.database.publicRead<{ period: string; epsilon: number }>(
      `select period, epsilon from stat_releases
        where institution_id = $1 and table_name = 'reports' and first_day >= $2 and last_day <= $3 order by first_day`,
      [catalog.institution.id, days.from, days.to],
    );
    if (releases.length > 0) {
      return { periods: releases.map(({ period }) => period), epsilon: Math.max(...releases.map((r) => r.epsilon)) };
    }
    const [planned] = await this.database.publicRead<{ epsilon: number }>(
      `select epsilon from stat_domains where institution_id = $1 and table_name = 'reports' order by version desc limit 1`,
      [catalog.institution.id],
    );
    return { periods: [], epsilon: planned?.epsilon ?? DEFAULT_EPSILON };
  }

  /** By the periods found before, so that a release committed in between cannot be in the sums but not in the list. */
  private async cells(
    catalog: CatalogSnapshot,
    periods: readonly string[],
    { category, territory }: PublishedFilter,
  ): Promise<ReleasedCell[]> {
    return this.database.publicRead<ReleasedCell>(
      `select c.period, c.territory, c.category, c.value, r.epsilon
         from stat_releases r join stat_cells c using (institution_id, table_name, period)
        where r.institution_id = $1 and r.table_name = 'reports' and r.period = any ($2)
          and ($3::text[] is null or c.category = any ($3)) and ($4::text[] is null or c.territory = any ($4))`,
      [catalog.institution.id, periods, category ?? null, territory ?? null],
    );
  }
}

interface Span {
  from: string;
  to: string;
}

/** A period of either kind limits the span by its days: `2026-Q4` on an institution of months means October to December. */
function daysOf({ from, to }: PublishedFilter): Span {
  const days = {
    from: from === undefined ? '-infinity' : firstDay(from),
    to: to === undefined ? 'infinity' : lastDay(to),
  };
  if (from !== undefined && to !== undefined && days.from > days.to) {
    throw invalidField('to', 'BEFORE_FROM', 'No puede ser anterior a «from».', 'It cannot be before "from".');
  }
  return days;
}

function shown({ value, margin, periodCount }: PublicSum, language: Language): PublishedTotal {
  const { text, belowMargin } = display({ value, margin }, language);
  return { value, margin, display: text, belowMargin, periodCount };
}
