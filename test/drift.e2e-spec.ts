import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { liveDocument } from '../src/app/documentation/live.js';
import { schemasOf } from '../src/app/documentation/walk.js';
import { ENTITIES } from '../src/app/entities.js';
import { describeApi } from '../src/app/openapi-document.js';
import { createDataSource } from '../src/platform/database/database.js';
import { ROLES } from '../src/platform/database/roles.js';
import { OWNER, testConfig } from './setup/constants.js';
import {
  asSuperuser,
  databaseUrl,
  Harness,
  NOTICE,
  type CallOptions,
  type Receipt,
} from './setup/harness.js';
import { furnish, type Place } from './support/place.js';
import { departures } from './support/schema-check.js';

let h: Harness;
let document: OpenAPIObject;
beforeAll(async () => {
  h = await Harness.start();
  document = describeApi(h.app);
});
afterAll(() => h.stop());

describe('entities', () => {
  /** Written by libraries, by one statement or by the owner alone; nothing maps them. */
  const UNMAPPED = [
    'acting_secret',
    'catalog_versions',
    'clock_policy',
    'heartbeats',
    'key_checks',
    'object_store',
    'rate_limits',
    'release_guards',
    'room_trials',
    'schema_migrations',
    'wa_number_version',
    'work_claims',
  ];

  // Columns only: TypeORM's own comparison would also ask to drop every index, check, policy and foreign key,
  // which migrations write by hand and no entity repeats.
  it('have the columns that the migrations make: name, type, nullability, default, primary key', async () => {
    const source = createDataSource(databaseUrl(h.databaseName, 'app'), ENTITIES, {
      size: 1,
      connectTimeout: 5000,
    });
    await source.initialize();
    const mapped = source.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map((column) => {
        const type = source.driver.normalizeType(column) + (column.isArray ? '[]' : '');
        return describeColumn(tableName, column.databaseName, type, {
          nullable: column.isNullable,
          defaults: column.default !== undefined,
          primary: column.isPrimary,
        });
      }),
    );
    await source.destroy();
    const stored = await h.sql<{
      table: string;
      name: string;
      type: string;
      nullable: boolean;
      defaults: boolean;
      primary: boolean;
    }>(
      'owner',
      `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
              a.atthasdef and a.attgenerated = '' as defaults,
              exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey)) as primary
         from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        where n.nspname = 'public' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`,
    );
    const wanted = stored
      .filter(({ table }) => !UNMAPPED.includes(table))
      .map(({ table, name, type, ...facts }) => describeColumn(table, name, type, facts));
    expect(mapped.sort()).toEqual(wanted.sort());
  });

  function describeColumn(
    table: string,
    name: string,
    type: string,
    { nullable, defaults, primary }: { nullable: boolean; defaults: boolean; primary: boolean },
  ): string {
    const words = [nullable ? 'null' : 'not null', defaults ? 'default' : '', primary ? 'primary key' : ''];
    return [`${table}.${name}`, type, ...words].filter(Boolean).join(' ');
  }
});

/** pg_temp stands last: left out, it would be searched first. A lock timeout may follow. */
const SEARCH_PATH =
  /^search_path=pg_catalog, public, pg_temp( lock_timeout=5s| plan_cache_mode=force_generic_plan| enable_seqscan=off)?$/;
/** They keep a plan for the connection, which must not be one for a table that was small. */
const KEPT = ['auth_channel_key', 'auth_staff_session', 'auth_tracking', 'auth_tracking_token'];

