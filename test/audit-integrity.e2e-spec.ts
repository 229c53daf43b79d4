import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalJson, commit } from '../src/foundations/audit/commitment.js';
import { openEntry, sealEntry } from '../src/foundations/audit/entry-seal.js';
import { system } from '../src/platform/actor.js';
import { openJson, sealJson } from '../src/platform/crypto/aead.js';
import { KeyRing } from '../src/platform/crypto/keyring.js';
import { TrailCheck } from '../src/work/cases/trail-check.js';
import { ADMIN, AUDITOR, CaseWork, DESK, HEAD, INVESTIGATOR, ok, type CaseBody } from './builders/cases.js';
import { SECRETS } from './setup/constants.js';
import { asSuperuser, Harness, type Receipt } from './setup/harness.js';

/** Whoever owns the database, and has the keys where a test says so. */

interface Item {
  id: string;
  event: string;
  actor: { kind: string; name: string | null; email: string | null };
  at: string | null;
  data: Record<string, unknown>;
  names: Record<string, string>;
  integrity: string;
  integrityLabel: string;
  faultLabel?: string;
  fault?: string;
}
interface Trail {
  integrity: string;
  faults: string[];
  items: Item[];
  names: Record<string, string>;
  nextCursor: string | null;
}

const METRICS = 'metrics-token';
let h: Harness;
let work: CaseWork;
let receipt: Receipt;
let caseId: string;
beforeEach(async () => {
  h = await Harness.start({ config: { metricsToken: METRICS } });
  work = new CaseWork(h);
  receipt = await work.bring('under_investigation');
  ok(await work.post(INVESTIGATOR, receipt.folio, 'messages', { text: 'Recibimos tu denuncia.' }));
  ok(await work.post(INVESTIGATOR, receipt.folio, 'notes', { text: 'Pedir el padrón.' }));
  await work.read(receipt.folio, INVESTIGATOR);
  caseId = (
    await h.sql<{ id: string }>('owner', 'select id from cases where folio = $1', [receipt.folio])
  )[0]!.id;
});
afterEach(() => h.stop());

/** SQL of somebody whom no trigger stops. */
const tamper = (sql: string, values: unknown[] = []) =>
  asSuperuser(async (client) => {
    await client.query('set session_replication_role = replica');
    const { rowCount } = await client.query(sql, values);
    expect(rowCount).toBeGreaterThan(0);
  }, h.databaseName);
const trail = async (email = AUDITOR): Promise<Trail> =>
  ok(await h.as<Trail>(email, 'GET', `/cases/${receipt.folio}/audit?limit=100`));
const detail = async (): Promise<string> =>
  ok(await h.as<CaseBody & { integrity: string }>(HEAD, 'GET', `/cases/${receipt.folio}`)).integrity;
const faultMetric = async (): Promise<number> => {
  const { body } = await h.call<string>('GET', '//metrics', { token: METRICS });
  return Number(/^audit_trail_faults (\d+)$/m.exec(body)![1]);
};
const warned = async (): Promise<{ kind: string; folio: string | null }[]> =>
  ok(
    await h.as<{ items: { kind: string; folio: string | null }[] }>(
      AUDITOR,
      'GET',
      '/notifications?limit=100',
    ),
  ).items.filter(({ kind }) => kind === 'trail_broken');
const nextDay = (): void => {
  h.clock.set(new Date(h.clock.now().getTime() + 86_400_000));
  h.forgetTokens();
};
const verify = () => h.run('verify-trail');
const where = `case_id = $1 and event = 'CASE_TRIAGED'`;

