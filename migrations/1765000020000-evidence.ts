import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Evidence: files that a reporter or staff add to a case. The bytes lie sealed in the store of files. Here stand their
 * names there, and sealed under the content key of the case everything else: what they are called, what they are, the key
 * of each.
 */
export class Evidence1765000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(RIGHTS);
    await runner.query(LOOKS);
    await runner.query(ENTRIES);
    await runner.query(OWN_NUMBER);
    for (const change of LISTS) await runner.query(changed(change.of, change.before, change.after));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const change of LISTS) await runner.query(changed(change.of, change.after, change.before));
    await runner.query(OWN_NUMBER_BEFORE);
    await runner.query('drop function evidence_bytes(), objects_of_evidence(text[]), institution_of_evidence(uuid)');
    await runner.query('drop table upload_parts, uploads, evidence_files, evidence, object_store');
    await runner.query('drop function evidence_needs_its_entry()');
  }
}

const TABLES = `
  create table evidence (
    id uuid primary key,
    case_id uuid not null references cases,
    institution_id uuid not null references institutions,
    number smallint not null check (number >= 1),
    source text not null check (source in ('reporter', 'staff')),
    state text not null check (state in ('waiting', 'ready', 'sealed', 'quarantined')),
    version integer not null default 1,
    day date not null,
    details bytea not null,
    thumbnail bytea,
    unique (case_id, number)
  );
  comment on table evidence is 'Files of a case, numbered in the order in which they came; the time of a reporter''s act is nowhere';
  comment on column evidence.state is 'waiting: not examined yet; ready: a safe copy can be opened; sealed: kept, and cannot be shown; quarantined: harmful';
  comment on column evidence.details is 'name, caption, kind and why it waits, sealed and padded under the content key of the case';
  comment on column evidence.thumbnail is 'a small picture of the safe copy, sealed and padded';
  create index evidence_waiting on evidence (institution_id, id) where state = 'waiting';

  create table evidence_files (
    evidence_id uuid not null references evidence,
    role text not null check (role in ('original', 'derivative')),
    case_id uuid not null references cases,
    institution_id uuid not null references institutions,
    object text collate "C" not null unique check (object ~ '^[0-9a-f]{40}$'),
    stored_bytes bigint not null check (stored_bytes > 0),
    sealed bytea not null,
    primary key (evidence_id, role)
  );
  comment on table evidence_files is 'What lies in the store of files: the original as it came, and the copy that is safe to open';
  comment on column evidence_files.stored_bytes is 'length in the store: with padding, in steps';
  comment on column evidence_files.sealed is 'key, length, type and SHA-256 of the content, sealed and padded under the content key of the case';
  create index evidence_files_case on evidence_files (case_id);
  create table uploads (
    id uuid primary key,
    case_id uuid not null references cases,
    institution_id uuid not null references institutions,
    day date not null,
    complete boolean not null default false,
    details bytea not null
  );
  comment on table uploads is 'Files that come in parts, until they are evidence; the reporter resumes them after the line broke';
  comment on column uploads.complete is 'all parts are here: it becomes evidence, by itself if nobody asks';
  comment on column uploads.details is 'name, caption and length, sealed and padded under the content key of the case';
  create index uploads_case on uploads (case_id);
  create index uploads_to_end on uploads (institution_id, day, id);

  create table upload_parts (
    upload_id uuid not null references uploads on delete cascade,
    number integer not null check (number >= 1),
    case_id uuid not null references cases,
    institution_id uuid not null references institutions,
    object text collate "C" not null unique check (object ~ '^[0-9a-f]{40}$'),
    stored_bytes bigint not null check (stored_bytes > 0),
    sealed bytea not null,
    primary key (upload_id, number)
  );
  comment on table upload_parts is 'Each part is acknowledged when its object is stored and its row committed';

  -- For the sum of an institution alone.
  create index upload_parts_institution on upload_parts (institution_id) include (stored_bytes);
  create index evidence_files_institution on evidence_files (institution_id) include (stored_bytes);
`;

/** Looks beyond the cases of the actor, each giving no more than it says. */
const LOOKS = `
  create function evidence_bytes() returns bigint
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    return (select coalesce(sum(f.stored_bytes), 0) from evidence_files f
             where f.institution_id = nullif(current_setting('app.institution', true), '')::uuid)
         + (select coalesce(sum(p.stored_bytes), 0) from upload_parts p
             where p.institution_id = nullif(current_setting('app.institution', true), '')::uuid);
  end $$;
  comment on function evidence_bytes() is 'what the institution of the actor keeps, for its limit: a reporter sees one case';

  create function objects_of_evidence(names text[]) returns setof text
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    return query select f.object from evidence_files f where f.object = any (names)
      union all select p.object from upload_parts p where p.object = any (names);
  end $$;
  comment on function objects_of_evidence(text[]) is 'which of these random names belong to evidence or an upload of any institution: the others are remains';
  create function institution_of_evidence(of uuid) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  begin
    return (select e.institution_id from evidence e where e.id = institution_of_evidence.of);
  end $$;
  comment on function institution_of_evidence(uuid) is 'for a job that knows the random id alone: the institution in whose name it works';
  revoke all on function evidence_bytes(), objects_of_evidence(text[]), institution_of_evidence(uuid) from public;
  grant execute on function evidence_bytes(), objects_of_evidence(text[]), institution_of_evidence(uuid) to denuncia_app;

  create table object_store (
    only_row boolean primary key default true check (only_row),
    id uuid not null
  );
  comment on table object_store is 'which store of files belongs to this database: what a store holds and no row names is removed, so it must be the right one';
  insert into object_store (id) values (gen_random_uuid());
  grant select on object_store to denuncia_app;
`;

