import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Denials } from '../src/foundations/identity/denials.js';
import { withAgreement, type AccountBody } from './builders/accounts.js';
import { ADMIN, AUDITOR, DESK, HEAD, INVESTIGATOR, ok, OPERATOR } from './builders/cases.js';
import { PASSWORD, START_TIME } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';
import { summariseRefusals } from './support/refusals.js';
import { StatementLog } from './support/statements.js';
import { enoughOfTheWindow } from './support/windows.js';

interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
}
interface Me extends AccountBody {
  institution: { code: string; name: string };
  permissions: string[];
}
interface Problem {
  code: string;
  detail: string;
  retryAfter: number;
  requestId: string;
  errors: { field: string; code: string }[];
}

const OTHER_ADMIN = 'admin@acolman.demo';
const WRONG = 'no es esta frase';
const NEW_PASSWORD = 'otra frase muy larga';

let h: Harness;
const login = (email: string, password = PASSWORD) =>
  h.call<Tokens & Problem>('POST', '/auth/sessions', { body: { email, password } });
const signIn = async (email: string, password = PASSWORD): Promise<Tokens> =>
  ok(await login(email, password));
const me = (token: string) => h.call<Me>('GET', '/auth/me', { token });
const alive = async (token: string): Promise<boolean> => (await me(token)).status === 200;
const refresh = (refreshToken: string) =>
  h.call<Tokens & Problem>('POST', '/auth/sessions/refresh', { body: { refreshToken } });
const admin = <T = AccountBody & Problem>(method: string, path: string, body?: unknown, email = ADMIN) =>
  h.as<T>(email, method, `/admin/${path}`, body);
const slowedUntil = async (email: string): Promise<string | null> => {
  const { body } = await admin<{ items: { email: string; signInSlowedUntil: string | null }[] }>(
    'GET',
    'accounts',
  );
  return body.items.find((account) => account.email === email)!.signInSlowedUntil;
};
const events = (event: string) =>
  h.sql<{ institution_id: string | null; account_id: string | null; actor_kind: string; at: Date | null }>(
    'owner',
    'select institution_id, account_id, actor_kind, at from audit_entries where event = $1',
    [event],
  );
const idOf = async (email: string): Promise<string> =>
  (await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [email]))[0]!.id;
/** Windows of limits run on the machine's time: this ends them as their end would. */
const endWindows = () => h.sql('owner', 'update rate_limits set expire = 0');

async function create(account: Record<string, unknown>): Promise<AccountBody> {
  const asked = await admin<AccountBody>('POST', 'accounts', {
    name: 'Nueva',
    roles: ['operator'],
    ...account,
  });
  return withAgreement(h, asked);
}
/** An account that has changed its one-time password. */
async function settle(
  account: Record<string, unknown>,
): Promise<AccountBody & { token: string; refreshToken: string }> {
  const made = await create(account);
  const { accessToken, refreshToken } = await signIn(made.email, made.oneTimePassword);
  const body = { current: made.oneTimePassword, new: NEW_PASSWORD };
  ok(await h.call('POST', '/auth/password', { token: accessToken, body }));
  return { ...made, token: accessToken, refreshToken };
}

beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

describe('signing in', () => {
  it('gives two opaque tokens and when the first ends, whatever the case of the e-mail', async () => {
    const { status, body } = await login('Mesa@CONAVI.demo');
    expect([status, body]).toEqual([
      201,
      {
        accessToken: expect.stringMatching(/^das_[\w-]{43}$/),
        refreshToken: expect.stringMatching(/^dar_[\w-]{43}$/),
        expiresAt: '2026-11-10T10:15:00-06:00',
      },
    ]);
  });

  it('is followed by who one is', async () => {
    const { accessToken } = await signIn(INVESTIGATOR);
    expect((await me(accessToken)).body).toEqual({
      id: await idOf(INVESTIGATOR),
      email: INVESTIGATOR,
      name: 'Investigación (demostración)',
      roles: ['investigator'],
      roleLabels: ['Investigación'],
      institution: { code: 'CONAVI-DEMO', name: 'Comisión de Vivienda (demostración)' },
      areas: [{ code: 'OIC', label: 'Órgano Interno de Control' }],
      permissions: expect.arrayContaining(['cases.read', 'cases.investigate']),
      permissionLabels: expect.arrayContaining(['Ver casos', 'Investigar casos']),
      mustChangePassword: false,
    });
  });

  it.each([
    ['an unknown field', { email: 'a@b.mx', password: PASSWORD, totp: '1' }],
    ['NUL', { email: 'a\0@b.mx', password: PASSWORD }],
    ['no password', { email: 'a@b.mx' }],
    ['a list', { email: ['a@b.mx'], password: PASSWORD }],
    ['129 characters', { email: 'a@b.mx', password: 'x'.repeat(129) }],
  ])('with %s is refused with 400', async (_name, body) => {
    expect((await h.call('POST', '/auth/sessions', { body })).status).toBe(400);
  });

  it('stores no token, only what one cannot go back from', async () => {
    const { accessToken, refreshToken } = await signIn(DESK);
    const dump = JSON.stringify(
      await h.sql(
        'owner',
        `select s.*, encode(access_hash, 'escape') a, encode(refresh_hash, 'escape') r from staff_sessions s`,
      ),
    );
    for (const token of [accessToken, refreshToken]) expect(dump).not.toContain(token.slice(4));
  });

  it('is written down with its exact time', async () => {
    const before = (await events('SESSION_OPENED')).length;
    await signIn(DESK);
    const opened = await events('SESSION_OPENED');
    expect(opened.length).toBe(before + 1);
    expect(opened.every(({ actor_kind, account_id, at }) => actor_kind === 'staff' && account_id && at)).toBe(
      true,
    );
  });
});

