import { findArea, findCategory } from '../../foundations/catalogs/catalogs.reader.js';
import { inSeries, seriesOf } from '../../foundations/catalogs/expediente-template.js';
import { violates } from '../../platform/database/sql-state.js';
import type { Tx } from '../../platform/database/tx.js';
import type { CaseRow } from './case.entities.js';
import { caseErrors } from './errors.js';
import type { LockedCase } from './locked-case.js';

/**
 * Give the case the next expediente of its series, without gaps per institution and series. The counter row
 * stays locked until the commit, so this must be the last step before the commit.
 *
 * A changed template or short code starts another series. The new series may reach a number that an older
 * series has already given. Such a number is skipped. The check reaches cases of other areas, but the caller
 * learns only that a number is taken.
 * @throws EXPEDIENTE_TAKEN (503) when a case of another series got the same number at the same instant
 */
export async function giveExpediente(tx: Tx, { row, catalog, today }: LockedCase): Promise<void> {
  const category = row.categoryId === null ? undefined : findCategory(catalog, { id: row.categoryId });
  const series = seriesOf(catalog.institution.expedienteTemplate, {
    year: today.slice(0, 4),
    area: findArea(catalog, { id: row.areaId })?.code ?? '',
    municipality: row.municipality,
    type: category?.shortCode ?? null,
  });
  tx.widen('expediente');
  do row.expediente = inSeries(series, await nextNumber(tx, row.institutionId, series));
  while (!(await took(tx, row, row.expediente)));
}

/** Store the number, and tell whether it was free. One round trip, because others wait for the counter. */
async function took(tx: Tx, { id, institutionId }: CaseRow, expediente: string): Promise<boolean> {
  try {
    const parameters = [id, expediente, institutionId, expediente.toUpperCase()];
    const found = await tx.prepared<{ given: boolean }>(TAKE, parameters);
    return found[0]!.given;
  } catch (error) {
    throw violates(error, 'cases_expediente') ? caseErrors.expedienteTaken() : error;
  }
}

/** Fails when there is no such case. The loop would never end then. */
const TAKE = `
  with taken as (select from cases where institution_id = $3 and expediente_search = $4),
       given as (update cases set expediente = $2 where id = $1 and not exists (select from taken) returning 1)
  select exists (select from given) as given, 1 / (select count(*) from cases where id = $1) as there`;

/**
 * Take the next number of a series. The series is stored in capitals, because the database compares
 * expedientes in capitals. A template that changes only between upper and lower case continues the same
 * count.
 */
async function nextNumber(tx: Tx, institutionId: string, series: string): Promise<number> {
  const [counter] = await tx.prepared<{ last: number }>(
    `insert into expediente_counters (institution_id, series, last) values ($1, $2, 1)
     on conflict (institution_id, series) do update set last = expediente_counters.last + 1 returning last`,
    [institutionId, series.toUpperCase()],
  );
  return counter!.last;
}