describe('an untouched trail', () => {
  it('is whole when codes were exchanged and hardened, in whatever order their entries are stored', async () => {
    for (let n = 0; n < 8; n++) {
      const other = await h.file();
      if (n % 2 === 0) await h.sweep();
      const token = await h.trackingToken(other);
      const { body } = await h.call<{ token: string }>('POST', '/tracking/access-code', { token });
      await h.call('POST', '/tracking/access-code', { token: body.token });
      await h.sweep();
      const read = await h.as<CaseBody & { integrity: string }>(DESK, 'GET', `/cases/${other.folio}`);
      expect([n, ok(read).integrity]).toEqual([n, 'ok']);
    }
    nextDay();
    await verify();
    expect([await faultMetric(), await warned()]).toEqual([0, []]);
  });

  it('is whole to whoever reads and verifies it while it is written', async () => {
    const writing = (async () => {
      for (let n = 0; n < 15; n++)
        ok(await work.post(INVESTIGATOR, receipt.folio, 'notes', { text: `Nota ${n}.` }));
    })();
    const seen = new Set<string>();
    const [institution] = await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    );
    const page = { after: '00000000-0000-0000-0000-000000000000', limit: 100, today: '2026-11-10' };
    const owner = { id: institution!.id, timeZone: 'America/Mexico_City' };
    const checks = h.app.get(TrailCheck);
    const walk = () =>
      h.database.tx(system('audit', owner.id), (tx) => checks.checkNext(tx, owner, page), { snapshot: true });
    let over = false;
    void writing.finally(() => (over = true)).catch(() => undefined);
    while (!over) {
      const [one, whole] = await Promise.all([detail(), trail(), walk()]);
      seen.add(one).add(whole.integrity);
    }
    await writing;
    expect([...seen]).toEqual(['ok']);
    expect([await faultMetric(), await warned()]).toEqual([0, []]);
  });

  it('is whole when it is read and at every verification, through a whole life of a case', async () => {
    const other = await work.bring('resolved');
    await work.asReporter(other, 'POST', 'messages', { text: 'Gracias.' });
    await h.call('POST', '/tracking/access-code', { token: await h.trackingToken(other) });
    for (let day = 0; day < 3; day++) {
      await h.sweep();
      await verify();
      const { integrity, faults, items } = await trail();
      expect([integrity, faults, items.filter((one) => one.integrity !== 'ok')]).toEqual(['ok', [], []]);
      expect(await detail()).toBe('ok');
      nextDay();
    }
    expect([await faultMetric(), await warned()]).toEqual([0, []]);
  });
});

describe('a case of an earlier version', () => {
  it('whose first entry vouches for nothing stays whole, whatever is written later', async () => {
    const ring = new KeyRing(SECRETS);
    const [row] = await h.sql<{ id: string; day: string; key: Buffer }>(
      'owner',
      `select e.id, e.day::text as day, k.audit_key as key from audit_entries e join case_keys k using (case_id)
        where case_id = $1 and event = 'CASE_OPENED'`,
      [caseId],
    );
    const key = ring.unwrap(row!.key, { table: 'case_keys', row: caseId, field: 'audit_key' });
    const payload = canonicalJson({
      event: 'CASE_OPENED',
      actor: { kind: 'nobody' },
      time: row!.day,
      case: { id: caseId, seq: 1 },
      data: { channel: 'web' },
    });
    const salt = Buffer.alloc(32, 7);
    const sealed = sealJson(
      key,
      { salt: salt.toString('base64'), payload },
      { table: 'audit_entries', row: row!.id, field: 'sealed' },
    );
    const values = [row!.id, sealed, commit(salt, payload)];
    await tamper('update audit_entries set sealed = $2, commitment = $3 where id = $1', values);
    ok(await work.post(INVESTIGATOR, receipt.folio, 'notes', { text: 'Una nota nueva.' }));
    const { integrity, faults, items } = await trail();
    expect([integrity, faults, items.find(({ event }) => event === 'CASE_OPENED')?.data]).toEqual([
      'ok',
      [],
      { channel: 'web' },
    ]);
    expect([await detail(), await faultMetric()]).toEqual(['ok', 0]);
  });
});

