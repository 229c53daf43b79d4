import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DEFAULT_AREAS, DEFAULT_CATEGORIES } from '../src/foundations/catalogs/default-catalog.js';
import { createInstitution } from '../src/foundations/catalogs/institution-setup.js';
import { ADMIN, AREA, AUDITOR, HEAD, INVESTIGATOR, ok, OTHER_AREA } from './builders/cases.js';
import { PASSWORD } from './setup/constants.js';
import { databaseUrl, Harness, type Answer } from './setup/harness.js';
import { runToEnd } from './support/process.js';

/** An administrator who wants to read cases, and whoever would have to agree. */

interface Approval {
  id: string;
  kind: string;
  state: string;
  account: { id: string; name: string; email: string } | null;
  request: Record<string, unknown>;
  reason: string | null;
  requestedBy: { email: string };
  decidedBy: { email: string } | null;
  answer: string | null;
  mayDecide: boolean;
}
interface Body {
  id: string;
  code: string;
  name: string;
  roles: string[];
  active: boolean;
  oneTimePassword?: string;
  approval: Approval;
  account: { id: string; email: string; roles: string[]; areas: { code: string }[]; active: boolean } | null;
}
interface Notice {
  kind: string;
  approval: string | null;
  account: { name: string; email: string } | null;
}

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

const as = (email: string, method: string, path: string, body?: unknown): Promise<Answer<Body>> =>
  h.as<Body>(email, method, path, body);
const approvals = async (email: string, state?: string): Promise<Approval[]> =>
  ok(await h.as<{ items: Approval[] }>(email, 'GET', `/approvals?limit=100${state ? `&state=${state}` : ''}`))
    .items;
const unread = async (email: string): Promise<Notice[]> =>
  ok(await h.as<{ items: Notice[] }>(email, 'GET', '/notifications?unread=true&limit=100')).items;
const told = async (email: string, approval: string): Promise<string[]> =>
  (await unread(email))
    .filter((one) => one.approval === approval)
    .map(({ kind }) => kind)
    .sort();
const signIn = (email: string, password: string) =>
  h.call('POST', '/auth/sessions', { body: { email, password } });
const idOf = async (email: string): Promise<string> =>
  (await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [email]))[0]!.id;
const entries = (event: string) =>
  h.sql<{ account: string; about: string }>(
    'owner',
    'select account_id as account, about_id as about from audit_entries where event = $1 order by id',
    [event],
  );

const agree = (email: string, { id }: { id: string }) => as(email, 'POST', `/approvals/${id}/agreement`, {});
const refuse = (email: string, { id }: { id: string }, reason = 'Nadie con ese nombre trabaja aquí.') =>
  as(email, 'POST', `/approvals/${id}/refusal`, { reason });

let count = 0;
/** A new investigator's account asked for by an administrator. */
async function askFor(change: Record<string, unknown> = {}): Promise<Approval> {
  const body = {
    email: `nueva${++count}@conavi.demo`,
    name: 'Persona Nueva',
    roles: ['investigator'],
    areas: [AREA],
  };
  const answer = await as(ADMIN, 'POST', '/admin/accounts', { ...body, ...change });
  expect(answer.status).toBe(202);
  expect(Object.keys(answer.body)).toEqual(['approval']);
  return answer.body.approval;
}

