import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Cases, their clocks, rules and notices. Content lies encrypted under keys of its own case; in clear stand only
 * ids, state, area, category, priority, municipality, channel, days and the times of staff.
 */
export class Cases1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CASES);
    await runner.query(CHILDREN);
    await runner.query(CLOCKS);
    await runner.query(AROUND);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function auth_tracking(bytea);
      drop policy of_visible_cases on audit_entries;
      drop table idempotency_answers, notices, routing_rules, sla_clocks, sla_terms, expediente_counters;
      drop table information_requests, case_entries, case_access_codes, case_reports, case_keys, cases`);
  }
}

const CASES = `
  create table cases (
    id uuid not null,
    institution_id uuid not null references institutions,
    area_id uuid not null references areas,
    folio text collate "C" not null,
    status text not null check (status in ('received', 'in_triage', 'assigned', 'under_investigation', 'awaiting_reporter', 'resolved', 'closed', 'referred', 'merged')),
    resume_status text,
    channel text not null check (channel in ('web', 'whatsapp', 'phone')),
    category_id uuid references categories,
    priority text not null check (priority in ('low', 'normal', 'high', 'urgent')),
    municipality text check (municipality ~ '^[0-9]{5}$'),
    received_on date not null,
    registered_on date not null,
    assignee_id uuid references accounts,
    expediente text,
    expediente_search text collate "C" generated always as (upper(expediente collate "C")) stored,
    outcome text check (outcome in ('sanction_proceedings', 'measures_taken', 'no_elements', 'inadmissible', 'withdrawn')),
    close_on date,
    triaged boolean not null default false,
    awaiting_answer boolean not null default false,
    routed_by uuid,
    urgency smallint not null check (urgency between 0 and 3),
    next_due_on date not null,
    version integer not null default 1,
    last_seq integer not null default 1,
    constraint cases_folio_key unique (institution_id, folio),
    check ((status = 'awaiting_reporter') = (resume_status is not null))
  );
  comment on column cases.folio is 'unique everywhere, for it begins with the prefix of its institution; found by its leading part as a range: LIKE is not leakproof and would not use an index under row-level security';
  comment on column cases.expediente_search is 'the expediente in capitals, found by its leading part as typed: upper() is not leakproof either and could not stand in the search itself';
  comment on column cases.registered_on is 'day of registration, by which public statistics count: a call may be dated back into a period already released';
  comment on column cases.resume_status is 'the state to which an answer or the expiry of an information request returns';
  comment on column cases.awaiting_answer is 'the reporter wrote after the last message, question or closing text of staff: kept here so that lists need no scan over entries';
  comment on column cases.urgency is '0 breached, 1 warning, 2 on time, 3 ended: kept here so that lists need no scan over clocks';
  comment on column cases.next_due_on is 'nearest due day of a clock that runs; 9999-12-31 when none does, so that the keyset has no nulls';
  comment on column cases.close_on is 'last day of the ten business days after which a resolved case is closed';

  alter table cases enable row level security;
  create policy of_own_areas on cases to denuncia_app
    using (
      institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
      and (
        (select current_setting('app.areas', true)) = '*'
        or area_id = any ((select string_to_array(nullif((select nullif(current_setting('app.areas', true), '*')), ''), ',')::uuid[])::uuid[])
        or id = (select nullif(current_setting('app.case', true), '')::uuid)
      )
    );
  -- What was reported, by which channel and when, nobody changes; a later start would be a later deadline.
  grant select, insert on cases to denuncia_app;
  grant update (area_id, status, resume_status, category_id, priority, assignee_id, expediente, outcome, close_on, triaged,
    awaiting_answer, urgency, next_due_on, version, last_seq) on cases to denuncia_app;

  -- One index per order of the list and reach; each ends in the id, which makes the keyset unique.
  create index cases_by_urgency on cases (institution_id, urgency, next_due_on, id);
  create index cases_by_area_urgency on cases (area_id, urgency, next_due_on, id);
  create index cases_by_received on cases (institution_id, received_on, id);
  create index cases_by_area_received on cases (area_id, received_on, id);
  create index cases_by_status on cases (institution_id, status, received_on, id);
  create index cases_by_assignee on cases (assignee_id, urgency, next_due_on, id) where assignee_id is not null;
  -- Few cases at any time: what their readers look for every morning.
  create index cases_awaiting_answer on cases (institution_id, urgency, next_due_on, id) where awaiting_answer;
  create index cases_by_area_awaiting_answer on cases (area_id, urgency, next_due_on, id) where awaiting_answer;
  create index cases_by_registered on cases (institution_id, registered_on);
  create unique index cases_expediente on cases (institution_id, expediente_search) where expediente_search is not null;
  create index cases_to_close on cases (institution_id, close_on) where status = 'resolved';
  -- Last: of indexes that look equally good the planner takes the newest, and to a table without statistics yet a look by
  -- id and one by institution, which every policy adds, look equally good. The first burst of a new service would be quadratic.
  alter table cases add primary key (id);
