import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { system, type Actor } from '../src/platform/actor.js';
import { assertRuntimeLogin, ROLES } from '../src/platform/database/roles.js';
import { asSuperuser, databaseUrl, Harness, superuserUrl, type Receipt } from './setup/harness.js';

/** Read by everybody: catalogues that the public API shows as well. */
const PUBLIC_CATALOGUES = [
  'areas',
  'calendar_closures',
  'catalog_versions',
  'categories',
  'institutions',
  'menus',
  'privacy_notices',
];

/** Tables without row-level security, each with the reason why it needs none. */
const WITHOUT_POLICIES: Record<string, string> = {
  schema_migrations: 'names of migrations',
  key_checks: 'a keyed hash of each secret',
  clock_policy: 'one row of the owner: whether the clock is free',
  heartbeats: 'when a worker was last seen',
  rate_limits: 'counters under keyed hashes',
  room_trials: 'always empty',
  object_store: 'which store of files belongs here',
  idempotency_answers: 'found and opened only with the Idempotency-Key of its client',
  wa_inbox_keys: 'a wrapped key per day, of no institution',
  wa_inbox: 'a webhook is sealed before anything says whose it is',
  wa_seen: 'keyed hashes of message ids',
  wa_events: 'sealed, of a sender and not yet of an institution',
  wa_sessions: 'sealed, of a sender',
  wa_aliases: 'keyed hashes of a sender',
  wa_opened: 'sealed, found by nobody without the pepper',
  work_claims: 'names of background work',
  wa_submissions: 'sealed; taken by whichever process comes first, for every institution',
  wa_outbox: 'sealed, of a sender',
  wa_files: 'sealed, of a sender and not yet of an institution',
  wa_case_files: 'sealed; taken by whichever process comes first, for every institution',
};

const INSTITUTIONS = [
  { code: 'CONAVI-DEMO', domain: 'conavi.demo', prefix: 'CNV', areas: ['OIC', 'SUBSIDIOS'] },
  { code: 'ACOLMAN-DEMO', domain: 'acolman.demo', prefix: 'ACO', areas: ['CONTRALORIA', 'SERVICIOS'] },
] as const;
const CASES = 12;
const REQUESTS = 3_000;
const AT_ONCE = 40;
const POOL = 5;

interface Party {
  domain: string;
  institutionId: string;
  prefix: string;
  receipts: Receipt[];
  reporters: string[];
}

let h: Harness;
const parties: Party[] = [];
beforeAll(async () => {
  h = await Harness.start({ poolSize: POOL });
  for (const { code, domain, prefix, areas } of INSTITUTIONS) {
    const receipts: Receipt[] = [];
    for (let n = 0; n < CASES; n++) {
      const receipt = await h.file({ institution: code });
      const body = { area: areas[n % 2], reason: 'Le toca a esa área.' };
      await h.as(`mesa@${domain}`, 'POST', `/cases/${receipt.folio}/triage`, body);
      receipts.push(receipt);
    }
    const reporters = await Promise.all(receipts.slice(0, 2).map((receipt) => h.trackingToken(receipt)));
    for (const user of ['mesa', 'auditor', 'titular', 'investigador', 'investigador2'])
      await h.token(`${user}@${domain}`);
    const rows = await h.sql<{ id: string }>('owner', 'select id from institutions where code = $1', [code]);
    parties.push({ domain, institutionId: rows[0]!.id, prefix, receipts, reporters });
  }
});
afterAll(() => h.stop());

