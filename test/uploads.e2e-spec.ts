import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Upload } from 'tus-js-client';
import type { ReporterActor } from '../src/platform/actor.js';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { Log } from '../src/platform/logging.js';
import { LIMITS } from '../src/work/evidence/limits.js';
import { Uploads } from '../src/work/evidence/uploads/uploads.js';
import { CaseWork, DESK } from './builders/cases.js';
import { EvidenceWork, type EvidenceBody } from './builders/evidence.js';
import { asSuperuser, Harness, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const DAY_MS = 24 * 3_600_000;
const TUS = { 'Tus-Resumable': '1.0.0' };
const OFFSET = { 'Content-Type': 'application/offset+octet-stream' };

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

/** The objects of the store. */
const paths = (): string[] =>
  readdirSync(h.files, { recursive: true })
    .map((name) => join(h.files, String(name)))
    .filter((name) => /[0-9a-f]{40}$/.test(name));
const objects = (): number => paths().length;

interface Answer {
  status: number;
  headers: Headers;
  body: EvidenceBody;
}

/** A request of the protocol, as the reporter. */
async function tus(
  token: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Answer> {
  const answer = await fetched(path.startsWith('http') ? path : `${h.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...TUS, ...headers },
    body: body && new Uint8Array(body),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text ? JSON.parse(text) : {}) as EvidenceBody,
  };
}

const metadata = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

async function begin(token: string, length: number, fields: Record<string, string> = {}): Promise<string> {
  const begun = await tus(token, 'POST', '/uploads', {
    'Upload-Length': String(length),
    'Upload-Metadata': metadata({ filename: 'video.mp4', ...fields }),
  });
  expect(begun.status).toBe(201);
  expect(begun.headers.get('location')).toMatch(/^\/api\/v1\/uploads\/[0-9a-f-]{36}$/);
  return begun.headers.get('location')!.replace('/api/v1', '');
}
const send = (token: string, path: string, offset: number, body: Buffer) =>
  tus(token, 'PATCH', path, { ...OFFSET, 'Upload-Offset': String(offset) }, body);
const offsetOf = async (token: string, path: string): Promise<number> =>
  Number((await tus(token, 'HEAD', path)).headers.get('upload-offset'));

async function reporter(): Promise<{ receipt: Receipt; token: string }> {
  const receipt = await work.file();
  return { receipt, token: await h.trackingToken(receipt) };
}

async function actorOf({ folio }: Receipt): Promise<ReporterActor> {
  const [row] = await h.sql<{ id: string; institution: string; generation: number }>(
    'owner',
    `select c.id, c.institution_id as institution, a.generation
       from cases c join case_access_codes a on a.case_id = c.id where c.folio = $1`,
    [folio],
  );
  const { id: caseId, institution: institutionId, generation: codeGeneration } = row!;
  return { kind: 'reporter', caseId, institutionId, codeGeneration };
}

const idOf = (path: string): string => path.split('/').at(-1)!;

/** Stores the last part, and the process ends before it makes evidence of the upload. */
async function lastPart(receipt: Receipt, path: string, bytes: Buffer | Promise<Buffer>): Promise<void> {
  const last = (async function* () {
    yield await bytes;
  })();
  await h.app.get(Uploads).append(await actorOf(receipt), idOf(path), last);
}

describe('an upload in parts', () => {
  it('becomes evidence with its last part, whole and once', async () => {
    const { receipt, token } = await reporter();
    const bytes = randomBytes(9 * MIB);
    const path = await begin(token, bytes.length, { caption: 'La obra sin terminar.' });
    const before = objects();
    expect((await send(token, path, 0, bytes.subarray(0, 5 * MIB))).headers.get('upload-offset')).toBe(
      String(5 * MIB),
    );
    expect(await offsetOf(token, path)).toBe(5 * MIB);
    expect(await evidence.list(DESK, receipt.folio)).toEqual([]);
    expect((await send(token, path, 5 * MIB, bytes.subarray(5 * MIB))).status).toBe(204);
    expect(await evidence.list(DESK, receipt.folio)).toMatchObject([
      {
        number: 1,
        name: 'video.mp4',
        caption: 'La obra sin terminar.',
        sha256: sha256Hex(bytes),
        source: 'reporter',
      },
    ]);
    // Its last answer may have been lost: the sender asks, and need not send it again.
    const known = await tus(token, 'HEAD', path);
    expect(known.status).toBe(200);
    expect(['upload-offset', 'upload-length'].map((name) => known.headers.get(name))).toEqual(
      Array(2).fill(String(bytes.length)),
    );
    expect(known.headers.get('upload-metadata')).toBeNull();
    // Whoever comes second, as the request of the last part beside the sweep, finds it done.
    await h.app.get(Uploads).finish(await actorOf(receipt), idOf(path));
    expect(await evidence.list(DESK, receipt.folio)).toHaveLength(1);
    expect(objects()).toBe(before + 1);
    expect(await h.sql('owner', 'select 1 from upload_parts')).toEqual([]);
  });

  it.each([
    ['an empty query', (path: string) => `${path}?`],
    ['a query', (path: string) => `${path}?a=b`],
    ['capitals', (path: string) => path.toUpperCase().replace('/UPLOADS', '/uploads')],
    ['an escaped letter', (path: string) => path.replace(/-/g, '%2d')],
  ])('is found under its address with %s', async (_, written) => {
    const { token } = await reporter();
    const path = await begin(token, 20);
    expect((await send(token, written(path), 0, Buffer.alloc(10))).headers.get('upload-offset')).toBe('10');
    expect(await offsetOf(token, written(path))).toBe(10);
    expect((await tus(token, 'DELETE', written(path))).status).toBe(204);
    expect((await tus(token, 'HEAD', path)).status).toBe(404);
  });

  it('keeps what came before the line broke, and goes on from there in another process', async () => {
    const { receipt, token } = await reporter();
    const bytes = randomBytes(2 * MIB);
    const path = await begin(token, bytes.length);
    const socket = connect(Number(new URL(h.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      [
        `PATCH /api/v1${path} HTTP/1.1`,
        'Host: localhost',
        `Authorization: Bearer ${token}`,
        'Tus-Resumable: 1.0.0',
        'Upload-Offset: 0',
        'Content-Type: application/offset+octet-stream',
        `Content-Length: ${bytes.length}`,
        '',
        '',
      ].join('\r\n'),
    );
    socket.write(bytes.subarray(0, MIB));
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.destroy();
    const kept = await until(
      () => offsetOf(token, path),
      (offset) => offset > 0,
    );
    expect(kept).toBeLessThanOrEqual(MIB);
    const second = await Harness.start({ share: h });
    try {
      const url = `${second.url}/api/v1${path}`;
      const rest = await tus(
        token,
        'PATCH',
        url,
        { ...OFFSET, 'Upload-Offset': String(kept) },
        bytes.subarray(kept),
      );
      expect(rest.status).toBe(204);
    } finally {
      await second.stop();
    }
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({ sha256: sha256Hex(bytes) });
  });

  it('is sent by a client of others as it is', async () => {
    const { receipt, token } = await reporter();
    const bytes = randomBytes(3 * MIB);
    await new Promise<void>((resolve, reject) =>
      new Upload(bytes, {
        endpoint: `${h.url}/api/v1/uploads`,
        headers: { Authorization: `Bearer ${token}` },
        chunkSize: MIB,
        metadata: { filename: 'nota.ogg', caption: 'Lo que me dijo.' },
        onSuccess: () => resolve(),
        onError: reject,
      }).start(),
    );
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({
      sha256: sha256Hex(bytes),
      name: 'nota.ogg',
      caption: 'Lo que me dijo.',
    });
  });

  it('is nobody else’s, and tells nobody what it is called', async () => {
    const { token } = await reporter();
    const other = await reporter();
    const path = await begin(token, 1000, { filename: 'me_lo_dijo_lupita.jpg' });
    for (const [method, headers, body] of [
      ['HEAD', {}, undefined],
      ['PATCH', { ...OFFSET, 'Upload-Offset': '0' }, Buffer.alloc(10)],
      ['DELETE', {}, undefined],
    ] as const)
      expect((await tus(other.token, method, path, headers, body)).status).toBe(404);
    const asked = await tus(token, 'HEAD', path);
    expect(asked.headers.get('upload-metadata')).toBeNull();
    expect(asked.headers.get('cache-control')).toContain('no-store');
    expect(linesWith(await dumpDatabase(h), 'me_lo_dijo_lupita')).toEqual([]);
    expect((await fetched(`${h.url}/api/v1${path}`, { method: 'HEAD', headers: TUS })).status).toBe(401);
    expect((await tus(await h.token(DESK), 'HEAD', path)).status).toBe(401);
  });
});

describe('several uploads of one report at once', () => {
  it.each([3, 5])('%d arrive, again and again', async (many) => {
    const { receipt, token } = await reporter();
    const sendOne = async (): Promise<string> => {
      const bytes = randomBytes(2000);
      const path = await begin(token, bytes.length);
      expect((await send(token, path, 0, bytes)).status).toBe(204);
      return sha256Hex(bytes);
    };
    const sent = await Promise.all(
      Array.from({ length: many }, async () => {
        const digests = [];
        for (let n = 0; n < 7; n++) digests.push(await sendOne());
        return digests;
      }),
    );
    const kept = (await evidence.list(DESK, receipt.folio)).map(({ sha256 }) => sha256);
    expect(kept.sort()).toEqual(sent.flat().sort());
  });

  it('have their places together: one more than fits is refused before a byte of it comes', async () => {
    const { token } = await reporter();
    const { caseBytes } = LIMITS;
    Object.assign(LIMITS, { caseBytes: 10_000 });
    try {
      const path = await begin(token, 6_000);
      const more = await tus(token, 'POST', '/uploads', { 'Upload-Length': '4001' });
      expect(more).toMatchObject({ status: 413, body: { code: 'EVIDENCE_CASE_FULL' } });
      await begin(token, 4_000);
      expect((await send(token, path, 0, randomBytes(6_000))).status).toBe(204);
    } finally {
      Object.assign(LIMITS, { caseBytes });
    }
  });

  it('end with the access code: what comes under the old one is not stored', async () => {
    const { receipt, token } = await reporter();
    const path = await begin(token, 100);
    let go = (): void => undefined;
    const wait = new Promise<void>((resolve) => (go = resolve));
    const late = lastPart(
      receipt,
      path,
      wait.then(() => randomBytes(100)),
    );
    await sleep(100);
    const { body } = await h.call<{ token: string }>('POST', '/tracking/access-code', { token });
    const before = objects();
    go();
    await expect(late).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await offsetOf(body.token, path)).toBe(0);
    expect(objects()).toBe(before);
  });
});

describe('an upload that is refused', () => {
  it('when its first bytes come in a hundred parts, which would be read again with each of them', async () => {
    const { token } = await reporter();
    const path = await begin(token, 200_000);
    for (let at = 0; at < 64; at++) expect((await send(token, path, at, Buffer.alloc(1))).status).toBe(204);
    const more = await send(token, path, 64, Buffer.alloc(1));
    expect(more).toMatchObject({ status: 413, body: { code: 'UPLOAD_PARTS' } });
    expect((await tus(token, 'DELETE', path)).status).toBe(204);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['of more than 100 MiB', { 'Upload-Length': String(100 * MIB + 1) }, 413, 'EVIDENCE_TOO_LARGE'],
    ['of nothing', { 'Upload-Length': '0' }, 400, 'EVIDENCE_EMPTY'],
    ['of no length', {}, 400, 'TUS_PROTOCOL'],
    ['of another protocol', { 'Upload-Length': '5', 'Tus-Resumable': '0.2.2' }, 412, 'TUS_PROTOCOL'],
    ['with broken metadata', { 'Upload-Length': '5', 'Upload-Metadata': 'a b c,,' }, 400, 'TUS_PROTOCOL'],
    [
      'with a caption that is too long',
      { 'Upload-Length': '5', 'Upload-Metadata': metadata({ caption: 'x'.repeat(2001) }) },
      400,
      'INVALID_REQUEST',
    ],
    [
      'with a caption that is no UTF-8',
      {
        'Upload-Length': '5',
        'Upload-Metadata': `caption ${Buffer.from('aqu\xed', 'latin1').toString('base64')}`,
      },
      400,
      'INVALID_REQUEST',
    ],
    [
      'with a NUL in its caption',
      { 'Upload-Length': '5', 'Upload-Metadata': metadata({ caption: 'a\0b' }) },
      400,
      'INVALID_REQUEST',
    ],
  ])('%s', async (_, headers, status, code) => {
    const { token } = await reporter();
    const answer = await tus(token, 'POST', '/uploads', headers);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.detail).toBeTruthy();
  });

  it('at the wrong byte, with more bytes than were told, or in another form', async () => {
    const { token } = await reporter();
    const path = await begin(token, 100);
    expect(await send(token, path, 50, Buffer.alloc(50))).toMatchObject({
      status: 409,
      body: { code: 'UPLOAD_OFFSET' },
    });
    expect(await send(token, path, 0, Buffer.alloc(101))).toMatchObject({
      status: 413,
      body: { code: 'EVIDENCE_TOO_LARGE' },
    });
    expect(
      await tus(
        token,
        'PATCH',
        path,
        { 'Content-Type': 'text/plain', 'Upload-Offset': '0' },
        Buffer.alloc(5),
      ),
    ).toMatchObject({ status: 415 });
    expect(await offsetOf(token, path)).toBe(0);
  });

  it('when it turns out to be a program, and then leaves nothing', async () => {
    const { receipt, token } = await reporter();
    const before = objects();
    const path = await begin(token, 1000, { filename: 'foto.jpg' });
    expect(
      await send(token, path, 0, Buffer.concat([Buffer.from('MZ\x90\0', 'latin1'), Buffer.alloc(996)])),
    ).toMatchObject({
      status: 415,
      body: { code: 'EVIDENCE_EXECUTABLE' },
    });
    expect(objects()).toBe(before);
    expect(await evidence.list(DESK, receipt.folio)).toEqual([]);
  });

  it.each([
    ['a program of Windows', 'MZ\x90\0'],
    ['a program of Linux', '\x7fELF\x02'],
    ['a script', '#!/bin/sh'],
  ])('when it turns out to be %s with its second byte, and then nothing of it is left', async (_, text) => {
    const { token } = await reporter();
    const before = objects();
    const bytes = Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(996)]);
    const path = await begin(token, bytes.length, { filename: 'foto.jpg' });
    let offset = 0;
    const answers = [];
    for (const end of [1, 2, 3, 4, bytes.length]) {
      const answer = await send(token, path, offset, bytes.subarray(offset, end));
      answers.push(answer.status);
      offset = end;
      if (answer.status !== 204) {
        expect(answer).toMatchObject({ status: 415, body: { code: 'EVIDENCE_EXECUTABLE' } });
        break;
      }
    }
    expect(answers.length).toBeLessThanOrEqual(4);
    expect(answers.at(-1)).toBe(415);
    expect((await tus(token, 'HEAD', path)).status).toBe(404);
    expect(objects()).toBe(before);
  });

  it('when it is one, but not when only a later part of it begins like one', async () => {
    const { receipt, token } = await reporter();
    const bytes = Buffer.from('Las letras MZ y #! están en un texto.');
    const path = await begin(token, bytes.length);
    const at = bytes.indexOf('MZ');
    expect((await send(token, path, 0, bytes.subarray(0, at))).status).toBe(204);
    expect((await send(token, path, at, bytes.subarray(at))).status).toBe(204);
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({ sha256: sha256Hex(bytes) });
  });

  it('while five others of the case are unfinished, until one of them is given up', async () => {
    const { token } = await reporter();
    const paths = [];
    for (let n = 0; n < 5; n++) {
      paths.push(await begin(token, 10));
      await send(token, paths[n]!, 0, Buffer.alloc(5, 'a'));
    }
    expect(await tus(token, 'POST', '/uploads', { 'Upload-Length': '10' })).toMatchObject({
      status: 409,
      body: { code: 'UPLOADS_UNFINISHED' },
    });
    expect((await tus(token, 'DELETE', paths[0]!)).status).toBe(204);
    await begin(token, 10);
  });
});

describe('an upload that ends while a part of it comes in another process', () => {
  let second: Harness;
  beforeAll(async () => {
    second = await Harness.start({ share: h });
  });
  afterAll(() => second.stop());

  /** Waits until so many statements of this database wait for a lock. */
  const waiting = (count: number): Promise<number> =>
    until(
      () =>
        asSuperuser(async (client) => {
          const { rows } = await client.query<{ n: number }>(
            `select count(distinct pid)::int as n from pg_locks where not granted
                and database = (select oid from pg_database where datname = current_database())`,
          );
          return rows[0]!.n;
        }, h.databaseName),
      (n) => n >= count,
    );

  it('keeps nothing in the store, when the part comes second', async () => {
    const { token } = await reporter();
    const before = objects();
    const path = await begin(token, 200);
    await send(token, path, 0, Buffer.alloc(50, 'a'));
    let go = (): void => undefined;
    const ended = new Promise<void>((resolve) => (go = resolve));
    let begun = (): void => undefined;
    const reading = new Promise<void>((resolve) => (begun = resolve));
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(new Uint8Array(10).fill(98));
        begun();
        await ended;
        controller.enqueue(new Uint8Array(10).fill(98));
        controller.close();
      },
    });
    const part = fetched(`${h.url}/api/v1${path}`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${token}`, ...TUS, ...OFFSET, 'Upload-Offset': '50' },
      body,
      duplex: 'half',
    } as RequestInit);
    await reading;
    expect((await tus(token, 'DELETE', `${second.url}/api/v1${path}`)).status).toBe(204);
    go();
    const answer = await part;
    expect([answer.status, ((await answer.json()) as EvidenceBody).code]).toEqual([404, 'UPLOAD_NOT_FOUND']);
    expect(objects()).toBe(before);
  });

  it('keeps nothing in the store, when both are entered at once', async () => {
    const { token } = await reporter();
    const before = objects();
    const path = await begin(token, 200);
    await send(token, path, 0, Buffer.alloc(50, 'a'));
    const [part, end] = await asSuperuser(async (client) => {
      // The part waits with its row, and the end with its removal: whichever comes second cleans up.
      await client.query('begin; lock table upload_parts in share mode');
      const parting = send(token, path, 50, Buffer.alloc(50, 'b'));
      await waiting(1);
      const ending = tus(token, 'DELETE', `${second.url}/api/v1${path}`);
      await waiting(2);
      await client.query('commit');
      return Promise.all([parting, ending]);
    }, h.databaseName);
    expect([204, 404]).toContain(part.status);
    expect(end.status).toBe(204);
    expect(objects()).toBe(before);
  });
});

