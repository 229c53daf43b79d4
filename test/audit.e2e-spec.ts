import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { canonicalJson, commit } from '../src/foundations/audit/commitment.js';
import { Denials } from '../src/foundations/identity/denials.js';
import { CHANNEL_KEY, PASSWORD } from './setup/constants.js';
import { asSuperuser, Harness, type Receipt } from './setup/harness.js';
import { openTrail, type OpenedEntry } from './support/audit-book.js';
import { summariseRefusals } from './support/refusals.js';
import { enoughOfTheWindow } from './support/windows.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

const MESA = 'mesa@conavi.demo';
const HEAD = 'titular@conavi.demo';
const INVESTIGATOR = 'investigador@conavi.demo';
const AUDITOR = 'auditor@conavi.demo';
const ADMIN = 'admin@conavi.demo';

/** What `act` adds to the trail. */
async function added(act: () => Promise<unknown>): Promise<OpenedEntry[]> {
  const before = new Set(
    (await h.sql<{ id: string }>('owner', 'select id from audit_entries')).map(({ id }) => id),
  );
  await act();
  await h.app.get(Denials).settled();
  return openTrail(h, before);
}
const events = (entries: OpenedEntry[]): string[] => entries.map(({ event }) => event);

async function assigned(): Promise<Receipt> {
  const receipt = await h.file();
  await h.as(MESA, 'POST', `/cases/${receipt.folio}/triage`, {
    area: 'OIC',
    reason: 'Es del órgano interno.',
  });
  return receipt;
}

describe('the trail', () => {
  const tables = ['audit_entries', 'audit_pending'];
  const changes = [
    ['UPDATE', (table: string) => `update ${table} set commitment = decode(repeat('00', 32), 'hex')`],
    ['DELETE', (table: string) => `delete from ${table}`],
    ['TRUNCATE', (table: string) => `truncate ${table} cascade`],
  ] as const;
  const cases = tables.flatMap((table) => changes.map(([name, sql]) => [name, table, sql(table)] as const));

  it.each(cases)('refuses %s of %s to the application', async (_name, _table, sql) => {
    await h.file();
    await expect(h.sql('app', sql)).rejects.toThrow(/permission denied/);
  });

  it.each(cases)('refuses %s of %s to the owner of the tables too', async (_name, _table, sql) => {
    await expect(h.sql('owner', sql)).rejects.toThrow(/the audit trail is append-only/);
  });

  it('commits to every entry with a salt of its own, in the queue of the public log', async () => {
    const { folio } = await assigned();
    await h.as(HEAD, 'GET', `/cases/${folio}`);
    await h.call('POST', '/auth/sessions', {
      body: { email: 'nadie@conavi.demo', password: 'no es la contraseña' },
    });
    const trail = await openTrail(h);
    expect(new Set(trail.map(({ actorKind }) => actorKind))).toEqual(new Set(['system', 'staff', 'nobody']));
    for (const entry of trail) {
      expect(entry.salt).toHaveLength(32);
      expect(commit(entry.salt, entry.payload)).toEqual(entry.commitment);
      expect(entry.pending).toEqual(entry.commitment);
      expect(canonicalJson(entry.told)).toBe(entry.payload);
      expect([entry.told.event, entry.told.actor.kind]).toEqual([entry.event, entry.actorKind]);
      expect(entry.told.time).toBe(entry.at?.toISOString() ?? entry.day);
      if (entry.accountId) expect(entry.told.actor.id).toBe(entry.accountId);
    }
    expect(new Set(trail.map(({ salt }) => salt.toString('hex'))).size).toBe(trail.length);
  });
});

