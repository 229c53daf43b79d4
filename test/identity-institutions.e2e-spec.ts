import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as argon2 from '@node-rs/argon2';
import { ADMIN, AUDITOR, ok } from './builders/cases.js';
import { PASSWORD } from './setup/constants.js';
import type { Harness as HarnessClass } from './setup/harness.js';

/**
 * The library itself, counted: how much work an answer cost must not tell how many accounts an address has.
 */
let checks = 0;
jest.unstable_mockModule('@node-rs/argon2', () => ({
  ...argon2,
  verify: (...parameters: Parameters<typeof argon2.verify>) => {
    checks += 1;
    return argon2.verify(...parameters);
  },
}));
const { Harness } = await import('./setup/harness.js');

let h: HarnessClass;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());
beforeEach(() => h.sql('owner', 'update rate_limits set expire = 0'));

const OTHER_ADMIN = 'admin@acolman.demo';
const WRONG = 'no es esta frase';

interface Account {
  id: string;
  email: string;
  code: string;
  oneTimePassword: string;
}
interface Session {
  accessToken: string;
  code: string;
  detail: string;
  institutions: { code: string; name: string }[];
}
const login = (email: string, password: string, institution?: string) =>
  h.call<Session>('POST', '/auth/sessions', { body: { email, password, institution } });
const whoIs = async (token: string) =>
  ok(await h.call<{ institution: { code: string } }>('GET', '/auth/me', { token })).institution.code;
const make = (admin: string, email: string) =>
  h.as<Account>(admin, 'POST', '/admin/accounts', { email, name: 'Ana Ruiz', roles: ['operator'] });
/** An account with a password of its own. */
async function settled(admin: string, email: string, password: string): Promise<Account> {
  const made = ok(await make(admin, email));
  const { accessToken } = ok(await login(email, made.oneTimePassword));
  const body = { current: made.oneTimePassword, new: password };
  ok(await h.call('POST', '/auth/password', { token: accessToken, body }));
  return made;
}
const refusals = async (id: string) =>
  (
    await h.sql<{ n: number }>(
      'owner',
      `select count(*)::int as n from audit_entries where event = 'SESSION_REFUSED'
          and institution_id = (select institution_id from accounts where id = $1)`,
      [id],
    )
  )[0]!.n;
const idAt = async (email: string, institution: string): Promise<string> =>
  (
    await h.sql<{ id: string }>(
      'owner',
      'select a.id from accounts a join institutions i on i.id = a.institution_id where a.email = $1 and i.code = $2',
      [email, institution],
    )
  )[0]!.id;

