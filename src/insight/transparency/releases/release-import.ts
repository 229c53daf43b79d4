import { constraintOf } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { StartError } from '../../../platform/errors.js';
import { cellsDigest } from '../cells-digest.js';
import type { NoisedCell } from '../release-domain.js';
import type { Published, PublishedRelease, PublishedVersion } from './published-files.js';
import type { Release } from './releases.service.js';

/**
 * Step of the owner's login: import releases that were published and lost. The database checks each against
 * the plan, like a new release. A release that is already there must be the same, cell by cell.
 * @param published all that the institution has published
 * @param today local day of the institution
 * @returns releases added now
 * @throws StartError when anything contradicts; the transaction of the caller must end with it
 */
export async function importReleases(
  tx: Tx,
  institutionId: string,
  { plan, releases: published }: Published,
  today: string,
): Promise<PublishedRelease[]> {
  // Lock as for a new release: no report may enter a period during the import, and no report waits long
  // behind another transaction.
  await tx.query(`set local lock_timeout = '5s'`);
  await tx.query('lock table cases in share mode');
  await importPlan(tx, institutionId, plan);
  const present = await presentReleases(tx, institutionId);
  for (const { period } of present.values()) {
    if (!published.some((one) => one.period === period))
      throw new StartError(`The files lack ${period}, which is in this database: they are older than it.`);
  }
  const added: PublishedRelease[] = [];
  for (const release of published) {
    const known = present.get(release.period);
    if (known && !equal(known, release))
      throw new StartError(
        `${release.period} is in this database with other numbers than in the files. Nothing was imported.`,
      );
    if (release.publishedOn > today)
      throw new StartError(`${release.period} was published on a day that is to come.`);
    if (known) continue;
    await store(tx, institutionId, release);
    added.push(release);
  }
  return added;
}

/**
 * Import versions of the plan that were lost, each one the next version. A first version is made with the
 * institution.
 */
async function importPlan(tx: Tx, institutionId: string, plan: readonly PublishedVersion[]): Promise<void> {
  for (const version of plan) {
    const { table, version: number, validFrom, createdOn, categories } = version;
    await tx.query(
      `insert into stat_domains
       select institution_id, table_name, $3, $4, $5, period_kind, level, territory, $6, epsilon from stat_domains
        where institution_id = $1 and table_name = $2 and version = $3::int - 1 and valid_from <= $4 and $4 > $5::date
       on conflict do nothing`,
      [institutionId, table, number, validFrom, createdOn, categories],
    );
    const [same] = await tx.query(
      `select from stat_domains where institution_id = $1 and table_name = $2 and version = $3 and valid_from = $4
          and created_on = $5 and categories = $6 and epsilon = $7 and period_kind = $8 and level = $9 and territory is not distinct from $10`,
      [
        institutionId,
        table,
        number,
        validFrom,
        createdOn,
        categories,
        version.epsilon,
        version.periodKind,
        version.level,
        version.territory,
      ],
    );
    if (!same)
      throw new StartError(
        `Version ${number} of the plan is another one in this database. Nothing was imported.`,
      );
  }
}

async function presentReleases(tx: Tx, institutionId: string): Promise<Map<string, PublishedRelease>> {
  const rows = await tx.query<Release & { cells: NoisedCell[] }>(
    `select r.table_name as "table", r.period, r.version, r.epsilon, r.published_on::text as "publishedOn",
            (select json_agg(json_build_object('territory', c.territory, 'category', c.category, 'value', c.value))
               from stat_cells c where c.institution_id = r.institution_id and c.table_name = r.table_name and c.period = r.period) as cells
       from stat_releases r where r.institution_id = $1 and r.table_name = 'reports'`,
    [institutionId],
  );
  return new Map(rows.map((row) => [row.period, row]));
}

function equal(left: PublishedRelease, right: PublishedRelease): boolean {
  return (
    left.version === right.version &&
    left.epsilon === right.epsilon &&
    left.publishedOn === right.publishedOn &&
    cellsDigest(left.cells) === cellsDigest(right.cells)
  );
}

async function store(tx: Tx, institutionId: string, release: PublishedRelease): Promise<void> {
  const { table, period, version, epsilon, publishedOn, cells } = release;
  try {
    await tx.query('select store_release($1, $2, $3, $4, $5, $6, $7)', [
      institutionId,
      table,
      period,
      version,
      epsilon,
      publishedOn,
      JSON.stringify(cells),
    ]);
  } catch (error) {
    const fault = FAULTS[constraintOf(error)];
    if (fault === undefined) throw error;
    throw new StartError(`${period}: ${fault} Nothing was imported.`);
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  release_in_plan: 'the plan of this database has another version or epsilon, or no such period.',
  release_period_over: 'it was published before it was over.',
  release_cells_of_plan: 'its cells are not those of the plan of this database.',
  stat_cells_pkey: 'a cell comes twice.',
};
