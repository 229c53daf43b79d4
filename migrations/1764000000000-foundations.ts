import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Platform, audit trail, catalogues and accounts. Row-level security is ENABLEd, not FORCEd: the owner runs
 * migrations and the SECURITY DEFINER functions; no run-time login owns a table.
 */
export class Foundations1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PLATFORM);
    await runner.query(CATALOGS);
    await runner.query(AUDIT);
    await runner.query(IDENTITY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function auth_account(text), auth_staff_session(bytea), auth_refresh_session(bytea), auth_channel_key(bytea);
      drop table channel_keys, staff_sessions, account_areas, accounts;
      drop table audit_pending, audit_entries, institution_keys;
      drop function audit_is_append_only(), audit_hides_the_time_of_reporters();
      drop table privacy_notices, categories, calendar_closures;
      alter table institutions drop constraint institutions_fallback_area;
      drop table areas, institutions;
      drop table rate_limits, heartbeats, key_checks;
      revoke usage on schema public from denuncia_app, denuncia_public_reader, denuncia_releaser, denuncia_jobs;
      revoke select on schema_migrations from denuncia_app`);
  }
}

const PLATFORM = `
  grant usage on schema public to denuncia_app, denuncia_public_reader, denuncia_releaser, denuncia_jobs;
  grant select on schema_migrations to denuncia_app;

  create table key_checks (
    name text primary key,
    value bytea not null
  );
  comment on table key_checks is 'HMAC under each secret: a start with another secret is refused before it can write';
  grant select, insert on key_checks to denuncia_app;

  create table heartbeats (
    name text primary key,
    at timestamptz not null
  );
  grant select, insert, update on heartbeats to denuncia_app;

  create table rate_limits (
    key varchar(255) primary key,
    points integer not null default 0,
    expire bigint
  );
  comment on table rate_limits is 'Kept by rate-limiter-flexible; keys are keyed hashes, never an address, e-mail or folio';
  create index rate_limits_expire on rate_limits (expire);
  grant select, insert, update, delete on rate_limits to denuncia_app;
`;

const CATALOGS = `
  create table institutions (
    id uuid primary key,
    code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9-]{1,39}$'),
    name text not null,
    prefix text not null unique check (prefix ~ '^[A-Z]{2,6}$'),
    kind text not null check (kind in ('federal', 'state', 'municipal')),
    territory text check (territory ~ '^[0-9]{2}([0-9]{3})?$'),
    time_zone text not null,
    calendar_rule text not null check (calendar_rule in ('LFPA28', 'LFT74')),
    expediente_template text not null,
    contact_text text not null,
    web_form_url text check (web_form_url ~ '^https://'),
    fallback_area_id uuid,
    demo boolean not null default false,
    created_at timestamptz not null
  );

  create table areas (
    id uuid primary key,
    institution_id uuid not null references institutions,
    code text not null,
    label text not null,
    label_en text,
    valid_from date not null,
    valid_to date,
    unique (institution_id, code)
  );
  alter table institutions add constraint institutions_fallback_area foreign key (fallback_area_id) references areas;

  create table calendar_closures (
    id uuid primary key,
    institution_id uuid not null references institutions,
    day date not null,
    label text not null,
    created_at timestamptz not null,
    withdrawn_at timestamptz
  );
  create unique index calendar_closures_live on calendar_closures (institution_id, day) where withdrawn_at is null;

  create table categories (
    id uuid primary key,
    institution_id uuid not null references institutions,
    code text not null check (code ~ '^[A-Z][A-Z0-9_]{1,39}$'),
    label_es text not null,
    label_en text not null,
    description text not null,
    priority text not null check (priority in ('low', 'normal', 'high', 'urgent')),
    valid_from date not null,
    valid_to date,
    unique (institution_id, code)
  );

  create table privacy_notices (
    id uuid primary key,
    institution_id uuid not null references institutions,
    version text not null,
    text text not null,
    url text,
    valid_from date not null,
    created_at timestamptz not null,
    unique (institution_id, version)
  );

  alter table institutions enable row level security;
  create policy everybody_reads on institutions for select to denuncia_app using (true);
  create policy own_institution on institutions for update to denuncia_app
    using (id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select on institutions to denuncia_app;
  -- Code, prefix, kind, territory and zone stand in folios, deadlines and released figures: nobody changes them.
  grant update (name, contact_text, web_form_url, calendar_rule, fallback_area_id) on institutions to denuncia_app;

  do $$
  declare t text;
  begin
    foreach t in array array['areas', 'calendar_closures', 'categories', 'privacy_notices'] loop
      execute format('alter table %I enable row level security', t);
      execute format('create policy everybody_reads on %I for select to denuncia_app using (true)', t);
      execute format($p$create policy own_institution_inserts on %I for insert to denuncia_app
        with check (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid))$p$, t);
      execute format($p$create policy own_institution_updates on %I for update to denuncia_app
        using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid))$p$, t);
      execute format('grant select, insert on %I to denuncia_app', t);
    end loop;
  end $$;
  grant update (label, label_en, valid_to) on areas to denuncia_app;
  grant update (withdrawn_at) on calendar_closures to denuncia_app;
  grant update (label_es, label_en, description, priority, valid_to) on categories to denuncia_app;
