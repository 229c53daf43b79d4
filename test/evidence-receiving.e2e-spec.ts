import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { assertOwnStore, openStore } from '../src/platform/storage/open-store.js';
import { EvidenceLimits } from '../src/work/evidence/evidence.config.js';
import { LIMITS } from '../src/work/evidence/limits.js';
import { CaseWork, DESK, INVESTIGATOR } from './builders/cases.js';
import { EvidenceWork, formOf, type EvidenceBody } from './builders/evidence.js';
import { asSuperuser, databaseUrl, Harness, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

const bytesOf = (size: number): Buffer => Buffer.concat([Buffer.from('prueba '), randomBytes(size - 7)]);

/** The files of the store, those that are being written apart. */
function stored(folder = h.files): { objects: string[]; incoming: string[] } {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'owner')
    .map((entry) => join(entry.parentPath, entry.name));
  const incoming = all.filter((path) => path.includes('/incoming/'));
  return { objects: all.filter((path) => !incoming.includes(path)), incoming };
}
const rows = async (): Promise<number> => (await h.sql('owner', 'select 1 from evidence_files')).length;

/** A request that must be refused and leave nothing: no row, no file, no number of the case. */
async function refused(send: () => Promise<{ status: number; body: EvidenceBody }>): Promise<EvidenceBody> {
  const before = { rows: await rows(), ...stored() };
  const { status, body } = await send();
  expect(status).toBeGreaterThanOrEqual(400);
  // What was refused late is removed after the answer has its words.
  expect({ rows: await rows(), ...stored() }).toEqual(before);
  return body;
}

describe('a form with a file', () => {
  let receipt: Receipt;
  let token: string;
  beforeAll(async () => {
    receipt = await work.file();
    token = await h.trackingToken(receipt);
  });
  const send = (form: FormData | string, headers?: Record<string, string>) =>
    h.call<EvidenceBody>('POST', '/tracking/evidence', { token, body: form, headers });

  it('brings its caption before the file or behind it', async () => {
    const before = new FormData();
    before.set('caption', '  Antes. ');
    before.set('file', new Blob(['una']), 'a.txt');
    const behind = new FormData();
    behind.set('file', new Blob(['otra']), 'b.txt');
    behind.set('caption', 'Detrás.');
    for (const form of [before, behind]) expect((await send(form)).status).toBe(201);
    const captions = (await evidence.list(DESK, receipt.folio)).map(({ caption }) => caption);
    expect(captions).toEqual(['Antes.', 'Detrás.']);
  });

  it.each<[string, () => FormData, object]>([
    [
      'without anything',
      () => new FormData(),
      { code: 'INVALID_REQUEST', errors: [{ field: 'file', code: 'REQUIRED' }] },
    ],
    [
      'with a caption alone',
      () => {
        const form = new FormData();
        form.set('caption', 'Sólo esto.');
        return form;
      },
      { code: 'INVALID_REQUEST', errors: [{ field: 'file', code: 'REQUIRED' }] },
    ],
    [
      'with two files',
      () => {
        const form = formOf({ bytes: Buffer.from('una') });
        form.append('file', new Blob(['otra']), 'otra.txt');
        return form;
      },
      { code: 'INVALID_REQUEST', errors: [{ field: 'file', code: 'ONE_FILE' }] },
    ],
    [
      'with a field that does not exist',
      () => {
        const form = formOf({ bytes: Buffer.from('una') });
        form.set('folio', receipt.folio);
        return form;
      },
      { code: 'INVALID_REQUEST', errors: [{ field: 'folio', code: 'UNKNOWN_FIELD' }] },
    ],
    [
      'with a caption that is too long',
      () => formOf({ bytes: Buffer.from('una'), caption: 'x'.repeat(2001) }),
      { code: 'INVALID_REQUEST', errors: [{ field: 'caption', code: 'LENGTH' }] },
    ],
    [
      'with a NUL in its caption',
      () => formOf({ bytes: Buffer.from('una'), caption: 'a\0b' }),
      { code: 'INVALID_REQUEST', errors: [{ field: 'caption', code: 'NOT_PLAIN_TEXT' }] },
    ],
    [
      'with two captions',
      () => {
        const form = formOf({ bytes: Buffer.from('una'), caption: 'Una.' });
        form.append('caption', 'Otra.');
        return form;
      },
      { code: 'INVALID_REQUEST', errors: [{ field: 'caption', code: 'REPEATED' }] },
    ],
  ])('%s is refused and leaves nothing', async (_, form, problem) => {
    expect(await refused(() => send(form()))).toMatchObject(problem);
  });

  it('is refused where no file is expected, and anything else where one is', async () => {
    expect(
      await h.call('POST', '/tracking/messages', { token, body: formOf({ bytes: Buffer.from('x') }) }),
    ).toMatchObject({ status: 415 });
    expect((await h.call('POST', '/reports', { body: formOf({ bytes: Buffer.from('x') }) })).status).toBe(
      415,
    );
    expect(await refused(() => send('{"file": 1}'))).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    const latin = Buffer.from(
      '--x\r\nContent-Disposition: form-data; name="caption"\r\n\r\naqu\xed\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nuna\r\n--x--\r\n',
      'latin1',
    );
    const answer = await fetched(`${h.url}/api/v1/tracking/evidence`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'multipart/form-data; boundary=x' },
      body: new Uint8Array(latin),
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'INVALID_REQUEST', errors: [{ field: 'caption', code: 'NOT_PLAIN_TEXT' }] },
    ]);
    const cut = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const text = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nsin fin';
    expect(await refused(() => send(text, cut))).toMatchObject({ code: 'BAD_REQUEST' });
    expect(await refused(() => send(text, { 'Content-Type': 'multipart/form-data' }))).toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('that breaks off in the middle leaves nothing, and the next one is taken', async () => {
    const { port } = new URL(h.url);
    const before = await rows();
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      [
        'POST /api/v1/tracking/evidence HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${token}`,
        'Content-Type: multipart/form-data; boundary=x',
        `Content-Length: ${20 * MIB}`,
        '',
        '--x',
        'Content-Disposition: form-data; name="file"; filename="a"',
        '',
        '',
      ].join('\r\n'),
    );
    socket.write(randomBytes(2 * MIB));
    await until(
      async () => stored().incoming.length,
      (count) => count === 1,
    );
    socket.destroy();
    await until(
      async () => stored().incoming.length,
      (count) => count === 0,
    );
    expect(await rows()).toBe(before);
    expect((await send(formOf({ bytes: bytesOf(1000) }))).status).toBe(201);
  });
});