describe('an administrator who makes an account for an address of another institution', () => {
  it('is answered as for an address that nobody has, and both people sign in with their own passwords', async () => {
    await h.token(OTHER_ADMIN);
    const shape = ({ status, body, headers }: Awaited<ReturnType<typeof make>>) => [
      status,
      JSON.stringify({ ...body, id: '', email: '', oneTimePassword: '' }),
      [...headers.keys()].sort().join(),
    ];
    const [theirs, nobodys] = [
      await make(OTHER_ADMIN, AUDITOR.toUpperCase()),
      await make(OTHER_ADMIN, 'libre@conavi.demo'),
    ];
    expect(theirs.status).toBe(201);
    expect(shape(theirs)).toEqual(shape(nobodys));

    const [mine, own] = [await login(AUDITOR, PASSWORD), await login(AUDITOR, theirs.body.oneTimePassword)];
    expect([await whoIs(ok(mine).accessToken), await whoIs(ok(own).accessToken)]).toEqual([
      'CONAVI-DEMO',
      'ACOLMAN-DEMO',
    ]);
    // At its own institution an address is still taken.
    for (const admin of [ADMIN, OTHER_ADMIN])
      expect([(await make(admin, AUDITOR)).status, (await make(admin, AUDITOR)).body.code]).toEqual([
        409,
        'EMAIL_TAKEN',
      ]);
  });

  it('learns nothing from the time either: each answer costs the same work, right or wrong', async () => {
    const [shared, single] = ['dos@conavi.demo', 'una@acolman.demo'];
    ok(await make(ADMIN, shared));
    const [two, one] = [ok(await make(OTHER_ADMIN, shared)), ok(await make(OTHER_ADMIN, single))];
    const attempts: [string, string, number][] = [
      [shared, two.oneTimePassword, 201],
      [single, one.oneTimePassword, 201],
      [shared, WRONG, 401],
      [single, WRONG, 401],
      ['nadie@acolman.demo', WRONG, 401],
    ];
    for (const [email, password, status] of attempts) {
      checks = 0;
      expect([email, (await login(email, password)).status, checks]).toEqual([email, status, 2]);
    }
    const addresses = [shared, single, 'nadie2@acolman.demo'];
    const times = new Map<string, number[]>(addresses.map((email) => [email, []]));
    // In turns, so that a machine that is busy for a while is so for all three.
    for (let n = 0; n < 9; n++) {
      for (const email of addresses) {
        const began = performance.now();
        await h.atFullLength(() => login(email, WRONG));
        times.get(email)!.push(performance.now() - began);
      }
    }
    const medians = [...times.values()].map((all) => all.sort((a, b) => a - b)[4]!);
    // Refusals leave at multiples of 250 ms: the same multiple for all.
    expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(60);
  });

  it('cannot guess the other password without end: one-time passwords end a lock four times an hour', async () => {
    const email = 'victima@conavi.demo';
    await settled(ADMIN, email, 'la frase de la víctima');
    const own = ok(await make(OTHER_ADMIN, email));
    let guesses = 0;
    for (let round = 0; round < 7; round++) {
      // Until the address is slowed down.
      while ((await login(email, WRONG)).status === 401) guesses += 1;
      ok(await h.as<Account>(OTHER_ADMIN, 'POST', `/admin/accounts/${own.id}/one-time-password`));
    }
    expect(guesses).toBe(50);
  });

  it('does not see in the count of wrong passwords that the other person signed in', async () => {
    const email = 'entra@conavi.demo';
    await settled(ADMIN, email, 'la frase de quien entra');
    ok(await make(OTHER_ADMIN, email));
    for (let n = 0; n < 5; n++) expect((await login(email, WRONG)).status).toBe(401);
    ok(await login(email, 'la frase de quien entra'));
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await login(email, WRONG)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('an address with accounts at two institutions', () => {
  const email = 'ambas@conavi.demo';
  const SAME = 'una frase para las dos';
  beforeAll(async () => {
    await settled(ADMIN, email, SAME);
    await settled(OTHER_ADMIN, email, 'otra frase por ahora');
  });
  const samePassword = async (): Promise<void> => {
    const { accessToken } = ok(await login(email, 'otra frase por ahora', 'ACOLMAN-DEMO'));
    const body = { current: 'otra frase por ahora', new: SAME };
    ok(await h.call('POST', '/auth/password', { token: accessToken, body }));
  };

  it('is refused in the trail of each of them', async () => {
    const ids = [await idAt(email, 'CONAVI-DEMO'), await idAt(email, 'ACOLMAN-DEMO')];
    const before = await Promise.all(ids.map(refusals));
    expect((await login(email, WRONG)).status).toBe(401);
    expect(await Promise.all(ids.map(refusals))).toEqual(before.map((n) => n + 1));
    // Where the institution was named, of that one only.
    expect((await login(email, WRONG, 'ACOLMAN-DEMO')).status).toBe(401);
    expect(await Promise.all(ids.map(refusals))).toEqual([before[0]! + 1, before[1]! + 2]);
  });

  it('with one password for both is asked which, told only to whoever has it', async () => {
    await samePassword();
    const asked = await login(email, SAME);
    expect([asked.status, asked.body.code, asked.body.institutions]).toEqual([
      409,
      'INSTITUTION_REQUIRED',
      [
        { code: 'ACOLMAN-DEMO', name: 'Municipio de Acolman (demostración)' },
        { code: 'CONAVI-DEMO', name: 'Comisión de Vivienda (demostración)' },
      ],
    ]);
    for (const institution of ['CONAVI-DEMO', 'acolman-demo']) {
      const { accessToken } = ok(await login(email, SAME, institution));
      expect(await whoIs(accessToken)).toBe(institution.toUpperCase());
    }
    expect((await login(email, WRONG)).body).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect((await login(email, WRONG)).body.institutions).toBeUndefined();
  });

  it('is one for whom an unknown institution, and one without an account, are a wrong password', async () => {
    const told = async (institution: string) => {
      checks = 0;
      const { status, body } = await login(AUDITOR, PASSWORD, institution);
      return [status, body.code, checks];
    };
    for (const institution of ['NO-HAY', '⚡', 'ACOLMAN-DEMO '.repeat(3).trim()])
      expect(await told(institution)).toEqual([401, 'INVALID_CREDENTIALS', 2]);
    expect((await login(AUDITOR, PASSWORD, 'x'.repeat(41))).status).toBe(400);
    expect((await login(AUDITOR, PASSWORD, '')).status).toBe(400);
  });

  it('goes on with the other when one is deactivated', async () => {
    const id = await idAt(email, 'ACOLMAN-DEMO');
    ok(await h.as(OTHER_ADMIN, 'PATCH', `/admin/accounts/${id}`, { active: false }));
    expect(await whoIs(ok(await login(email, SAME)).accessToken)).toBe('CONAVI-DEMO');
    expect((await login(email, SAME, 'ACOLMAN-DEMO')).body.code).toBe('INVALID_CREDENTIALS');
  });

  it('keeps the older two when a third institution makes an account, which is reached by its name', async () => {
    const third = 'tercera@conavi.demo';
    await settled(ADMIN, third, 'frase de la primera');
    await settled(OTHER_ADMIN, third, 'frase de la segunda');
    await h.sql(
      'owner',
      `with made as (
         insert into institutions (id, code, name, prefix, kind, time_zone, calendar_rule, expediente_template, contact_text, created_at)
         select gen_random_uuid(), 'TERCERA', 'Tercera', 'TER', kind, time_zone, calendar_rule, expediente_template, contact_text, created_at
           from institutions where code = 'CONAVI-DEMO' returning id),
       area as (
         insert into areas (id, institution_id, code, label, valid_from)
         select gen_random_uuid(), made.id, 'OIC', 'Órgano interno', '2026-01-01' from made)
       insert into accounts (id, institution_id, email, name, password_hash, roles, created_at)
       select gen_random_uuid(), made.id, $1, 'Ana', (select password_hash from accounts where email = $2 limit 1), '{operator}', '2027-01-01' from made`,
      [third, OTHER_ADMIN],
    );
    await h.sql(
      'owner',
      `update institutions i set fallback_area_id = a.id from areas a where a.institution_id = i.id and i.code = 'TERCERA'`,
    );
    expect(await whoIs(ok(await login(third, 'frase de la primera')).accessToken)).toBe('CONAVI-DEMO');
    expect(await whoIs(ok(await login(third, 'frase de la segunda')).accessToken)).toBe('ACOLMAN-DEMO');
    checks = 0;
    expect([(await login(third, PASSWORD)).status, checks]).toEqual([401, 2]);
    expect(await whoIs(ok(await login(third, PASSWORD, 'TERCERA')).accessToken)).toBe('TERCERA');
  });
});