describe('an entry that was changed', () => {
  it.each([
    ['event', `update audit_entries set event = 'CASE_ASSIGNED' where ${where}`],
    [
      'account',
      `update audit_entries set account_id = (select id from accounts where email = '${HEAD}') where ${where}`,
    ],
    ['kind of actor', `update audit_entries set actor_kind = 'system', account_id = null where ${where}`],
    ['time', `update audit_entries set at = at - interval '3 minutes' where ${where}`],
    ['day', `update audit_entries set day = day - 1 where ${where}`],
    ['subject', `update audit_entries set about_id = '11111111-1111-4111-8111-111111111111' where ${where}`],
    ['reading', `update audit_entries set reading = true where ${where}`],
    ['commitment', `update audit_entries set commitment = sha256('x') where ${where}`],
    [
      'seal',
      `update audit_entries set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where ${where}`,
    ],
  ])(
    'in its %s is flagged, counted and told to the auditor once, and shows what was sealed',
    async (_name, sql) => {
      const before = (await trail()).items.find(({ event }) => event === 'CASE_TRIAGED')!;
      await tamper(sql, [caseId]);
      const found = await trail();
      const broken = found.items.filter(({ integrity }) => integrity === 'broken');
      expect([found.integrity, broken.map(({ id }) => id)]).toEqual(['broken', [before.id]]);
      // A seal that does not open says nothing; any other one says what was sealed.
      const { integrity: _now, integrityLabel: _nowLabel, fault, faultLabel, ...shown } = broken[0]!;
      const { integrity: _then, integrityLabel: _thenLabel, ...sealed } = before;
      expect(faultLabel).toEqual(expect.any(String));
      if (fault !== 'unreadable') expect(shown).toEqual(sealed);
      expect(await faultMetric()).toBeGreaterThan(0);
      await trail();
      await trail(HEAD);
      expect(await warned()).toMatchObject([{ folio: receipt.folio }]);
      if (!sql.includes('reading = true')) expect(await detail()).toBe('broken');
    },
  );

  it('together with its payload, by somebody with the keys, no longer is what was committed to', async () => {
    const ring = new KeyRing(SECRETS);
    const [row] = await h.sql<{ id: string; sealed: Buffer; key: Buffer }>(
      'owner',
      `select e.id, e.sealed, k.audit_key as key from audit_entries e join case_keys k using (case_id) where ${where}`,
      [caseId],
    );
    const key = ring.unwrap(row!.key, { table: 'case_keys', row: caseId, field: 'audit_key' });
    const { salt, payload } = openEntry(key, row!.id, row!.sealed);
    const forged = sealEntry(key, row!.id, salt, payload.replace('CASE_TRIAGED', 'CASE_TRIAGER'));
    await tamper(`update audit_entries set sealed = $2, event = 'CASE_TRIAGER' where id = $1`, [
      row!.id,
      forged,
    ]);
    expect((await trail()).items.find(({ id }) => id === row!.id)?.fault).toBe('commitment');
  });

  it('is found by the verification of the night although nobody looks at it', async () => {
    await tamper(`update audit_entries set at = at - interval '1 minute' where case_id = $1 and reading`, [
      caseId,
    ]);
    await tamper(`update audit_entries set event = 'X' where event = 'SESSION_OPENED' and case_id is null`);
    nextDay();
    await verify();
    expect(await faultMetric()).toBeGreaterThan(1);
    expect((await warned()).map(({ folio }) => folio).sort()).toEqual([null, receipt.folio].sort());
  });

  it('of a read is flagged in the trail', async () => {
    await tamper(
      `update audit_entries set account_id = null, actor_kind = 'system' where case_id = $1 and event = 'CASE_READ'`,
      [caseId],
    );
    const { integrity, items } = await trail();
    expect([integrity, items.find(({ event }) => event === 'CASE_READ')]).toMatchObject([
      'broken',
      { integrity: 'broken', fault: 'columns', actor: { email: INVESTIGATOR } },
    ]);
  });
});

