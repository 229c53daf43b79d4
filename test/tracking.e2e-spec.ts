import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as argon2 from '@node-rs/argon2';
import { checkCharacter } from '../src/work/cases/folio.js';
import { AUDITOR, CaseWork, DESK, moveTo } from './builders/cases.js';
import type { Harness as HarnessClass, Receipt } from './setup/harness.js';

/** The library itself, counted: how much work an answer cost must not tell whether a folio exists. */
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
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());

interface Opened {
  token: string;
  expiresAt: string;
  code: string;
  requestId: string;
  retryAfter: number;
}
const open = (folio: unknown, accessCode: unknown, headers?: Record<string, string>) =>
  h.call<Opened>('POST', '/tracking/sessions', { body: { folio, accessCode }, headers });
/** Windows run on the machine's time: this ends them as their end would. */
const endWindows = () => h.sql('owner', 'update rate_limits set expire = 0');
const WRONG = '0000-0000-0000-0000';
/** Well-formed, with the right check character, and nobody's. */
const UNKNOWN = 'CNV-2026-0000-0000-0';

/**
 * The machine's time from the beginning of a window on: a test that began at the end of one would count in
 * two.
 */
beforeAll(() => {
  const now = Date.now.bind(Date);
  const ahead = 900_000 - (now() % 900_000);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
});
afterAll(() => void jest.restoreAllMocks());

