import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the public figures count is frozen at registration, and the database itself checks every release: against the plan
 * that was fixed before, against its own clock, and against the place where it lives. No login of the service inserts into
 * `stat_*` any more.
 */
export class ReleasePlan1765000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CASES);
    await runner.query(GUARD);
    await runner.query(PLAN);
    await runner.query(WRITERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(UNDO);
  }
}

/** At the commit: a release may have come out after the row was written. The intake then runs again. Migration 1765000007000 has a later one. */
export const IN_NO_RELEASE = `
  create function cases_are_in_no_release() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    if exists (select from stat_releases r where r.institution_id = new.institution_id and r.table_name = 'reports'
                and r.last_day >= new.figures_on and r.first_day <= new.figures_on) then
      raise exception 'the period of this report was published meanwhile'
        using errcode = '23514', table = 'cases', constraint = 'cases_in_no_release';
    end if;
    return null;
  end $$;
  create constraint trigger cases_in_no_release after insert on cases deferrable initially deferred
    for each row execute function cases_are_in_no_release();
  revoke all on function cases_are_in_no_release() from public;
`;

/**
 * `registered_on` becomes `figures_on` by a change of names, so that its index keeps its place: of indexes that look equally
 * good the planner takes the newest, and that must stay the primary key (see the migration that makes `cases`).
 */
const CASES = `
  alter table cases rename column registered_on to figures_on;
  alter index cases_by_registered rename to cases_by_figures;
  alter table cases add column registered_on date, add column reported_category_id uuid;
  update cases set registered_on = figures_on, reported_category_id = category_id;
  alter table cases alter column registered_on set not null;
  comment on column cases.registered_on is 'local day on which the report was written down';
  comment on column cases.figures_on is 'day by which public statistics count: that of registration, or the first one after the periods that are out';
  comment on column cases.reported_category_id is 'category at registration, which public statistics count; a copy of a checked column, so it has no foreign key';

  revoke select (category_id) on cases from denuncia_releaser;
  grant select (reported_category_id) on cases to denuncia_releaser;

  create index stat_releases_last_day on stat_releases (institution_id, table_name, last_day);

  create function cases_freeze_what_counts() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    new.reported_category_id := new.category_id;
    new.figures_on := greatest(new.registered_on, (
      select max(r.last_day) + 1 from stat_releases r
       where r.institution_id = new.institution_id and r.table_name = 'reports'));
    return new;
  end $$;
  create trigger freeze_what_counts before insert on cases
    for each row execute function cases_freeze_what_counts();

  ${IN_NO_RELEASE}
  revoke all on function cases_freeze_what_counts() from public;
`;

/**
 * A copy of a database knows nothing of what the original published since. It would publish the same period over other
 * reports, and spend the privacy of each report twice. So releases belong to one place.
 */
const GUARD = `
  create table release_guards (
    institution_id uuid primary key references institutions,
    home text not null,
    held text check (held in ('restored', 'updated', 'by_hand'))
  );
  comment on table release_guards is 'Where the releases of an institution are made; written by functions and by the owner only';
  comment on column release_guards.home is 'the place of the database when an operator, or the first look of a worker, said that all releases are known here';
  comment on column release_guards.held is 'why nothing is published until an operator confirms; null = published, unless the place is another one';
  alter table release_guards enable row level security;

  -- The server, its timeline (which a promoted replica and a recovery to a point in time change) and the database in it.
  create function database_home() returns text
    language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
  declare
    server text := 'unknown';
  begin
    begin
      select s.system_identifier || '/' || c.timeline_id into server from pg_control_system() s, pg_control_checkpoint() c;
    exception when insufficient_privilege then
      null;
    end;
    return server || '/' || (select d.oid from pg_database d where d.datname = current_database());
  end $$;

  -- Why an institution publishes nothing now: 'moved' (the database lives elsewhere), or what was noted; null = it publishes.
  create function release_hold(of_institution uuid) returns text
    language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
      select coalesce(g.held, case when g.home <> database_home() then 'moved' end)
        from release_guards g where g.institution_id = of_institution $$;

  -- Notes the place of an institution that has none; never changes one.
  create function note_release_home(of_institution uuid) returns void
    language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
      insert into release_guards (institution_id, home) values (of_institution, database_home()) on conflict do nothing $$;

  -- Nobody knows where the releases of an earlier version of this schema were made: an operator says so once.
  insert into release_guards (institution_id, home, held)
    select distinct r.institution_id, database_home(), 'updated' from stat_releases r;

  revoke all on function database_home(), release_hold(uuid), note_release_home(uuid) from public;
  grant execute on function release_hold(uuid), note_release_home(uuid) to denuncia_app;
`;