describe('functions of the database', () => {
  interface FunctionRow {
    name: string;
    result: string;
    security: string;
    path: string | null;
    owner: string;
    callers: string;
  }

  it('with the rights of their owner are these, give these columns, and may be called by these logins', async () => {
    const rows = await h.sql<FunctionRow & { [key: string]: string | null }>(
      'owner',
      `select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name, pg_get_function_result(p.oid) as result,
              case when p.prosecdef then 'definer' else 'invoker' end as security, array_to_string(p.proconfig, ' ') as path,
              pg_get_userbyid(p.proowner) as owner,
              (select string_agg(case when a.grantee = 0 then 'everybody' else pg_get_userbyid(a.grantee) end, ', ' order by 1)
                 from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee <> p.proowner) as callers
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' order by 1`,
    );
    // What adds a job writes into the queue, which is no table of the owner.
    for (const { name, owner } of rows)
      expect([name, owner]).toEqual([name, name.startsWith('add_job(') ? ROLES.jobs : OWNER.user]);
    const definers = rows.filter(({ security }) => security === 'definer');
    // Before an actor exists: what is needed to authenticate, of one row, found by a secret or an e-mail
    // address.
    expect(definers.map(({ name, result }) => `${name} -> ${result}`)).toEqual([
      'act_as(actor text, institution text, account text) -> void',
      'add_job(name text, subject uuid, turn integer) -> void',
      'audit_entries_are_vouched_for() -> trigger',
      'audit_fault_count() -> bigint',
      'auth_account(email text) -> TABLE(id uuid, institution_id uuid, institution_code text, institution_name text, password_hash text, one_time_until timestamp with time zone, active boolean)',
      'auth_channel_key(key_hash bytea) -> TABLE(id uuid, institution_id uuid, channel text)',
      'auth_person(account_id uuid) -> TABLE(name text, email text)',
      'auth_refresh_session(token_hash bytea) -> TABLE(session_id uuid, account_id uuid, institution_id uuid)',
      'auth_staff_session(token_hash bytea) -> TABLE(session_id uuid, account_id uuid, name text, email text, institution_id uuid, roles text[], must_change boolean, expires_at timestamp with time zone, areas uuid[])',
      'auth_tracking(folio_hash bytea) -> TABLE(case_id uuid, institution_id uuid, digest text, hardened boolean, generation integer)',
      'auth_tracking_token(case_id uuid, generation integer) -> TABLE(institution_id uuid)',
      'auth_whatsapp_numbers(known bigint) -> TABLE(version bigint, id uuid, institution_id uuid, label text, purpose text, phone_number_id text, display_phone text, active boolean, free_messages integer, sealed bytea)',
      'begin_release(of_institution uuid, on_day date) -> void',
      'case_needs_its_entry() -> trigger',
      'cases_freeze_what_counts() -> trigger',
      'catalog_changed() -> trigger',
      'clock_is_free() -> boolean',
      'evidence_bytes() -> bigint',
      'evidence_needs_its_entry() -> trigger',
      'fix_release_plan(of_institution uuid, of_table text, of_version integer, starts date, on_day date, of_categories text[]) -> void',
      'institution_of_evidence(of uuid) -> uuid',
      'new_case_is_told_and_in_no_release() -> trigger',
      'newest_entry_at() -> timestamp with time zone',
      'note_release_home(of_institution uuid) -> void',
      'objects_of_evidence(names text[]) -> SETOF text',
      'part_of_a_case_needs_its_entry() -> trigger',
      'publish_release(of_institution uuid, of_table text, of_period text, of_version integer, of_epsilon double precision, on_day date, cells json) -> void',
      'release_hold(of_institution uuid) -> text',
      'row_needs_its_entry() -> trigger',
      'session_needs_its_entry() -> trigger',
      'try_room() -> void',
      'wa_numbers_changed() -> trigger',
      'whatsapp_is_down() -> boolean',
    ]);
    // What may be published is checked by these and nowhere else.
    const releases = ['begin_release', 'fix_release_plan', 'publish_release'];
    for (const { name, result, callers, path } of definers) {
      // Triggers nobody calls by hand.
      const nobody = result === 'trigger';
      const who = releases.includes(name.split('(')[0]!) ? 'denuncia_releaser' : 'denuncia_app';
      expect([name, callers, path]).toEqual([name, nobody ? null : who, expect.stringMatching(SEARCH_PATH)]);
    }
    const byIndex = definers.filter(({ path }) => path?.endsWith('enable_seqscan=off'));
    expect(byIndex.map(({ name }) => name.split('(')[0])).toEqual(KEPT);
    // The others are triggers, or steps of the functions above, which nobody but the owner may call.
    const steps = rows.filter(({ security, result }) => security === 'invoker' && result !== 'trigger');
    expect(steps.map(({ name, callers }) => `${callers ?? 'nobody'}: ${name.split('(')[0]}`)).toEqual([
      'nobody: assert_may_publish',
      'nobody: database_home',
      'nobody: period_kind',
      'nobody: period_length',
      'nobody: period_start',
      'nobody: release_cells',
      'nobody: seal_of_actor',
      'nobody: store_release',
      'nobody: written_by_the_application',
    ]);
  });

  it('cannot be fed with tables of the caller, even where those may make some', async () => {
    await asSuperuser((admin) =>
      admin.query(`grant temporary on database ${h.databaseName} to denuncia_app`),
    );
    const client = await h.database.appPool.connect();
    try {
      await client.query('begin');
      await client.query('create temporary table accounts (like public.accounts) on commit drop');
      await client.query(
        `insert into pg_temp.accounts select '00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000000', 'mesa@conavi.demo',
           'x', 'forged', null, '{admin}', true, '2026-01-01'`,
      );
      const { rows } = await client.query<{ password_hash: string }>(
        `select * from auth_account('mesa@conavi.demo')`,
      );
      expect(rows.map(({ password_hash: hash }) => hash)).toEqual([expect.stringMatching(/^\$argon2id\$/)]);
    } finally {
      await client.query('rollback');
      client.release();
      await asSuperuser((admin) =>
        admin.query(`revoke temporary on database ${h.databaseName} from denuncia_app`),
      );
    }
  });
});

