import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The frozen releases of the public statistics. Rows come only from `denuncia_releaser`, are read by everybody through
 * `denuncia_public_reader`, and are never changed or deleted by anyone.
 */
export class Statistics1764000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(ACCESS);
    await runner.query(CLOCKS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop policy whole_institution on sla_clocks;
      drop policy counted_columns on cases;
      revoke select (institution_id, registered_on, municipality, category_id) on cases from denuncia_releaser;
      drop table stat_cells, stat_releases, stat_domains;
      drop function statistics_are_frozen()`);
  }
}

const TABLES = `
  create table stat_domains (
    institution_id uuid not null references institutions,
    table_name text not null check (table_name in ('reports')),
    version integer not null check (version > 0),
    valid_from date not null,
    created_on date not null,
    period_kind text not null check (period_kind in ('month', 'quarter')),
    level text not null check (level in ('federal', 'state', 'municipal')),
    territory text check (territory ~ '^[0-9]{2}([0-9]{3})?$'),
    categories text[] not null,
    epsilon double precision not null check (epsilon between 0.01 and 10),
    primary key (institution_id, table_name, version),
    check ((level = 'federal') = (territory is null)),
    check (extract(day from valid_from) = 1 and (period_kind = 'month' or extract(month from valid_from) in (1, 4, 7, 10)))
  );
  comment on table stat_domains is 'The cells a release will have, fixed before its period starts; the highest version valid on the first day of a period rules it';
  comment on column stat_domains.created_on is 'local day on which the version was fixed: whoever reads it can check that it lies before valid_from';

  create table stat_releases (
    institution_id uuid not null,
    table_name text not null,
    period text not null check (period ~ '^[0-9]{4}-([0-9]{2}|Q[1-4])$'),
    first_day date not null,
    last_day date not null,
    version integer not null,
    epsilon double precision not null,
    published_on date not null,
    primary key (institution_id, table_name, period),
    foreign key (institution_id, table_name, version) references stat_domains,
    check (first_day < last_day and last_day < published_on)
  );
  comment on table stat_releases is 'One row per published period; its primary key is what makes "never twice" hold between processes';

  create table stat_cells (
    institution_id uuid not null,
    table_name text not null,
    period text not null,
    territory text not null,
    category text not null,
    value integer not null,
    primary key (institution_id, table_name, period, territory, category),
    foreign key (institution_id, table_name, period) references stat_releases
  );
  comment on column stat_cells.value is 'count plus noise as drawn, possibly negative; the exact count is stored nowhere';

  create function statistics_are_frozen() returns trigger language plpgsql as $$
  begin
    raise exception 'published statistics are never changed' using errcode = '42501';
  end $$;
  do $$
  declare t text;
  begin
    foreach t in array array['stat_domains', 'stat_releases', 'stat_cells'] loop
      execute format('create trigger frozen before update or delete on %I for each row execute function statistics_are_frozen()', t);
      execute format('create trigger frozen_truncate before truncate on %I for each statement execute function statistics_are_frozen()', t);
    end loop;
  end $$;
`;

const ACCESS = `
  do $$
  declare t text;
  begin
    foreach t in array array['stat_domains', 'stat_releases', 'stat_cells'] loop
      execute format('alter table %I enable row level security', t);
      execute format('create policy everybody_reads on %I for select to denuncia_public_reader using (true)', t);
      execute format($p$create policy own_institution on %I for select to denuncia_releaser
        using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid))$p$, t);
      execute format('grant select on %I to denuncia_public_reader', t);
      execute format('grant select, insert on %I to denuncia_releaser', t);
    end loop;
  end $$;

  -- The owner, who sets an institution up, may let the first version start earlier: no report exists then.
  create policy before_it_starts on stat_domains for insert to denuncia_releaser
    with check (
      institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
      and valid_from > created_on
    );
  create policy own_institution_inserts on stat_releases for insert to denuncia_releaser
    with check (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  -- xmin: the release was inserted by this very transaction, so that nothing is ever added to a committed one.
  create policy together_with_their_release on stat_cells for insert to denuncia_releaser
    with check (exists (
      select 1 from stat_releases r
       where r.institution_id = stat_cells.institution_id and r.table_name = stat_cells.table_name
         and r.period = stat_cells.period and r.xmin = pg_current_xact_id()::xid));

  grant select (institution_id, registered_on, municipality, category_id) on cases to denuncia_releaser;
  create policy counted_columns on cases for select to denuncia_releaser
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
`;

/**
 * Figures over the clocks of a whole institution would look up the case of every clock (23 s for four million clocks, 12 s
 * with this policy). Who sees the whole institution may see them all, which needs no look at the case. PostgreSQL tries
 * policies in reverse order of their names: this one first, and `of_visible_cases` only where it fails.
 */
const CLOCKS = `
  create policy whole_institution on sla_clocks for select to denuncia_app
    using (
      (select current_setting('app.areas', true)) = '*'
      and institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
    );
`;
