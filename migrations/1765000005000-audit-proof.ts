import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The database vouches for the clear columns of the audit trail. The application login cannot write an entry of another
 * time, actor, institution, case or number, cannot leave one out of the queue of the public log, and cannot change a case,
 * a clock, a code, a key, an account or a rule without an entry in the same transaction.
 *
 * The owner of the tables is not bound: whoever owns them could switch every trigger off. What the owner does shows when
 * the sealed entries are verified.
 */
export class AuditProof1765000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ACTOR);
    await runner.query(ENTRIES);
    await runner.query(QUEUE);
    await runner.query(CHANGES);
    await runner.query(FAULTS);
    await runner.query(NAMES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function auth_person(uuid), auth_staff_session(bytea);
      ${AUTH_STAFF_SESSION_BEFORE}
      drop function audit_fault_count();
      drop table audit_omissions, audit_faults;
      drop policy of_the_installation on audit_entries;
      ${TABLES_OF_A_CASE.map(({ table }) => `drop trigger needs_its_entry on ${table};`).join('\n')}
      ${TABLES_OF_AN_INSTITUTION.map(({ table }) => `drop trigger needs_its_entry on ${table};`).join('\n')}
      drop trigger needs_its_entry on staff_sessions;
      drop function session_needs_its_entry();
      alter table case_entries drop constraint case_entries_count_from_one;
      drop function case_needs_its_entry(), part_of_a_case_needs_its_entry(), row_needs_its_entry();
      drop trigger append_only on audit_pending;
      create trigger append_only before update or delete on audit_pending for each row execute function audit_is_append_only();
      drop function queue_is_taken_by_the_sequencer();
      drop policy taken_by_the_sequencer on audit_pending;
      revoke select, delete on audit_pending from denuncia_sequencer;
      revoke usage on schema public from denuncia_sequencer;
      alter table audit_pending drop column not_before;
      create policy append on audit_pending for insert to denuncia_app with check (true);
      grant insert on audit_pending to denuncia_app;
      drop trigger vouch on audit_entries;
      drop function audit_entries_are_vouched_for();
      create or replace function audit_hides_the_time_of_reporters() returns trigger language plpgsql as $$
  begin
    if new.case_id is not null and (new.actor_kind in ('reporter', 'channel', 'nobody') or new.event = 'CASE_OPENED') then
      new.at := null;
    end if;
    return new;
  end $$;
      drop index audit_entries_write, audit_entries_about, audit_entries_event, audit_entries_account, audit_entries_walk, audit_entries_institution;
      create index audit_entries_institution on audit_entries (institution_id, day) where case_id is null;
      create index audit_entries_case on audit_entries (case_id, case_seq) where case_id is not null;
      alter table audit_entries drop column about_id;
      drop function act_as(text, text, text), acting_seal(text, text, text), written_by_the_application();
      drop table acting_secret`);
  }
}

/** Migration 1765000007000 has a later one. */
export const ACT_AS = `
  create or replace function acting_seal(actor text, institution text, account text) returns text
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    -- Not in SQL, which would be planned anew at every call: each transaction calls this.
    return (select encode(sha256(s.secret || convert_to(concat_ws('|', pg_backend_pid(), extract(epoch from transaction_timestamp()),
                     acting_seal.actor, acting_seal.institution, acting_seal.account), 'UTF8')), 'hex')
              from acting_secret s);
  end $$;
  revoke all on function acting_seal(text, text, text) from public;

  create or replace function act_as(actor text, institution text, account text) returns void
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    if pg_current_xact_id_if_assigned() is not null then
      raise exception 'the actor of a transaction is set before its first write' using errcode = '42501';
    end if;
    perform set_config('app.actor', act_as.actor, true), set_config('app.institution', act_as.institution, true),
            set_config('app.account', act_as.account, true),
            set_config('app.seal', acting_seal(act_as.actor, act_as.institution, act_as.account), true);
  end $$;
  revoke all on function act_as(text, text, text) from public;
  grant execute on function act_as(text, text, text) to denuncia_app;
`;

/**
 * The actor of a transaction is set once, before its first write: `act_as` seals it with a secret that only the owner's
 * functions read. Settings alone could be changed between two statements.
 */
const ACTOR = `
  create table acting_secret (
    only_row boolean primary key default true check (only_row),
    secret bytea not null
  );
  comment on table acting_secret is 'seals the actor of a transaction; no login reads it, only the functions of the owner';
  insert into acting_secret (secret) values (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
  alter table acting_secret enable row level security;

  ${ACT_AS}

  create function written_by_the_application() returns boolean
    language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
  begin
    return not pg_has_role(session_user, (select relowner from pg_class where oid = 'public.audit_entries'::regclass), 'member');
  end $$;
  revoke all on function written_by_the_application() from public;
`;

/** Untimed acts of staff or system: what follows from the filing of a report at once would tell when that was. */
export const DAY_ONLY = `'CASE_OPENED', 'DEADLINE_WARNING', 'DEADLINE_BREACHED', 'ACCESS_CODE_HARDENED'`;
/** Nobody does these: time does. */
export const OF_THE_SYSTEM = `'ACCESS_CODE_HARDENED', 'INFORMATION_REQUEST_EXPIRED', 'CASE_ARCHIVED'`;

/** One statement, one check of all its entries: a batch of reports pays for it once. Migration 1765000007000 has a later one. */
export const VOUCH = `
  create or replace function audit_entries_are_vouched_for() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  declare
    actor text := coalesce(current_setting('app.actor', true), '');
    institution text := coalesce(current_setting('app.institution', true), '');
    account text := coalesce(current_setting('app.account', true), '');
    bound boolean;
    zone text;
    wrong text;
  begin
    if written_by_the_application() then
      if coalesce(current_setting('app.seal', true), '') <> acting_seal(actor, institution, account) then
        raise exception 'an entry needs the actor of its transaction' using errcode = '42501';
      end if;
      bound := not clock_is_free();
      zone := coalesce((select i.time_zone from institutions i where i.id = nullif(institution, '')::uuid), 'UTC');
      select case
               when a.institution_id is distinct from nullif(institution, '')::uuid then 'institution'
               when not (a.actor_kind = split_part(actor, ':', 1) and a.account_id is not distinct from nullif(account, '')::uuid)
                and not (actor = 'system:intake' and a.event = 'CASE_OPENED' and a.actor_kind in ('staff', 'channel', 'nobody')) then 'actor'
               when a.at is null and a.actor_kind in ('staff', 'system') and (a.case_id is null or a.event not in (${DAY_ONLY})) then 'time'
               when a.event in (${OF_THE_SYSTEM}) and a.actor_kind <> 'system' then 'actor'
               when a.event in ('REPORTER_READ', 'ACCESS_CODE_EXCHANGED') and a.actor_kind <> 'reporter' then 'actor'
               when bound and abs(extract(epoch from a.at - clock_timestamp())) > 120 then 'time'
               when bound and a.day not between ((clock_timestamp() - interval '2 minutes') at time zone zone)::date
                                             and ((clock_timestamp() + interval '2 minutes') at time zone zone)::date then 'day'
               when a.case_id is null then case when a.case_seq is not null or a.reading then 'number' end
               when a.event = 'CASE_OPENED' then
                 case when a.reading or a.case_seq is distinct from 1 then 'number'
                      when not exists (select from cases c where c.id = a.case_id and c.institution_id = a.institution_id
                                        and c.xmin = pg_current_xact_id()::xid) then 'case' end
               when not exists (select from cases c where c.id = a.case_id and c.institution_id = a.institution_id
                                 and (not a.reading or a.case_seq is null or a.case_seq between 1 and c.last_seq)) then 'case'
               when a.case_seq is null and a.event not in ('REPORTER_READ', 'ACCESS_CODE_EXCHANGED', 'ACCESS_CODE_HARDENED') then 'number'
               -- A write has the number of what was written beside it, in this transaction.
               when not a.reading and a.case_seq is not null and not exists (select from case_entries e
                      where e.case_id = a.case_id and e.case_seq = a.case_seq and e.xmin = pg_current_xact_id()::xid) then 'number'
             end
        into wrong from added a
       order by 1 nulls last limit 1;
      if wrong is not null then
        raise exception 'this entry is not true: %', wrong using errcode = '42501';
      end if;
    end if;
    insert into audit_pending (entry_id, commitment, not_before)
      select a.id, a.commitment, case when a.at is null then a.day + 1 else a.day end from added a;
    return null;
  end $$;
  revoke all on function audit_entries_are_vouched_for() from public;
`;

/** A session is opened by an entry, or follows one of its family that was exchanged. Migration 1765000007000 has a later one. */
export const SESSION = `
  create or replace function session_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    if not exists (select from audit_entries e where e.account_id = new.account_id and e.event = 'SESSION_OPENED' and e.case_id is null
                     and e.xmin = pg_current_xact_id()::xid)
       and not exists (select from staff_sessions s where s.family_id = new.family_id and s.id <> new.id and s.account_id = new.account_id
                     and s.rotated_at is not null)
       and written_by_the_application() then
      raise exception 'a session needs its entry in the audit trail' using errcode = '42501';
    end if;
    return null;
  end $$;
  revoke all on function session_needs_its_entry() from public;
`;

// Functions that run with every report keep one plan: theirs are simple, and to plan anew costs more than to run. Tables are read through
// their indexes (Database.tx), so a plan made while they were small stays right.
const ENTRIES = `
  alter table audit_entries add column about_id uuid;
  comment on column audit_entries.about_id is 'the account, key, rule, term or catalogue row that was changed; null for what concerns a case';
  -- Two writes of a case never carry one number. Visits of the reporter carry none.
  -- One index does it and finds the entries of a case too: intake pays for each.
  drop index audit_entries_case;
  create unique index audit_entries_write on audit_entries (case_id, case_seq, (case when reading or case_seq is null then id end))
    nulls not distinct where case_id is not null;
  create index audit_entries_about on audit_entries (about_id, day, coalesce(at, '-infinity'), id) where about_id is not null;
  drop index audit_entries_institution;
  -- The list of an institution, newest first: all, by event, by account.
  create index audit_entries_institution on audit_entries (institution_id, day, coalesce(at, '-infinity'), id) where case_id is null;
  create index audit_entries_walk on audit_entries (institution_id, id) where case_id is null;
  create index audit_entries_event on audit_entries (institution_id, event, day, coalesce(at, '-infinity'), id) where case_id is null;
  create index audit_entries_account on audit_entries (account_id, day, coalesce(at, '-infinity'), id) where case_id is null and account_id is not null;

  -- The day of an entry without a case is that of its time where the institution is.
  create or replace function audit_hides_the_time_of_reporters() returns trigger language plpgsql as $$
  begin
    if new.case_id is not null and (new.actor_kind in ('reporter', 'channel', 'nobody') or new.event = 'CASE_OPENED') then
      new.at := null;
    end if;
    if new.case_id is null and new.at is not null then
      new.day := (new.at at time zone coalesce((select i.time_zone from institutions i where i.id = new.institution_id), 'UTC'))::date;
    end if;
    return new;
  end $$;

  ${VOUCH}
  create trigger vouch after insert on audit_entries referencing new table as added
    for each statement execute function audit_entries_are_vouched_for();
`;

const QUEUE = `
  drop trigger append_only on audit_pending;
  alter table audit_pending add column not_before date;
  update audit_pending p set not_before = case when e.at is null then e.day + 1 else e.day end from audit_entries e where e.id = p.entry_id;
  alter table audit_pending alter column not_before set not null;
  comment on column audit_pending.not_before is 'entries without a time wait for the next day and go mixed: a batch between two timed acts would tell their time';
  revoke insert on audit_pending from denuncia_app;
  drop policy append on audit_pending;

  grant usage on schema public to denuncia_sequencer;
  grant select, delete on audit_pending to denuncia_sequencer;
  create policy taken_by_the_sequencer on audit_pending to denuncia_sequencer using (true);
  create function queue_is_taken_by_the_sequencer() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and current_user = 'denuncia_sequencer' then
      return old;
    end if;
    raise exception 'the audit trail is append-only' using errcode = '42501';
  end $$;
  create trigger append_only before update or delete on audit_pending for each row execute function queue_is_taken_by_the_sequencer();
`;

/** `when`: which rows. What intake writes is covered by the row of the case, whose key they share. */
const TABLES_OF_A_CASE = [
  { table: 'case_entries', events: 'insert', column: 'case_id', when: 'when (new.case_seq <> 1)' },
  { table: 'sla_clocks', events: 'update', column: 'subject_id', when: '' },
  { table: 'case_access_codes', events: 'update', column: 'case_id', when: '' },
  { table: 'information_requests', events: 'insert or update', column: 'case_id', when: '' },
  { table: 'cases', events: 'insert or update', column: 'id', when: '' },
] as const;

/** `columns`: ids of which one must be that of the entry's `about_id`; `events`: what such an entry may be, a regular expression. */
const TABLES_OF_AN_INSTITUTION = [
  { table: 'accounts', columns: 'id', events: 'ACCOUNT_|PASSWORD_CHANGED|ONE_TIME_PASSWORD_SET' },
  { table: 'account_areas', columns: 'account_id', events: 'ACCOUNT_' },
  { table: 'channel_keys', columns: 'id', events: 'CHANNEL_KEY_' },
  { table: 'routing_rules', columns: 'id', events: 'ROUTING_RULE_' },
  { table: 'sla_terms', columns: 'id', events: 'SLA_TERM_' },
  { table: 'areas', columns: 'id', events: 'AREA_' },
  { table: 'categories', columns: 'id', events: 'CATEGORY_' },
  { table: 'calendar_closures', columns: 'institution_id', events: 'CLOSURE' },
  { table: 'privacy_notices', columns: 'id', events: 'PRIVACY_NOTICE_' },
  // A change of the fallback area is an entry about that area.
  { table: 'institutions', columns: 'id,fallback_area_id', events: 'INSTITUTION_|CALENDAR_RULE_|TWO_PEOPLE_|AREA_' },
] as const;

/** What somebody said moves no case. */
const SAID = `'NOTE_WRITTEN', 'MESSAGE_SENT', 'REPORTER_WROTE', 'DEADLINE_WARNING', 'DEADLINE_BREACHED'`;

const CHANGES = `
  alter table case_entries add constraint case_entries_count_from_one check (case_seq >= 1);

  ${SESSION}
  create constraint trigger needs_its_entry after insert on staff_sessions deferrable initially deferred
    for each row execute function session_needs_its_entry();

  create function case_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    perform from audit_entries e where e.case_id = new.id and e.case_seq = new.last_seq and not e.reading and e.xmin = pg_current_xact_id()::xid;
    if found and (tg_op = 'INSERT' or (new.status, new.outcome, new.area_id) is not distinct from (old.status, old.outcome, old.area_id)) then
      return null;
    end if;
    if found then
      perform from audit_entries e where e.case_id = new.id and not e.reading and e.xmin = pg_current_xact_id()::xid
         and case when new.outcome is distinct from old.outcome then e.event in ('CASE_CLOSED', 'CASE_REOPENED') else e.event not in (${SAID}) end;
    end if;
    if not found and written_by_the_application() then
      raise exception 'a change of a case needs its entry in the audit trail' using errcode = '42501';
    end if;
    return null;
  end $$;

  create function part_of_a_case_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  declare
    subject uuid := to_jsonb(new) ->> tg_argv[0];
  begin
    -- An entry without a number speaks of the access code and of nothing else.
    if not exists (select from audit_entries e where e.case_id = subject and not e.reading and e.xmin = pg_current_xact_id()::xid
                     and (e.case_seq is null) = (tg_table_name = 'case_access_codes')) and written_by_the_application() then
      raise exception 'a change of % needs its entry in the audit trail', tg_table_name using errcode = '42501';
    end if;
    return null;
  end $$;

  create function row_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  declare
    changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    subjects uuid[] := array(select (changed ->> name)::uuid from unnest(string_to_array(tg_argv[0], ',')) as name);
  begin
    if not exists (select from audit_entries e where e.about_id = any(subjects) and e.event ~ ('^(' || tg_argv[1] || ')')
                     and e.xmin = pg_current_xact_id()::xid)
       and written_by_the_application() then
      raise exception 'a change of % needs its entry in the audit trail', tg_table_name using errcode = '42501';
    end if;
    return null;
  end $$;

  revoke all on function case_needs_its_entry(), part_of_a_case_needs_its_entry(), row_needs_its_entry() from public;

  ${TABLES_OF_A_CASE.map(
    ({ table, events, column, when }) =>
      `create constraint trigger needs_its_entry after ${events} on ${table} deferrable initially deferred for each row ${when}
         execute function ${table === 'cases' ? 'case_needs_its_entry()' : `part_of_a_case_needs_its_entry('${column}')`};`,
  ).join('\n  ')}
  ${TABLES_OF_AN_INSTITUTION.map(
    ({ table, columns, events }) =>
      `create constraint trigger needs_its_entry after insert or update or delete on ${table} deferrable initially deferred
         for each row execute function row_needs_its_entry('${columns}', '${events}');`,
  ).join('\n  ')}
`;

const FAULTS = `
  create table audit_faults (
    id uuid primary key,
    institution_id uuid references institutions,
    case_id uuid,
    entry_id uuid,
    fault text not null check (fault in ('unreadable', 'commitment', 'columns', 'content', 'unattested', 'missing', 'past')),
    found_on date not null
  );
  comment on table audit_faults is 'Where the trail and what it speaks of do not agree; each found once, a changed past once a day';
  create unique index audit_faults_once on audit_faults
    (fault, coalesce(entry_id, case_id, institution_id, '00000000-0000-0000-0000-000000000000'))
    where fault <> 'past';
  create unique index audit_faults_of_the_past on audit_faults (coalesce(institution_id, '00000000-0000-0000-0000-000000000000'), found_on)
    where fault = 'past';
  alter table audit_faults enable row level security;
  create policy own_institution on audit_faults to denuncia_app
    using (institution_id is not distinct from (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert on audit_faults to denuncia_app;

  -- Entries of the installation itself (sign-ins of unknown addresses, unknown keys), for their verification.
  create policy of_the_installation on audit_entries for select to denuncia_app
    using (institution_id is null and (select current_setting('app.actor', true)) = 'nobody'
           and (select nullif(current_setting('app.institution', true), '')) is null);

  create table audit_omissions (
    id uuid primary key,
    institution_id uuid references institutions,
    account_id uuid,
    source text not null check (source in ('account', 'sign-in', 'bearer', 'api-key')),
    until timestamptz not null,
    swallowed integer not null check (swallowed > 0)
  );
  comment on table audit_omissions is 'Refusals above the cap of their account or kind, counted until the window ends and an entry tells how many there were';
  create unique index audit_omissions_window on audit_omissions
    (source, until, coalesce(account_id, '00000000-0000-0000-0000-000000000000'));
  alter table audit_omissions enable row level security;
  create policy own_institution on audit_omissions to denuncia_app
    using (institution_id is not distinct from (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert, update (swallowed), delete on audit_omissions to denuncia_app;

  -- For the metric, which belongs to no institution.
  create function audit_fault_count() returns bigint
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select count(*) from audit_faults $$;
  revoke all on function audit_fault_count() from public;
  grant execute on function audit_fault_count() to denuncia_app;
`;

const AUTH_STAFF_SESSION_BEFORE = `
  create function auth_staff_session(token_hash bytea)
    returns table (session_id uuid, account_id uuid, institution_id uuid, roles text[], must_change boolean, expires_at timestamptz, areas uuid[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select s.id, a.id, a.institution_id, a.roles, a.one_time_until is not null, s.access_expires_at,
             array(select aa.area_id from account_areas aa where aa.account_id = a.id)
        from staff_sessions s join accounts a on a.id = s.account_id
       where s.access_hash = token_hash and s.revoked_at is null and s.rotated_at is null and a.active $$;
  revoke all on function auth_staff_session(bytea) from public;
  grant execute on function auth_staff_session(bytea) to denuncia_app;`;

/** Entries carry the name and address of whoever acts, as they were. */
const NAMES = `
  drop function auth_staff_session(bytea);
  create function auth_staff_session(token_hash bytea)
    returns table (session_id uuid, account_id uuid, name text, email text, institution_id uuid, roles text[], must_change boolean,
                   expires_at timestamptz, areas uuid[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select s.id, a.id, a.name, a.email, a.institution_id, a.roles, a.one_time_until is not null, s.access_expires_at,
             array(select aa.area_id from account_areas aa where aa.account_id = a.id)
        from staff_sessions s join accounts a on a.id = s.account_id
       where s.access_hash = token_hash and s.revoked_at is null and s.rotated_at is null and a.active $$;
  -- For a sign-in or refresh, which act before there is a session.
  create function auth_person(account_id uuid) returns table (name text, email text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select a.name, a.email from accounts a where a.id = auth_person.account_id $$;
  revoke all on function auth_staff_session(bytea), auth_person(uuid) from public;
  grant execute on function auth_staff_session(bytea), auth_person(uuid) to denuncia_app;
`;