describe('an administrator who wants to read cases', () => {
  it.each([
    ['triage', []],
    ['investigator', [AREA]],
    ['area_head', [AREA]],
    ['auditor', []],
  ])('gets no account of the role %s alone, not even with the name of a real person', async (role, areas) => {
    const email = `titere-${role.replace('_', '-')}@conavi.demo`;
    const [{ name } = { name: '' }] = await h.sql<{ name: string }>(
      'owner',
      'select name from accounts where email = $1',
      [INVESTIGATOR],
    );
    const { status, body } = await as(ADMIN, 'POST', '/admin/accounts', {
      email,
      name,
      roles: [role],
      areas,
    });
    expect([status, JSON.stringify(body).includes('assword')]).toEqual([202, false]);
    expect(await h.sql('owner', 'select 1 from accounts where email = $1', [email])).toEqual([]);
    for (const person of [AUDITOR, ...(areas.length > 0 ? [HEAD] : [])]) {
      expect(await told(person, body.approval.id)).toEqual(['approval_requested']);
    }
    // Whoever is asked sees the address, which the puppet does not share with the real person.
    const seen = (await approvals(AUDITOR, 'open')).find(({ id }) => id === body.approval.id)!;
    expect([seen.request.email, seen.request.name, seen.requestedBy.email, seen.mayDecide]).toEqual([
      email,
      name,
      ADMIN,
      true,
    ]);
  });

  it('gets into no account that sees cases by a one-time password', async () => {
    const before = await entries('ONE_TIME_PASSWORD_SET');
    for (const email of [INVESTIGATOR, HEAD, AUDITOR, 'mesa@conavi.demo']) {
      const { status, body } = await as(
        ADMIN,
        'POST',
        `/admin/accounts/${await idOf(email)}/one-time-password`,
        {},
      );
      expect([email, status, JSON.stringify(body).includes('assword":')]).toEqual([email, 202, false]);
      expect([email, (await signIn(email, PASSWORD)).status]).toEqual([email, 201]);
    }
    expect(await entries('ONE_TIME_PASSWORD_SET')).toEqual(before);
  });

  it('gives no account more areas, other roles or its work back alone', async () => {
    const investigator = await idOf(INVESTIGATOR);
    const operator = await idOf('operador@conavi.demo');
    const stored = () =>
      h.sql(
        'owner',
        `select a.id, a.roles, a.active, array(select area_id from account_areas where account_id = a.id) as areas from accounts a order by id`,
      );
    const before = await stored();
    for (const [id, change] of [
      [investigator, { areas: [AREA, OTHER_AREA] }],
      [investigator, { roles: ['area_head'] }],
      [investigator, { roles: ['auditor'], areas: [] }],
      [operator, { roles: ['operator', 'triage'] }],
    ] as const) {
      expect([change, (await as(ADMIN, 'PATCH', `/admin/accounts/${id}`, change)).status]).toEqual([
        change,
        202,
      ]);
    }
    expect(await stored()).toEqual(before);
  });

  it('gets nothing beyond what was shown to the second person, whatever it changes alone in between', async () => {
    const puppet = ok(
      await as(ADMIN, 'POST', '/admin/accounts', {
        email: 'p1@conavi.demo',
        name: 'P',
        roles: ['operator'],
        areas: [AREA],
      }),
    );
    const path = `/admin/accounts/${puppet.id}`;
    // More areas for an account that sees nothing need nobody; they must not ride along.
    const role = (await as(ADMIN, 'PATCH', path, { roles: ['investigator'] })).body.approval;
    expect(role.request).toMatchObject({ roles: ['investigator'], areas: [AREA], active: true });
    ok(await as(ADMIN, 'PATCH', path, { areas: [AREA, OTHER_AREA] }));
    expect(ok(await agree(HEAD, role)).account).toMatchObject({
      roles: ['investigator'],
      areas: [{ code: AREA }],
    });

    // An inactive account becomes something else before it comes back.
    ok(await as(ADMIN, 'PATCH', path, { active: false }));
    const back = (await as(ADMIN, 'PATCH', path, { active: true })).body.approval;
    ok(await as(ADMIN, 'PATCH', path, { roles: ['auditor'], areas: [] }));
    expect(ok(await agree(HEAD, back)).account).toMatchObject({
      roles: ['investigator'],
      areas: [{ code: AREA }],
    });

    // A password for what the account may not see any more, and then for more.
    const password = (await as(ADMIN, 'POST', `${path}/one-time-password`, {})).body.approval;
    const more = (await as(ADMIN, 'PATCH', path, { areas: [AREA, OTHER_AREA] })).body.approval;
    ok(await agree(AUDITOR, more));
    const stale = await agree(HEAD, password);
    expect([stale.status, stale.body.code]).toEqual([409, 'APPROVAL_STALE']);
    expect((await agree(AUDITOR, password)).status).toBe(409);
  });

  it('does not know the password of an account that comes to see cases', async () => {
    const puppet = ok(
      await as(ADMIN, 'POST', '/admin/accounts', { email: 'p2@conavi.demo', name: 'P', roles: ['operator'] }),
    );
    const asked = (await as(ADMIN, 'PATCH', `/admin/accounts/${puppet.id}`, { roles: ['triage'] })).body
      .approval;
    const known = ok(
      await as(ADMIN, 'POST', `/admin/accounts/${puppet.id}/one-time-password`, {}),
    ).oneTimePassword!;
    expect((await signIn('p2@conavi.demo', known)).status).toBe(201);
    const agreed = ok(await agree(AUDITOR, asked));
    expect((await signIn('p2@conavi.demo', known)).status).toBe(401);
    expect((await signIn('p2@conavi.demo', agreed.oneTimePassword!)).status).toBe(201);
  });

  it('takes no approver away in silence, and the head of a small area does not stand in for the auditor', async () => {
    const own = await Harness.start();
    const admin = (method: string, path: string, body: unknown) => own.as<Body>(ADMIN, method, path, body);
    const account = async (email: string) =>
      (await own.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [email]))[0]!.id;
    try {
      await own.token(HEAD);
      ok(await admin('PATCH', `/admin/accounts/${await account(AUDITOR)}`, { roles: ['transparency'] }));
      const { items } = ok(await own.as<{ items: Notice[] }>(HEAD, 'GET', '/notifications'));
      expect(items.map(({ kind, account: about }) => [kind, about?.email])).toEqual([
        ['access_changed', AUDITOR],
      ]);
      for (const body of [
        { email: 'p3@conavi.demo', name: 'P', roles: ['triage'] },
        { email: 'p4@conavi.demo', name: 'P', roles: ['auditor'] },
        { email: 'p5@conavi.demo', name: 'P', roles: ['investigator'], areas: [OTHER_AREA] },
      ]) {
        const asked = await admin('POST', '/admin/accounts', body);
        expect(asked.status).toBe(202);
        const answer = await own.as<Body>(HEAD, 'POST', `/approvals/${asked.body.approval.id}/agreement`, {});
        expect([answer.status, answer.body.code]).toEqual([403, 'APPROVAL_NOT_YOURS']);
      }
    } finally {
      await own.stop();
    }
  });

  it('sends no reports elsewhere in silence', async () => {
    const changed = async () =>
      (await unread(AUDITOR)).filter(({ kind }) => kind === 'routing_changed').length;
    const rule = { position: 1, label: 'Todo', category: 'FRAUD', area: OTHER_AREA };
    const { id } = ok(await as(ADMIN, 'POST', '/admin/routing-rules', rule));
    expect(await changed()).toBe(1);
    ok(await as(ADMIN, 'PATCH', `/admin/routing-rules/${id}`, { position: 2 }));
    expect(await changed()).toBe(2);
    const [area] = await h.sql<{ id: string }>(
      'owner',
      `select a.id from areas a join institutions i on i.id = a.institution_id where a.code = $1 and i.code = 'CONAVI-DEMO'`,
      [OTHER_AREA],
    );
    ok(await as(ADMIN, 'PATCH', `/admin/areas/${area!.id}`, { fallback: true }));
    expect(await changed()).toBe(3);
    expect((await unread(HEAD)).filter(({ kind }) => kind === 'routing_changed').length).toBe(3);
  });

  it('finds no second administrator who can agree, and cannot agree itself', async () => {
    const second = 'admin2@conavi.demo';
    const made = await as(ADMIN, 'POST', '/admin/accounts', {
      email: second,
      name: 'Segunda',
      roles: ['admin'],
    });
    expect(made.status).toBe(201);
    await h.sql(
      'owner',
      `update accounts set password_hash = (select password_hash from accounts where email = $1), one_time_until = null where email = $2`,
      [ADMIN, second],
    );
    const asked = await askFor();
    for (const email of [ADMIN, second]) {
      expect([email, (await agree(email, asked)).status, (await refuse(email, asked)).status]).toEqual([
        email,
        403,
        403,
      ]);
    }
    // Two administrators who give each other what neither may have: the roles do not stand together on one
    // account.
    for (const [from, to] of [
      [ADMIN, second],
      [second, ADMIN],
    ] as const) {
      for (const roles of [['admin', 'investigator'], ['investigator']]) {
        const answer = await as(from, 'PATCH', `/admin/accounts/${await idOf(to)}`, { roles, areas: [AREA] });
        expect([422, 202]).toContain(answer.status);
      }
    }
    const { roles } = ok(await h.as<{ roles: string[] }>(second, 'GET', '/auth/me'));
    expect(roles).toEqual(['admin']);
  });

  it('does not get around the question by deactivating everybody who could agree', async () => {
    const own = await Harness.start();
    try {
      const [row] = await own.sql<{ ids: string[] }>(
        'owner',
        `select array_agg(id) as ids from accounts where email like '%@conavi.demo' and roles && array['auditor', 'area_head']`,
      );
      for (const id of row!.ids) ok(await own.as(ADMIN, 'PATCH', `/admin/accounts/${id}`, { active: false }));
      const body = { email: 'titere@conavi.demo', name: 'Títere', roles: ['auditor'] };
      expect((await own.as(ADMIN, 'POST', '/admin/accounts', body)).status).toBe(202);
      for (const id of row!.ids) {
        expect((await own.as(ADMIN, 'PATCH', `/admin/accounts/${id}`, { active: true })).status).toBe(202);
      }
      // Nor by saying in the database that nobody ever could.
      const app = new pg.Client({ connectionString: databaseUrl(own.databaseName, 'app') });
      await app.connect();
      const institution = await own.sql<{ id: string }>(
        'owner',
        `select id from institutions where code = 'CONAVI-DEMO'`,
      );
      await app.query('begin');
      await app.query(`select act_as('staff', $1, $2)`, [institution[0]!.id, row!.ids[0]]);
      await expect(app.query('update institutions set two_people_since = null')).rejects.toThrow(
        'two people',
      );
      await app.query('rollback');
      await app.end();
    } finally {
      await own.stop();
    }
  });

  it('writes no account and no agreement past the service: each change needs its entry', async () => {
    const asked = await askFor();
    const app = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
    await app.connect();
    const [who] = await h.sql<{ id: string; institution: string }>(
      'owner',
      'select id, institution_id as institution from accounts where email = $1',
      [ADMIN],
    );
    for (const statement of [
      `update approvals set state = 'agreed', decided_by = (select id from accounts where email = 'auditor@conavi.demo'), decided_at = now() where id = '${asked.id}'`,
      `update accounts set roles = array['auditor'] where email = 'admin@conavi.demo'`,
      `update accounts set password_hash = (select password_hash from accounts where email = 'admin@conavi.demo') where email = 'auditor@conavi.demo'`,
    ]) {
      await app.query('begin');
      await app.query(`select act_as('staff', $1, $2)`, [who!.institution, who!.id]);
      await app.query(`select set_config('app.areas', '*', true)`);
      await app.query(statement);
      await expect(app.query('commit')).rejects.toThrow('entry');
    }
    await app.end();
  });

  it('does not bury what matters under requests', async () => {
    const own = await Harness.start();
    try {
      const ask = (n: number) =>
        own.as<Body>(ADMIN, 'POST', '/admin/accounts', {
          email: `n${n}@conavi.demo`,
          name: 'N',
          roles: ['triage'],
        });
      for (let n = 0; n < 50; n++) expect((await ask(n)).status).toBe(202);
      const refused = await ask(50);
      expect([refused.status, refused.body.code]).toEqual([409, 'TOO_MANY_APPROVALS']);
      // A week later nobody waits for them any more.
      own.clock.set(new Date(own.clock.now().getTime() + 7 * 86_400_000));
      own.forgetTokens();
      expect((await ask(51)).status).toBe(202);
    } finally {
      await own.stop();
    }
  });
});