describe('an upload of which the rows do not open', () => {
  const broken = (path: string): Promise<unknown> =>
    asSuperuser(
      (client) =>
        client.query('update uploads set details = substr(details, 1, 40) where id = $1', [
          path.split('/').at(-1),
        ]),
      h.databaseName,
    );
  const rows = (path: string): Promise<unknown[]> =>
    h.sql('owner', 'select 1 from uploads where id = $1', [path.split('/').at(-1)]);

  it('cannot be resumed, can be ended, and takes no place from others', async () => {
    const { token } = await reporter();
    const before = objects();
    const paths = [];
    for (let n = 0; n < 5; n++) {
      paths.push(await begin(token, 10));
      await send(token, paths[n]!, 0, Buffer.alloc(5, 'a'));
      await broken(paths[n]!);
    }
    expect((await tus(token, 'HEAD', paths[0]!)).status).toBe(404);
    expect(await send(token, paths[0]!, 5, Buffer.alloc(5, 'a'))).toMatchObject({
      status: 404,
      body: { code: 'UPLOAD_NOT_FOUND' },
    });
    await begin(token, 10);
    for (const path of paths) expect((await tus(token, 'DELETE', path)).status).toBe(204);
    expect(objects()).toBe(before);
  });

  it('keeps its parts when all of them were acknowledged, and the sweep goes on and says so without a name', async () => {
    const lines: string[] = [];
    const log = new Log('info', { write: (line: string) => void lines.push(line) });
    const own = await Harness.start({ log });
    try {
      const api = `${own.url}/api/v1`;
      const receipt = await own.file();
      const token = await own.trackingToken(receipt);
      const start = async (length: number): Promise<string> => {
        const begun = await tus(token, 'POST', `${api}/uploads`, { 'Upload-Length': String(length) });
        return `${own.url}${begun.headers.get('location')}`;
      };
      const [whole, expired, good] = [await start(100), await start(100), await start(100)];
      for (const path of [whole, expired, good]) await send(token, path, 0, Buffer.alloc(50, 'a'));
      const id = whole.split('/').at(-1)!;
      await asSuperuser(async (client) => {
        // As when the process ended behind the last part.
        await client.query('update uploads set complete = true where id = $1', [id]);
        await client.query('update uploads set details = substr(details, 1, 40) where id = any($1)', [
          [id, expired.split('/').at(-1)],
        ]);
      }, own.databaseName);
      const left = () =>
        own.sql<{ id: string; parts: number }>(
          'owner',
          `select u.id, count(p.*)::int as parts from uploads u left join upload_parts p on p.upload_id = u.id group by 1`,
        );
      expect(await own.run('end-uploads')).toBe(0);
      expect(await left()).toHaveLength(3);
      own.clock.set(new Date(own.clock.now().getTime() + 8 * DAY_MS));
      expect(await own.run('end-uploads')).toBe(2);
      expect(await own.run('end-uploads')).toBe(0);
      expect(await left()).toEqual([{ id, parts: 1 }]);
      log.writeDue(own.clock.now());
      log.end();
      const told = lines
        .filter((line) => line.includes('UPLOAD_BROKEN'))
        .map((line) => JSON.parse(line) as object);
      expect(told).toEqual([expect.objectContaining({ event: 'upload-broken', code: 'UPLOAD_BROKEN' })]);
      expect(lines.join('')).not.toContain('sweep-failed');
      for (const name of [id, receipt.folio, '"time"']) expect(JSON.stringify(told)).not.toContain(name);
    } finally {
      await own.stop();
    }
  });

  it('is kept too when a part of it is missing in the store, until the part is back', async () => {
    const { receipt, token } = await reporter();
    const bytes = randomBytes(5000);
    const path = await begin(token, bytes.length);
    const known = new Set(paths());
    await send(token, path, 0, bytes.subarray(0, 4000));
    const [part] = paths().filter((one) => !known.has(one)) as [string];
    await lastPart(receipt, path, bytes.subarray(4000));
    renameSync(part, `${part}.away`);
    expect(await h.run('end-uploads')).toBe(0);
    expect(await rows(path)).toHaveLength(1);
    expect((await tus(token, 'HEAD', path)).headers.get('upload-offset')).toBe('5000');
    renameSync(`${part}.away`, part);
    h.clock.set(new Date(h.clock.now().getTime() + 3_600_000));
    h.forgetTokens();
    expect(await h.run('end-uploads')).toBe(1);
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({ sha256: sha256Hex(bytes) });
  });
});