describe('grants', () => {
  /** `login table: rights`, columns in brackets where a right does not hold for the whole table. */
  async function grants(): Promise<string[]> {
    const rows = await h.sql<{ login: string; object: string; rights: string }>(
      'owner',
      `with granted as (
         select c.relname, a.grantee, a.privilege_type, null as col, 0 as attnum
           from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
          where n.nspname = 'public' and a.grantee <> c.relowner
         union all
         select c.relname, a.grantee, a.privilege_type, t.attname, t.attnum
           from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
          where n.nspname = 'public' and a.grantee <> c.relowner),
       rights as (
         select relname, grantee, privilege_type,
                privilege_type || coalesce(' (' || string_agg(col, ', ' order by attnum) || ')', '') as text
           from granted group by relname, grantee, privilege_type)
       select case when grantee = 0 then 'everybody' else pg_get_userbyid(grantee) end as login, relname as object,
              lower(string_agg(text, ', ' order by text)) as rights
         from rights group by 1, 2 order by 1, 2`,
    );
    return rows.map(({ login, object, rights }) => `${login} ${object}: ${rights}`);
  }

  it('are the least that each login needs', async () => {
    expect(await grants()).toEqual(EXPECTED_GRANTS.trim().split('\n'));
  });

  it('let nobody but the owner make anything, and default to nothing', async () => {
    const [facts] = await h.sql<Record<string, unknown>>(
      'owner',
      `select (select count(*)::int from pg_default_acl) as defaults,
              (select string_agg(r, ' ') from unnest(array['denuncia_app', 'denuncia_public_reader', 'denuncia_releaser', 'denuncia_jobs']) r
                where has_schema_privilege(r, 'public', 'create') or has_database_privilege(r, current_database(), 'create')) as makers,
              (select array_agg(relname::text order by relname) from pg_class where relkind = 'S') as sequences`,
    );
    // Rights on the database itself: to come in, for the three that log in.
    const rights = await h.sql<{ right: string }>(
      'owner',
      `select coalesce(r.rolname, 'everybody') || ': ' || a.privilege_type as right
         from pg_database, aclexplode(datacl) a left join pg_roles r on r.oid = a.grantee
        where datname = current_database() and a.grantee not in (datdba, (select oid from pg_roles where rolname = $1)) order by 1`,
      [OWNER.user],
    );
    expect(rights.map(({ right }) => right)).toEqual([
      'denuncia_app: CONNECT',
      'denuncia_jobs: CONNECT',
      'denuncia_public_reader: CONNECT',
    ]);
    // Ids are random; sequences count migrations and changes of catalogues, which an administrator makes, and
    // the names of jobs. Nothing uses the named queues of the library.
    const sequences = [
      'catalog_version_numbers',
      'job_queues_id_seq',
      'schema_migrations_id_seq',
      'tasks_id_seq',
    ];
    expect(facts).toEqual({ defaults: 0, makers: null, sequences });
  });
});

describe('the schema of the job queue', () => {
  it('belongs to denuncia_jobs with all that is in it, and nobody else has a right on it', async () => {
    const [schema] = await h.sql<{ owner: string; rights: string | null }>(
      'owner',
      `select pg_get_userbyid(nspowner) as owner,
              (select string_agg(privilege_type, ' ') from aclexplode(nspacl) where grantee <> nspowner) as rights
         from pg_namespace where nspname = 'job_queue'`,
    );
    expect(schema).toEqual({ owner: ROLES.jobs, rights: null });
    const objects = await h.sql<{ name: string; owner: string; rights: string | null }>(
      'owner',
      `select c.relname as name, pg_get_userbyid(c.relowner) as owner,
              (select string_agg(privilege_type, ' ') from aclexplode(c.relacl) where grantee <> c.relowner) as rights
         from pg_class c where relnamespace = 'job_queue'::regnamespace and relkind in ('r', 'v') order by 1`,
    );
    const tables =
      '_private_job_queues _private_jobs _private_known_crontabs _private_tasks job_names jobs migrations runners';
    expect(objects).toEqual(tables.split(' ').map((name) => ({ name, owner: ROLES.jobs, rights: null })));
  });

  it('is what the library of this version makes, and tells nobody that there is work', async () => {
    const steps = readdirSync('node_modules/graphile-worker/sql').map((file) => Number.parseInt(file, 10));
    const [{ last, talking }] = (await h.sql(
      'owner',
      `select (select max(id) from job_queue.migrations) as last,
              (select string_agg(proname, ' ') from pg_proc where prosrc ~* 'notify' and pronamespace = 'job_queue'::regnamespace) as talking`,
    )) as [{ last: number; talking: string | null }];
    expect({ last, talking }).toEqual({ last: Math.max(...steps), talking: null });
  });
});