describe('an unknown account', () => {
  const answer = async (email: string, password: string) => {
    const { status, body, headers } = await login(email, password);
    return [status, JSON.stringify({ ...body, requestId: '' }), [...headers.keys()].sort().join()];
  };

  it('is answered like a wrong password and like a deactivated account', async () => {
    const gone = await settle({ email: 'baja@conavi.demo' });
    ok(await admin('PATCH', `accounts/${gone.id}`, { active: false }));
    const wrong = await answer(DESK, WRONG);
    expect(wrong[0]).toBe(401);
    expect(await answer('nadie@conavi.demo', WRONG)).toEqual(wrong);
    expect(await answer('baja@conavi.demo', NEW_PASSWORD)).toEqual(wrong);
    await endWindows();
  });

  it('costs the database the same statements as a wrong password', async () => {
    const log = new StatementLog(h.database.appPool);
    const texts = async (email: string) => {
      await h.app.get(Denials).settled();
      const all = (await log.during(() => login(email, WRONG))).map(({ text }) => text);
      // The entry in the trail is written after the answer.
      const answered = all.findIndex((text) => text.includes('rate_limits') && text.includes('denial-audit'));
      return answered < 0 ? all.slice(0, all.lastIndexOf('start transaction')) : all.slice(0, answered);
    };
    const known = await texts(DESK);
    expect(known.length).toBeGreaterThan(5);
    expect(await texts('nadie2@conavi.demo')).toEqual(known);
    await endWindows();
  });

  it('is slowed down like a known one: ten wrong passwords, then 429 with the seconds to wait', async () => {
    const tries = async (email: string) => {
      const statuses: number[] = [];
      for (let n = 0; n < 11; n++) statuses.push((await login(email, WRONG)).status);
      return statuses;
    };
    const known = await tries(DESK);
    expect(known).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect(await tries('nadie@conavi.demo')).toEqual(known);
    const { status, body, headers } = await login(DESK, WRONG);
    expect([status, body.code, body.detail]).toEqual([
      429,
      'TOO_MANY_ATTEMPTS',
      expect.stringMatching(/La correcta entra unos segundos después/),
    ]);
    expect(Number(headers.get('retry-after'))).toBe(body.retryAfter);
    expect(body.retryAfter).toBeGreaterThan(800);
    expect(body.retryAfter).toBeLessThanOrEqual(900);
    expect((await login(HEAD)).status).toBe(201);

    const refused = await events('SESSION_REFUSED');
    // Of the installation, because nobody's institution is known; never with the address.
    expect(refused.some(({ institution_id }) => institution_id === null)).toBe(true);
    expect(refused.some(({ institution_id }) => institution_id !== null)).toBe(true);
  });

  it('and a known one are free again when the window ends by itself', async () => {
    expect((await login(DESK, WRONG)).status).toBe(429);
    await endWindows();
    expect(await slowedUntil(DESK)).toBeNull();
    expect((await login(DESK)).status).toBe(201);
    expect((await login('nadie@conavi.demo')).status).toBe(401);
    await endWindows();
  });

  it('gains a guesser in parallel no more than in a row', async () => {
    const right = await Promise.all(Array.from({ length: 20 }, () => login(INVESTIGATOR)));
    expect(right.every(({ status }) => status === 201)).toBe(true);
    const wrong = await Promise.all(Array.from({ length: 30 }, () => login(INVESTIGATOR, WRONG)));
    const checked = wrong.filter(({ status }) => status === 401).length;
    expect(checked).toBeGreaterThanOrEqual(10);
    expect(checked).toBeLessThanOrEqual(11);
    await endWindows();
  });

  it('cannot fill the trail: a flood of strangers leaves room for what is tried on real accounts', async () => {
    await enoughOfTheWindow(25);
    await h.app.get(Denials).settled();
    await endWindows();
    await h.sql('owner', 'delete from audit_omissions');
    const refused = async () => {
      await h.app.get(Denials).settled();
      const all = await events('SESSION_REFUSED');
      const ofNobody = all.filter(({ institution_id }) => institution_id === null).length;
      return { ofNobody, ofAccounts: all.length - ofNobody };
    };
    const before = await refused();
    const strangers = Array.from({ length: 30 }, (_, n) => `nadie${n}@x.mx`);
    for (const email of strangers) await login(email, WRONG);
    // None of whom was tried so often in this window that the rest is only counted.
    const real = [HEAD, OPERATOR, AUDITOR];
    for (const email of real) await Promise.all(Array.from({ length: 4 }, () => login(email, WRONG)));
    expect(await refused()).toEqual({ ofNobody: before.ofNobody + 20, ofAccounts: before.ofAccounts + 12 });

    // What was swallowed is told when the window is over, and once.
    const later = new Date(Date.now() + 900_000);
    await summariseRefusals(h, new Date());
    expect(await events('REFUSALS_OMITTED')).toEqual([]);
    await summariseRefusals(h, later);
    await summariseRefusals(h, later);
    const told = await events('REFUSALS_OMITTED');
    expect(told.filter(({ institution_id }) => institution_id === null)).toMatchObject([
      { account_id: null },
    ]);
    await endWindows();
  });

  it('whose password a stranger guesses still opens with the right one, and the list of accounts shows it', async () => {
    await endWindows();
    expect(await slowedUntil(DESK)).toBeNull();
    for (let n = 0; n < 10; n++) await login(DESK, WRONG);
    expect(await slowedUntil(DESK)).toMatch(/^2026-11-10T10:[01]\d:\d\d-06:00$/);
    expect(await slowedUntil(HEAD)).toBeNull();
    // The stranger goes on, and holds places in the line.
    const [right, ...wrong] = await Promise.all([
      login(DESK),
      ...Array.from({ length: 3 }, () => login(DESK, WRONG)),
    ]);
    expect([right!.status, wrong.map(({ status }) => status)]).toEqual([201, [429, 429, 429]]);
    // Another address is not held up by that.
    expect((await login(HEAD)).status).toBe(201);
    await endWindows();
  }, 40_000);

  it('and a known one that are tried while slowed down leave entries of it', async () => {
    await endWindows();
    for (let n = 0; n < 10; n++) await login(OPERATOR, WRONG);
    const count = async () => {
      await h.app.get(Denials).settled();
      return (await events('SESSION_REFUSED')).length;
    };
    const before = await count();
    expect((await login(OPERATOR, WRONG)).status).toBe(429);
    expect(await count()).toBe(before + 1);
    await endWindows();
  });

  it('of many kinds at once makes everybody wait instead of closing the door', async () => {
    await h.sql('owner', 'delete from rate_limits');
    await login('x6@x.mx', WRONG);
    // The window of all together is the shortest.
    const [all] = await h.sql<{ key: string }>(
      'owner',
      `select key from rate_limits where key like 'sign-in:%' order by expire limit 1`,
    );
    await h.sql('owner', `update rate_limits set points = 600 where key = '${all!.key}'`);
    const began = performance.now();
    const [right, wrong] = await h.atFullLength(() =>
      Promise.all([login(INVESTIGATOR), login('x7@x.mx', WRONG)]),
    );
    expect([right.status, wrong.status, wrong.body.code]).toEqual([201, 401, 'INVALID_CREDENTIALS']);
    expect(performance.now() - began).toBeGreaterThan(1_400);
    // A stranger who holds all places for one address keeps out that address only.
    const flood = await Promise.all(Array.from({ length: 8 }, () => login('x8@x.mx', WRONG)));
    expect(flood.filter(({ status }) => status === 429)).toHaveLength(3);
    await endWindows();
  });
});

