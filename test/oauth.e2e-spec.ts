import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Denials } from '../src/foundations/identity/denials.js';
import { DESK, HEAD, INVESTIGATOR, OPERATOR } from './builders/cases.js';
import { PASSWORD, testConfig } from './setup/constants.js';
import { Harness } from './setup/harness.js';

interface TokenBody {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  error: string;
  error_description: string;
  code: string;
  retryAfter: number;
}

const WRONG = 'no es esta frase';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

const send = (fields: Record<string, string> | string, headers: Record<string, string> = {}) =>
  h.call<TokenBody>('POST', '/auth/token', {
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  });
const login = (username: string, password = PASSWORD, headers = {}) =>
  send({ grant_type: 'password', username, password }, headers);
const refresh = (token: string) => send({ grant_type: 'refresh_token', refresh_token: token });
const alive = async (token: string) => (await h.call('GET', '/auth/me', { token })).status === 200;
const refusals = async (): Promise<number> => {
  await h.app.get(Denials).settled();
  const rows = await h.sql<{ n: number }>(
    'owner',
    `select count(*)::int as n from audit_entries where event in ('SESSION_REFUSED', 'CREDENTIAL_REFUSED')`,
  );
  return rows[0]!.n;
};
const endWindows = () => h.sql('owner', 'update rate_limits set expire = 0');

describe('the token endpoint', () => {
  it('gives tokens for a password, as RFC 6749 writes them', async () => {
    const { status, body, headers } = await login(DESK);
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^das_[\w-]{43}$/),
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: expect.stringMatching(/^dar_[\w-]{43}$/),
      },
    ]);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(await alive(body.access_token)).toBe(true);
  });

  it.each([
    [
      'the empty client that Swagger UI sends',
      { Authorization: `Basic ${Buffer.from('undefined:undefined').toString('base64')}` },
      {},
    ],
    [
      'client, scope and unknown fields',
      {},
      { client_id: 'tool', client_secret: '', scope: 'a b', audience: 'x' },
    ],
  ])('does not mind %s', async (_, headers, fields) => {
    const { status } = await send(
      { grant_type: 'password', username: DESK, password: PASSWORD, ...fields },
      headers,
    );
    expect(status).toBe(200);
  });

  it('renews a session once, whichever door opened it', async () => {
    const first = (await login(DESK)).body;
    const second = await refresh(first.refresh_token);
    expect([second.status, await alive(first.access_token), await alive(second.body.access_token)]).toEqual([
      200,
      false,
      true,
    ]);
    const body = { refreshToken: second.body.refresh_token };
    const third = await h.call<{ refreshToken: string }>('POST', '/auth/sessions/refresh', { body });
    expect(third.status).toBe(200);
    // Within half a minute a second tab gets the same pair, through this door too.
    const again = await refresh(second.body.refresh_token);
    expect(again.body.refresh_token).toBe(third.body.refreshToken);
    expect((await refresh(third.body.refreshToken)).status).toBe(200);
    const unknown = await refresh('dar_unknown');
    expect([unknown.status, unknown.body.error, unknown.body.code]).toEqual([
      400,
      'invalid_grant',
      'UNAUTHENTICATED',
    ]);
  });

  it.each<[string, Record<string, string> | string, string, RegExp]>([
    ['no grant type', { username: DESK, password: PASSWORD }, 'invalid_request', /grant_type/],
    ['another grant type', { grant_type: 'client_credentials' }, 'unsupported_grant_type', /refresh_token/],
    ['no password', { grant_type: 'password', username: DESK }, 'invalid_request', /: password\./],
    [
      'an empty password',
      { grant_type: 'password', username: DESK, password: '' },
      'invalid_request',
      /: password\./,
    ],
    ['nobody', { grant_type: 'password', password: PASSWORD }, 'invalid_request', /: username\./],
    [
      'a long password',
      { grant_type: 'password', username: DESK, password: 'x'.repeat(129) },
      'invalid_request',
      /: password\./,
    ],
    [
      'NUL',
      { grant_type: 'password', username: 'a\0', password: PASSWORD },
      'invalid_request',
      /: username\./,
    ],
    ['no refresh token', { grant_type: 'refresh_token' }, 'invalid_request', /: refresh_token\./],
    ['a field twice', 'grant_type=password&username=a&username=b&password=c', 'invalid_request', /dos veces/],
    ['a field of objects', 'grant_type=password&__proto__=x&username=a', 'invalid_request', /: password\./],
    ['an empty body', '', 'invalid_request', /grant_type/],
  ])('tells what is wrong with %s', async (_, fields, error, says) => {
    const { status, body, headers } = await send(fields);
    expect([status, headers.get('content-type'), body]).toEqual([
      400,
      'application/json; charset=utf-8',
      expect.objectContaining({ error, error_description: expect.stringMatching(says) }),
    ]);
  });

  it('takes only a form, and nothing else takes one', async () => {
    const json = await h.call<TokenBody>('POST', '/auth/token', {
      body: { grant_type: 'password', username: DESK, password: PASSWORD },
    });
    expect([json.status, json.body.error]).toEqual([400, 'invalid_request']);
    const form = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = new URLSearchParams({ email: DESK, password: PASSWORD }).toString();
    expect((await h.call('POST', '/auth/sessions', { body, headers: form })).status).toBe(415);
    expect((await h.call('POST', '/reports', { body, headers: form })).status).toBe(415);
    expect((await send(`grant_type=password&username=${'x'.repeat(9000)}`)).status).toBe(413);
  });

  it.each(['es', 'en'])('keeps its descriptions to the characters of the standard (%s)', async (language) => {
    const headers = { 'Accept-Language': language };
    const said = [
      await login(DESK, WRONG, headers),
      await send({}, headers),
      await send({ grant_type: 'x' }, headers),
      await send({ grant_type: 'password' }, headers),
      await send({ grant_type: 'refresh_token', refresh_token: 'dar_x' }, headers),
    ].map(({ body }) => body.error_description);
    for (const text of said) expect(text).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,}$/);
    await endWindows();
  });

  it('names the institutions when a password fits accounts at two', async () => {
    const email = 'dos@ejemplo.mx';
    for (const admin of ['admin@conavi.demo', 'admin@acolman.demo']) {
      const made = await h.as<{ oneTimePassword: string }>(admin, 'POST', '/admin/accounts', {
        email,
        name: 'Dos',
        roles: ['operator'],
      });
      expect(made.status).toBe(201);
    }
    await h.sql(
      'owner',
      'update accounts set password_hash = (select password_hash from accounts where email = $1 limit 1), one_time_until = null where email = $2',
      [DESK, email],
    );
    const { status, body } = await login(email);
    expect([status, body.error, body.error_description]).toEqual([
      400,
      'invalid_request',
      expect.stringContaining('ACOLMAN-DEMO, CONAVI-DEMO'),
    ]);
    const chosen = await send({
      grant_type: 'password',
      username: email,
      password: PASSWORD,
      institution: 'ACOLMAN-DEMO',
    });
    expect(chosen.status).toBe(200);
  });
});