const PLAN = `
  -- First day of '2026-10' or '2026-Q4'; null for any other text.
  create function period_start(period text) returns date
    language sql immutable set search_path = pg_catalog, public, pg_temp as $$
      select case
        when period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' then make_date(left(period, 4)::int, right(period, 2)::int, 1)
        when period ~ '^[0-9]{4}-Q[1-4]$' then make_date(left(period, 4)::int, right(period, 1)::int * 3 - 2, 1)
      end $$;

  create function period_kind(period text) returns text
    language sql immutable set search_path = pg_catalog, public, pg_temp as $$
      select case when period like '%Q%' then 'quarter' else 'month' end $$;

  create function period_length(kind text) returns interval
    language sql immutable set search_path = pg_catalog, public, pg_temp as $$
      select case kind when 'quarter' then interval '3 months' else interval '1 month' end $$;

  -- Every cell of a version, as the service lists them.
  create function release_cells(version stat_domains) returns table (territory text, category text)
    language sql stable set search_path = pg_catalog, public, pg_temp as $$
      select t, c
        from unnest(case version.level
               when 'federal' then array(select lpad(n::text, 2, '0') from generate_series(1, 32) n) || array['not_stated']
               else array[version.territory, 'other', 'not_stated'] end) t,
             unnest(version.categories || array['not_listed', 'not_stated']) c $$;

  -- Writes one release of the plan, whole or not at all. Of the owner alone: for whoever publishes, and for an import.
  create function store_release(of_institution uuid, of_table text, of_period text, of_version integer, of_epsilon double precision,
                                on_day date, cells json) returns void
    language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
  declare
    starts date := period_start(of_period);
    ends date := (starts + period_length(period_kind(of_period)) - interval '1 day')::date;
    plan stat_domains;
  begin
    select * into plan from stat_domains d
     where d.institution_id = of_institution and d.table_name = of_table and d.valid_from <= starts
     order by d.version desc limit 1;
    if plan.version is null or plan.period_kind <> period_kind(of_period) then
      raise exception 'the plan has no such period' using errcode = '23514', constraint = 'release_in_plan';
    end if;
    if of_version is distinct from plan.version or of_epsilon is distinct from plan.epsilon then
      raise exception 'the plan has another version or epsilon for this period' using errcode = '23514', constraint = 'release_in_plan';
    end if;
    if on_day is null or on_day <= ends then
      raise exception 'the period is not over' using errcode = '23514', constraint = 'release_period_over';
    end if;
    insert into stat_releases (institution_id, table_name, period, first_day, last_day, version, epsilon, published_on)
      values (of_institution, of_table, of_period, starts, ends, plan.version, plan.epsilon, on_day);
    insert into stat_cells (institution_id, table_name, period, territory, category, value)
      select of_institution, of_table, of_period, c.territory, c.category, c.value
        from json_to_recordset(cells) c (territory text, category text, value integer);
    if exists (
      select from release_cells(plan) w
        full join (select s.territory, s.category from stat_cells s
                    where s.institution_id = of_institution and s.table_name = of_table and s.period = of_period) s
          using (territory, category)
       where w is null or s is null) then
      raise exception 'these are not the cells of the plan' using errcode = '23514', constraint = 'release_cells_of_plan';
    end if;
  end $$;

  revoke all on function period_start(text), period_kind(text), period_length(text), release_cells(stat_domains),
    store_release(uuid, text, text, integer, double precision, date, json) from public;
`;