describe('a session', () => {
  it('is refreshed once: the old pair ends, the new one works', async () => {
    const first = await signIn(DESK);
    const { status, body: second } = await refresh(first.refreshToken);
    expect([status, Object.keys(second).sort()]).toEqual([200, ['accessToken', 'expiresAt', 'refreshToken']]);
    expect([await alive(first.accessToken), await alive(second.accessToken)]).toEqual([false, true]);
  });

  it('gives two tabs that refresh within half a minute the same pair, and so a call whose answer was lost', async () => {
    const before = (await events('SESSION_REUSE_DETECTED')).length;
    const { refreshToken } = await signIn(DESK);
    const answers = await Promise.all([1, 2, 3].map(() => refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    h.clock.set(new Date(h.clock.now().getTime() + 29_000));
    const again = ok(await refresh(refreshToken));
    expect(again).toEqual(answers[0]!.body);
    expect(await alive(again.accessToken)).toBe(true);
    // One tab is a step ahead: what the other gets leads it there.
    const ahead = ok(await refresh(again.refreshToken));
    const behind = ok(await refresh(again.refreshToken));
    expect(behind).toEqual(ahead);
    expect((await events('SESSION_REUSE_DETECTED')).length).toBe(before);
    const rows = await h.sql<{ n: number }>(
      'owner',
      `select count(*)::int as n from staff_sessions where family_id =
         (select family_id from staff_sessions where access_hash = sha256('${ahead.accessToken}'))`,
    );
    expect(rows).toEqual([{ n: 3 }]);
    h.clock.set(START_TIME);
  });

  it('that ended is not given again to who repeats, however soon', async () => {
    const first = await signIn(DESK);
    const second = ok(await refresh(first.refreshToken));
    expect((await h.call('DELETE', '/auth/sessions/current', { token: second.accessToken })).status).toBe(
      204,
    );
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect(await alive(second.accessToken)).toBe(false);
  });

  it('ends whole when a refresh token comes a second time later on', async () => {
    const before = (await events('SESSION_REUSE_DETECTED')).length;
    const first = await signIn(DESK);
    const second = ok(await refresh(first.refreshToken));
    const bystander = await signIn(DESK);
    h.clock.set(new Date(h.clock.now().getTime() + 30_001));
    expect((await refresh(first.refreshToken)).body.code).toBe('UNAUTHENTICATED');
    expect(await alive(second.accessToken)).toBe(false);
    expect((await refresh(second.refreshToken)).status).toBe(401);
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect(await alive(bystander.accessToken)).toBe(true);
    expect((await events('SESSION_REUSE_DETECTED')).length).toBe(before + 1);
    h.clock.set(START_TIME);
  });

  it('ends at once where it is closed, and only there', async () => {
    const [one, other] = [await signIn(DESK), await signIn(DESK)];
    expect((await h.call('DELETE', '/auth/sessions/current', { token: one.accessToken })).status).toBe(204);
    expect(await alive(one.accessToken)).toBe(false);
    expect((await refresh(one.refreshToken)).status).toBe(401);
    expect(await alive(other.accessToken)).toBe(true);
  });

  it('takes no refresh token, no other prefix and nothing else as bearer', async () => {
    const { accessToken, refreshToken } = await signIn(DESK);
    for (const token of [
      refreshToken,
      accessToken.slice(4),
      `${accessToken}x`,
      'das_',
      'das_AAAAAAAAAAAAAAAA',
    ])
      expect([token, await alive(token)]).toEqual([token, false]);
    const both = { Authorization: `Bearer ${accessToken}`, 'X-Api-Key': 'x'.repeat(20) };
    expect((await h.call('GET', '/auth/me', { headers: both })).status).toBe(401);
    const basic = { Authorization: `Basic ${Buffer.from(`${DESK}:${PASSWORD}`).toString('base64')}` };
    expect((await h.call('GET', '/auth/me', { headers: basic })).status).toBe(401);
    expect((await h.call('GET', '/auth/me')).headers.get('www-authenticate')).toBe('Bearer');
    expect((await refresh(accessToken)).status).toBe(401);
    expect((await refresh('')).status).toBe(400);
  });

  it('lives 15 minutes from each refresh and 12 hours in all; the sweep deletes what is over', async () => {
    const at = (instant: string) => h.clock.set(new Date(instant));
    const first = await signIn(DESK);
    at('2026-11-10T16:14:59.999Z');
    expect(await alive(first.accessToken)).toBe(true);
    at('2026-11-10T16:15:00Z');
    expect(await alive(first.accessToken)).toBe(false);
    const second = ok(await refresh(first.refreshToken));
    expect(await alive(second.accessToken)).toBe(true);
    at('2026-11-11T03:50:00Z');
    const third = await refresh(second.refreshToken);
    // The last pair ends with the session.
    expect([third.status, third.body.expiresAt]).toEqual([200, '2026-11-10T22:00:00-06:00']);
    at('2026-11-11T04:00:00Z');
    expect((await refresh(third.body.refreshToken)).status).toBe(401);

    const rows = async () =>
      (await h.sql<{ n: number }>('owner', 'select count(*)::int as n from staff_sessions'))[0]!.n;
    const before = await rows();
    expect(before).toBeGreaterThan(0);
    expect(await h.run('delete-expired-sessions')).toBe(before);
    expect(await rows()).toBe(0);
    h.clock.set(START_TIME);
    h.forgetTokens();
  });
});

describe('a refused permission', () => {
  it('is 403 and written down, capped for each account', async () => {
    await enoughOfTheWindow(10);
    const denied = async () => {
      await h.app.get(Denials).settled();
      const id = await idOf(INVESTIGATOR);
      return (await events('ACCESS_DENIED')).filter(({ account_id }) => account_id === id).length;
    };
    const answer = await admin<Problem>('GET', 'accounts', undefined, INVESTIGATOR);
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN']);
    expect(await denied()).toBe(1);
    for (let n = 0; n < 25; n++) await admin('GET', 'accounts', undefined, INVESTIGATOR);
    expect(await denied()).toBe(20);
  });
});

describe('an account', () => {
  it('is made, read and changed over one connection: no act waits for a second', async () => {
    const one = await Harness.start({ poolSize: 1 });
    try {
      const asked = await one.as<AccountBody>(ADMIN, 'POST', '/admin/accounts', {
        email: 'nueva@conavi.demo',
        name: 'Nueva',
        roles: ['admin'],
      });
      const listed = await one.as<{ items: { id: string; email: string }[] }>(
        ADMIN,
        'GET',
        '/admin/accounts',
      );
      const { id } = listed.body.items.find(({ email }) => email === 'nueva@conavi.demo')!;
      const changed = await one.as<AccountBody>(ADMIN, 'PATCH', `/admin/accounts/${id}`, {
        name: 'Nuevo nombre',
      });
      expect([asked.status, listed.status, changed.status, changed.body.name]).toEqual([
        201,
        200,
        200,
        'Nuevo nombre',
      ]);
    } finally {
      await one.stop();
    }
  });

  it('is created with a one-time password, which must be changed first', async () => {
    const asked = await admin<AccountBody>('POST', 'accounts', {
      email: 'Nueva@Conavi.demo',
      name: ' Nueva ',
      roles: ['investigator', 'operator'],
      areas: ['OBRA'],
    });
    expect([asked.status, Object.keys(asked.body)]).toEqual([202, ['approval']]);
    const made = await withAgreement(h, asked);
    expect([made]).toEqual([
      {
        id: expect.any(String),
        email: 'nueva@conavi.demo',
        name: 'Nueva',
        roles: ['operator', 'investigator'],
        roleLabels: ['Operación telefónica', 'Investigación'],
        areas: [{ code: 'OBRA', label: 'Supervisión de obra' }],
        active: true,
        mustChangePassword: true,
        createdAt: '2026-11-10T10:00:00-06:00',
        signInSlowedUntil: null,
        oneTimePassword: expect.stringMatching(/^[0-9a-z]{4}(-[0-9a-z]{4}){3}$/),
      },
    ]);
    const { oneTimePassword } = made;
    const { accessToken: token } = await signIn('nueva@conavi.demo', oneTimePassword);
    const barred = await h.call<Problem>('GET', '/cases', { token });
    expect([barred.status, barred.body.code]).toEqual([403, 'PASSWORD_CHANGE_REQUIRED']);
    expect((await me(token)).body.mustChangePassword).toBe(true);

    const change = (current: string, next: unknown) =>
      h.call<Problem>('POST', '/auth/password', { token, body: { current, new: next } });
    for (const [next, code] of [
      ['corta', 'TOO_SHORT'],
      ['x'.repeat(129), 'TOO_LONG'],
      ['contraseña1234', 'COMMON'],
      ['NUEVA@conavi.demo', 'IS_EMAIL'],
      [oneTimePassword, 'SAME_PASSWORD'],
      [oneTimePassword.toUpperCase(), 'SAME_PASSWORD'],
    ] as const) {
      const { status, body } = await change(oneTimePassword, next);
      expect([next, status, body.errors?.[0]]).toEqual([
        next,
        400,
        expect.objectContaining({ field: 'new', code }),
      ]);
    }
    expect((await change('otra cosa', NEW_PASSWORD)).body.code).toBe('WRONG_PASSWORD');

    // As read out over the phone and typed on another keyboard.
    const asTyped = ` ${oneTimePassword.toUpperCase().replaceAll('-', ' ')} `;
    const elsewhere = await signIn('nueva@conavi.demo', asTyped);
    expect((await change(asTyped, NEW_PASSWORD)).status).toBe(204);
    expect((await me(token)).body.mustChangePassword).toBe(false);
    expect((await h.call('GET', '/cases', { token })).status).toBe(200);
    expect(await alive(elsewhere.accessToken)).toBe(false);
    expect((await login('nueva@conavi.demo', oneTimePassword)).status).toBe(401);
    expect((await login('nueva@conavi.demo', NEW_PASSWORD)).status).toBe(201);
    // However the keyboard composes the accents.
    const accented = 'una frase con acentó y ñandú';
    expect((await change(NEW_PASSWORD, accented.normalize('NFD'))).status).toBe(204);
    expect((await login('nueva@conavi.demo', accented.normalize('NFC'))).status).toBe(201);
    // A chosen password is taken to the letter, also one that looks as if it were made here.
    const lookalike = '0a1b-2c3d-4e5f-6g7h';
    expect((await change(accented, lookalike)).status).toBe(204);
    for (const [typed, status] of [
      [lookalike.toUpperCase(), 401],
      [lookalike.replaceAll('-', ''), 401],
      [lookalike, 201],
    ] as const)
      expect([typed, (await login('nueva@conavi.demo', typed)).status]).toEqual([typed, status]);
    expect((await change(lookalike.toUpperCase(), NEW_PASSWORD)).body.code).toBe('WRONG_PASSWORD');
    for (const event of ['ACCOUNT_CREATED', 'PASSWORD_CHANGED', 'PASSWORD_CHANGE_REFUSED'])
      expect((await events(event)).length).toBeGreaterThan(0);
  });

  it.each([
    ['an e-mail of this institution', { email: DESK.toUpperCase() }, 409, 'EMAIL_TAKEN'],
    ['an unknown area', { areas: ['NOPE'] }, 400, 'INVALID_REQUEST'],
    ['an area of another institution', { areas: ['CONTRALORIA'] }, 400, 'INVALID_REQUEST'],
    ['an unknown role', { roles: ['root'] }, 400, 'INVALID_REQUEST'],
    ['a role of later', { roles: ['custodian'] }, 400, 'INVALID_REQUEST'],
    ['no role', { roles: [] }, 400, 'INVALID_REQUEST'],
    ['a role twice', { roles: ['admin', 'admin'] }, 400, 'INVALID_REQUEST'],
    ['no e-mail', { email: 'nadie' }, 400, 'INVALID_REQUEST'],
    ['half a character as e-mail', { email: 'a\ud800@b.mx' }, 400, 'INVALID_REQUEST'],
    ['no name', { name: ' ' }, 400, 'INVALID_REQUEST'],
    ['a password', { password: PASSWORD }, 400, 'INVALID_REQUEST'],
  ])('is not created with %s', async (_name, change, status, code) => {
    const body = { email: 'q@conavi.demo', name: 'x', roles: ['operator'], ...change };
    const answer = await admin<Problem>('POST', 'accounts', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (code === 'INVALID_REQUEST') expect(answer.body.errors[0]?.field).toBe(Object.keys(change)[0]);
  });

  it.each([['investigator'], ['area_head'], ['operator', 'investigator']])(
    'of %s holds at least one area, at its creation and through every change',
    async (...roles) => {
      const email = `${roles.join('.')}@conavi.demo`;
      const refused = async (method: string, path: string, body: unknown) => {
        const answer = await admin<Problem>(method, path, body);
        expect([answer.status, answer.body.errors]).toEqual([
          400,
          [{ field: 'areas', code: 'REQUIRED', message: expect.stringContaining('al menos una') }],
        ]);
      };
      for (const areas of [undefined, null, []])
        await refused('POST', 'accounts', { email, name: 'Sin área', roles, areas });
      const { id } = await create({ email, roles, areas: ['OBRA'] });
      for (const areas of [null, []]) await refused('PATCH', `accounts/${id}`, { areas });
      // Who works in no area needs none, and does not come back without one.
      ok(await admin('PATCH', `accounts/${id}`, { roles: ['transparency'], areas: null }));
      await refused('PATCH', `accounts/${id}`, { roles });
      const asked = await admin<AccountBody>('PATCH', `accounts/${id}`, { roles, areas: ['OIC'] });
      const back = await withAgreement(h, asked);
      expect(back.areas.map(({ code }) => code)).toEqual(['OIC']);
      ok(await admin('PATCH', `accounts/${id}`, { active: false }));
    },
  );

  it('keeps its session through a new name and equal values, loses it with other roles or areas', async () => {
    const account = await settle({
      email: 'cambia@conavi.demo',
      roles: ['operator', 'investigator'],
      areas: ['OBRA'],
    });
    const change = (body: unknown) =>
      admin<AccountBody & Problem>('PATCH', `accounts/${account.id.toUpperCase()}`, body);
    expect((await change({ name: 'Otra' })).body.name).toBe('Otra');
    expect(
      (await change({ roles: ['investigator', 'operator'], areas: ['OBRA'], active: true })).status,
    ).toBe(200);
    expect(await alive(account.token)).toBe(true);
    for (const body of [
      { name: null },
      { roles: null },
      { active: null },
      { active: 'false' },
      { email: 'x@y.mx' },
    ])
      expect((await change(body)).status).toBe(400);

    expect((await change({ roles: ['transparency'], areas: null })).body).toMatchObject({
      roles: ['transparency'],
      areas: [],
    });
    expect(await alive(account.token)).toBe(false);
    expect((await refresh(account.refreshToken)).status).toBe(401);
    const again = await signIn(account.email, NEW_PASSWORD);
    expect((await change({ areas: ['OIC', 'OBRA'] })).body.areas.map(({ code }) => code)).toEqual([
      'OBRA',
      'OIC',
    ]);
    expect(await alive(again.accessToken)).toBe(false);
  });

  it('holds its roles from the next request on', async () => {
    const account = await settle({ email: 'asciende@conavi.demo', roles: ['investigator'], areas: ['OIC'] });
    const { folio } = await h.file({ category: 'FRAUD' });
    const read = (token: string) => h.call('GET', `/cases/${folio}`, { token });
    expect((await read(account.token)).status).toBe(200);
    const path = `accounts/${account.id}`;
    await withAgreement(h, await admin<AccountBody>('PATCH', path, { areas: ['OBRA'] }));
    expect((await read(account.token)).status).toBe(401);
    expect((await read((await signIn(account.email, NEW_PASSWORD)).accessToken)).status).toBe(404);
    ok(await admin('PATCH', `accounts/${account.id}`, { roles: ['operator'] }));
    expect((await read((await signIn(account.email, NEW_PASSWORD)).accessToken)).status).toBe(403);
  });

  it('deactivated is out at once and stays out of its old sessions when it comes back', async () => {
    const account = await settle({ email: 'vuelve@conavi.demo' });
    ok(await admin('PATCH', `accounts/${account.id}`, { active: false }));
    expect(await alive(account.token)).toBe(false);
    expect((await refresh(account.refreshToken)).status).toBe(401);
    expect((await login(account.email, NEW_PASSWORD)).body.code).toBe('INVALID_CREDENTIALS');
    ok(await admin('PATCH', `accounts/${account.id}`, { active: true }));
    expect(await alive(account.token)).toBe(false);
    expect((await refresh(account.refreshToken)).status).toBe(401);
    expect((await login(account.email, NEW_PASSWORD)).status).toBe(201);
    await endWindows();
  });

  it('of an administrator is not taken away by itself', async () => {
    const id = await idOf(ADMIN);
    for (const body of [{ active: false }, { roles: ['auditor'] }]) {
      const answer = await admin('PATCH', `accounts/${id}`, body);
      expect([answer.status, answer.body.code]).toEqual([409, 'OWN_ACCOUNT']);
    }
    expect((await admin('POST', `accounts/${id}/one-time-password`)).body.code).toBe('OWN_ACCOUNT');
    expect((await admin('PATCH', `accounts/${id}`, { name: 'Administración' })).status).toBe(200);
  });

  it('of two administrators who deactivate each other at once one remains', async () => {
    const second = await settle({ email: 'admin2@conavi.demo', roles: ['admin'] });
    await h.token(ADMIN);
    const answers = await Promise.all([
      admin('PATCH', `accounts/${second.id}`, { active: false }),
      h.call('PATCH', `/admin/accounts/${await idOf(ADMIN)}`, {
        token: second.token,
        body: { active: false },
      }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const rest = await h.sql('owner', 'select 1 from accounts where active and email = any($1)', [
      [ADMIN, second.email],
    ]);
    expect(rest).toHaveLength(1);
    await h.sql('owner', `update accounts set active = true where email = $1`, [ADMIN]);
    await h.sql('owner', `update accounts set active = false where id = $1`, [second.id]);
    h.forgetTokens();
  });

  it('of another institution, or with a garbled id, is not there', async () => {
    const theirs = await idOf('mesa@acolman.demo');
    for (const id of [theirs, 'xx', '01234567-89ab-4def-8123-456789abcdef']) {
      const changed = await admin('PATCH', `accounts/${id}`, { active: false });
      expect([changed.status, changed.body.code]).toEqual([404, 'ACCOUNT_NOT_FOUND']);
      expect((await admin('POST', `accounts/${id}/one-time-password`)).status).toBe(404);
    }
    expect((await login('mesa@acolman.demo')).status).toBe(201);
  });

  it('is listed with the others of its institution, by e-mail, in pages, filtered', async () => {
    type Page = { items: AccountBody[]; nextCursor: string | null };
    const all: AccountBody[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = ok(await admin<Page>('GET', `accounts?limit=3${cursor ? `&cursor=${cursor}` : ''}`));
      expect(page.items.length).toBeLessThanOrEqual(3);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    const emails = all.map(({ email }) => email);
    expect(emails).toEqual([...emails].sort());
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails.every((email) => email.endsWith('@conavi.demo'))).toBe(true);
    expect(JSON.stringify(all)).not.toMatch(/argon2|password[_H]/);

    const filtered = async (query: string) =>
      ok(await admin<Page>('GET', `accounts?limit=100&${query}`)).items;
    expect((await filtered('role=triage&active=true')).map(({ email }) => email)).toEqual([DESK]);
    expect((await filtered('active=false')).every(({ active }) => !active)).toBe(true);
    for (const query of [
      'role=root',
      'active=yes',
      'limit=101',
      'cursor=x',
      `cursor=${Buffer.from('["email","\\u0000"]').toString('base64url')}`,
    ])
      expect((await admin('GET', `accounts?${query}`)).status).toBe(400);
  });
});

describe('a one-time password', () => {
  it('ends sessions and the slow line of its account, works for 72 hours and only until it is changed', async () => {
    const account = await settle({ email: 'olvida@conavi.demo' });
    const before = (await events('ONE_TIME_PASSWORD_SET')).length;
    for (let n = 0; n < 10; n++) await login(account.email, WRONG);
    expect((await login(account.email, WRONG)).status).toBe(429);
    const given = await admin<{ oneTimePassword: string }>(
      'POST',
      `accounts/${account.id}/one-time-password`,
    );
    expect(given.status).toBe(200);
    expect(await alive(account.token)).toBe(false);
    expect((await login(account.email, NEW_PASSWORD)).status).toBe(401);
    expect((await login(account.email, given.body.oneTimePassword)).status).toBe(201);
    expect((await events('ONE_TIME_PASSWORD_SET')).length).toBe(before + 1);

    h.clock.set(new Date(START_TIME.getTime() + 72 * 3_600_000));
    const late = await login(account.email, given.body.oneTimePassword);
    expect([late.status, late.body.code]).toEqual([401, 'ONE_TIME_PASSWORD_EXPIRED']);
    expect((await login(account.email, WRONG)).body.code).toBe('INVALID_CREDENTIALS');
    h.clock.set(START_TIME);
    await endWindows();
  });

  it('guessed from a borrowed session is limited apart from signing in', async () => {
    const account = await settle({ email: 'prestada@conavi.demo' });
    const guess = () =>
      h.call<Problem>('POST', '/auth/password', {
        token: account.token,
        body: { current: WRONG, new: 'frase de quien la tomó' },
      });
    for (let n = 0; n < 10; n++) expect((await guess()).body.code).toBe('WRONG_PASSWORD');
    expect([(await guess()).status, (await login(account.email, NEW_PASSWORD)).status]).toEqual([429, 201]);
    await endWindows();
  });
});

describe('a channel key', () => {
  interface Key {
    id: string;
    key: string;
    channel: string;
    label: string;
    active: boolean;
    revokedAt: string | null;
  }
  const createKey = (body: unknown, email = ADMIN) => admin<Key & Problem>('POST', 'channels', body, email);
  const report = { mode: 'anonymous', narrative: 'Me pidieron dinero en la ventanilla tres.' };
  const file = (key: string) => h.call<Receipt>('POST', '/reports', { key, body: report });

  it('is shown once, files reports of its channel, and nothing else', async () => {
    const made = await createKey({ channel: 'web', label: 'Portal' });
    expect([made.status, made.body.key]).toEqual([201, expect.stringMatching(/^dak_[\w-]{43}$/)]);
    const filed = await file(made.body.key);
    expect([filed.status, filed.body.channel, filed.body.folio.slice(0, 3)]).toEqual([201, 'web', 'CNV']);
    for (const path of ['/auth/me', '/cases', '/notifications', '/admin/channels'])
      expect((await h.call('GET', path, { key: made.body.key })).status).toBe(401);
    const listed = await admin<{ items: Key[] }>('GET', 'channels');
    expect(JSON.stringify(listed.body)).not.toContain(made.body.key);
    const dump = JSON.stringify(
      await h.sql('owner', `select encode(key_hash, 'escape') as k from channel_keys`),
    );
    expect(dump).not.toContain(made.body.key);
  });

  it('revoked stops at once; revoking again changes nothing', async () => {
    const { body } = await createKey({ channel: 'whatsapp', label: 'Pasarela' });
    const revoke = () => admin('DELETE', `channels/${body.id}`);
    expect((await revoke()).status).toBe(204);
    expect((await file(body.key)).status).toBe(401);
    expect((await revoke()).status).toBe(204);
    expect(await events('CHANNEL_KEY_REVOKED')).toHaveLength(1);
    const listed = await admin<{ items: Key[] }>('GET', 'channels?limit=100');
    expect(listed.body.items.find(({ id }) => id === body.id)).toEqual({
      id: body.id,
      channel: 'whatsapp',
      channelLabel: 'WhatsApp',
      label: 'Pasarela',
      active: false,
      createdAt: '2026-11-10T10:00:00-06:00',
      revokedAt: '2026-11-10T10:00:00-06:00',
    });
  });

  it('of another institution is neither listed nor revoked', async () => {
    const { body } = await createKey({ channel: 'phone', label: 'Centro de llamadas' });
    expect((await admin('DELETE', `channels/${body.id}`, undefined, OTHER_ADMIN)).status).toBe(404);
    const theirs = await admin<{ items: Key[] }>('GET', 'channels?limit=100', undefined, OTHER_ADMIN);
    expect(theirs.body.items.some(({ id }) => id === body.id)).toBe(false);
    expect((await file(body.key)).status).toBe(201);
    expect((await createKey({ channel: 'web', label: 'x' }, OPERATOR)).status).toBe(403);
  });

  it('is listed in pages, newest first', async () => {
    type Page = { items: Key[]; nextCursor: string | null };
    const all: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = ok(await admin<Page>('GET', `channels?limit=2${cursor ? `&cursor=${cursor}` : ''}`));
      all.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBe(
      (
        await h.sql(
          'owner',
          `select 1 from channel_keys k join institutions i on i.id = k.institution_id where i.code = 'CONAVI-DEMO'`,
        )
      ).length,
    );
  });

  it.each([
    ['POST', 'channels', { channel: 'fax', label: 'x' }, 400],
    ['POST', 'channels', { channel: 'web' }, 400],
    ['POST', 'channels', { channel: 'web', label: ' ' }, 400],
    ['POST', 'channels', { channel: 'web', label: 'x', key: 'elegida a mano' }, 400],
    ['DELETE', 'channels/xx', undefined, 404],
    ['DELETE', 'channels/01234567-89ab-4def-8123-456789abcdef', undefined, 404],
    ['GET', `channels?cursor=${Buffer.from('["created","x","y"]').toString('base64url')}`, undefined, 400],
    [
      'GET',
      `channels?cursor=${Buffer.from('["created","-infinity","01234567-89ab-4def-8123-456789abcdef"]').toString('base64url')}`,
      undefined,
      400,
    ],
  ])('%s %s %j is refused', async (method, path, body, status) => {
    expect((await admin(method, path, body)).status).toBe(status);
  });
});