`;

const CHILDREN = `
  create table case_keys (
    case_id uuid primary key references cases,
    content_key bytea not null,
    identity_key bytea not null,
    audit_key bytea not null
  );
  comment on table case_keys is 'Data keys wrapped by the key-encryption key; destroying a row erases what it opens';

  create table case_reports (
    case_id uuid primary key references cases,
    content bytea not null,
    identity bytea not null
  );
  comment on column case_reports.identity is 'always present and padded, so that neither a row nor a length tells whether anybody gave a name';

  create table case_access_codes (
    case_id uuid primary key references cases,
    institution_id uuid not null references institutions,
    folio_hash bytea not null unique,
    digest text not null,
    hardened boolean not null default false
  );
  comment on column case_access_codes.digest is 'HMAC(pepper, folio|code) in hex; hardened: argon2id of it';
  create index case_access_codes_to_harden on case_access_codes (institution_id, case_id) where not hardened;

  create table case_entries (
    id uuid primary key,
    case_id uuid not null references cases,
    case_seq integer not null,
    kind text not null,
    author text not null check (author in ('reporter', 'staff', 'system')),
    account_id uuid references accounts,
    visible boolean not null,
    day date not null,
    at timestamptz,
    body bytea,
    unique (case_id, case_seq),
    check (author = 'staff' or account_id is null),
    check (author <> 'reporter' or at is null)
  );
  comment on table case_entries is 'Everything said and done in a case, in order: moves, messages, notes, questions, answers';
  comment on column case_entries.visible is 'whether the reporter sees it';

  create table information_requests (
    id uuid primary key,
    case_id uuid not null references cases,
    question_seq integer not null,
    answer_seq integer,
    due_on date not null,
    state text not null check (state in ('open', 'answered', 'expired', 'withdrawn'))
  );
  create index information_requests_case on information_requests (case_id);
  create unique index information_requests_open on information_requests (case_id) where state = 'open';
  create index information_requests_due on information_requests (due_on) where state = 'open';

  create table expediente_counters (
    institution_id uuid not null references institutions,
    series text not null,
    last integer not null,
    primary key (institution_id, series)
  );
  alter table expediente_counters enable row level security;
  create policy own_institution on expediente_counters to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert, update (last) on expediente_counters to denuncia_app;

  -- Written rows are checked by a scalar subquery: for EXISTS the planner may choose to hash every case of the institution.
  do $$
  declare t text;
  begin
    foreach t in array array['case_keys', 'case_reports', 'case_entries', 'information_requests'] loop
      execute format('alter table %I enable row level security', t);
      execute format('create policy of_visible_cases on %I to denuncia_app using (exists (select 1 from cases c where c.id = case_id))
        with check ((select true from cases c where c.id = case_id))', t);
    end loop;
  end $$;
  grant select, insert on case_keys, case_reports, case_entries to denuncia_app;
  grant select, insert, update (answer_seq, state) on information_requests to denuncia_app;

  alter table case_access_codes enable row level security;
  create policy own_institution on case_access_codes to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert, update (digest, hardened) on case_access_codes to denuncia_app;

  create policy of_visible_cases on audit_entries for select to denuncia_app
    using (
      institution_id = (select nullif(current_setting('app.institution', true), '')::uuid)
      and (case_id is null or exists (select 1 from cases c where c.id = case_id))
    );

  create function auth_tracking(folio_hash bytea)
    returns table (case_id uuid, institution_id uuid, digest text, hardened boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select c.case_id, c.institution_id, c.digest, c.hardened from case_access_codes c where c.folio_hash = auth_tracking.folio_hash $$;
  revoke all on function auth_tracking(bytea) from public;
  grant execute on function auth_tracking(bytea) to denuncia_app;
`;

const CLOCKS = `
  create table sla_terms (
    id uuid primary key,
    institution_id uuid not null references institutions,
    metric text not null check (metric in ('acknowledgement', 'triage', 'first_response', 'resolution')),
    category_id uuid references categories,
    priority text check (priority in ('low', 'normal', 'high', 'urgent')),
    business_days integer not null check (business_days between 1 and 2000),
    source text not null,
    valid_from date not null,
    valid_to date,
    created_at timestamptz not null
  );
  create index sla_terms_institution on sla_terms (institution_id);

  create table sla_clocks (
    subject_id uuid not null references cases,
    metric text not null check (metric in ('acknowledgement', 'triage', 'first_response', 'resolution')),
    round smallint not null check (round >= 1),
    institution_id uuid not null,
    business_days integer not null,
    source text not null,
    started_on date not null,
    warn_on date not null,
    due_on date not null,
    state text not null check (state in ('running', 'met', 'breached', 'cancelled')),
    stopped_at timestamptz,
    warned_at timestamptz,
    breached_at timestamptz,
    primary key (subject_id, metric, round),
    check (state <> 'met' or stopped_at is not null)
  );
  comment on column sla_clocks.round is '1 from registration; a reopening starts the next round of resolution';
  comment on column sla_clocks.institution_id is 'that of the subject, by policy: copied so that a sweep finds what is due without a look at every case';
  comment on column sla_clocks.due_on is 'last local day of the term; the deadline is the instant at which the next local day begins';
  comment on column sla_clocks.breached_at is 'when a sweep or a late stop recorded the breach; the breach itself follows from due_on and stopped_at';
  -- The day on which a sweep looks at a clock next. CASE and not a function: under row-level security an expression that may
  -- tell something of hidden rows would not be looked up in the index.
  create index sla_clocks_next on sla_clocks (institution_id, (case when warned_at is null then warn_on else due_on end))
    where state = 'running';
  -- Of the first round there is one by the key; of later ones only one runs at a time. Intake writes none of them.
  create unique index sla_clocks_one_more_round on sla_clocks (subject_id, metric)
    where round > 1 and (state = 'running' or (state = 'breached' and stopped_at is null));

  alter table sla_terms enable row level security;
  create policy own_institution on sla_terms to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert, update (valid_to) on sla_terms to denuncia_app;
  alter table sla_clocks enable row level security;
  create policy of_visible_cases on sla_clocks to denuncia_app
    using (exists (select 1 from cases c where c.id = subject_id))
    with check ((select true from cases c where c.id = subject_id and c.institution_id = sla_clocks.institution_id));
  -- When a clock started and when it is due is written once.
  grant select, insert, update (state, stopped_at, warned_at, breached_at) on sla_clocks to denuncia_app;
`;

const AROUND = `
  create table routing_rules (
    id uuid primary key,
    institution_id uuid not null references institutions,
    position integer not null,
    label text not null,
    if_category_id uuid references categories,
    if_municipality text check (if_municipality ~ '^[0-9]{5}$'),
    if_channel text check (if_channel in ('web', 'whatsapp', 'phone')),
    if_words text[] not null default '{}',
    area_id uuid not null references areas,
    category_id uuid references categories,
    priority text check (priority in ('low', 'normal', 'high', 'urgent')),
    valid_from date not null,
    valid_to date,
    created_at timestamptz not null
  );
  create index routing_rules_institution on routing_rules (institution_id, position);
  alter table routing_rules enable row level security;
  create policy own_institution on routing_rules to denuncia_app
    using (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  grant select, insert, update (position, label, valid_to) on routing_rules to denuncia_app;

  create table notices (
    id uuid primary key,
    institution_id uuid not null references institutions,
    account_id uuid not null references accounts,
    kind text not null check (kind in ('deadline_warning', 'deadline_breached', 'reporter_wrote', 'case_assigned', 'assignee_left')),
    case_id uuid not null references cases,
    metric text,
    at timestamptz not null,
    read_at timestamptz
  );
  comment on column notices.at is 'the beginning of the local day: what a reporter caused must not tell its time, nor may what stands beside it';
  create index notices_account on notices (account_id, at desc, id desc);
  -- A reporter who writes three times in a row is one notice until somebody reads it.
  create unique index notices_reporter_wrote on notices (account_id, case_id) where kind = 'reporter_wrote' and read_at is null;
  alter table notices enable row level security;
  -- Whoever's act records a late deadline writes the notice to the head; reading stays with its addressee.
  create policy institution_writes on notices for insert to denuncia_app
    with check (institution_id = (select nullif(current_setting('app.institution', true), '')::uuid));
  create policy own_notices on notices for select to denuncia_app
    using (account_id = (select nullif(current_setting('app.account', true), '')::uuid));
  create policy own_notices_read on notices for update to denuncia_app
    using (account_id = (select nullif(current_setting('app.account', true), '')::uuid));
  grant select, insert, update (read_at) on notices to denuncia_app;

  create table idempotency_answers (
    key_hash bytea primary key,
    request_hash bytea not null,
    answer bytea not null,
    day date not null
  );
  comment on table idempotency_answers is 'Answers kept 24 to 48 hours under a key that only the holder of the Idempotency-Key can make';
  create index idempotency_answers_day on idempotency_answers (day);
  grant select, insert, delete on idempotency_answers to denuncia_app;
`;