/**
 * Hand-checked: no deletion of anything of a case, no change of what was reported, said, started or logged.
 */
const EXPECTED_GRANTS = `
denuncia_app account_areas: delete, insert, select
denuncia_app accounts: insert, select, update (name, password_hash, one_time_until, roles, active)
denuncia_app approvals: insert, select, update (account_id, state, decided_by, decided_at, answer)
denuncia_app areas: insert, select, update (label, label_en, valid_to)
denuncia_app audit_entries: insert, select
denuncia_app audit_faults: insert, select
denuncia_app audit_omissions: delete, insert, select, update (swallowed)
denuncia_app calendar_closures: insert, select, update (withdrawn_at)
denuncia_app case_access_codes: insert, select, update (digest, hardened, generation)
denuncia_app case_entries: insert, select
denuncia_app case_keys: insert, select
denuncia_app case_reports: insert, select
denuncia_app cases: insert, select, update (area_id, status, resume_status, category_id, priority, assignee_id, expediente, outcome, close_on, triaged, awaiting_answer, urgency, next_due_on, version, last_seq, awaits_voice)
denuncia_app cases_in_scope: select
denuncia_app catalog_versions: select
denuncia_app categories: insert, select, update (label_es, label_en, description, priority, valid_to, short_code)
denuncia_app channel_keys: insert, select, update (key_hash, revoked_at)
denuncia_app evidence: insert, select, update (state, version, details, thumbnail)
denuncia_app evidence_files: insert, select
denuncia_app expediente_counters: insert, select, update (last)
denuncia_app heartbeats: insert, select, update
denuncia_app idempotency_answers: delete, insert, select
denuncia_app information_requests: insert, select, update (answer_seq, state)
denuncia_app institution_keys: insert, select
denuncia_app institutions: select, update (name, calendar_rule, expediente_template, contact_text, web_form_url, fallback_area_id, two_people_since)
denuncia_app key_checks: insert, select
denuncia_app menu_counts: insert, select, update
denuncia_app menu_questions: delete, insert, select, update (times)
denuncia_app menus: insert, select
denuncia_app notices: insert, select, update (read_at)
denuncia_app object_store: select
denuncia_app original_requests: insert, select, update (answer_seq)
denuncia_app phone_calls: delete, insert, select, update (day, filing_on, sealed)
denuncia_app phone_follow_ups: delete, insert, select
denuncia_app privacy_notices: insert, select
denuncia_app rate_limits: delete, insert, select, update
denuncia_app routing_rules: insert, select, update (position, label, valid_to)
denuncia_app schema_migrations: select
denuncia_app sla_clocks: insert, select, update (state, stopped_at, warned_at, breached_at)
denuncia_app sla_terms: insert, select, update (valid_to)
denuncia_app staff_sessions: delete, insert, select, update (rotated_at, revoked_at)
denuncia_app upload_parts: delete, insert, select
denuncia_app uploads: delete, insert, select, update (complete)
denuncia_app wa_aliases: delete, insert, select, update
denuncia_app wa_case_files: delete, insert, select
denuncia_app wa_deliveries: delete, insert, select, update (day, before, on_day, told)
denuncia_app wa_events: delete, insert, select, update
denuncia_app wa_files: delete, insert, select, update
denuncia_app wa_inbox: delete, insert, select, update
denuncia_app wa_inbox_keys: delete, insert, select
denuncia_app wa_number_states: delete, insert, select, update (state, day)
denuncia_app wa_numbers: insert, select, update (label, purpose, display_phone, active, version, sealed, access_token_on, app_secret_on, previous_app_secret_on, verify_token_on, free_messages)
denuncia_app wa_opened: delete, insert, select
denuncia_app wa_outbox: delete, insert, select, update
denuncia_app wa_seen: delete, insert, select
denuncia_app wa_sessions: delete, insert, select, update
denuncia_app wa_submissions: delete, insert, select, update
denuncia_app work_claims: select, update (locked)
denuncia_public_reader stat_cells: select
denuncia_public_reader stat_domains: select
denuncia_public_reader stat_releases: select
denuncia_releaser cases: select (institution_id, municipality, figures_on, reported_category_id)
denuncia_releaser stat_cells: select
denuncia_releaser stat_domains: select
denuncia_releaser stat_releases: select
denuncia_sequencer audit_pending: delete, select
`;

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  'x-permission'?: string;
  description?: string;
  security?: object[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    style?: string;
    explode?: boolean;
    example?: unknown;
    schema?: {
      example?: unknown;
      type?: string;
      format?: string;
      pattern?: string;
      items?: { enum?: unknown[] };
    };
  }[];
  requestBody?: {
    content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>;
  };
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema?: object; examples?: object }> }
  >;
}