/** A small generator, so that a failing mix can be run again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

describe('two institutions on one pool of five connections', () => {
  const roll = dice(20261110);
  const pick = <T>(items: readonly T[]): T => items[roll(items.length)]!;

  type Call = { status: number; text: string };
  const send = async (...parameters: Parameters<Harness['call']>): Promise<Call> => {
    const { status, body } = await h.call<unknown>(...parameters);
    return { status, text: JSON.stringify(body) };
  };

  /** One request of a party, with the answers it may get. */
  async function request(mine: Party, foreign: Party): Promise<{ allowed: number[]; call: Call }> {
    const as = {
      token: await h.token(`${pick(['mesa', 'titular', 'investigador', 'investigador2'])}@${mine.domain}`),
    };
    const own = pick(mine.receipts).folio;
    const other = pick(foreign.receipts).folio;
    const list = `/cases?limit=${1 + roll(100)}&sort=${pick(['urgency', 'newest', 'oldest'])}`;
    switch (roll(10)) {
      case 0:
      case 1:
        return { allowed: [200], call: await send('GET', list, as) };
      case 2:
        return { allowed: [200], call: await send('GET', `${list}&q=${foreign.prefix}`, as) };
      case 3:
        return { allowed: [200, 404], call: await send('GET', `/cases/${own}`, as) };
      case 4:
        return { allowed: [404], call: await send('GET', `/cases/${other}`, as) };
      case 5:
        return {
          allowed: [201, 404],
          call: await send('POST', `/cases/${own}/messages`, { ...as, body: { text: `De ${mine.prefix}` } }),
        };
      case 6:
        return {
          allowed: [404],
          call: await send('POST', `/cases/${other}/messages`, {
            ...as,
            body: { text: `De ${mine.prefix}` },
          }),
        };
      case 7:
        return {
          allowed: [412, 404],
          call: await send('POST', `/cases/${own}/notes`, {
            ...as,
            body: { text: 'Tarde.' },
            headers: { 'If-Match': '"9999"' },
          }),
        };
      case 8:
        return { allowed: [400], call: await send('GET', `${list}&cursor=bm9uZQ`, as) };
      default:
        return { allowed: [200], call: await send('GET', '/tracking/case', { token: pick(mine.reporters) }) };
    }
  }

  it(`never mixes them up in ${REQUESTS} interleaved requests with failures in between`, async () => {
    let left = REQUESTS;
    const wrong: string[] = [];
    const seen = { CNV: 0, ACO: 0, unavailable: 0 };
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const turn = left;
        const [mine, foreign] = (roll(2) === 0 ? parties : [...parties].reverse()) as [Party, Party];
        // Transactions that break in the middle, under a scope.
        if (turn % 50 === 0) await breakOne(mine).catch(() => undefined);
        if (turn === REQUESTS / 2) await killConnections();
        const { allowed, call } = await request(mine, foreign);
        // Of the connections that are killed once, those in use answer so.
        if (call.status === 503) seen.unavailable += 1;
        else if (!allowed.includes(call.status)) wrong.push(`${call.status} ${call.text.slice(0, 200)}`);
        if (call.text.includes(`${foreign.prefix}-2026-`))
          wrong.push(`${mine.prefix} saw ${call.text.slice(0, 200)}`);
        if (call.text.includes(`${mine.prefix}-2026-`)) seen[mine.prefix as 'CNV' | 'ACO'] += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect(wrong).toEqual([]);
    expect(seen.CNV).toBeGreaterThan(REQUESTS / 10);
    expect(seen.ACO).toBeGreaterThan(REQUESTS / 10);
    expect(seen.unavailable).toBeLessThanOrEqual(AT_ONCE);
    // Some ten seconds on two free cores.
  }, 240_000);

  it('leaves no scope on any connection', async () => {
    for (let n = 0; n < 20; n++) await breakOne(parties[0]!).catch(() => undefined);
    const clients = await Promise.all(
      h.database.pools.flatMap((pool) => Array.from({ length: pool.options.max }, () => pool.connect())),
    );
    try {
      for (const client of clients) {
        const { rows } = await client.query(
          `select current_user as login, coalesce(current_setting('app.institution', true), '') || coalesce(current_setting('app.areas', true), '')
             || coalesce(current_setting('app.case', true), '') || coalesce(current_setting('app.account', true), '') as scope`,
        );
        expect(rows).toEqual([{ login: ROLES.app, scope: '' }]);
        expect(await visibleRows(client)).toEqual({});
      }
    } finally {
      for (const client of clients) client.release();
    }
  });

  async function breakOne({ institutionId }: Party): Promise<void> {
    await h.database.tx({ kind: 'system', name: 'test', institutionId }, (tx) =>
      tx.query(pick(['select 1 / 0', 'select * from no_such_table', 'truncate cases'])),
    );
  }

  async function killConnections(): Promise<void> {
    await asSuperuser((client) =>
      client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = $2',
        [h.databaseName, ROLES.app],
      ),
    );
  }
});

