import type pg from 'pg';

/**
 * Fill an institution up to `size` cases by SQL. The rows are for the lists: they have no content, and folios
 * of the right form.
 */
export async function fillCases(owner: pg.Client, institution: string, size: number): Promise<void> {
  await owner.query(
    `insert into cases (id, institution_id, area_id, folio, status, channel, category_id, priority, municipality, received_on, registered_on, urgency, next_due_on)
     select gen_random_uuid(), i.id, a.ids[1 + n % cardinality(a.ids)],
            i.prefix || '-' || (2020 + n % 6) || '-' || upper(lpad(to_hex(n), 4, '0')) || '-' || upper(substr(md5(n::text), 1, 4)) || '-0',
            (array['received','in_triage','assigned','under_investigation','resolved','closed'])[1 + n % 6],
            (array['web','whatsapp','phone'])[1 + n % 3], c.ids[1 + n % cardinality(c.ids)],
            (array['low','normal','high','urgent'])[1 + n % 4], null,
            date '2024-01-01' + (n % 900), date '2024-01-01' + (n % 900),
            case when n % 6 >= 4 then 3 else n % 3 end, case when n % 6 >= 4 then date '9999-12-31' else date '2026-01-01' + (n % 300) end
       from institutions i,
            lateral (select array_agg(id) ids from areas where institution_id = i.id) a,
            lateral (select array_agg(id) ids from categories where institution_id = i.id) c,
            generate_series((select count(*)::int from cases x where x.institution_id = i.id), $2::int - 1) n
      where i.code = $1
     on conflict do nothing`,
    [institution, size],
  );
  await owner.query('vacuum analyze cases');
}

/**
 * Give a federal institution five years of published months: 33 territories, 12 categories. The rows are not
 * real.
 */
export async function fillReleases(owner: pg.Client, institution: string): Promise<void> {
  await owner.query('begin');
  // The checks prevent writing published figures in any other way.
  await owner.query('set local session_replication_role = replica');
  const { rows } = await owner.query<{ id: string }>('select id from institutions where code = $1', [
    institution,
  ]);
  await owner.query(
    `insert into stat_releases (institution_id, table_name, period, version, epsilon, first_day, last_day, published_on)
     select $1, 'reports', to_char(day, 'YYYY-MM'), 1, 1, day, day + interval '1 month' - interval '1 day', day + interval '1 month 5 days'
       from generate_series(date '2019-01-01', date '2023-12-01', interval '1 month') day
     on conflict do nothing`,
    [rows[0]!.id],
  );
  await owner.query(
    `insert into stat_cells (institution_id, table_name, period, territory, category, value)
     select institution_id, table_name, period, lpad(t::text, 2, '0'), 'C' || c, t + c
       from stat_releases, generate_series(1, 33) t, generate_series(1, 12) c
      where institution_id = $1 and period < '2024'
     on conflict do nothing`,
    [rows[0]!.id],
  );
  await owner.query('commit');
}