describe('an entry that is gone', () => {
  it.each([
    ['in the middle', 'case_seq = 2'],
    ['the last', 'case_seq = (select max(case_seq) from audit_entries where case_id = $1 and not reading)'],
    ['and its message', `event = 'MESSAGE_SENT'`],
  ])('%s leaves a number without entry', async (_name, which) => {
    await tamper(`delete from audit_entries where case_id = $1 and not reading and ${which}`, [caseId]);
    const { integrity, faults } = await trail();
    expect([integrity, faults]).toEqual(['broken', expect.arrayContaining(['missing'])]);
    expect(await detail()).toBe('broken');
    expect(await warned()).toMatchObject([{ folio: receipt.folio }]);
  });

  it.each([
    ['a read of a case', `case_id = $1 and event = 'CASE_READ'`],
    ['a sign-in', `$1::uuid is not null and case_id is null and event = 'SESSION_OPENED'`],
  ])('%s is missed by the next verification, once', async (_name, which) => {
    nextDay();
    await verify();
    expect(await faultMetric()).toBe(0);
    await tamper(
      `delete from audit_entries where id = (select id from audit_entries where ${which} limit 1)`,
      [caseId],
    );
    // The same day is verified once.
    await verify();
    expect(await faultMetric()).toBe(0);
    nextDay();
    await verify();
    await verify();
    expect(await faultMetric()).toBe(1);
    expect(await warned()).toMatchObject([{ folio: null }]);
    const found = ok(await h.as<Trail>(AUDITOR, 'GET', '/audit?event=AUDIT_VERIFIED')).items;
    expect(found.map(({ data }) => data.pastChanged ?? false)).toEqual([true, false]);
    // A second deletion is news again.
    await tamper(
      `delete from audit_entries where id = (select id from audit_entries where event = 'CASE_TRIAGED' limit 1)`,
    );
    await tamper(
      `delete from audit_entries where id = (select id from audit_entries where event = 'SESSION_OPENED' limit 1)`,
    );
    nextDay();
    await verify();
    expect(await faultMetric()).toBeGreaterThan(2);
  });

  it('and stood in for by another one of the same number is missed as well', async () => {
    nextDay();
    await verify();
    await tamper(
      `update audit_entries e set sealed = o.sealed, commitment = o.commitment from audit_entries o
        where e.case_id = $1 and e.event = 'CASE_READ' and o.id <> e.id and o.case_id = $1 and o.event = 'CASE_OPENED'`,
      [caseId],
    );
    nextDay();
    await verify();
    expect(await faultMetric()).toBeGreaterThanOrEqual(2);
  });
});

describe('what is stored', () => {
  it('as narrative and was replaced with the right keys is not what its entry vouches for', async () => {
    const ring = new KeyRing(SECRETS);
    const [row] = await h.sql<{ content: Buffer; key: Buffer }>(
      'owner',
      'select r.content, k.content_key as key from case_reports r join case_keys k using (case_id) where case_id = $1',
      [caseId],
    );
    const key = ring.unwrap(row!.key, { table: 'case_keys', row: caseId, field: 'content_key' });
    const place = { table: 'case_reports', row: caseId, field: 'content' };
    const report = openJson<Record<string, unknown>>(key, row!.content, place);
    const forged = sealJson(key, { ...report, narrative: 'No pasó nada.' }, place);
    await tamper('update case_reports set content = $2 where case_id = $1', [caseId, forged]);
    expect(await detail()).toBe('broken');
    const { items } = await trail();
    expect(
      items.filter((one) => one.integrity === 'broken').map(({ event, fault }) => [event, fault]),
    ).toEqual([['CASE_OPENED', 'content']]);
    expect(await warned()).toMatchObject([{ folio: receipt.folio }]);
  });

  it.each([
    [
      'who reported',
      'update case_reports set identity = identity || sha256(identity) where case_id = $1',
      'CASE_OPENED',
    ],
    [
      'a message',
      `update case_entries set body = sha256(body) where case_id = $1 and kind = 'message'`,
      'MESSAGE_SENT',
    ],
    [
      'a note that becomes visible',
      `update case_entries set visible = true where case_id = $1 and kind = 'note'`,
      'NOTE_WRITTEN',
    ],
    [
      'an access code',
      `update case_access_codes set digest = encode(sha256('x'), 'hex') where case_id = $1`,
      'CASE_OPENED',
    ],
  ])('as %s cannot be changed unseen', async (_name, sql, event) => {
    const kinds = await h.sql('owner', 'select kind, visible from case_entries where case_id = $1', [caseId]);
    expect(kinds.length).toBeGreaterThan(2);
    await tamper(sql, [caseId]);
    const { integrity, items } = await trail();
    expect([integrity, items.filter(({ fault }) => fault).map((one) => [one.event, one.fault])]).toEqual([
      'broken',
      [[event, 'content']],
    ]);
  });

  it('without any entry is unattested', async () => {
    await tamper(
      `insert into case_entries (id, case_id, case_seq, kind, author, visible, day, body)
       select gen_random_uuid(), $1, 99, 'message_sent', 'system', true, day, body from case_entries where case_id = $1 limit 1`,
      [caseId],
    );
    const { integrity, faults } = await trail();
    expect([integrity, faults]).toEqual(['broken', ['unattested']]);
  });

  it.each(['case_reports', 'case_access_codes', 'case_entries'])(
    'in %s cannot be deleted unseen',
    async (table) => {
      await tamper(`delete from ${table} where case_id = $1`, [caseId]);
      const { integrity, items } = await trail();
      expect([integrity, items.some(({ fault }) => fault === 'content')]).toEqual(['broken', true]);
    },
  );

  it('as the text of a closure is vouched for, and the list of folios that somebody saw is sealed', async () => {
    await work.close(receipt.folio, 'measures_taken', HEAD);
    const closed = (await trail()).items.find(({ event }) => event === 'CASE_CLOSED')!;
    expect(closed.integrity).toBe('ok');
    await tamper(
      `update case_entries set body = sha256(body) where case_id = $1 and body is not null and case_seq = (select max(case_seq) from case_entries where case_id = $1)`,
      [caseId],
    );
    expect((await trail()).items.filter(({ fault }) => fault).map(({ event }) => event)).toEqual([
      'CASE_CLOSED',
    ]);
    await h.as(DESK, 'GET', '/cases?limit=5');
    const listed = ok(await h.as<Trail>(AUDITOR, 'GET', '/audit?event=CASES_LISTED')).items[0]!;
    expect(listed.data.folios).toEqual([receipt.folio]);
  });
});