/**
 * Rows that a client sees now, of tables with policies that are not public catalogues; tables without any are
 * left out.
 */
async function visibleRows(client: Pick<pg.ClientBase, 'query'>): Promise<Record<string, number>> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relrowsecurity
        and has_any_column_privilege(c.oid, 'select') and c.relname <> all($1)`,
    [PUBLIC_CATALOGUES],
  );
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${name}`);
    if (rows[0]!.n > 0) found[name] = rows[0]!.n;
  }
  return found;
}

describe('the application login', () => {
  /** SQL under a scope, as an attacker who can send statements through the application would run it. */
  async function within<T>(
    scope: { institution?: string; areas?: string; account?: string; case?: string },
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T> {
    const client = await h.database.appPool.connect();
    try {
      await client.query('begin');
      for (const [name, value] of Object.entries(scope)) {
        await client.query(`select set_config($1, $2, true)`, [`app.${name}`, value]);
      }
      return await work(client);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  interface Ids {
    institution: string;
    area: string;
    other_area: string;
    case_id: string;
  }
  const ids = async (index: 0 | 1): Promise<Ids> => {
    const { folio } = parties[index]!.receipts[0]!;
    const rows = await h.sql<Ids & { [key: string]: string }>(
      'owner',
      `select c.institution_id as institution, c.area_id as area, c.id as case_id,
              (select a.id from areas a where a.institution_id = c.institution_id and a.id <> c.area_id limit 1) as other_area
         from cases c where folio = $1`,
      [folio],
    );
    return rows[0]!;
  };

  it.each([
    ['no scope', () => ({})],
    ['empty settings', () => ({ institution: '', areas: '', case: '', account: '' })],
    ['areas but no institution', (mine: Ids) => ({ areas: mine.area })],
    ['every area but no institution', () => ({ areas: '*' })],
    ['a case but no institution', (mine: Ids) => ({ case: mine.case_id })],
    ['an institution that does not exist', () => ({ institution: randomUUID(), areas: '*' })],
  ])('sees nothing with %s', async (_, scope) => {
    expect(await within(scope(await ids(0)), visibleRows)).toEqual({});
  });

  it.each([
    ['an institution without areas', (mine: Ids) => ({ institution: mine.institution, areas: '' })],
    [
      'areas of another institution',
      (mine: Ids, foreign: Ids) => ({ institution: mine.institution, areas: foreign.area }),
    ],
    [
      'a case of another institution',
      (mine: Ids, foreign: Ids) => ({ institution: mine.institution, case: foreign.case_id }),
    ],
  ])('sees no case and nothing of any with %s', async (_, scope) => {
    const seen = await within(scope(await ids(0), await ids(1)), visibleRows);
    for (const table of Object.keys(seen))
      expect(table).not.toMatch(/^(cases|case_(?!access)\w*|sla_clocks|information_requests|notices)$/);
  });

  it('sees one case, and nothing of others, as its reporter', async () => {
    const mine = await ids(0);
    await within({ institution: mine.institution, case: mine.case_id }, async (client) => {
      for (const [table, column] of [
        ['cases', 'id'],
        ['case_keys', 'case_id'],
        ['case_reports', 'case_id'],
        ['case_entries', 'case_id'],
        ['sla_clocks', 'subject_id'],
      ]) {
        const { rows } = await client.query(`select distinct ${column} as id from ${table}`);
        expect([table, rows]).toEqual([table, [{ id: mine.case_id }]]);
      }
    });
  });

  it.each([
    [
      'moves a case to an area out of its scope',
      `update cases set area_id = $2 where id = $1`,
      /row-level security/,
    ],
    [
      'moves a case to another institution',
      `update cases set institution_id = $3 where id = $1`,
      /permission denied/,
    ],
    [
      'changes what was reported',
      `update case_reports set content = '' where case_id = $1`,
      /permission denied/,
    ],
    ['changes what was said', `update case_entries set body = '' where case_id = $1`, /permission denied/],
    [
      'changes a due day',
      `update sla_clocks set due_on = due_on + 1 where subject_id = $1`,
      /permission denied/,
    ],
    [
      'changes a start day',
      `update cases set received_on = received_on + 1 where id = $1`,
      /permission denied/,
    ],
    ['deletes a case', `delete from cases where id = $1`, /permission denied/],
    ['deletes keys', `delete from case_keys where case_id = $1`, /permission denied/],
    ['replaces keys', `update case_keys set content_key = '' where case_id = $1`, /permission denied/],
    ['empties a table', `truncate notices`, /permission denied/],
    ['turns policies off', `alter table cases disable row level security`, /must be owner/],
    ['makes a table', `create table mine (id int)`, /permission denied/],
  ])('is refused when it %s', async (_, sql, reason) => {
    const mine = await ids(0);
    const foreign = await ids(1);
    const scope = { institution: mine.institution, areas: mine.area };
    const values = [mine.case_id, mine.other_area, foreign.institution];
    const parameters = values.slice(
      0,
      Math.max(0, ...[...sql.matchAll(/\$(\d)/g)].map(([, n]) => Number(n))),
    );
    // A statement that names $3 only must still tell the types of $1 and $2.
    const typed = sql.includes('$3') ? sql.replace('where', 'where $2::uuid is not null and') : sql;
    await expect(within(scope, (client) => client.query(typed, parameters))).rejects.toThrow(reason);
  });

  it('writes nothing for another institution', async () => {
    const [mine, foreign] = [await ids(0), await ids(1)];
    const scope = { institution: mine.institution, areas: '*' };
    const insert = `insert into audit_entries (id, institution_id, event, actor_kind, day, sealed, commitment)
      values ($1, $2, 'FORGED', 'system', '2026-11-10', '', decode(repeat('00', 32), 'hex'))`;
    await expect(
      within(scope, (client) => client.query(insert, [randomUUID(), foreign.institution])),
    ).rejects.toThrow(/row-level security/);
    const update = `update institutions set calendar_rule = 'LFT74' where id = $1`;
    expect((await within(scope, (client) => client.query(update, [foreign.institution]))).rowCount).toBe(0);
    expect((await within(scope, (client) => client.query(update, [mine.institution]))).rowCount).toBe(1);
  });

  it('does not read released statistics, and the public login reads nothing else', async () => {
    await expect(h.sql('app', 'select * from stat_cells')).rejects.toThrow(/permission denied/);
    const readable = await h.sql<{ name: string }>(
      'public',
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm') and has_any_column_privilege(c.oid, 'select') order by 1`,
    );
    expect(readable.map(({ name }) => name)).toEqual(['stat_cells', 'stat_domains', 'stat_releases']);
  });
});

describe('row-level security', () => {
  it('is on, not forced, for every table but those with nothing of an institution', async () => {
    const tables = await h.sql<{ name: string; on: boolean; forced: boolean }>(
      'owner',
      `select c.relname as name, c.relrowsecurity as on, c.relforcerowsecurity as forced
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')`,
    );
    expect(tables.filter(({ forced }) => forced)).toEqual([]);
    expect(
      tables
        .filter(({ on }) => !on)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(WITHOUT_POLICIES).sort());
  });

  it('holds for every run-time login: none is a superuser, bypasses it or owns anything', async () => {
    const logins = Object.values(ROLES);
    const rows = await h.sql<{
      name: string;
      super: boolean;
      bypass: boolean;
      creates: boolean;
      owned: number;
    }>(
      'owner',
      `select rolname as name, rolsuper as super, rolbypassrls as bypass, rolcreaterole or rolcreatedb as creates,
              (select count(*)::int from pg_class c where pg_has_role(r.oid, c.relowner, 'member')
                  and relnamespace <> all (array['job_queue', 'pg_toast']::regnamespace[]))
              + (select count(*)::int from pg_proc p where pg_has_role(r.oid, p.proowner, 'member')
                  and pronamespace <> 'job_queue'::regnamespace) as owned
         from pg_roles r where rolname = any($1) order by 1`,
      [logins],
    );
    expect(rows).toEqual(
      // Outside of the schema of the queue, which denuncia_jobs owns: the function that adds jobs.
      [...logins].sort().map((name) => ({
        name,
        super: false,
        bypass: false,
        creates: false,
        owned: name === ROLES.jobs ? 1 : 0,
      })),
    );
  });

  it('is not left to a login that could go around it', async () => {
    await expect(assertRuntimeLogin(superuserUrl(), 'app')).rejects.toThrow(/is a superuser/);
    await expect(assertRuntimeLogin(databaseUrl(h.databaseName, 'owner'), 'app')).rejects.toThrow(
      /owns tables/,
    );
    expect(await assertRuntimeLogin(databaseUrl(h.databaseName, 'app'), 'app')).toBe(ROLES.app);
  });
});

describe('the view by which rows below a case find it', () => {
  const staff = (institutionId: string, areas: '*' | string[]): Actor => ({
    kind: 'staff',
    accountId: randomUUID(),
    name: 'Persona de prueba',
    email: 'prueba@conavi.demo',
    institutionId,
    areas,
    permissions: new Set(),
  });
  const idsIn = (rows: string, actor: Actor): Promise<string[]> =>
    h.database.tx(actor, async (tx) =>
      (await tx.query<{ id: string }>(`select id from ${rows} order by id`)).map(({ id }) => id),
    );

  it('shows what the policy of cases shows, to every kind of actor', async () => {
    const actors: [Actor, number][] = [[{ kind: 'nobody' }, 0]];
    for (const { institutionId } of parties) {
      const cases = await h.sql<{ id: string; area: string }>(
        'owner',
        'select id, area_id as area from cases where institution_id = $1',
        [institutionId],
      );
      const [{ id: caseId, area }] = cases as [{ id: string; area: string }];
      actors.push(
        [system('test', institutionId), cases.length],
        [staff(institutionId, '*'), cases.length],
        [staff(institutionId, [area, randomUUID()]), cases.filter((one) => one.area === area).length],
        [staff(institutionId, []), 0],
        [
          {
            kind: 'channel',
            keyId: randomUUID(),
            institutionId,
            channel: 'web',
            permissions: new Set<string>(),
          },
          0,
        ],
        [{ kind: 'reporter', institutionId, caseId, codeGeneration: 0 }, 1],
      );
    }
    // An area or a case of another institution opens nothing.
    const [own, other] = parties as [Party, Party];
    const [foreign] = await h.sql<{ id: string; area: string }>(
      'owner',
      'select id, area_id as area from cases where institution_id = $1 limit 1',
      [other.institutionId],
    );
    actors.push(
      [staff(own.institutionId, [foreign!.area]), 0],
      [{ kind: 'reporter', institutionId: own.institutionId, caseId: foreign!.id, codeGeneration: 0 }, 0],
    );
    for (const [actor, count] of actors) {
      const shown = await idsIn('cases_in_scope', actor);
      expect([actor.kind, shown.length]).toEqual([actor.kind, count]);
      expect(shown).toEqual(await idsIn('cases', actor));
    }
  });

  it('works out no condition of its reader over a hidden row', async () => {
    const [own, other] = parties as [Party, Party];
    const divided = h.database.tx(system('test', own.institutionId), (tx) =>
      tx.query<{ seen: number }>(
        'select count(*)::int as seen from cases_in_scope where 1 / (case when institution_id = $1 then 0 else 1 end) = 1',
        [other.institutionId],
      ),
    );
    await expect(divided).resolves.toEqual([{ seen: expect.any(Number) }]);
    await expect(h.sql('app', 'delete from cases_in_scope')).rejects.toThrow(/permission denied/);
  });
});

describe('scopes wider than the actor’s own', () => {
  const root = resolve('src');
  const sources = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  /** File and first group of every place that a pattern matches, once each. */
  const uses = (pattern: RegExp): string[] => {
    const found = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(pattern)].map(
        (match) => `${file.slice(root.length + 1)} ${match[1]}`,
      ),
    );
    return [...new Set(found)].sort();
  };

  it('are taken by name, here only', () => {
    expect(uses(/\.widen\(\s*([^)]*)\)/g)).toEqual([
      // The transparency unit answers for the figures of its institution and sees no case.
      "insight/transparency/figures/figures.reader.ts 'figures'",
      // Whether a file number is taken in another area: of a case found nothing is read.
      "work/cases/expediente.ts 'expediente'",
      "work/cases/moves/transfer.ts 'transfer'",
      "work/cases/moves/triage.ts 'triage'",
      // Whoever deactivates an account sees no case: what is found goes into notices to those who do, nothing
      // to the caller.
      "work/notifications/notice-writer.ts 'assignee_left'",
    ]);
    // Actor, institution and account are set by act_as, once and sealed.
    expect(uses(/(act_as)\(/g)).toEqual(['platform/database/database.ts act_as']);
    expect(uses(/set_config\(\s*'(app\.\w+)'/g)).toEqual([
      'platform/database/database.ts app.areas',
      'platform/database/database.ts app.case',
      'platform/database/tx.ts app.areas',
    ]);
  });

  it('of a whole institution belong to the system, here only', () => {
    expect(uses(/\bsystem\(\s*('[^']*'|[\w.]+)\s*,/g)).toEqual([
      "app/commands/approvals.ts 'operator'",
      "app/commands/institution-create.ts 'setup'",
      "app/commands/release-desk.ts 'releases-check'",
      "app/demo/examples.ts 'demo'",
      "app/demo/months.ts 'demo'",
      "app/demo/seed.ts 'demo'",
      "app/demo/staff.ts 'demo'",
      "doors/phone/forget-calls.ts 'phone-forget'",
      "doors/whatsapp/menus/menu-counts.ts 'whatsapp-menu'",
      "doors/whatsapp/numbers/deliveries.ts 'whatsapp'",
      "doors/whatsapp/numbers/watch-numbers.ts 'whatsapp'",
      "doors/whatsapp/submission/open-submissions.ts 'intake'",
      "foundations/identity/denials.ts 'audit'",
      "foundations/identity/sessions/session-sweep.ts 'session-sweep'",
      "foundations/identity/sessions/sign-in-limits.ts 'sign-in'",
      "foundations/sla/sla.sweep.ts 'sla'",
      "insight/oversight/verify-trail.ts 'audit'",
      "insight/transparency/releases/domains.service.ts 'statistics'",
      "insight/transparency/releases/releases.service.ts 'statistics'",
      "work/cases/access-codes/harden-access-codes.ts 'harden'",
      'work/cases/case-sweeps.ts duty.actor',
      'work/evidence/prepare-evidence.ts PREPARE',
      "work/evidence/uploads/end-uploads.ts 'end-uploads'",
      "work/intake/intake.service.ts 'intake'",
    ]);
    expect(uses(/kind: ('system')/g)).toEqual(["platform/actor.ts 'system'"]);
  });
});
