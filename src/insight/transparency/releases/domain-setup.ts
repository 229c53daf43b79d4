import type { SetupClient } from '../../../foundations/catalogs/institution-setup.js';
import { localDay } from '../../../platform/clock.js';
import { firstDay, nextPeriod, periodOf, type PeriodKind } from '../release-domain.js';
import { categoriesOf, DEFAULT_EPSILON, DEFAULT_PERIOD_KIND, domainOf } from './schedule.js';

export interface DomainSetup {
  institutionId: string;
  now: Date;
  /**
   * A day of the first period to publish. Absent: the present period, or the next period when reports already
   * exist, because a domain must not be chosen by looking at reports. Only demo data create their own past
   * and give an earlier day.
   */
  from?: string;
  /**
   * Never changes afterwards. Choose quarters for an institution with few reports (under about 3,000 a year).
   */
  periodKind?: PeriodKind;
  /** ε per report. A smaller ε means more noise. */
  epsilon?: number;
}

/**
 * Freeze the first version of what an institution will publish. Run this after its catalogues exist. Safe to
 * repeat: an institution that has a version keeps it.
 * @param client the owner's login, inside a transaction of the caller
 * @returns whether the version was made now
 */
export async function ensureDomain(client: SetupClient, input: DomainSetup): Promise<boolean> {
  const found = await factsOf(client, input.institutionId);
  const { periodKind = DEFAULT_PERIOD_KIND, epsilon = DEFAULT_EPSILON } = input;
  const today = localDay(input.now, found.time_zone);
  const present = periodOf(input.from ?? today, periodKind);
  const period = input.from === undefined && found.has_reports ? nextPeriod(present) : present;
  // A set-up makes its categories valid from today. The period that contains today began earlier, and the
  // first period of a demo may have begun earlier too.
  const categories = found.categories.map((category) => ({ ...category, validFrom: firstDay(period) }));
  const version = {
    version: 1,
    validFrom: firstDay(period),
    periodKind,
    level: found.kind,
    territory: found.territory,
    categories: categoriesOf(period, categories),
    epsilon,
  };
  domainOf(version);
  const inserted = await client.query(
    `insert into stat_domains (institution_id, table_name, version, valid_from, created_on, period_kind, level, territory, categories, epsilon)
     values ($1, 'reports', 1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning version`,
    [
      input.institutionId,
      version.validFrom,
      today,
      periodKind,
      version.level,
      version.territory,
      version.categories,
      epsilon,
    ],
  );
  return inserted.rows.length > 0;
}

async function factsOf(client: SetupClient, institutionId: string): Promise<SetupFacts> {
  const { rows } = await client.query(
    `select i.kind, i.territory, i.time_zone,
            exists (select 1 from cases c where c.institution_id = i.id) as has_reports,
            coalesce((select json_agg(json_build_object('code', c.code, 'validFrom', c.valid_from, 'validTo', c.valid_to))
              from categories c where c.institution_id = i.id), '[]') as categories
       from institutions i where i.id = $1`,
    [institutionId],
  );
  const found = rows[0] as unknown as SetupFacts | undefined;
  if (!found) throw new Error('a domain needs an institution');
  return found;
}

interface SetupFacts {
  kind: 'federal' | 'state' | 'municipal';
  territory: string | null;
  time_zone: string;
  has_reports: boolean;
  categories: { code: string; validFrom: string; validTo: string | null }[];
}
