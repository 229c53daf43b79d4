import { constraintOf } from '../../platform/database/sql-state.js';
import type { Tx } from '../../platform/database/tx.js';
import { StartError } from '../../platform/errors.js';
import { cellsDigest } from '../cells-digest.js';
import type { NoisedCell } from '../release-domain.js';
import type { PublishedRelease } from './published-files.js';
import type { Release } from './releases.service.js';

/**
 * Step of the owner's login: puts releases back that were published and lost. Each is checked by the database against the
 * plan, as a new one is. What is there already must be the same, cell by cell.
 * @param published all that the institution has published
 * @param today local day of the institution
 * @returns periods added now
 * @throws StartError when anything contradicts; the transaction of the caller must end with it
 */
export async function importReleases(
  tx: Tx,
  institutionId: string,
  published: readonly PublishedRelease[],
  today: string,
): Promise<PublishedRelease[]> {
  // As for a release: no report may come into a period while it is put back.
  await tx.query('lock table cases in share mode');
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
    if (release.publishedOn > today) throw new StartError(`${release.period} was published on a day that is to come.`);
    if (known) continue;
    await store(tx, institutionId, release);
    added.push(release);
  }
  return added;
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