describe('a name', () => {
  it('that an administrator changes stays in what was done under the old one', async () => {
    const before = (await trail()).items;
    // Of one instant the order is any: each entry by its id.
    const now = async () => {
      const actors = new Map((await trail()).items.map(({ id, actor }) => [id, actor]));
      return before.map(({ id }) => actors.get(id));
    };
    const then = before.map(({ actor }) => actor);
    const detailOf = async () =>
      ok(await h.as<CaseBody>(AUDITOR, 'GET', `/cases/${receipt.folio}`)).entries.map(({ by }) => by);
    const authors = await detailOf();
    const [account] = await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [
      INVESTIGATOR,
    ]);
    ok(
      await h.as(ADMIN, 'PATCH', `/admin/accounts/${account!.id}`, {
        name: 'Titular de área (demostración)',
      }),
    );
    expect(await now()).toEqual(then);
    expect(await detailOf()).toEqual(authors);
    expect(then.some(({ email }) => email === INVESTIGATOR)).toBe(true);
    // Also past the service: the name lies in the seal.
    await tamper(`update accounts set name = 'Otra', email = 'otra@conavi.demo' where id = $1`, [
      account!.id,
    ]);
    expect(await now()).toEqual(then);
    // What is done from now on has the new one.
    const changed = ok(
      await h.as<Trail>(AUDITOR, 'GET', `/audit?event=ACCOUNT_CHANGED&account=${account!.id}`),
    );
    expect(changed.items[0]!.names[account!.id]).toBe(`Titular de área (demostración) <${INVESTIGATOR}>`);
  });
});