describe('the second person', () => {
  it('who agrees makes it happen, gets the password and not the administrator, and the others hear of it', async () => {
    const asked = await askFor({ reason: 'Entra hoy al área.' });
    expect([asked.state, asked.reason, asked.mayDecide]).toEqual(['open', 'Entra hoy al área.', false]);
    const { status, body } = await agree(HEAD, asked);
    expect(status).toBe(200);
    expect([body.approval.state, body.approval.decidedBy?.email]).toEqual(['agreed', HEAD]);
    expect(body.account).toMatchObject({ roles: ['investigator'], areas: [{ code: AREA }], active: true });
    expect((await signIn(body.account!.email, body.oneTimePassword!)).status).toBe(201);
    expect(await told(AUDITOR, asked.id)).toEqual(['access_changed', 'approval_requested']);
    const notice = (await unread(AUDITOR)).find(
      ({ kind, approval }) => kind === 'access_changed' && approval === asked.id,
    )!;
    expect(notice.account).toEqual({ name: 'Persona Nueva', email: body.account!.email });
    // What the administrator sees of it carries no password.
    expect(JSON.stringify(await approvals(ADMIN))).not.toContain(body.oneTimePassword);

    const trail = [...(await entries('APPROVAL_AGREED')), ...(await entries('ACCOUNT_CREATED'))];
    const head = await idOf(HEAD);
    expect(
      trail.filter(({ about }) => [asked.id, body.account!.id].includes(about)).map(({ account }) => account),
    ).toEqual([head, head]);
  });

  it('who agrees to another password ends the sessions, and the old password is dead', async () => {
    const target = (await agree(AUDITOR, await askFor())).body;
    const { email, id } = target.account!;
    await h.sql('owner', 'update accounts set one_time_until = null where id = $1', [id]);
    const session = await h.call<{ accessToken: string }>('POST', '/auth/sessions', {
      body: { email, password: target.oneTimePassword },
    });
    const asked = (
      await as(ADMIN, 'POST', `/admin/accounts/${id}/one-time-password`, { reason: 'La olvidó.' })
    ).body.approval;
    expect((await h.call('GET', '/auth/me', { token: session.body.accessToken })).status).toBe(200);
    const done = (await agree(AUDITOR, asked)).body;
    expect((await h.call('GET', '/auth/me', { token: session.body.accessToken })).status).toBe(401);
    expect((await signIn(email, target.oneTimePassword!)).status).toBe(401);
    expect((await signIn(email, done.oneTimePassword!)).status).toBe(201);
  });

  it('who refuses leaves everything as it was, and says why', async () => {
    const asked = await askFor();
    const { status, body } = await refuse(AUDITOR, asked);
    expect([status, body.approval.state, body.approval.answer]).toEqual([
      200,
      'refused',
      'Nadie con ese nombre trabaja aquí.',
    ]);
    for (const again of [await agree(AUDITOR, asked), await refuse(HEAD, asked)]) {
      expect([again.status, again.body.code]).toEqual([409, 'APPROVAL_CLOSED']);
    }
    expect(await h.sql('owner', 'select 1 from accounts where email = $1', [asked.request.email])).toEqual(
      [],
    );
  });

  it('is never the person concerned, nor the head of other areas', async () => {
    const head = await idOf(HEAD);
    const own = (await as(ADMIN, 'POST', `/admin/accounts/${head}/one-time-password`, {})).body.approval;
    const elsewhere = await askFor({ areas: [OTHER_AREA] });
    const desk = await askFor({ roles: ['triage'], areas: [] });
    for (const asked of [own, elsewhere, desk]) {
      const answer = await agree(HEAD, asked);
      expect([answer.status, answer.body.code]).toEqual([403, 'APPROVAL_NOT_YOURS']);
      expect((await approvals(HEAD, 'open')).find(({ id }) => id === asked.id)?.mayDecide).toBe(false);
      expect((await refuse(AUDITOR, asked)).status).toBe(200);
    }
  });

  it('answers within a week, and for an administrator who may still ask', async () => {
    const late = await askFor();
    const orphan = await askFor();
    await h.sql('owner', `update approvals set expires_at = requested_at where id = $1`, [late.id]);
    expect((await agree(AUDITOR, late)).body.code).toBe('APPROVAL_CLOSED');
    expect((await approvals(AUDITOR, 'expired')).map(({ id }) => id)).toContain(late.id);
    await h.sql('owner', 'update accounts set active = false where email = $1', [ADMIN]);
    expect((await agree(AUDITOR, orphan)).body.code).toBe('APPROVAL_CLOSED');
    await h.sql('owner', 'update accounts set active = true where email = $1', [ADMIN]);
    expect((await refuse(AUDITOR, orphan)).status).toBe(200);
  });

  it('is one of two who answer at once', async () => {
    for (let round = 0; round < 5; round++) {
      const asked = await askFor();
      const answers = await Promise.all([agree(AUDITOR, asked), refuse(HEAD, asked), agree(HEAD, asked)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      const made = await h.sql('owner', 'select 1 from accounts where email = $1', [asked.request.email]);
      expect(made.length).toBe(answers[1]!.status === 200 ? 0 : 1);
    }
  });

  it('of another institution finds nothing', async () => {
    const asked = await askFor();
    for (const email of ['auditor@acolman.demo', 'titular@acolman.demo']) {
      expect((await agree(email, asked)).status).toBe(404);
      expect((await approvals(email)).map(({ id }) => id)).not.toContain(asked.id);
    }
    expect((await refuse(AUDITOR, asked)).status).toBe(200);
  });

  it.each([undefined, '', '  ', 'x', 'y'.repeat(501), 7])(
    'refuses for a reason, and %j is none',
    async (reason) => {
      const asked = await askFor();
      expect((await as(AUDITOR, 'POST', `/approvals/${asked.id}/refusal`, { reason })).status).toBe(400);
      expect((await refuse(AUDITOR, asked)).status).toBe(200);
    },
  );
});

describe('one person is enough', () => {
  it('for what takes access away, and for accounts that see no case', async () => {
    const puppet = (await agree(AUDITOR, await askFor({ areas: [AREA, OTHER_AREA] }))).body.account!;
    const path = `/admin/accounts/${puppet.id}`;
    for (const change of [
      { areas: [AREA] },
      { name: 'Otro Nombre' },
      { active: false },
      { roles: ['operator'] },
    ]) {
      expect([change, (await as(ADMIN, 'PATCH', path, change)).status]).toEqual([change, 200]);
    }
    for (const roles of [['operator'], ['admin'], ['transparency']]) {
      const body = { email: `${randomUUID()}@conavi.demo`, name: 'Sin casos', roles };
      expect([roles, (await as(ADMIN, 'POST', '/admin/accounts', body)).status]).toEqual([roles, 201]);
    }
  });
});

describe('a new institution', () => {
  it('does it alone while nobody could agree, and shows it to the first who can, who may undo it', async () => {
    const owner = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'owner') });
    await owner.connect();
    const { id } = await createInstitution(owner, {
      code: 'PUEBLA',
      name: 'Puebla',
      prefix: 'PUE',
      kind: 'federal',
      territory: null,
      timeZone: 'America/Mexico_City',
      calendarRule: 'LFT74',
      contactText: 'Llama al 070.',
      demo: false,
      areas: DEFAULT_AREAS.federal,
      categories: DEFAULT_CATEGORIES.federal,
      notice: null,
      now: h.clock.now(),
    });
    await owner.query(
      `insert into accounts (id, institution_id, email, name, password_hash, roles, created_at)
       select gen_random_uuid(), $1, 'admin@puebla.demo', 'Primera', password_hash, array['admin'], $3 from accounts where email = $2`,
      [id, ADMIN, h.clock.now()],
    );
    await owner.end();
    const admin = 'admin@puebla.demo';
    const create = (email: string, role: string, areas: string[] = []) =>
      as(admin, 'POST', '/admin/accounts', { email, name: 'Persona', roles: [role], areas });

    const early = await create('inv@puebla.demo', 'investigator', ['OIC']);
    expect([early.status, typeof early.body.oneTimePassword]).toEqual([201, 'string']);
    // The first who can agree is made alone too, and is told of all that went before.
    const auditor = await create('aud@puebla.demo', 'auditor');
    expect(auditor.status).toBe(201);
    expect((await create('inv2@puebla.demo', 'investigator', ['OIC'])).status).toBe(202);
    await h.sql(
      'owner',
      'update accounts set one_time_until = null, password_hash = (select password_hash from accounts where email = $1) where email = $2',
      [ADMIN, 'aud@puebla.demo'],
    );
    const pending = (await approvals('aud@puebla.demo', 'unconfirmed')).filter(({ mayDecide }) => mayDecide);
    expect(pending.map(({ account, kind }) => [account?.email, kind])).toEqual([
      ['inv@puebla.demo', 'account_creation'],
    ]);
    expect(await told('aud@puebla.demo', pending[0]!.id)).toEqual(['access_changed']);
    const undone = await refuse('aud@puebla.demo', pending[0]!);
    expect(undone.body.approval.state).toBe('refused');
    expect(await h.sql('owner', 'select active from accounts where email = $1', ['inv@puebla.demo'])).toEqual(
      [{ active: false }],
    );
    expect((await entries('DONE_WITHOUT_APPROVAL')).length).toBe(2);
    expect((await entries('TWO_PEOPLE_FROM_NOW')).filter(({ about }) => about === id).length).toBe(1);
  });
});