describe('a connection on which a part was refused', () => {
  it('takes the next request, though the sender had already sent all of the part', async () => {
    const { token } = await reporter();
    const path = await begin(token, 100);
    const { hostname, port } = new URL(h.url);
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.on('data', (piece: Buffer) => (heard += piece.toString('latin1')));
    socket.on('error', () => undefined);
    const bytes = randomBytes(3 * MIB);
    const head = [
      `PATCH /api/v1${path} HTTP/1.1`,
      `Host: ${hostname}`,
      `Authorization: Bearer ${token}`,
      'Tus-Resumable: 1.0.0',
      'Upload-Offset: 0',
      'Content-Type: application/offset+octet-stream',
      `Content-Length: ${bytes.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(bytes);
    await until(
      async () => heard,
      (text) => text.includes('HTTP/1.1 413'),
    );
    socket.write(`GET /health/live HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    await until(
      async () => heard,
      (text) => text.includes('HTTP/1.1 200'),
    );
    socket.destroy();
  }, 20_000);
});

describe('an upload that nobody ends', () => {
  it('becomes evidence by itself when all of it is here', async () => {
    const { receipt, token } = await reporter();
    const bytes = randomBytes(5000);
    const path = await begin(token, bytes.length);
    await send(token, path, 0, bytes.subarray(0, 4000));
    await lastPart(receipt, path, bytes.subarray(4000));
    expect(await evidence.list(DESK, receipt.folio)).toEqual([]);
    expect(await h.run('end-uploads')).toBe(1);
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({ sha256: sha256Hex(bytes) });
  });

  it('becomes evidence though the case is closed or full meanwhile: all of it was acknowledged', async () => {
    const files = LIMITS.files;
    const uploaded: [Receipt, Buffer][] = [];
    for (let n = 0; n < 2; n++) {
      const receipt = await work.bring('under_investigation');
      const token = await h.trackingToken(receipt);
      const bytes = randomBytes(3000);
      const path = await begin(token, bytes.length);
      await lastPart(receipt, path, bytes);
      expect(await offsetOf(token, path)).toBe(bytes.length);
      uploaded.push([receipt, bytes]);
    }
    await work.close(uploaded[0]![0].folio, 'measures_taken');
    const before = h.clock.now();
    h.clock.set(new Date(before.getTime() + 2 * 366 * DAY_MS));
    Object.assign(LIMITS, { files: 0 });
    try {
      await h.run('end-uploads');
    } finally {
      Object.assign(LIMITS, { files });
      h.clock.set(before);
    }
    for (const [{ folio }, bytes] of uploaded)
      expect(await evidence.list(DESK, folio)).toMatchObject([{ sha256: sha256Hex(bytes) }]);
  });

  it('cannot be given up any more when all of it is here', async () => {
    const { receipt, token } = await reporter();
    const bytes = randomBytes(3000);
    const path = await begin(token, bytes.length);
    await lastPart(receipt, path, bytes);
    expect(await tus(token, 'DELETE', path)).toMatchObject({
      status: 409,
      body: { code: 'UPLOAD_COMPLETE' },
    });
    expect(await h.run('end-uploads')).toBe(1);
    expect(await evidence.list(DESK, receipt.folio)).toMatchObject([{ sha256: sha256Hex(bytes) }]);
    expect((await tus(token, 'DELETE', path)).status).toBe(404);
  });

  it('is kept, or given up, and never both, when DELETE comes beside the last part', async () => {
    for (let n = 0; n < 12; n++) {
      const { receipt, token } = await reporter();
      const bytes = randomBytes(1_200_000);
      const path = await begin(token, bytes.length);
      const patched = send(token, path, 0, bytes);
      await sleep(n * 4);
      const [sent, ended] = await Promise.all([patched, tus(token, 'DELETE', path)]);
      await h.run('end-uploads');
      const kept = (await evidence.list(DESK, receipt.folio)).length;
      expect([sent.status === 204, kept]).toEqual([ended.status !== 204, ended.status === 204 ? 0 : 1]);
    }
  });

  it('is removed when it was not resumed for a week', async () => {
    const own = await Harness.start();
    const receipt = await own.file();
    const token = await own.trackingToken(receipt);
    const url = `${own.url}/api/v1/uploads`;
    const begun = await tus(token, 'POST', url, { 'Upload-Length': '100' });
    const path = `${own.url}${begun.headers.get('location')}`;
    await tus(token, 'PATCH', path, { ...OFFSET, 'Upload-Offset': '0' }, Buffer.alloc(50));
    own.clock.set(new Date(own.clock.now().getTime() + 7 * DAY_MS));
    expect(await own.run('end-uploads')).toBe(0);
    own.clock.set(new Date(own.clock.now().getTime() + DAY_MS));
    expect(await own.run('end-uploads')).toBe(1);
    expect(readdirSync(own.files, { recursive: true }).join()).not.toMatch(/[0-9a-f]{40}/);
    await own.stop();
  });
});