function operations(): { name: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );
}

describe('the OpenAPI document', () => {
  it('is written without a database and is the one that the server shows and the repository holds', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      execFileSync(process.execPath, [resolve('dist/src/openapi.js'), '--to', file], {
        cwd: folder,
        env: {},
      });
      const written = readFileSync(file, 'utf8');
      expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(document)));
      // Differs = run "npm run openapi" and look at what changes for clients.
      expect(readFileSync(resolve('openapi/openapi.json'), 'utf8')).toBe(written);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is served as JSON, with the dates of today', async () => {
    const { status, body } = await h.call<object>('GET', '//openapi.json');
    const today = liveDocument(document, { today: '2026-11-10', prefix: '', values: {} });
    expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(today))]);
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as { version: string };
    expect(document.info.version).toBe(version);
  });

  it('says of every operation what it does and who may call it; a tool can sign in by itself', () => {
    for (const { name, operation } of operations()) {
      const permission = operation['x-permission']!;
      const staff = [{ staffSignIn: [] }, { staff: [] }];
      const expected =
        name === 'POST /api/v1/reports'
          ? [{}, { channelKey: [] }, ...staff]
          : permission === 'public'
            ? []
            : permission === 'reporter'
              ? [{ tracking: [] }]
              : permission.startsWith('channel.')
                ? [{ channelKey: [] }]
                : staff;
      expect([name, operation.security]).toEqual([name, expected]);
      expect([name, operation.description]).toEqual([name, expect.stringMatching(/\S.{8,}/)]);
    }
    expect(document.components!.securitySchemes!.staffSignIn).toMatchObject({
      type: 'oauth2',
      flows: { password: { tokenUrl: '/api/v1/auth/token', scopes: {} } },
    });
  });

  it('gives every parameter a type, every path parameter a form and every day and instant its format', () => {
    const wrong: string[] = [];
    for (const { name, operation } of operations()) {
      for (const { name: parameter, in: where, schema, style, explode } of operation.parameters ?? []) {
        const { type, format, pattern } = schema ?? {};
        if (type === undefined) wrong.push(`${name} ${parameter} has no type`);
        if (where === 'path' && format === undefined && pattern === undefined)
          wrong.push(`${name} ${parameter} has no form`);
        if (type === 'array' && `${style} ${explode}` !== 'form false')
          wrong.push(`${name} ${parameter} is no list of commas`);
        if (/^(by|status)$/.test(parameter) && !schema?.items?.enum)
          wrong.push(`${name} ${parameter} lists no values`);
      }
    }
    const days = /(On|Until|From|To|At)$|^(day|from|to|at)$/;
    for (const [name, { properties = {} }] of Object.entries(schemasOf(document))) {
      // Of an entry these are the place before and after, in words.
      if (name === 'EntryBodyDoc') continue;
      for (const [property, schema] of Object.entries(properties)) {
        if (days.test(property) && !schema.enum && !/^date(-time)?$/.test(schema.format ?? ''))
          wrong.push(`${name}.${property} has no format`);
      }
    }
    for (const { name, operation } of operations()) {
      for (const { name: parameter, schema, in: where } of operation.parameters ?? []) {
        // Of public figures these are months and quarters.
        if (where !== 'query' || !days.test(parameter) || name.includes('/public/')) continue;
        if (schema?.format !== 'date') wrong.push(`${name} ${parameter} is no day`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('asks for no method and no header that a page of a listed origin may not send', async () => {
    const headers = {
      Origin: testConfig().corsOrigins[0]!,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'Authorization',
    };
    const answer = await h.call('OPTIONS', '/cases', { headers });
    const listOf = (name: string): string[] => answer.headers.get(name)!.toLowerCase().split(/, ?/);
    const [methods, allowed] = [
      listOf('access-control-allow-methods'),
      listOf('access-control-allow-headers'),
    ];
    for (const { name, operation } of operations()) {
      expect([name, methods]).toEqual([name, expect.arrayContaining([name.split(' ')[0]!.toLowerCase()])]);
      // A browser may send a plain range without asking (Fetch standard). Meta's servers are no browser.
      const sent = (operation.parameters ?? []).filter(
        (one) => one.in === 'header' && !['Range', 'X-Hub-Signature-256'].includes(one.name),
      );
      for (const header of sent)
        expect([name, allowed]).toEqual([name, expect.arrayContaining([header.name.toLowerCase()])]);
    }
  });

  it('makes no optional field mandatory through a default', () => {
    expect(JSON.stringify(document.components!.schemas)).not.toContain('"default":');
  });

  it('has an example for every body', () => {
    for (const { name, operation } of operations()) {
      for (const { example, examples } of Object.values(operation.requestBody?.content ?? {})) {
        expect([name, example ?? Object.keys(examples ?? {})[0]]).toEqual([name, expect.anything()]);
      }
    }
  });

  it('names every operation once, with a summary and a declared tag', () => {
    const all = operations();
    const ids = all.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(all.length);
    expect(ids.every((id) => /^[a-z][A-Za-z]+$/.test(id ?? ''))).toBe(true);
    const declared = document.tags!.map(({ name }) => name);
    for (const { name, operation } of all) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\S.{4,}/)]);
      expect([name, operation.tags]).toEqual([name, [expect.any(String)]]);
      expect(declared).toContain(operation.tags![0]);
    }
  });

  it('gives every success a schema, and every refusal problem documents with examples', () => {
    for (const { name, operation } of operations()) {
      const codes = Object.keys(operation.responses);
      // An act on an account is done at once or waits for a second person.
      const waits = name.includes('/admin/accounts') && !name.startsWith('GET');
      const successes = [expect.stringMatching(/^20[014]$/), ...(waits ? ['202'] : [])];
      expect([name, codes.filter((code) => /^2/.test(code))]).toEqual([name, successes]);
      for (const [code, { content }] of Object.entries(operation.responses)) {
        if (code === '204') expect([name, content]).toEqual([name, undefined]);
        else if (code.startsWith('2')) {
          // Meta wants a bare 200.
          if (name.endsWith('/channels/whatsapp/webhook') && !content) continue;
          // An answer to HEAD has no body.
          if (name.startsWith('HEAD ')) continue;
          expect([name, Object.values(content ?? {}).every(({ schema }) => schema)]).toEqual([name, true]);
          expect([name, Object.keys(content ?? {}).length]).not.toEqual([name, 0]);
        } else {
          // OAuth has errors of its own.
          if (name.endsWith('/auth/token')) {
            expect(content?.['application/json']?.schema).toEqual({
              $ref: '#/components/schemas/OAuthError',
            });
            continue;
          }
          const problem = content?.['application/problem+json'];
          expect([name, code, Object.keys(problem?.examples ?? {}).length > 0]).toEqual([name, code, true]);
        }
      }
    }
  });

  it('tells the refusals that every guarded route, parameter and body can meet', () => {
    for (const { name, path, operation } of operations()) {
      const missing: string[] = [];
      const needs = (code: string, when: boolean): void => {
        if (when && !(code in operation.responses)) missing.push(code);
      };
      const permission = operation['x-permission']!;
      needs('401', permission !== 'public');
      needs('403', permission.includes('.'));
      needs('404', path.includes('{'));
      // The webhook keeps whatever is signed.
      const checked = !path.endsWith('/webhook');
      needs('400', checked && (operation.requestBody !== undefined || queried(operation)));
      expect([name, missing]).toEqual([name, []]);
    }
  });

  const queried = ({ parameters = [] }: Operation): boolean =>
    parameters.some((parameter) => parameter.in === 'query');

  it('names no parameter twice and none that is not in the path', () => {
    for (const { name, path, operation } of operations()) {
      const names = (operation.parameters ?? []).map(
        (parameter) => `${parameter.in} ${parameter.name.toLowerCase()}`,
      );
      expect([name, names]).toEqual([name, [...new Set(names)]]);
      const inPath = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map((one) => one.name);
      expect([name, inPath]).toEqual([
        name,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter),
      ]);
    }
  });

  it('opens to everybody only what is listed by hand', () => {
    const open = operations().filter(({ operation }) => operation['x-permission'] === 'public');
    expect(open.map(({ name }) => name.replace('/api/v1', '')).sort()).toEqual([
      'GET /channels/whatsapp/webhook',
      'GET /public/catalogs/areas',
      'GET /public/catalogs/categories',
      'GET /public/catalogs/channels',
      'GET /public/catalogs/entries',
      'GET /public/catalogs/events',
      'GET /public/catalogs/faults',
      'GET /public/catalogs/metrics',
      'GET /public/catalogs/modes',
      'GET /public/catalogs/moves',
      'GET /public/catalogs/municipalities',
      'GET /public/catalogs/outcomes',
      'GET /public/catalogs/priorities',
      'GET /public/catalogs/roles',
      'GET /public/catalogs/statuses',
      'GET /public/institutions',
      'GET /public/privacy-notice',
      'GET /public/stats/plan',
      'GET /public/stats/releases',
      'GET /public/stats/reports',
      'POST /auth/sessions',
      'POST /auth/sessions/refresh',
      'POST /auth/token',
      'POST /channels/whatsapp/webhook',
      'POST /reports',
      'POST /tracking/sessions',
    ]);
  });
});