`;

const AUDIT = `
  create table institution_keys (
    institution_id uuid primary key references institutions,
    audit_key bytea not null
  );
  comment on table institution_keys is 'Audit key of entries without a case, wrapped by the key-encryption key';
  alter table institution_keys enable row level security;
  create policy own_institution on institution_keys to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert on institution_keys to denuncia_app;

  create table audit_entries (
    id uuid primary key,
    institution_id uuid references institutions,
    case_id uuid,
    case_seq integer,
    reading boolean not null default false,
    event text not null,
    actor_kind text not null check (actor_kind in ('staff', 'system', 'reporter', 'channel', 'nobody')),
    account_id uuid,
    day date not null,
    at timestamptz,
    sealed bytea not null,
    commitment bytea not null check (octet_length(commitment) = 32)
  );
  comment on column audit_entries.at is 'null for acts of reporters: their acts carry the day only, in every mode';
  comment on column audit_entries.reading is 'a read stands after the write whose number it carries: it takes none of its own';
  comment on column audit_entries.sealed is 'salt and canonical payload, under the audit key of the case or the institution';
  create index audit_entries_case on audit_entries (case_id, case_seq) where case_id is not null;
  create index audit_entries_institution on audit_entries (institution_id, day) where case_id is null;

  create table audit_pending (
    entry_id uuid primary key references audit_entries,
    commitment bytea not null
  );
  comment on table audit_pending is 'Queue of the sequencer that will build the public log; a cursor over ids would lose slow transactions';

  create function audit_is_append_only() returns trigger language plpgsql as $$
  begin
    raise exception 'the audit trail is append-only' using errcode = '42501';
  end $$;
  do $$
  declare t text;
  begin
    foreach t in array array['audit_entries', 'audit_pending'] loop
      execute format('create trigger append_only before update or delete on %I for each row execute function audit_is_append_only()', t);
      execute format('create trigger append_only_truncate before truncate on %I for each statement execute function audit_is_append_only()', t);
    end loop;
  end $$;

  -- CASE_OPENED is the reporter's act also when an operator types it in; one batch holds reports of every channel, so
  -- that the time of one would be the time of all.
  create function audit_hides_the_time_of_reporters() returns trigger language plpgsql as $$
  begin
    if new.case_id is not null and (new.actor_kind in ('reporter', 'channel', 'nobody') or new.event = 'CASE_OPENED') then
      new.at := null;
    end if;
    return new;
  end $$;
  create trigger hide_time before insert on audit_entries for each row execute function audit_hides_the_time_of_reporters();

  alter table audit_entries enable row level security;
  create policy append on audit_entries for insert to denuncia_app
    with check (institution_id is not distinct from (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert on audit_entries to denuncia_app;
  alter table audit_pending enable row level security;
  create policy append on audit_pending for insert to denuncia_app with check (true);
  grant insert on audit_pending to denuncia_app;
`;

const IDENTITY = `
  create table accounts (
    id uuid primary key,
    institution_id uuid not null references institutions,
    email text not null unique check (email = lower(email)),
    name text not null,
    password_hash text not null,
    one_time_until timestamptz,
    roles text[] not null check (roles <@ array['operator','triage','investigator','area_head','auditor','transparency','admin']),
    active boolean not null default true,
    created_at timestamptz not null
  );
  comment on column accounts.one_time_until is 'set while the password is a one-time password, which must be changed: the instant at which it stops working';
  create table account_areas (
    account_id uuid not null references accounts,
    area_id uuid not null references areas,
    primary key (account_id, area_id)
  );
  create index account_areas_area on account_areas (area_id);

  create table staff_sessions (
    id uuid primary key,
    institution_id uuid not null references institutions,
    account_id uuid not null references accounts,
    family_id uuid not null,
    access_hash bytea not null unique,
    refresh_hash bytea not null unique,
    access_expires_at timestamptz not null,
    refresh_expires_at timestamptz not null,
    rotated_at timestamptz,
    revoked_at timestamptz
  );
  comment on table staff_sessions is 'One row per token pair; a refresh adds a row to the family and marks the old one rotated';
  create index staff_sessions_account on staff_sessions (account_id);
  create index staff_sessions_family on staff_sessions (family_id);
  create index staff_sessions_expiry on staff_sessions (refresh_expires_at);

  create table channel_keys (
    id uuid primary key,
    institution_id uuid not null references institutions,
    channel text not null check (channel in ('web', 'whatsapp', 'phone')),
    label text not null,
    key_hash bytea not null unique,
    created_at timestamptz not null,
    revoked_at timestamptz
  );
  create index channel_keys_institution on channel_keys (institution_id);

  do $$
  declare t text;
  begin
    foreach t in array array['accounts', 'staff_sessions', 'channel_keys'] loop
      execute format('alter table %I enable row level security', t);
      execute format($p$create policy own_institution on %I to denuncia_app
        using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid))$p$, t);
      execute format('grant select, insert on %I to denuncia_app', t);
    end loop;
  end $$;
  grant update (name, roles, active, password_hash, one_time_until) on accounts to denuncia_app;
  grant update (rotated_at, revoked_at), delete on staff_sessions to denuncia_app;
  grant update (key_hash, revoked_at) on channel_keys to denuncia_app;
  alter table account_areas enable row level security;
  create policy own_institution on account_areas to denuncia_app
    using (exists (select 1 from accounts a where a.id = account_id));
  grant select, insert, delete on account_areas to denuncia_app;

  -- Before an actor exists nothing of an institution is visible: each function returns the few columns that
  -- authentication needs, of one row, found by a secret or an e-mail address. pg_temp stands last: left out, it would be
  -- searched first, and a temporary table of the caller's could take the place of ours with the owner's rights.
  create function auth_account(email text)
    returns table (id uuid, institution_id uuid, password_hash text, one_time_until timestamptz, active boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select a.id, a.institution_id, a.password_hash, a.one_time_until, a.active from accounts a where a.email = lower(auth_account.email) $$;
  create function auth_staff_session(token_hash bytea)
    returns table (session_id uuid, account_id uuid, institution_id uuid, roles text[], must_change boolean, expires_at timestamptz, areas uuid[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select s.id, a.id, a.institution_id, a.roles, a.one_time_until is not null, s.access_expires_at,
             array(select aa.area_id from account_areas aa where aa.account_id = a.id)
        from staff_sessions s join accounts a on a.id = s.account_id
       where s.access_hash = token_hash and s.revoked_at is null and s.rotated_at is null and a.active $$;
  create function auth_refresh_session(token_hash bytea)
    returns table (session_id uuid, account_id uuid, institution_id uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select s.id, s.account_id, s.institution_id from staff_sessions s where s.refresh_hash = token_hash $$;
  create function auth_channel_key(key_hash bytea)
    returns table (id uuid, institution_id uuid, channel text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select k.id, k.institution_id, k.channel from channel_keys k where k.key_hash = auth_channel_key.key_hash and k.revoked_at is null $$;
  revoke all on function auth_account(text), auth_staff_session(bytea), auth_refresh_session(bytea), auth_channel_key(bytea) from public;
  grant execute on function auth_account(text), auth_staff_session(bytea), auth_refresh_session(bytea), auth_channel_key(bytea) to denuncia_app;
`;