describe('the trail of the institution', () => {
  const list = async (query = '', email = AUDITOR): Promise<Trail> =>
    ok(await h.as<Trail>(email, 'GET', `/audit${query}`));

  it('shows configuration, accounts, sign-ins, figures and refusals, newest first, and its own reading', async () => {
    ok(await h.as(ADMIN, 'POST', '/admin/areas', { code: 'NUEVA', label: 'Nueva' }));
    ok(await h.as(AUDITOR, 'GET', '/stats/cases'));
    expect((await h.as(ADMIN, 'GET', `/cases/${receipt.folio}`)).status).toBe(403);
    const { items } = await list('?limit=100');
    const events = new Set(items.map(({ event }) => event));
    for (const event of ['AREA_CREATED', 'STATS_READ', 'SESSION_OPENED', 'ACCESS_DENIED', 'ACCOUNT_CREATED'])
      expect(events).toContain(event);
    const denied = items.find(({ event }) => event === 'ACCESS_DENIED')!;
    expect([denied.actor.email, denied.data.asked]).toEqual([ADMIN, { folio: receipt.folio }]);
    // What belongs to a case stands in the trail of the case.
    expect(
      [...events].filter((event) => ['CASE_OPENED', 'CASE_READ', 'REPORTER_READ'].includes(event)),
    ).toEqual([]);
    const times = items.flatMap(({ at }) => (at ? [at] : []));
    expect(times).toEqual([...times].sort().reverse());
    expect((await list('?event=AUDIT_LISTED')).items.length).toBeGreaterThan(0);
  });

  it('is filtered by event, account and days, and read in pages without a gap or a repeat', async () => {
    const [account] = await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [
      ADMIN,
    ]);
    ok(await h.as(ADMIN, 'POST', '/admin/areas', { code: 'NUEVA', label: 'Nueva' }));
    nextDay();
    ok(await h.as(ADMIN, 'POST', '/admin/areas', { code: 'NUEVA2', label: 'Nueva' }));
    const byEvent = (await list('?event=AREA_CREATED&limit=100')).items;
    expect(byEvent.filter(({ data }) => String(data.code).startsWith('NUEVA')).length).toBe(2);
    expect(new Set(byEvent.map(({ event }) => event))).toEqual(new Set(['AREA_CREATED']));
    const acts = (await list(`?account=${account!.id}&limit=100`)).items;
    expect(acts.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['ACCOUNT_CREATED', 'AREA_CREATED', 'SESSION_OPENED']),
    );
    const ofTheDay = (await list('?from=2026-11-11&to=2026-11-11&limit=100')).items;
    expect(ofTheDay.length).toBeGreaterThan(1);
    expect(ofTheDay.filter(({ at }) => !at?.startsWith('2026-11-11'))).toEqual([]);
    expect((await list('?to=2026-01-01')).items).toEqual([]);

    const whole = (await list('?to=2026-11-10&limit=100')).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Trail = await list(`?to=2026-11-10&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged.slice(0, whole.length)).toEqual(whole);
    expect(new Set(paged).size).toBe(paged.length);
  });

  it.each([
    '?event=nada',
    '?event=x',
    '?event=FOO',
    '?event=CASE_OPENED',
    '?from=2026-11-10&to=2026-11-09',
    '?account=1',
    '?from=ayer',
    '?to=2026-02-30',
    '?cursor=abc',
    '?limit=0',
    '?other=1',
  ])('refuses %s', async (query) => {
    expect((await h.as(AUDITOR, 'GET', `/audit${query}`)).status).toBe(400);
  });

  it('is of one institution, whoever it is asked by', async () => {
    ok(await h.as('admin@acolman.demo', 'POST', '/admin/areas', { code: 'AJENA', label: 'Ajena' }));
    const theirs = await list('?limit=100', 'auditor@acolman.demo');
    expect(theirs.items.some(({ data }) => data.code === 'AJENA')).toBe(true);
    expect(JSON.stringify(await list('?limit=100'))).not.toContain('AJENA');
    const [account] = await h.sql<{ id: string }>(
      'owner',
      `select id from accounts where email = 'admin@acolman.demo'`,
    );
    expect((await list(`?account=${account!.id}`)).items).toEqual([]);
  });

  it('flags what was changed behind it, and says it once', async () => {
    await tamper(
      `update audit_entries set account_id = (select id from accounts where email = '${HEAD}') where event = 'SESSION_OPENED'`,
    );
    for (let n = 0; n < 2; n++) {
      const { items } = await list('?event=SESSION_OPENED&limit=100');
      expect(items.filter(({ integrity }) => integrity === 'broken').length).toBeGreaterThan(1);
      expect(items.every(({ actor }) => actor.email !== null)).toBe(true);
    }
    expect(await warned()).toMatchObject([{ folio: null }]);
    expect(await faultMetric()).toBeGreaterThan(1);
  });
});
