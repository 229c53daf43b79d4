import type pg from 'pg';

/** Fills an institution up to `size` cases by SQL: rows for the lists, without content, with folios of the right form. */
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
