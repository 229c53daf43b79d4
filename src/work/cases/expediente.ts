import { findArea, findCategory } from '../../foundations/catalogs/catalogs.reader.js';
import { inSeries, seriesOf } from '../../foundations/catalogs/expediente-template.js';
import type { Tx } from '../../platform/database/tx.js';
import type { LockedCase } from './locked-case.js';

/**
 * The next expediente of a series, gapless per institution and series. The counter row stays locked until the
 * commit, so this must be the last statement before it.
 *
 * A changed template or short code begins another series, in which a number may come out that an older one
 * has given already: it is left out. The look reaches cases of other areas, of which the caller learns
 * nothing but that a number is taken.
 */
export async function nextExpediente(tx: Tx, locked: LockedCase): Promise<string> {
  const { row, catalog } = locked;
  const category = row.categoryId === null ? undefined : findCategory(catalog, { id: row.categoryId });
  const series = seriesOf(catalog.institution.expedienteTemplate, {
    year: locked.today.slice(0, 4),
    area: findArea(catalog, { id: row.areaId })?.code ?? '',
    municipality: row.municipality,
    type: category?.shortCode ?? null,
  });
  tx.widen('expediente');
  for (;;) {
    const expediente = inSeries(series, await nextNumber(tx, row.institutionId, series));
    const [taken] = await tx.prepared(
      'select 1 from cases where institution_id = $1 and expediente_search = $2 limit 1',
      [row.institutionId, expediente.toUpperCase()],
    );
    if (!taken) return expediente;
  }
}

/**
 * In capitals, as the database compares expedientes: a template that changes only its letters goes on
 * counting.
 */
async function nextNumber(tx: Tx, institutionId: string, series: string): Promise<number> {
  const [counter] = await tx.prepared<{ last: number }>(
    `insert into expediente_counters (institution_id, series, last) values ($1, $2, 1)
     on conflict (institution_id, series) do update set last = expediente_counters.last + 1 returning last`,
    [institutionId, series.toUpperCase()],
  );
  return counter!.last;
}