const RIGHTS = `
  do $$
  declare t text;
  begin
    foreach t in array array['evidence', 'evidence_files', 'uploads', 'upload_parts'] loop
      execute format('alter table %I enable row level security', t);
      execute format('create policy of_visible_cases on %I to denuncia_app using (exists (select 1 from cases_in_scope c where c.id = case_id))
        with check ((select true from cases_in_scope c where c.id = case_id and c.institution_id is not distinct from %I.institution_id))', t, t);
    end loop;
  end $$;
  -- What came is never changed. A file is written once.
  grant select, insert, update (state, version, details, thumbnail) on evidence to denuncia_app;
  grant select, insert on evidence_files to denuncia_app;
  -- No evidence yet: it becomes evidence, or expires.
  grant select, insert, delete, update (complete) on uploads to denuncia_app;
  grant select, insert, delete on upload_parts to denuncia_app;
`;

/** A file that comes is an act with a number. What is found of it later has none, and no time: it follows from the act at once. */
const ENTRIES = `
  create function evidence_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    if not exists (select from audit_entries e where e.case_id = new.case_id and not e.reading and e.event like 'EVIDENCE\\_%'
                     and (tg_op = 'UPDATE' or tg_table_name = 'evidence_files' or e.case_seq is not null)
                     and e.xmin = pg_current_xact_id()::xid)
       and written_by_the_application() then
      raise exception 'a change of % needs its entry in the audit trail', tg_table_name using errcode = '42501';
    end if;
    return null;
  end $$;
  revoke all on function evidence_needs_its_entry() from public;
  create constraint trigger needs_its_entry after insert or update on evidence deferrable initially deferred
    for each row execute function evidence_needs_its_entry();
  create constraint trigger needs_its_entry after insert on evidence_files deferrable initially deferred
    for each row execute function evidence_needs_its_entry();
`;

const OWN_NUMBER = `
  create or replace function part_of_a_case_needs_its_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan as $$
  declare
    subject uuid := to_jsonb(new) ->> tg_argv[0];
  begin
    -- An entry without a number speaks of the access code or of evidence, and of nothing else.
    if not exists (select from audit_entries e where e.case_id = subject and not e.reading and e.xmin = pg_current_xact_id()::xid
                     and case when tg_table_name = 'case_access_codes' then e.case_seq is null and e.event like 'ACCESS\\_CODE\\_%'
                              else e.case_seq is not null end) and written_by_the_application() then
      raise exception 'a change of % needs its entry in the audit trail', tg_table_name using errcode = '42501';
    end if;
    return null;
  end $$;
`;

/** As in 1765000005000, to the letter. */
const OWN_NUMBER_BEFORE = `
  create or replace function part_of_a_case_needs_its_entry() returns trigger
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
`;

const FOUND = `'EVIDENCE_PREPARED', 'EVIDENCE_KEPT_SEALED', 'EVIDENCE_QUARANTINED', 'EVIDENCE_WAITS'`;

/** Lists of events in functions of 1765000005000 and 1765000007000. */
const LISTS = [
  // What is found of a file has the day only.
  added('audit_entries_are_vouched_for', `'DEADLINE_BREACHED', 'ACCESS_CODE_HARDENED'`, FOUND),
  // The system finds it.
  added('audit_entries_are_vouched_for', `'INFORMATION_REQUEST_EXPIRED', 'CASE_ARCHIVED'`, FOUND),
  // It has no number.
  added('audit_entries_are_vouched_for', `'ACCESS_CODE_EXCHANGED', 'ACCESS_CODE_HARDENED'`, FOUND),
  // A file moves no case.
  added('case_needs_its_entry', `'REPORTER_WROTE', 'DEADLINE_WARNING', 'DEADLINE_BREACHED'`, `'EVIDENCE_RECEIVED'`),
];

function added(of: string, list: string, more: string): { of: string; before: string; after: string } {
  return { of, before: `${list})`, after: `${list}, ${more})` };
}

/** Changes one list in the body of a function, which stands there once. */
function changed(name: string, before: string, after: string): string {
  return `
    do $do$
    declare
      known text := pg_get_functiondef('${name}()'::regprocedure);
      before text := $t$${before}$t$;
    begin
      if length(known) - length(replace(known, before, '')) <> length(before) then
        raise exception '${name} does not have this list once: %', before;
      end if;
      execute replace(known, before, $t$${after}$t$);
    end $do$`;
}