describe('real answers', () => {
  let place: Place;
  let tracking: string;
  beforeAll(async () => {
    place = await furnish(h, 'conavi.demo');
    tracking = await h.trackingToken(place.own);
  });

  type Step = [who: string, method: string, path: (place: Place) => string, body?: (place: Place) => unknown];
  const of = (rest: string) => (where: Place) =>
    rest.replace('{folio}', where.own.folio).replace('{code}', where.code);
  const codeOf = ({ folio, accessCode }: Receipt) => ({ folio, accessCode });
  const reporter = { name: 'Nombre de prueba' };
  const report = { mode: 'identified', narrative: 'Me pidieron dinero.', reporter, ...NOTICE };

  const STEPS: Step[] = [
    ['', 'POST', of('/reports'), ({ code }) => ({ ...report, institution: code, category: 'FRAUD' })],
    ['', 'POST', of('/reports'), () => ({})],
    ['', 'POST', of('/tracking/sessions'), ({ own }) => ({ folio: own.folio, accessCode: own.accessCode })],
    ['', 'POST', of('/tracking/sessions'), ({ own }) => ({ folio: own.folio, accessCode: '0000' })],
    ['reporter', 'GET', of('/tracking/case')],
    [
      '',
      'POST',
      of('/auth/sessions'),
      () => ({ email: 'mesa@conavi.demo', password: 'no es la contraseña' }),
    ],
    ['mesa', 'GET', of('/auth/me')],
    ['', 'GET', of('/auth/me')],
    ['mesa', 'GET', of('/cases?limit=3')],
    ['mesa', 'GET', of('/cases?limit=0')],
    ['admin', 'GET', of('/cases')],
    ['titular', 'GET', of('/cases/{folio}')],
    ['investigador2', 'GET', of('/cases/{folio}')],
    ['titular', 'GET', of('/cases/{folio}/deadlines')],
    ['auditor', 'GET', of('/cases/{folio}/audit')],
    ['key', 'POST', of('/reports'), () => ({ ...report, externalReference: 'LLAMADA-17' })],
    ['key', 'POST', of('/tracking/external-reference'), ({ own }) => codeOf(own)],
    ['key', 'POST', of('/ivr/menu'), () => ({})],
    ['key', 'POST', of('/ivr/menu'), () => ({ language: '1' })],
    ['key', 'POST', of('/ivr/menu'), () => ({ callerId: '5555550100' })],
    ['key', 'POST', of('/ivr/folio'), ({ own }) => ({ folio: own.folio })],
    ['key', 'POST', of('/ivr/sessions'), ({ own }) => codeOf(own)],
    ['key', 'POST', of('/ivr/sessions'), ({ own }) => ({ ...codeOf(own), accessCode: '0'.repeat(16) })],
    ['titular', 'GET', of('/cases/{folio}/assignable')],
    ['titular', 'POST', of('/cases/{folio}/messages'), () => ({ text: 'Recibimos tu denuncia.' })],
    ['titular', 'POST', of('/cases/{folio}/investigation'), () => ({})],
    [
      'mesa',
      'POST',
      of('/cases/{folio}/transfers'),
      ({ areas }) => ({ area: areas[0], reason: 'La misma.' }),
    ],
    ['mesa', 'POST', of('/cases/{folio}/assignment'), () => ({ assignee: 'nadie@conavi.demo' })],
    ['titular', 'GET', of('/notifications')],
    ['auditor', 'GET', of('/stats/cases?by=category,status')],
    ['auditor', 'GET', of('/stats/sla?by=area')],
    ['admin', 'GET', of('/admin/institution')],
    ['admin', 'GET', of('/admin/areas')],
    ['admin', 'GET', of('/admin/categories')],
    ['admin', 'GET', of('/admin/calendars')],
    ['admin', 'GET', of('/admin/privacy-notices')],
    ['admin', 'GET', of('/admin/routing-rules')],
    ['admin', 'GET', of('/admin/sla-terms')],
    ['admin', 'GET', of('/admin/accounts')],
    ['admin', 'GET', of('/admin/channels')],
    ['admin', 'POST', of('/admin/channels'), () => ({ channel: 'web', label: 'Otro portal' })],
    ['', 'GET', of('/public/institutions')],
    ['', 'GET', of('/public/catalogs/areas?institution={code}')],
    ['', 'GET', of('/public/catalogs/categories?institution={code}')],
    ['', 'GET', of('/public/catalogs/municipalities?institution={code}')],
    ['', 'GET', of('/public/catalogs/statuses?institution={code}')],
    ['', 'GET', of('/public/catalogs/channels?institution={code}')],
    ['', 'GET', of('/public/catalogs/events?institution={code}')],
    ['', 'GET', of('/public/catalogs/moves')],
    ['', 'GET', of('/public/catalogs/moves?institution=NADIE')],
    ['', 'GET', of('/public/catalogs/faults')],
    ['', 'GET', of('/public/privacy-notice?institution={code}')],
    ['', 'GET', of('/public/privacy-notice?institution=NADIE')],
    ['', 'GET', of('/public/stats/plan?institution={code}')],
    ['', 'GET', of('/public/stats/releases?institution={code}')],
    ['', 'GET', of('/public/stats/reports?institution={code}&by=category')],
  ];

  it('have the status, the type and the members that the document promises', async () => {
    const wrong: string[] = [];
    const successes = new Set<string>();
    for (const [who, method, path, body] of STEPS) {
      const target = path(place);
      const as: CallOptions =
        who === ''
          ? {}
          : who === 'key'
            ? { key: place.channelKey.replace(/web$/, 'phone') }
            : { token: who === 'reporter' ? tracking : await h.token(`${who}@conavi.demo`) };
      const answer = await h.call<unknown>(method, target, { ...as, body: body?.(place) });
      const { name, operation } = operationOf(method, target);
      const told = operation.responses[String(answer.status)];
      const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
      const schema = told?.content?.[type]?.schema;
      if (answer.status < 300) successes.add(name);
      if (!schema) wrong.push(`${name} answered ${answer.status} ${type}, which is not documented`);
      else
        wrong.push(
          ...departures(document, schema as Record<string, unknown>, answer.body).map(
            (one) => `${name} ${one}`,
          ),
        );
    }
    expect(wrong).toEqual([]);
    expect(successes.size).toBeGreaterThan(30);
  });

  function operationOf(method: string, target: string): { name: string; operation: Operation } {
    const path = `/api/v1${target.split('?')[0]}`;
    const found = operations().find(({ name, path: template }) => {
      const form = new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);
      return name.startsWith(`${method} `) && form.test(path);
    });
    if (!found) throw new Error(`${method} ${path} is not documented`);
    return found;
  }

  it('fills in nothing that may be left out', () => {
    const filled = operations().flatMap(({ name, operation }) =>
      (operation.parameters ?? [])
        .filter(({ in: place, required }) => place !== 'path' && !required)
        .filter(({ example, schema }) => example !== undefined || schema?.example !== undefined)
        .map((parameter) => `${name} ${parameter.name}`),
    );
    expect(filled).toEqual([]);
  });

  it('in the document’s own examples are problems as the service writes them', async () => {
    const problem = (document.components!.schemas as Record<string, Record<string, unknown>>).Problem!;
    for (const { name, operation } of operations()) {
      for (const [code, { content }] of Object.entries(operation.responses)) {
        const examples = (content?.['application/problem+json']?.examples ?? {}) as Record<
          string,
          { value: Receipt }
        >;
        for (const [key, { value }] of Object.entries(examples)) {
          expect([name, key, (value as unknown as { code: string }).code]).toEqual([name, key, key]);
          expect([name, String((value as unknown as { status: number }).status)]).toEqual([name, code]);
          const strange = departures(document, problem, value).filter(
            (one) => !one.endsWith('not documented'),
          );
          expect([name, strange]).toEqual([name, []]);
        }
      }
    }
  });
});