describe('a file that is not taken', () => {
  it.each([
    ['a program of Windows', Buffer.concat([Buffer.from('MZ\x90\0', 'latin1'), Buffer.alloc(200)])],
    ['a program of Linux', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(200)])],
    ['a script', Buffer.from('#!/bin/sh\nrm -rf /\n')],
  ])('%s: refused, whatever its name, before anything is stored', async (_, bytes) => {
    const receipt = await work.file();
    const body = await refused(() => evidence.asReporter(receipt, { bytes, name: 'foto.jpg' }));
    expect(body).toMatchObject({ code: 'EVIDENCE_EXECUTABLE' });
    expect((await work.trail(receipt.folio)).map(({ event }) => event)).not.toContain('EVIDENCE_RECEIVED');
  });

  it('an empty one: refused, for whoever sent it believes that it arrived', async () => {
    const receipt = await work.file();
    const body = await refused(() => evidence.asReporter(receipt, { bytes: Buffer.alloc(0) }));
    expect(body).toMatchObject({ code: 'EVIDENCE_EMPTY', detail: expect.stringContaining('vacío') });
  });

  it('one of 100 MiB is taken, one of a byte more is not, whether its length was told or not', async () => {
    const receipt = await work.file();
    const token = await h.trackingToken(receipt);
    const whole = Buffer.alloc(100 * MIB, 'a');
    const sent = await evidence.asReporter(receipt, { bytes: whole });
    expect(sent).toMatchObject({ status: 201, body: { size: 100 * MIB, sha256: sha256Hex(whole) } });
    const larger = Buffer.alloc(100 * MIB + 1, 'b');
    expect(await refused(() => evidence.asReporter(receipt, { bytes: larger }))).toMatchObject({
      code: 'EVIDENCE_TOO_LARGE',
      detail: expect.stringContaining('100 MB'),
    });
    // In chunks, without a length.
    const form = new Response(formOf({ bytes: larger }));
    const body = await refused(async () => {
      const answer = await fetched(`${h.url}/api/v1/tracking/evidence`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${token}`,
          'Content-Type': form.headers.get('content-type')!,
        },
        body: form.body,
        duplex: 'half',
      } as RequestInit);
      return { status: answer.status, body: (await answer.json()) as EvidenceBody };
    });
    expect(body).toMatchObject({ code: 'EVIDENCE_TOO_LARGE' });
    // One that is far too large is refused before it is sent.
    const told = await h.call<EvidenceBody>('POST', '/tracking/evidence', {
      token,
      body: formOf({ bytes: Buffer.alloc(101 * MIB) }),
    });
    expect(told).toMatchObject({ status: 413, body: { code: 'EVIDENCE_TOO_LARGE' } });
  });

  it('the 51st of a case, which tracking told before', async () => {
    const receipt = await work.file();
    const token = await h.trackingToken(receipt);
    for (let n = 0; n < 50; n++) {
      const form = formOf({ bytes: Buffer.from(`archivo ${n}`) });
      expect((await h.call('POST', '/tracking/evidence', { token, body: form })).status).toBe(201);
    }
    const { body } = await work.asReporter(receipt, 'GET', 'case');
    expect(body).toMatchObject({ evidence: { received: 50, limits: { filesLeft: 0 } } });
    const more = () =>
      h.call<EvidenceBody>('POST', '/tracking/evidence', { token, body: formOf({ bytes: bytesOf(9) }) });
    expect(await refused(more)).toMatchObject({ code: 'EVIDENCE_CASE_FULL', filesLeft: 0 });
    // What staff hold does not count, or a reporter could count it.
    expect((await evidence.asStaff(INVESTIGATOR, receipt.folio, { bytes: bytesOf(9) })).status).toBe(201);
    expect((await work.asReporter(receipt, 'GET', 'case')).body).toMatchObject({
      evidence: { limits: { filesLeft: 0 } },
    });
  });

  it('not a file of exactly the bytes that tracking told, nor the same one again', async () => {
    const receipt = await work.file();
    const token = await h.trackingToken(receipt);
    const send = (bytes: Buffer) =>
      h.call<EvidenceBody>('POST', '/tracking/evidence', { token, body: formOf({ bytes }) });
    const { caseBytes } = LIMITS;
    Object.assign(LIMITS, { caseBytes: 300_000 });
    try {
      expect((await send(bytesOf(100_000))).status).toBe(201);
      const { body } = await work.asReporter<{ evidence: { limits: { bytesLeft: number } } }>(
        receipt,
        'GET',
        'case',
      );
      const last = bytesOf(body.evidence.limits.bytesLeft);
      const kept = await send(last);
      expect([last.length, kept.status]).toEqual([200_000, 201]);
      // Its answer was lost, and it is sent again.
      expect(await send(last)).toMatchObject({ status: 201, body: { number: 2, sha256: kept.body.sha256 } });
      expect(await refused(() => send(bytesOf(200_000)))).toMatchObject({ code: 'EVIDENCE_CASE_FULL' });
      expect(await refused(() => send(bytesOf(9)))).toMatchObject({ code: 'EVIDENCE_CASE_FULL' });
    } finally {
      Object.assign(LIMITS, { caseBytes });
    }
  });

  it('one that was begun under an access code that was exchanged before its end', async () => {
    const receipt = await work.file();
    const token = await h.trackingToken(receipt);
    const body = new Response(formOf({ bytes: bytesOf(3 * MIB) }));
    const bytes = Buffer.from(await body.arrayBuffer());
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': body.headers.get('content-type')! };
    const answer = await refused(async () => {
      const stream = (async function* () {
        yield bytes.subarray(0, MIB);
        await until(
          async () => stored().incoming.length,
          (count) => count === 1,
        );
        await h.call('POST', '/tracking/access-code', { token });
        yield bytes.subarray(MIB);
      })();
      const sent = await fetched(`${h.url}/api/v1/tracking/evidence`, {
        ...{ method: 'POST', headers, body: ReadableStream.from(stream), duplex: 'half' },
      } as RequestInit);
      return { status: sent.status, body: (await sent.json()) as EvidenceBody };
    });
    expect(answer).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('when an institution keeps its limit, or the disk its reserve: 507, and the report is safe', async () => {
    const narrow = await Harness.start({
      share: h,
      config: { evidence: new EvidenceLimits(10 * MIB) },
    });
    try {
      const receipt = await new CaseWork(narrow).file();
      const giver = new EvidenceWork(narrow);
      expect(await refused(() => giver.asReporter(receipt, { bytes: bytesOf(11 * MIB) }))).toMatchObject({
        code: 'EVIDENCE_NO_ROOM',
        detail: expect.stringContaining('a salvo'),
      });
    } finally {
      await narrow.stop();
    }
    const reserved = await Harness.start({
      share: h,
      config: { storage: { kind: 'folder', folder: h.files, reserve: 2 ** 60 } },
    });
    try {
      const receipt = await new CaseWork(reserved).file();
      const giver = new EvidenceWork(reserved);
      expect(await refused(() => giver.asReporter(receipt, { bytes: bytesOf(10) }))).toMatchObject({
        code: 'EVIDENCE_NO_ROOM',
        status: 507,
      });
      const ready = () => reserved.call<Record<string, string>>('GET', '//health/ready');
      const found = await until(ready, ({ body }) => body.files === 'full');
      expect(found).toMatchObject({ status: 200, body: { status: 'up', files: 'full' } });
    } finally {
      await reserved.stop();
    }
  });

  it('after the end of the case: the reporter as long as writing is allowed, staff not', async () => {
    const receipt = await work.bring('closed');
    expect((await evidence.asReporter(receipt, { bytes: bytesOf(100) })).status).toBe(201);
    expect(await refused(() => evidence.asStaff(DESK, receipt.folio, { bytes: bytesOf(100) }))).toMatchObject(
      { code: 'ILLEGAL_MOVE' },
    );
  });
});

describe('the same file sent again', () => {
  it('is kept once while nobody says another word to it, and twice with another caption', async () => {
    const receipt = await work.file();
    const bytes = bytesOf(3000);
    const [first, second] = [
      await evidence.asReporter(receipt, { bytes, caption: 'La ventanilla.' }),
      await evidence.asReporter(receipt, { bytes, caption: 'La ventanilla.' }),
    ];
    expect(second.body).toEqual(first.body);
    const objects = stored().objects.length;
    expect((await evidence.asReporter(receipt, { bytes })).body).toEqual(first.body);
    expect(stored().objects).toHaveLength(objects);
    expect((await evidence.asReporter(receipt, { bytes, caption: 'Otra cosa.' })).body).toMatchObject({
      number: 2,
    });
  });

  it('at once, from two connections, gives every file a number of its own', async () => {
    const receipt = await work.file();
    const sent = await Promise.all(
      Array.from({ length: 8 }, (_, n) => evidence.asReporter(receipt, { bytes: Buffer.from(`foto ${n}`) })),
    );
    expect(sent.map(({ body }) => body.number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('what is stored', () => {
  it('has random names, padded lengths and no time but the day, and nothing of it can be read', async () => {
    const receipt = await work.file();
    const canary = 'mi_denuncia_por_lupita.jpg';
    const secret = `lugar 19.64321 -98.91234 serie ${randomBytes(4).toString('hex')}`;
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(secret)]);
    const before = new Set(stored().objects);
    await evidence.asReporter(receipt, { bytes, name: canary, caption: `Nota ${secret}` });
    const [object, ...others] = stored().objects.filter((path) => !before.has(path));
    expect(others).toEqual([]);
    expect(object).toMatch(/\/[0-9a-f]{2}\/[0-9a-f]{40}$/);
    const { size, mtime } = statSync(object!);
    expect(size).toBe(65_536 + 16);
    expect(mtime.toISOString()).toMatch(/T00:00:00\.000Z$/);
    const dump = await dumpDatabase(h);
    for (const text of [canary, secret]) expect(linesWith(dump, text)).toEqual([]);
    const times = await h.sql<{ name: string }>(
      'owner',
      `select attrelid::regclass || '.' || attname as name from pg_attribute
        where attrelid in ('evidence'::regclass, 'evidence_files'::regclass) and atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)`,
    );
    expect(times).toEqual([]);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ana\\foto.jpg', 'foto.jpg'],
    ['foto\u202Egpj.exe', 'fotogpj.exe'],
    [`${'a'.repeat(300)}.jpg`, `${'a'.repeat(180)}…${'a'.repeat(15)}.jpg`],
  ])('is called %j as %j', async (name, kept) => {
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: bytesOf(50), name });
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({ name: kept });
  });

  it('is the same for two processes with one store', async () => {
    const second = await Harness.start({ share: h });
    try {
      const receipt = await work.file();
      await new EvidenceWork(second).asReporter(receipt, { bytes: bytesOf(2000) });
      expect(await evidence.list(DESK, receipt.folio)).toHaveLength(1);
    } finally {
      await second.stop();
    }
  });

  it('belongs to one database: another one refuses to start beside it', async () => {
    const other = await Harness.start();
    const pool = new pg.Pool({ connectionString: databaseUrl(other.databaseName, 'app') });
    try {
      // Every test database is a copy of one.
      await asSuperuser(
        (client) => client.query('update object_store set id = gen_random_uuid()'),
        other.databaseName,
      );
      await assertOwnStore(h.database.appPool, await openStore(h.config.storage));
      await expect(assertOwnStore(pool, await openStore(h.config.storage))).rejects.toThrow(
        'belongs to another database',
      );
      await assertOwnStore(h.database.appPool, await openStore(h.config.storage));
    } finally {
      await pool.end();
      await other.stop();
    }
  });
});