const WRITERS = `
  drop policy before_it_starts on stat_domains;
  drop policy own_institution_inserts on stat_releases;
  drop policy together_with_their_release on stat_cells;
  revoke insert on stat_domains, stat_releases, stat_cells from denuncia_releaser;

  -- Refuses another institution than that of the transaction, a day that the server does not know, and a held institution.
  create function assert_may_publish(of_institution uuid, on_day date) returns void
    language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
  declare
    here date := (select (clock_timestamp() at time zone i.time_zone)::date from institutions i where i.id = of_institution);
  begin
    if of_institution is distinct from nullif(current_setting('app.institution', true), '')::uuid then
      raise exception 'another institution than that of the transaction' using errcode = '42501';
    end if;
    if on_day is null or (clock_is_free() is not true and on_day not between here - 1 and here + 1) then
      raise exception 'the clock of this server has another day' using errcode = '23514', constraint = 'release_day';
    end if;
    if release_hold(of_institution) is not null then
      raise exception 'releases are held' using errcode = '55000', constraint = 'releases_held';
    end if;
  end $$;

  -- Before counting: waits for the reports under way and keeps new ones out until the transaction ends, so that each is
  -- counted here or moved to the next period. A transaction that hangs must not keep reporters waiting: five seconds.
  create function begin_release(of_institution uuid, on_day date) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '5s' as $$
  begin
    perform assert_may_publish(of_institution, on_day);
    lock table cases in share mode;
  end $$;

  -- The one way in which the service publishes.
  create function publish_release(of_institution uuid, of_table text, of_period text, of_version integer, of_epsilon double precision,
                                  on_day date, cells json) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '5s' as $$
  begin
    perform assert_may_publish(of_institution, on_day);
    lock table cases in share mode;
    perform store_release(of_institution, of_table, of_period, of_version, of_epsilon, on_day, cells);
    perform note_release_home(of_institution);
  end $$;

  -- The one way in which the service fixes what the next period will publish: the catalogue decides, not the caller. The
  -- first version, and epsilon for ever, are the owner's.
  create function fix_release_plan(of_institution uuid, of_table text, of_version integer, starts date, on_day date, of_categories text[])
    returns void
    language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  declare
    before stat_domains;
    length interval;
    in_force text[];
  begin
    perform assert_may_publish(of_institution, on_day);
    -- Two workers at once: the second sees what the first has fixed.
    perform from institutions i where i.id = of_institution for no key update;
    select * into before from stat_domains d where d.institution_id = of_institution and d.table_name = of_table
     order by d.version desc limit 1;
    if before.version is null or of_version is distinct from before.version + 1 then
      raise exception 'this is not the next version' using errcode = '23514', constraint = 'plan_next_version';
    end if;
    length := period_length(before.period_kind);
    if starts is distinct from (date_trunc(before.period_kind, on_day::timestamp) + length)::date or starts < before.valid_from then
      raise exception 'a version begins with the next period' using errcode = '23514', constraint = 'plan_next_period';
    end if;
    select coalesce(array_agg(c.code order by c.code collate "C"), '{}') into in_force from categories c
     where c.institution_id = of_institution and c.valid_from < starts + length and (c.valid_to is null or c.valid_to >= starts);
    if of_categories is distinct from in_force or in_force = before.categories then
      raise exception 'a version has the categories of the catalogue, and other ones than the version before'
        using errcode = '23514', constraint = 'plan_categories';
    end if;
    insert into stat_domains (institution_id, table_name, version, valid_from, created_on, period_kind, level, territory, categories, epsilon)
      select of_institution, of_table, of_version, starts, on_day, before.period_kind, i.kind, i.territory, in_force, before.epsilon
        from institutions i where i.id = of_institution;
  end $$;

  revoke all on function assert_may_publish(uuid, date), begin_release(uuid, date),
    publish_release(uuid, text, text, integer, double precision, date, json),
    fix_release_plan(uuid, text, integer, date, date, text[]) from public;
  grant execute on function begin_release(uuid, date),
    publish_release(uuid, text, text, integer, double precision, date, json),
    fix_release_plan(uuid, text, integer, date, date, text[]) to denuncia_releaser;
`;

const UNDO = `
  drop function fix_release_plan(uuid, text, integer, date, date, text[]);
  drop function publish_release(uuid, text, text, integer, double precision, date, json);
  drop function begin_release(uuid, date);
  drop function assert_may_publish(uuid, date);
  drop function store_release(uuid, text, text, integer, double precision, date, json);
  drop function release_cells(stat_domains);
  drop function period_start(text), period_kind(text), period_length(text);
  drop function release_hold(uuid), note_release_home(uuid), database_home();
  drop table release_guards;

  grant insert on stat_domains, stat_releases, stat_cells to denuncia_releaser;
  create policy before_it_starts on stat_domains for insert to denuncia_releaser
    with check (
      institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
      and valid_from > created_on
    );
  create policy own_institution_inserts on stat_releases for insert to denuncia_releaser
    with check (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  create policy together_with_their_release on stat_cells for insert to denuncia_releaser
    with check (exists (
      select 1 from stat_releases r
       where r.institution_id = stat_cells.institution_id and r.table_name = stat_cells.table_name
         and r.period = stat_cells.period and r.xmin = pg_current_xact_id()::xid));

  drop trigger cases_in_no_release on cases;
  drop trigger freeze_what_counts on cases;
  drop function cases_are_in_no_release(), cases_freeze_what_counts();
  drop index stat_releases_last_day;
  update cases set figures_on = registered_on where figures_on <> registered_on;
  -- PostgreSQL 15 would keep the right on the dropped column.
  revoke select (reported_category_id) on cases from denuncia_releaser;
  alter table cases drop column registered_on, drop column reported_category_id;
  alter table cases rename column figures_on to registered_on;
  alter index cases_by_figures rename to cases_by_registered;
  grant select (category_id) on cases to denuncia_releaser;
  comment on column cases.registered_on is 'day of registration, by which public statistics count: a call may be dated back into a period already released';
`;