describe('POST /tracking/sessions', () => {
  it.each<[string, (receipt: Receipt) => [string, string]]>([
    ['as shown', ({ folio, accessCode }) => [folio, accessCode]],
    ['in lower case', ({ folio, accessCode }) => [folio.toLowerCase(), accessCode]],
    [
      'without hyphens',
      ({ folio, accessCode }) => [folio.replaceAll('-', ''), accessCode.replaceAll('-', '')],
    ],
    [
      'with spaces',
      ({ folio, accessCode }) => [` ${folio.replaceAll('-', ' ')} `, accessCode.replaceAll('-', ' ')],
    ],
    [
      'with long dashes',
      ({ folio, accessCode }) => [folio.replaceAll('-', '–'), accessCode.replaceAll('-', '—')],
    ],
    ['with dots', ({ folio, accessCode }) => [folio.replaceAll('-', '.'), accessCode.replaceAll('-', '.')]],
    [
      'with letters for digits',
      ({ folio, accessCode }) => [
        folio.slice(0, 9) + folio.slice(9).replaceAll('0', 'O').replaceAll('1', 'l').replaceAll('V', 'u'),
        accessCode,
      ],
    ],
  ])('opens with folio and code %s', async (_name, typed) => {
    const receipt = await h.file();
    const { status, body } = await open(...typed(receipt));
    expect([status, Object.keys(body).sort()]).toEqual([201, ['expiresAt', 'token']]);
    expect(new Date(body.expiresAt).getTime() - h.clock.now().getTime()).toBe(30 * 60_000);
    const { body: own } = await h.call<{ folio: string }>('GET', '/tracking/case', { token: body.token });
    expect(own.folio).toBe(receipt.folio);
  });

  it('answers an unknown folio and a wrong code with the same bytes after the same work, and what is neither for less', async () => {
    const receipt = await h.file();
    const hardened = await h.file();
    await h.sweep();
    const other = await h.file();
    const bodies = new Set<string>();
    const headers = new Set<string>();
    for (const [folio, code, work] of [
      [receipt.folio, WRONG, 1],
      [hardened.folio, WRONG, 1],
      [other.folio, WRONG, 1],
      [receipt.folio, hardened.accessCode, 1],
      [UNKNOWN, WRONG, 1],
      // Anybody can see that these are none: the last character of a folio is a check.
      [receipt.folio.replace(/.$/, (last) => (last === 'Z' ? 'Y' : 'Z')), receipt.accessCode, 0],
      [receipt.folio, '1', 0],
      ['CNV', '1', 0],
      ['x'.repeat(64), '🙂', 0],
    ] as const) {
      checks = 0;
      const answer = await open(folio, code);
      expect([answer.status, answer.body.code, checks]).toEqual([401, 'TRACKING_DENIED', work]);
      bodies.add(JSON.stringify({ ...answer.body, requestId: '' }));
      headers.add([...answer.headers.keys()].sort().join());
    }
    expect([bodies.size, headers.size]).toEqual([1, 1]);
    // A right one costs the same.
    for (const { folio, accessCode } of [hardened, other]) {
      checks = 0;
      expect([(await open(folio, accessCode)).status, checks]).toEqual([201, 1]);
    }
    await endWindows();
  });

  it.each([
    ['no folio', undefined, WRONG],
    ['no code', UNKNOWN, undefined],
    ['numbers', 1, 2],
    ['NUL', 'CNV\0', WRONG],
    ['65 characters', 'x'.repeat(65), WRONG],
  ])('refuses %s with 400', async (_name, folio, code) => {
    expect((await open(folio, code)).status).toBe(400);
  });

  it('speaks the language of the reader', async () => {
    const english = await open(UNKNOWN, WRONG, { 'Accept-Language': 'en' });
    expect((english.body as unknown as { detail: string }).detail).toContain(
      'Folio and access code do not match',
    );
  });

  /** Wrong codes until they are refused for their number: ten, and up to five more by chance. */
  async function exhaust(folio: string, code = WRONG): Promise<number> {
    for (let n = 0; n < 40; n++) {
      const { status } = await open(folio, code);
      if (status === 429) return n;
      expect(status).toBe(401);
    }
    throw new Error('never refused');
  }

  it('after ten and some wrong codes says 429, still lets the right one in after a short wait, and recovers by itself', async () => {
    const [attacked, bystander] = [await h.file(), await h.file()];
    const tries = await exhaust(attacked.folio);
    expect(tries).toBeGreaterThanOrEqual(10);

    const began = performance.now();
    const [refused, right] = await h.atFullLength(() =>
      Promise.all([open(attacked.folio, WRONG), open(attacked.folio.toLowerCase(), attacked.accessCode)]),
    );
    const took = performance.now() - began;
    expect([refused.status, refused.body.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(900);
    expect(right.status).toBe(201);
    // The wait is 1.5 s; the rest is a machine at work.
    expect(took).toBeGreaterThan(1_400);
    expect(took).toBeLessThan(15_000);

    expect((await open(bystander.folio, bystander.accessCode)).status).toBe(201);
    await endWindows();
    expect((await open(attacked.folio, WRONG)).status).toBe(401);
    await endWindows();
  });

  it('does not tell who counts wrong codes that somebody came with the right one, or mistyped it', async () => {
    const [visited, left] = [await h.file(), await h.file()];
    await h.sql('owner', 'delete from rate_limits');
    for (const { folio } of [visited, left]) for (let n = 0; n < 5; n++) await open(folio, WRONG);
    expect((await open(visited.folio, visited.accessCode)).status).toBe(201);
    const points = await h.sql<{ points: number }>('owner', 'select points from rate_limits order by points');
    expect(points.map((row) => row.points)).toEqual([5, 5]);
    // Nor does it show when very many wrong codes come for other folios.
    const others = Array.from({ length: 310 }, (_, n) => {
      const body = String(10_000_000 + n);
      return `CNV-2026-${body.slice(0, 4)}-${body.slice(4)}-${checkCharacter(body)}`;
    });
    for (let n = 0; n < others.length; n += 31)
      await Promise.all(others.slice(n, n + 31).map((folio) => open(folio, WRONG)));
    const untouched = await h.file();
    expect([(await open(visited.folio, WRONG)).status, (await open(untouched.folio, WRONG)).status]).toEqual([
      401, 401,
    ]);
    // Windows stand at fixed times: what is left of one is the same for all.
    const ends = await h.sql<{ expire: string }>('owner', 'select expire from rate_limits where points = 5');
    const quarter = 900_000;
    for (const { expire } of ends)
      expect(quarter - (Number(expire) % quarter)).toBeGreaterThan(quarter - 2_000);
    // The allowance differs by chance, so that one try less tells nothing.
    const folios = await Promise.all(Array.from({ length: 8 }, () => h.file()));
    const allowances = await Promise.all(folios.map(({ folio }) => exhaust(folio)));
    expect(new Set(allowances).size).toBeGreaterThan(1);
    await endWindows();
  });

  it('lets the right code in while thirty callers guess without pause', async () => {
    const attacked = await h.file();
    await exhaust(attacked.folio);
    let over = false;
    const guesses = Array.from({ length: 30 }, async () => {
      const answers = new Set<number>();
      while (!over) answers.add((await open(attacked.folio, WRONG)).status);
      return [...answers];
    });
    const right: number[] = [];
    for (let n = 0; n < 3; n++) right.push((await open(attacked.folio, attacked.accessCode)).status);
    over = true;
    expect(right).toEqual([201, 201, 201]);
    expect(new Set((await Promise.all(guesses)).flat())).toEqual(new Set([429]));
    await endWindows();
  });

  it('limits an unknown folio and half a code the same way, and mistyped folios each for itself', async () => {
    const receipt = await h.file();
    await Promise.all([exhaust(UNKNOWN), exhaust('no es un folio'), exhaust(receipt.folio, '1234')]);
    const answers = await Promise.all([
      open(UNKNOWN, WRONG),
      open('no es un folio', WRONG),
      open(receipt.folio, '1234'),
      open('tampoco es un folio', WRONG),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 401]);
    await endWindows();
  });

  it('stores neither folio nor code nor a token in what it writes', async () => {
    const receipt = await h.file();
    const { body } = await open(receipt.folio, receipt.accessCode);
    await open(receipt.folio, WRONG);
    const dump = JSON.stringify([
      await h.sql('owner', 'select * from rate_limits'),
      await h.sql(
        'owner',
        `select case_id, encode(folio_hash, 'escape') as h, digest from case_access_codes`,
      ),
      await h.sql('owner', `select event, encode(sealed, 'escape') as s from audit_entries`),
    ]);
    for (const secret of [
      receipt.folio,
      receipt.accessCode,
      receipt.accessCode.replaceAll('-', ''),
      body.token,
    ])
      expect(dump).not.toContain(secret);
    await endWindows();
  });
});

describe('a tracking token', () => {
  it('lives for half an hour', async () => {
    const receipt = await h.file();
    const token = await h.trackingToken(receipt);
    const read = async () => (await h.call('GET', '/tracking/case', { token })).status;
    moveTo(h, '2026-11-10T16:29:59.999Z');
    expect(await read()).toBe(200);
    moveTo(h, '2026-11-10T16:30:00Z');
    expect(await read()).toBe(401);
  });

  it('cannot be forged', async () => {
    const token = await h.trackingToken(await h.file());
    const bytes = Buffer.from(token.slice(4), 'base64url');
    const flip = (at: number) => {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      return `dat_${changed.toString('base64url')}`;
    };
    const forged = [
      flip(0),
      flip(bytes.length >> 1),
      flip(bytes.length - 1),
      `dat_${bytes.subarray(0, -1).toString('base64url')}`,
      `dat_${Buffer.from('{"caseId":"x","expires":9e15}').toString('base64url')}`,
      'dat_AAAAAAAAAA',
      'dat_',
      token.slice(4),
    ];
    for (const bearer of forged) {
      const { status, body } = await h.call<{ code: string }>('GET', '/tracking/case', { token: bearer });
      expect([bearer, status, body.code]).toEqual([bearer, 401, 'UNAUTHENTICATED']);
    }
  });

  it('opens no route of staff, and a token of staff or a channel key none of reporters', async () => {
    const receipt = await h.file();
    const token = await h.trackingToken(receipt);
    for (const [method, path] of [
      ['GET', `/cases/${receipt.folio}`],
      ['GET', '/cases'],
      ['GET', '/notifications'],
      ['GET', '/auth/me'],
      ['GET', '/admin/accounts'],
    ] as const)
      expect([path, (await h.call(method, path, { token })).status]).toEqual([path, 401]);
    for (const email of [DESK, AUDITOR]) {
      expect((await h.as(email, 'GET', '/tracking/case')).status).toBe(401);
      expect((await h.as(email, 'POST', '/tracking/messages', { text: 'Hola' })).status).toBe(401);
    }
    expect(
      (await h.call('GET', '/tracking/case', { key: 'test-key-00000000000000000000-cnv-web' })).status,
    ).toBe(401);
    expect((await h.call('GET', '/tracking/case')).status).toBe(401);
  });

  it('reads its own case only, of any institution', async () => {
    const [mine, other] = [await h.file(), await h.file({ institution: 'ACOLMAN-DEMO' })];
    for (const receipt of [mine, other]) {
      const { body } = await work.asReporter(receipt, 'GET', 'case');
      expect([body.folio, body.area.label.length > 0]).toEqual([receipt.folio, true]);
    }
  });

  it('is not stored: answers may not be cached, and no row tells of the visit but the day', async () => {
    const receipt = await h.file();
    const sent = await open(receipt.folio, receipt.accessCode);
    expect(sent.headers.get('cache-control')).toBe('no-store');
    const tables = await h.sql<{ n: number }>('owner', 'select count(*)::int as n from staff_sessions');
    await h.trackingToken(receipt);
    expect(await h.sql('owner', 'select count(*)::int as n from staff_sessions')).toEqual(tables);
  });
});

describe('hardening', () => {
  it('turns each code to salted argon2id, once, and the code still works', async () => {
    const receipts = [await h.file(), await h.file()];
    const rows = () =>
      h.sql<{ digest: string; hardened: boolean }>(
        'owner',
        `select k.digest, k.hardened from case_access_codes k join cases c on c.id = k.case_id
          where c.folio = any($1) order by c.folio`,
        [receipts.map(({ folio }) => folio)],
      );
    for (const { digest, hardened } of await rows()) {
      expect(hardened).toBe(false);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
    const second = await Harness.start({ share: h });
    await Promise.all([h.sweep(), second.sweep()]);
    await second.stop();
    const after = await rows();
    for (const { digest, hardened } of after) {
      expect(hardened).toBe(true);
      expect(digest).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    }
    expect(after[0]!.digest).not.toBe(after[1]!.digest);
    await h.sweep();
    expect(await rows()).toEqual(after);
    for (const { folio, accessCode } of receipts) expect((await open(folio, accessCode)).status).toBe(201);
    expect((await open(receipts[0]!.folio, receipts[1]!.accessCode)).status).toBe(401);
  });
});