describe('every write and every read of content', () => {
  it('leaves its entries, and a refused one leaves none', async () => {
    const receipt = await h.file();
    const path = `/cases/${receipt.folio}`;
    const token = await h.trackingToken(receipt);
    let question = '';
    const ask = async (): Promise<number> => {
      const body = { question: '¿Qué día fue?', businessDays: 5 };
      const answer = await h.as<{ id: string }>(INVESTIGATOR, 'POST', `${path}/information-requests`, body);
      question = answer.body.id;
      return answer.status;
    };
    const as =
      (account: string, method: string, rest: string, body?: unknown, headers?: Record<string, string>) =>
      async (): Promise<number> =>
        (
          await h.as(
            account,
            method,
            rest.startsWith('/') ? rest : `${path}${rest && `/${rest}`}`,
            body,
            headers,
          )
        ).status;
    const asReporter = (method: string, rest: () => string, body?: unknown) => async (): Promise<number> =>
      (await h.call(method, `/tracking/${rest()}`, { token, body })).status;
    const outcome = {
      outcome: 'no_elements',
      grounds: 'Nada se acreditó.',
      publicText: 'No encontramos elementos.',
    };
    const reason = { reason: 'Porque procede.' };

    const steps: [expected: number, entries: string[], act: () => Promise<number>][] = [
      [200, ['CASES_LISTED'], as(MESA, 'GET', '/cases')],
      [200, ['CASE_READ'], as(MESA, 'GET', '')],
      [409, [], as(AUDITOR, 'POST', 'reopening', reason)],
      [412, [], as(MESA, 'POST', 'triage', reason, { 'If-Match': '"77"' })],
      [422, [], as(MESA, 'POST', 'triage', { ...reason, area: 'NINGUNA' })],
      [400, [], as(MESA, 'POST', 'triage', {})],
      [200, ['CASE_ASSIGNED'], as(MESA, 'POST', 'assignment', { assignee: MESA })],
      [200, ['CASE_TRIAGED'], as(MESA, 'POST', 'triage', { ...reason, area: 'SUBSIDIOS' })],
      [404, ['ACCESS_DENIED'], as(INVESTIGATOR, 'GET', '')],
      [404, ['ACCESS_DENIED'], as(INVESTIGATOR, 'POST', 'messages', { text: 'Hola.' })],
      [200, ['CASE_TRANSFERRED'], as(MESA, 'POST', 'transfers', { ...reason, area: 'OIC' })],
      [200, ['ASSIGNABLE_READ'], as(HEAD, 'GET', 'assignable')],
      [200, ['CASE_ASSIGNED'], as(HEAD, 'POST', 'assignment', { assignee: INVESTIGATOR })],
      [200, ['INVESTIGATION_STARTED'], as(INVESTIGATOR, 'POST', 'investigation', {})],
      [201, ['MESSAGE_SENT'], as(INVESTIGATOR, 'POST', 'messages', { text: 'Recibimos tu denuncia.' })],
      [201, ['NOTE_WRITTEN'], as(INVESTIGATOR, 'POST', 'notes', { text: 'Pedir el padrón.' })],
      [200, ['DEADLINES_READ'], as(INVESTIGATOR, 'GET', 'deadlines')],
      [201, ['INFORMATION_REQUESTED'], ask],
      [200, ['REPORTER_READ'], asReporter('GET', () => 'case')],
      [
        204,
        ['REPORTER_ANSWERED'],
        asReporter('POST', () => `information-requests/${question}/answer`, { text: 'Ayer.' }),
      ],
      [409, [], asReporter('POST', () => `information-requests/${question}/answer`, { text: 'Otra vez.' })],
      [204, ['REPORTER_WROTE'], asReporter('POST', () => 'messages', { text: 'Y otra cosa.' })],
      [200, ['CASE_CLOSED'], as(HEAD, 'POST', 'closure', outcome)],
      [200, ['CASE_REOPENED'], as(AUDITOR, 'POST', 'reopening', reason)],
      [200, ['AUDIT_READ'], as(AUDITOR, 'GET', 'audit')],
      [200, ['STATS_READ'], as(AUDITOR, 'GET', '/stats/cases')],
      [200, ['ADMIN_READ'], as(ADMIN, 'GET', '/admin/areas')],
      [200, ['ADMIN_READ'], as(ADMIN, 'GET', '/admin/accounts')],
      [200, ['APPROVALS_LISTED'], as(ADMIN, 'GET', '/approvals')],
      [200, ['NOTICES_LISTED'], as(HEAD, 'GET', '/notifications')],
      [403, ['ACCESS_DENIED'], as(AUDITOR, 'POST', 'triage', reason)],
      [403, ['ACCESS_DENIED'], as(ADMIN, 'GET', '')],
      [403, ['ACCESS_DENIED'], as(MESA, 'GET', '/admin/areas')],
      [404, ['ACCESS_DENIED'], as(ADMIN, 'PATCH', `/admin/areas/${randomUUID()}`, { label: 'X' })],
      [404, ['ACCESS_DENIED'], as(MESA, 'GET', '/cases/CNV-2026-AAAA-AAAA-A')],
      [201, ['AREA_CREATED'], as(ADMIN, 'POST', '/admin/areas', { code: 'NUEVA', label: 'Nueva' })],
      [409, [], as(ADMIN, 'POST', '/admin/areas', { code: 'NUEVA', label: 'Nueva' })],
      [
        201,
        ['SLA_TERM_CREATED'],
        as(ADMIN, 'POST', '/admin/sla-terms', { metric: 'triage', businessDays: 5 }),
      ],
      [
        201,
        ['CHANNEL_KEY_CREATED'],
        as(ADMIN, 'POST', '/admin/channels', { channel: 'web', label: 'Portal' }),
      ],
    ];
    for (const account of [MESA, HEAD, INVESTIGATOR, AUDITOR, ADMIN]) await h.token(account);
    for (const [expected, entries, act] of steps) {
      let status = 0;
      const found = await added(async () => (status = await act()));
      expect([status, events(found)]).toEqual([expected, entries]);
    }
  });

  it('filed in a batch leaves one entry each, whatever the channel', async () => {
    const entries = await added(async () => {
      await Promise.all(Array.from({ length: 20 }, () => h.file()));
    });
    expect(events(entries)).toEqual(Array.from({ length: 20 }, () => 'CASE_OPENED'));
    expect(new Set(entries.map(({ caseId }) => caseId)).size).toBe(20);
  });

  it('made by time alone leaves the entries of the system', async () => {
    const other = await Harness.start();
    try {
      const { folio } = await other.file();
      const question = { question: '¿Qué día fue?', businessDays: 1 };
      await other.as(MESA, 'POST', `/cases/${folio}/triage`, { area: 'OIC', reason: 'Procede.' });
      await other.as(HEAD, 'POST', `/cases/${folio}/information-requests`, question);
      other.clock.set(new Date('2027-06-01T16:00:00Z'));
      other.forgetTokens();
      await other.sweep();
      const made = (await openTrail(other)).filter(
        ({ actorKind, caseId }) => actorKind === 'system' && caseId,
      );
      expect(new Set(events(made))).toEqual(
        new Set(['ACCESS_CODE_HARDENED', 'INFORMATION_REQUEST_EXPIRED', 'DEADLINE_BREACHED']),
      );
      const { body } = await other.as<{ items: { id: string }[] }>(HEAD, 'GET', '/notifications');
      const known = new Set((await openTrail(other)).map(({ id }) => id));
      await other.as(HEAD, 'POST', `/notifications/${body.items[0]!.id}/read`);
      await other.as(HEAD, 'POST', `/notifications/${body.items[0]!.id}/read`);
      expect(events(await openTrail(other, known))).toEqual(['NOTICE_READ']);
    } finally {
      await other.stop();
    }
  });

  it('shares the fate of its entry: a failed write leaves none, and a read that cannot be written down shows nothing', async () => {
    const { folio } = await assigned();
    await h.token(HEAD);
    const ruin = (sql: string) => asSuperuser((client) => client.query(sql), h.databaseName);
    await ruin(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
       create trigger broken before update on cases for each row execute function broken();`,
    );
    const count = async (): Promise<string> =>
      (await h.sql<{ n: string }>('owner', 'select count(*) as n from case_entries'))[0]!.n;
    const before = await count();
    const write = await added(async () => {
      const { status } = await h.as(HEAD, 'POST', `/cases/${folio}/messages`, { text: 'No llega.' });
      expect(status).toBe(500);
    });
    expect([write, await count()]).toEqual([[], before]);

    await ruin(
      `drop trigger broken on cases; create trigger broken before insert on audit_pending for each row execute function broken();`,
    );
    const read = await added(async () => {
      const { status, body } = await h.as<object>(HEAD, 'GET', `/cases/${folio}`);
      expect([status, JSON.stringify(body)]).toEqual([500, expect.not.stringContaining('dinero')]);
    });
    expect(read).toEqual([]);
    await ruin('drop trigger broken on audit_pending; drop function broken()');
  });
});

describe('acts of reporters', () => {
  it('carry the day only, in every mode and on every channel, also when an operator types them in', async () => {
    const { institution: _none, ...phone } = {
      institution: '',
      mode: 'anonymous',
      narrative: 'Me pidieron dinero.',
    };
    const receipts = [
      await h.file(),
      await h.file({ mode: 'confidential', reporter: { name: 'Nombre de prueba' } }),
      await h.file({ mode: 'identified', reporter: { name: 'Nombre de prueba' } }),
      (await h.as<Receipt>('operador@conavi.demo', 'POST', '/reports', phone)).body,
    ];
    for (const receipt of receipts) {
      const token = await h.trackingToken(receipt);
      await h.call('GET', '/tracking/case', { token });
      await h.call('POST', '/tracking/messages', { token, body: { text: 'Un dato más.' } });
    }
    const acts = (await openTrail(h)).filter(({ event }) => /^(CASE_OPENED|REPORTER_\w+)$/.test(event));
    expect(acts.length).toBeGreaterThanOrEqual(12);
    for (const { at, day, told } of acts) expect([at, told.time]).toEqual([null, day]);
    const entries = await h.sql(
      'owner',
      `select 1 from case_entries where author = 'reporter' and at is not null`,
    );
    expect(entries).toEqual([]);
  });

  it('are stored under the local day everywhere, so that no second day tells that it was evening', async () => {
    const evening = await Harness.start({ at: new Date('2026-11-11T03:30:00Z') });
    try {
      const body = { institution: 'CONAVI-DEMO', mode: 'anonymous', narrative: 'Me pidieron dinero.' };
      const headers = { 'Idempotency-Key': randomUUID() };
      const { body: receipt } = await evening.call<Receipt>('POST', '/reports', { body, headers });
      const token = await evening.trackingToken(receipt);
      await evening.call('GET', '/tracking/case', { token });
      await evening.call('POST', '/tracking/messages', { token, body: { text: 'Un dato más.' } });
      const days = await evening.sql(
        'owner',
        `select distinct day::text from (select day from audit_entries where case_id is not null union all
           select day from case_entries union all select day from idempotency_answers union all
           select registered_on from cases union all select received_on from cases) d`,
      );
      expect(days).toEqual([{ day: '2026-11-10' }]);
    } finally {
      await evening.stop();
    }
  });

  it('keep no time even when a program tries to write one', async () => {
    const { folio } = await h.file();
    const [row] = await h.sql<{ id: string; institution: string }>(
      'owner',
      'select id, institution_id as institution from cases where folio = $1',
      [folio],
    );
    for (const [kind, event] of [
      ['reporter', 'REPORTER_WROTE'],
      ['nobody', 'REPORTER_WROTE'],
      ['channel', 'REPORTER_WROTE'],
      ['staff', 'CASE_OPENED'],
    ]) {
      const id = randomUUID();
      await h.sql(
        'owner',
        `insert into audit_entries (id, institution_id, case_id, case_seq, event, actor_kind, day, at, sealed, commitment)
         values ($1, $2, $3, 77, $4, $5, '2026-11-10', '2026-11-10T16:00:00Z', '', decode(repeat('00', 32), 'hex'))`,
        [id, row!.institution, row!.id, event, kind],
      );
      const [stored] = await h.sql<{ at: Date | null }>(
        'owner',
        'select at from audit_entries where id = $1',
        [id],
      );
      expect([kind, stored!.at]).toEqual([kind, null]);
      // It holds no sealed payload and would not open.
      await asSuperuser(async (client) => {
        await client.query('set session_replication_role = replica');
        await client.query('delete from audit_entries where id = $1', [id]);
      }, h.databaseName);
    }
  });
});

describe('refusals', () => {
  it('of a permission are written down with what was refused, twenty per account and quarter of an hour', async () => {
    await enoughOfTheWindow(15);
    const other = await Harness.start();
    try {
      await other.token(ADMIN);
      const { folio } = await other.file();
      for (let n = 0; n < 25; n++) expect((await other.as(ADMIN, 'GET', `/cases/${folio}`)).status).toBe(403);
      const path = `/cases/${folio}/closure`;
      const body = { outcome: 'measures_taken', grounds: 'Porque sí.', publicText: 'Se tomaron medidas.' };
      expect((await other.as(MESA, 'POST', path, body)).status).toBe(403);
      await other.app.get(Denials).settled();
      const denied = (await openTrail(other)).filter(({ event }) => event === 'ACCESS_DENIED');
      const permissions = denied.map(({ told }) => told.data.permission);
      // The others are counted: one account does not use up the room of the next.
      expect(permissions.filter((permission) => permission === 'cases.read')).toHaveLength(20);
      expect(permissions.filter((permission) => permission === 'cases.conclude')).toHaveLength(1);
      expect(denied.every(({ at, actorKind, accountId }) => at && actorKind === 'staff' && accountId)).toBe(
        true,
      );
      expect(denied.map(({ told }) => told.data.asked)).toEqual(denied.map(() => ({ folio })));
      expect(new Set(denied.map(({ told }) => told.data.route))).toEqual(
        new Set(['/api/v1/cases/:folio', '/api/v1/cases/:folio/closure']),
      );
      await summariseRefusals(other, new Date(Date.now() + 900_000));
      const [omitted] = (await openTrail(other)).filter(({ event }) => event === 'REFUSALS_OMITTED');
      // They are written in the background: which comes first is open.
      const { accountId } = denied.find(({ told }) => told.data.permission === 'cases.read')!;
      expect(omitted!.told.data).toEqual({ source: 'account', accountId, swallowed: 5 });
    } finally {
      await other.stop();
    }
  });

  it('of a sign-in are written down: where the account is known, in its institution', async () => {
    const signIn = (email: string, password: string) => () =>
      h.call('POST', '/auth/sessions', { body: { email, password } });
    const [unknown] = await added(signIn('nadie@conavi.demo', PASSWORD));
    expect([unknown!.event, unknown!.institutionId, unknown!.told.data]).toEqual([
      'SESSION_REFUSED',
      null,
      {},
    ]);
    const [known] = await added(signIn(AUDITOR, 'no es la contraseña'));
    expect([known!.event, known!.institutionId]).toEqual(['SESSION_REFUSED', expect.any(String)]);
    expect(known!.told.data).toEqual({ accountId: expect.any(String) });
    expect(events(await added(signIn(AUDITOR, PASSWORD)))).toEqual(['SESSION_OPENED']);
  });

  it.each([
    ['a token', { token: 'das_unknown-unknown-unknown' }, 'GET', '/cases', 'bearer'],
    ['a token of no kind', { token: 'hello' }, 'POST', '/auth/password', 'bearer'],
    ['a channel key', { key: 'unknown-unknown-unknown' }, 'POST', '/reports', 'api-key'],
  ])(
    'of %s that is none are written down, without what was sent',
    async (_name, as, method, path, credential) => {
      const [entry, ...others] = await added(() =>
        h.call(method, path, { ...as, body: method === 'POST' ? {} : undefined }),
      );
      expect(others).toEqual([]);
      expect([entry!.event, entry!.institutionId, entry!.told.data]).toEqual([
        'CREDENTIAL_REFUSED',
        null,
        { credential, method, route: `/api/v1${path}` },
      ]);
      expect(JSON.stringify(entry)).not.toMatch(/unknown|hello/);
    },
  );

  it('of a key that files reports and was tried elsewhere are written down', async () => {
    const [entry] = await added(() => h.call('GET', '/cases', { key: `${CHANNEL_KEY}-cnv-web` }));
    expect([entry!.event, entry!.told.data.route]).toEqual(['CREDENTIAL_REFUSED', '/api/v1/cases']);
  });

  it('keep a folio or an id that was asked for, and nothing else that somebody typed there', async () => {
    const secret = 'dat_7k3mq9tx4hbnw2pd';
    for (const typed of [secret, 'Juan%20P%C3%A9rez%205512345678', '1234567890123456']) {
      const [entry] = await added(() => h.as(MESA, 'GET', `/cases/${typed}`));
      expect([entry!.event, entry!.told.data.asked]).toEqual(['ACCESS_DENIED', { folio: 'malformed' }]);
    }
  });

  it('of a reporter’s token leave nothing: whether somebody tried to look is the reporter’s matter', async () => {
    expect(
      await added(() => h.call('GET', '/tracking/case', { token: 'dat_unknown-unknown-unknown' })),
    ).toEqual([]);
    expect(await added(() => h.call('GET', '/tracking/case', { token: 'hello' }))).toEqual([]);
  });

  it.each([
    ['not over', { table: 'reports', period: '2026-12' }, 409, 'PERIOD_OPEN'],
    ['before the plan', { table: 'reports', period: '2020-01' }, 422, 'PERIOD_NOT_COVERED'],
  ])('of a release of a period that is %s are written down', async (_name, body, status, code) => {
    await h.token('transparencia@conavi.demo');
    const entries = await added(async () => {
      const answer = await h.as<{ code: string }>(
        'transparencia@conavi.demo',
        'POST',
        '/stats/releases',
        body,
      );
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    });
    expect(entries.map(({ event, told }) => [event, told.data])).toEqual([
      ['STATS_RELEASE_REFUSED', { ...body, code }],
    ]);
  });
});

describe('a list', () => {
  it('writes one entry with its filter, how many it showed and which', async () => {
    await assigned();
    await h.token(HEAD);
    let shown: string[] = [];
    const entries = await added(async () => {
      const path = '/cases?status=assigned,received&priority=normal&sort=oldest&q=CNV-2026&limit=7';
      const { body } = await h.as<{ items: { folio: string }[] }>(HEAD, 'GET', path);
      shown = body.items.map(({ folio }) => folio);
    });
    expect(shown.length).toBeGreaterThan(0);
    expect(entries.map(({ event, caseId, told }) => [event, caseId, told.data])).toEqual([
      [
        'CASES_LISTED',
        null,
        {
          count: shown.length,
          folios: shown,
          filter: { status: ['assigned', 'received'], priority: 'normal', sort: 'oldest', q: 'CNV-2026' },
        },
      ],
    ]);
  });
});

describe('the trail of a case', () => {
  interface Item {
    event: string;
    actor: { kind: string; name: string | null };
    day: string;
    at: string | null;
  }

  it('tells its auditor and its head who read and changed it, page by page', async () => {
    const receipt = await assigned();
    const path = `/cases/${receipt.folio}`;
    const later = (): void => h.clock.set(new Date(h.clock.now().getTime() + 1000));
    later();
    await h.as(INVESTIGATOR, 'GET', path);
    await h.call('GET', '/tracking/case', { token: await h.trackingToken(receipt) });
    later();
    await h.as(HEAD, 'POST', `${path}/notes`, { text: 'Pedir el padrón.' });
    later();
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Item[]; nextCursor: string | null } = (
        await h.as<{ items: Item[]; nextCursor: string | null }>(
          AUDITOR,
          'GET',
          `${path}/audit?limit=1${cursor ? `&cursor=${cursor}` : ''}`,
        )
      ).body;
      items.push(...page.items);
      cursor = items.length < 4 ? page.nextCursor : null;
    } while (cursor);
    const told = items.map(
      ({ event, actor, at }) => `${event} ${actor.name ?? actor.kind} ${at ? 'at' : 'on the day'}`,
    );
    expect(told).toEqual([
      'CASE_OPENED nobody on the day',
      'CASE_TRIAGED Mesa de control (demostración) at',
      // The reporter's visit of today is left out until tomorrow: see test/abuse.e2e-spec.ts.
      'CASE_READ Investigación (demostración) at',
      'NOTE_WRITTEN Titular de área (demostración) at',
    ]);
    const whole = (await h.as<{ items: Item[] }>(HEAD, 'GET', `${path}/audit?limit=100`)).body.items;
    expect(whole.filter(({ event }) => event === 'AUDIT_READ')).toHaveLength(4);
    expect(whole.every(({ day }) => day === '2026-11-10')).toBe(true);
  });
});

describe('a ciphertext in another place', () => {
  const swap = (table: string, column: string, where: string, key = 'id'): string =>
    `update ${table} t set ${column} = o.${column} from ${table} o where t.${key} <> o.${key} and ${where}`;

  async function swapped(sql: string, parameters: unknown[]): Promise<void> {
    await asSuperuser(async (client) => {
      // Only whoever commands the whole server can get past the trigger.
      await client.query('set session_replication_role = replica');
      const { rowCount } = await client.query(sql, parameters);
      expect(rowCount).toBe(2);
    }, h.databaseName);
  }

  it('of the trail is shown as broken, without what it would say', async () => {
    const { folio } = await assigned();
    const where = `t.case_id = o.case_id and t.case_id = (select id from cases where folio = $1)`;
    await swapped(swap('audit_entries', 'sealed', where), [folio]);
    type Page = { integrity: string; items: { integrity: string; fault?: string; data: object }[] };
    const { status, body } = await h.as<Page>(AUDITOR, 'GET', `/cases/${folio}/audit`);
    expect([status, body.integrity]).toEqual([200, 'broken']);
    for (const { integrity, fault, data } of body.items) {
      expect([integrity, fault, data]).toEqual(['broken', 'unreadable', {}]);
    }
  });

  it.each([
    ['a narrative', 'case_reports', 'content', 'case_id'],
    ['an identity', 'case_reports', 'identity', 'case_id'],
    ['a content key', 'case_keys', 'content_key', 'case_id'],
    ['an audit key', 'case_keys', 'audit_key', 'case_id'],
  ])('with %s is refused, not shown', async (_, table, column, key) => {
    const folios: string[] = [];
    for (let n = 0; n < 2; n++) {
      const { folio } = await h.file({ mode: 'identified', reporter: { name: 'Nombre de prueba' } });
      await h.as(MESA, 'POST', `/cases/${folio}/triage`, { area: 'OIC', reason: 'Procede.' });
      folios.push(folio);
    }
    const both = `t.case_id in (select id from cases where folio = any($1)) and o.case_id in (select id from cases where folio = any($1))`;
    await swapped(swap(table, column, both, key), [folios]);
    for (const folio of folios) expect((await h.as(HEAD, 'GET', `/cases/${folio}`)).status).toBe(500);
  });

  it('with a message of the same case is refused, not shown', async () => {
    const { folio } = await assigned();
    for (const text of ['Uno.', 'Dos.']) await h.as(HEAD, 'POST', `/cases/${folio}/messages`, { text });
    const where = `t.case_id = o.case_id and t.kind = 'message' and o.kind = 'message' and t.case_id = (select id from cases where folio = $1)`;
    await swapped(swap('case_entries', 'body', where), [folio]);
    expect((await h.as(HEAD, 'GET', `/cases/${folio}`)).status).toBe(500);
  });
});