describe('the operator of the machine', () => {
  it('answers with a command where nobody active may, and the trail says so', async () => {
    const own = await Harness.start();
    const run = (...args: string[]) => runToEnd('app/commands/approvals', own.env(), args);
    try {
      const { approval } = (
        await own.as<Body>(ADMIN, 'POST', '/admin/accounts', {
          email: 'n@conavi.demo',
          name: 'N',
          roles: ['auditor'],
        })
      ).body;
      const listed = await run();
      expect(listed.stdout).toContain(`CONAVI-DEMO: ${approval.id} account_creation n@conavi.demo auditor`);
      expect(listed.stdout).toContain('1 may answer');
      // While the auditor is there the command refuses.
      expect((await run('--agree', approval.id)).code).not.toBe(0);

      const [auditor] = await own.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [
        AUDITOR,
      ]);
      ok(await own.as(ADMIN, 'PATCH', `/admin/accounts/${auditor!.id}`, { active: false }));
      const agreed = await run('--agree', approval.id);
      const password = /One-time password ([0-9a-z-]+);/.exec(agreed.stdout)![1]!;
      expect(
        (await own.call('POST', '/auth/sessions', { body: { email: 'n@conavi.demo', password } })).status,
      ).toBe(201);
      const [entry] = await own.sql(
        'owner',
        `select actor_kind as kind, account_id as account from audit_entries where event = 'APPROVAL_AGREED'`,
      );
      expect(entry).toEqual({ kind: 'system', account: null });
      expect((await run()).stdout).toContain('No request waits');
      for (const args of [
        ['--refuse', approval.id],
        ['--agree', randomUUID()],
        ['--agree', 'a', '--refuse', 'b'],
      ]) {
        expect([args, (await run(...args)).code]).not.toEqual([args, 0]);
      }
    } finally {
      await own.stop();
    }
  }, 180_000);
});