describe('both doors are one', () => {
  it('a wrong password is told alike for known and unknown, and leaves one entry each', async () => {
    await endWindows();
    const before = await refusals();
    const basic = { Authorization: 'Basic dW5kZWZpbmVkOnVuZGVmaW5lZA==' };
    const known = await login(HEAD, WRONG, basic);
    const unknown = await login('nadie@conavi.demo', WRONG, basic);
    const bare = ({ status, body }: typeof known) => [status, { ...body, requestId: '' }];
    expect(bare(unknown)).toEqual(bare(known));
    expect([known.status, known.body.error, known.body.code]).toEqual([
      400,
      'invalid_grant',
      'INVALID_CREDENTIALS',
    ]);
    expect(await refusals()).toBe(before + 2);
    await endWindows();
  });

  it('ten wrong passwords through both slow down either; the right one still works', async () => {
    const other = (password: string) =>
      h.call('POST', '/auth/sessions', { body: { email: OPERATOR, password } });
    for (let n = 0; n < 5; n++) {
      expect((await login(OPERATOR, WRONG)).status).toBe(400);
      expect((await other(WRONG)).status).toBe(401);
    }
    const { status, body, headers } = await login(OPERATOR, WRONG);
    expect([status, body.error, headers.get('retry-after')]).toEqual([
      429,
      'temporarily_unavailable',
      String(body.retryAfter),
    ]);
    expect(body.error_description).toContain(`${body.retryAfter} segundos`);
    expect((await other(WRONG)).status).toBe(429);
    const began = performance.now();
    expect((await h.atFullLength(() => login(OPERATOR))).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(1_400);
    await endWindows();
  });
});

describe('a page of another origin', () => {
  const from = (site: string, origin: string) =>
    login(INVESTIGATOR, PASSWORD, { 'Sec-Fetch-Site': site, Origin: origin });

  it('signs nobody in, unless it is listed', async () => {
    const listed = testConfig().corsOrigins[0]!;
    expect((await from('cross-site', 'https://evil.example')).status).toBe(403);
    expect((await from('same-site', 'https://other.example.mx')).status).toBe(403);
    expect((await from('cross-site', listed)).status).toBe(200);
    expect((await from('same-origin', h.url)).status).toBe(200);
  });
});
