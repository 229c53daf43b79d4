import type { Tx } from '../platform/database/tx.js';
import type { LockedCase } from './case-store.js';

/**
 * Renders everything of an expediente but its consecutive number: the series within which numbers are gapless.
 * Placeholders of the institution's template: {year} {area} {municipality} {type} {number}.
 */
export function seriesOf(
  template: string,
  values: { year: string; area: string; municipality: string | null; type: string | null },
): string {
  return template
    .replaceAll('{year}', values.year)
    .replaceAll('{area}', values.area)
    .replaceAll('{municipality}', values.municipality ?? '00000')
    .replaceAll('{type}', values.type ?? 'SC');
}

/**
 * The next expediente of a series, gapless per institution and series. The counter row stays locked until the commit,
 * so this must be the last statement before it.
 */
export async function nextExpediente(tx: Tx, locked: LockedCase): Promise<string> {
  const { row, catalog } = locked;
  const series = seriesOf(catalog.institution.expedienteTemplate, {
    year: locked.today.slice(0, 4),
    area: catalog.areas.find((area) => area.id === row.areaId)?.code ?? '',
    municipality: row.municipality,
    type: catalog.categories.find((category) => category.id === row.categoryId)?.code ?? null,
  });
  const [counter] = await tx.query<{ last: number }>(
    `insert into expediente_counters (institution_id, series, last) values ($1, $2, 1)
     on conflict (institution_id, series) do update set last = expediente_counters.last + 1 returning last`,
    [row.institutionId, series],
  );
  return series.replaceAll('{number}', String(counter!.last).padStart(4, '0'));
}
