import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { AUDITOR, CaseWork, DESK, HEAD, INVESTIGATOR } from './builders/cases.js';
import { EvidenceWork, recording } from './builders/evidence.js';
import { asSuperuser, Harness, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { keepCopy } from './support/prepared.js';
import { until } from './support/until.js';

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

const PLACE = '19.643215N 98.912345W';
const SERIAL = 'SN-48213377-LUPITA';

/** A photo with a place, a serial number and an author in its EXIF. */
const photo = (): Promise<Buffer> =>
  sharp({ create: { width: 1200, height: 900, channels: 3, background: '#a03010' } })
    .withExif({
      IFD0: { Artist: SERIAL, ImageDescription: PLACE },
      IFD3: { GPSLatitude: '19/1 38/1 3557/100', GPSLatitudeRef: 'N' },
    })
    .jpeg()
    .toBuffer();

/** Works the queue as a worker does. */
const convertAll = (): Promise<number> => h.workJobs();

async function sent(
  bytes: Buffer,
  name = 'foto.jpg',
): Promise<{ receipt: Receipt; id: string; path: string }> {
  const receipt = await work.file();
  const { status, body } = await evidence.asReporter(receipt, { bytes, name });
  expect(status).toBe(201);
  return { receipt, id: body.id, path: `${h.url}/api/v1/cases/${receipt.folio}/evidence/${body.id}` };
}

/** A recording whose copy can be opened. It carries no mark, so it comes in parts. */
async function sentRecording(): ReturnType<typeof sent> {
  const file = await sent(recording(), 'nota.wav');
  await keepCopy(h, file.id, { bytes: recording(), type: 'audio/wav', extension: 'wav', tool: 'ffmpeg' });
  return file;
}

async function download(
  path: string,
  headers: Record<string, string> = {},
  email = INVESTIGATOR,
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const answer = await fetched(path, {
    headers: { Authorization: `Bearer ${await h.token(email)}`, ...headers },
  });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe('the safe copy of a photo', () => {
  let receipt: Receipt;
  let id: string;
  let path: string;
  let original: Buffer;
  beforeAll(async () => {
    original = await photo();
    ({ receipt, id, path } = await sent(original));
    expect(original.toString('latin1')).toContain(SERIAL);
    expect(await download(path)).toMatchObject({ status: 409 });
    await convertAll();
  });

  it('shows the picture and nothing of what the camera wrote', async () => {
    const [item] = await evidence.list(DESK, receipt.folio);
    expect(item).toMatchObject({ state: 'ready', copy: { type: 'image/jpeg' }, sha256: sha256Hex(original) });
    const { status, headers, bytes } = await download(path);
    expect(status).toBe(200);
    for (const text of [SERIAL, PLACE, 'Exif', 'GPS']) expect(bytes.toString('latin1')).not.toContain(text);
    const { width, height, format } = await sharp(bytes).metadata();
    expect([width, format]).toEqual([1200, 'jpeg']);
    expect(height).toBeGreaterThan(910);
    const above = sharp(bytes).extract({ left: 0, top: 0, width: 1200, height: 890 });
    expect((await above.stats()).dominant).toMatchObject({ r: 168, g: 40, b: 8 });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': 'attachment; filename="prueba-1.jpg"',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'accept-ranges': 'none',
      'content-length': String(bytes.length),
    });
    const thumbnail = Buffer.from(item!.thumbnail!.split(',')[1]!, 'base64');
    expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 320 });
    expect((await work.asReporter(receipt, 'GET', 'case')).body).toMatchObject({
      evidence: { received: 1, waiting: 0 },
    });
  });

  it('carries the mark of whoever downloads it, below the picture, and comes whole', async () => {
    const [item] = await evidence.list(DESK, receipt.folio);
    const stored = item!.copy!.sha256;
    const one = await download(path);
    const other = await download(path, {}, HEAD);
    const again = await download(path, { Range: 'bytes=0-9', 'If-None-Match': '*' });
    expect([one.status, other.status, again.status]).toEqual([200, 200, 200]);
    // Whose it is can be seen: the same person in the same minute gets the same bytes, another person others.
    expect(again.bytes.equals(one.bytes)).toBe(true);
    expect(other.bytes.equals(one.bytes)).toBe(false);
    expect([one, other].map(({ bytes }) => sha256Hex(bytes))).not.toContain(stored);
    expect(one.headers.get('etag')).toBeNull();
    h.clock.set(new Date(h.clock.now().getTime() + 60_000));
    expect((await download(path)).bytes.equals(one.bytes)).toBe(false);
    // What is stored is what the custody speaks of.
    const custody = await h.as<{ derivative: { sha256: string; stored: string } }>(
      AUDITOR,
      'GET',
      `/cases/${receipt.folio}/evidence/${id}/custody`,
    );
    expect(custody.body.derivative).toMatchObject({ sha256: stored, stored: 'ok' });
  });

  it('leaves every step in the trail, by the day alone for what follows from the reporter', async () => {
    type Items = {
      integrity: string;
      items: { event: string; at: string | null; data: Record<string, unknown> }[];
    };
    h.clock.set(new Date(h.clock.now().getTime() + 24 * 3_600_000));
    h.forgetTokens();
    const { body } = await h.as<Items>(AUDITOR, 'GET', `/cases/${receipt.folio}/audit?limit=100`);
    expect(body.integrity).toBe('ok');
    const of = (event: string) => body.items.filter((item) => item.event === event);
    expect(of('EVIDENCE_PREPARED')).toMatchObject([
      {
        at: null,
        data: { evidence: id, number: 1, type: 'image/jpeg', tool: expect.stringContaining('sharp') },
      },
    ]);
    expect(of('EVIDENCE_OPENED').length).toBeGreaterThan(4);
    expect(of('EVIDENCE_OPENED')[0]).toMatchObject({ at: expect.any(String), data: { evidence: id } });
    expect((await work.read(receipt.folio)) as object).toMatchObject({ integrity: 'ok' });
  });

  it('lies sealed like the original: no place, serial number or name in dump, queue or store', async () => {
    const dump = await dumpDatabase(h);
    for (const text of [PLACE, SERIAL, 'foto.jpg']) expect(linesWith(dump, text)).toEqual([]);
    const objects = readdirSync(h.files, { recursive: true }).filter((name) =>
      /[0-9a-f]{40}$/.test(String(name)),
    );
    expect(objects).toHaveLength(2);
  });
});

describe('the safe copy of a recording', () => {
  let path: string;
  beforeAll(async () => {
    ({ path } = await sentRecording());
  });

  it('comes in parts to whoever asks for parts', async () => {
    const { bytes } = await download(path);
    const size = bytes.length;
    for (const [range, from, to] of [
      ['bytes=0-99', 0, 100],
      ['bytes=1000-', 1000, size],
      ['bytes=-50', size - 50, size],
      [`bytes=5-${size + 999}`, 5, size],
    ] as const) {
      const part = await download(path, { Range: range });
      expect([part.status, part.headers.get('content-range')]).toEqual([
        206,
        `bytes ${from}-${to - 1}/${size}`,
      ]);
      expect(part.bytes.equals(bytes.subarray(from, to))).toBe(true);
    }
    const beyond = await download(path, { Range: `bytes=${size}-` });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${size}`]);
    for (const range of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=9-5', 'bytes=-'])
      expect((await download(path, { Range: range })).status).toBe(200);
    const stale = await download(path, { Range: 'bytes=0-9', 'If-Range': '"another"' });
    expect(stale.status).toBe(200);
  });
});

describe('a copy that is opened, in the trail,', () => {
  let path: string;
  let folio: string;
  beforeEach(async () => {
    ({
      path,
      receipt: { folio },
    } = await sentRecording());
  });
  const opened = async (): Promise<number> => {
    const [found] = await h.sql<{ n: number }>(
      'owner',
      `select count(*)::int as n from audit_entries a join cases c on c.id = a.case_id
          where c.folio = $1 and a.event = 'EVIDENCE_OPENED'`,
      [folio],
    );
    return found!.n;
  };

  it('is one opening for all parts that a player asks for within an hour', async () => {
    for (const range of ['bytes=500-', 'bytes=700-799', 'bytes=-20', 'bytes=600-'])
      expect((await download(path, { Range: range })).status).toBe(206);
    expect(await opened()).toBe(1);
    // From the first byte on it is another opening.
    await download(path, { Range: 'bytes=0-' });
    await download(path);
    expect(await opened()).toBe(3);
  });

  it('is one opening for each account, for each file and for each hour', async () => {
    await download(path, { Range: 'bytes=500-' });
    await download(path, { Range: 'bytes=500-' }, HEAD);
    expect(await opened()).toBe(2);
    const other = await sentRecording();
    await download(other.path, { Range: 'bytes=500-' });
    await download(path, { Range: 'bytes=900-' });
    expect(await opened()).toBe(2);
    h.clock.set(new Date(h.clock.now().getTime() + 3_600_000));
    h.forgetTokens();
    await download(path, { Range: 'bytes=900-' });
    expect(await opened()).toBe(3);
  });

  it('counts no entry of which somebody changed the clear columns', async () => {
    await download(path, { Range: 'bytes=500-' });
    await asSuperuser(async (client) => {
      await client.query('set session_replication_role = replica');
      await client.query(
        `update audit_entries set at = at + interval '1 day' where event = 'EVIDENCE_OPENED' and case_id = (select id from cases where folio = $1)`,
        [folio],
      );
    }, h.databaseName);
    await download(path, { Range: 'bytes=500-' });
    expect(await opened()).toBe(2);
  });

  it('is no opening where no byte leaves: HEAD, a copy that the reader holds, a part that is not there', async () => {
    const head = await fetched(path, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${await h.token(INVESTIGATOR)}`, Range: 'bytes=5-9' },
    });
    const tag = head.headers.get('etag')!;
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(head.headers.get('content-disposition')).toBe('attachment; filename="prueba-1.wav"');
    for (const held of [tag, `W/${tag}`, `"another", ${tag}`, '*']) {
      const answer = await download(path, { 'If-None-Match': held, Range: 'bytes=0-9' });
      expect([answer.status, answer.headers.get('etag'), answer.bytes.length]).toEqual([304, tag, 0]);
    }
    expect((await download(path, { Range: 'bytes=99999999-' })).status).toBe(416);
    expect(await opened()).toBe(0);
    const whole = await download(path, { 'If-None-Match': '"another"' });
    expect([whole.status, String(whole.bytes.length)]).toEqual([200, head.headers.get('content-length')]);
    expect(await opened()).toBe(1);
  });
});

describe('readers who leave, and readers who are slow', () => {
  /** Asks for a copy and reads nothing of the answer. */
  async function deaf(path: string, email: string): Promise<Socket> {
    const { port, pathname } = new URL(path);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    const lines = ['Host: x', `Authorization: Bearer ${await h.token(email)}`];
    socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    return socket;
  }
  /** Files of the store that this process has open: `held` have no name any more. */
  function open(): { held: number; named: number } {
    const paths = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    const own = paths.filter((path) => path.startsWith(h.files));
    const held = own.filter((path) => path.endsWith(' (deleted)')).length;
    return { held, named: own.length - held };
  }
  const allClosed = async (): Promise<void> => {
    await until(
      async () => open(),
      ({ held, named }) => held + named === 0,
    );
  };

  let large: string;
  let small: string;
  beforeAll(async () => {
    const noise = { raw: { width: 1500, height: 1500, channels: 3 as const } };
    // 6 MB: far more than a connection takes that nobody reads.
    const bytes = await sharp(randomBytes(1500 * 1500 * 3), noise)
      .png({ compressionLevel: 0 })
      .toBuffer();
    const big = await sent(await photo());
    await keepCopy(h, big.id, { bytes, type: 'image/png', extension: 'png', tool: 'sharp' });
    large = big.path;
    const other = await sent(await photo());
    await keepCopy(h, other.id, {
      bytes: await photo(),
      type: 'image/jpeg',
      extension: 'jpg',
      tool: 'sharp',
    });
    small = other.path;
  });

  it('keep nobody else from opening a picture, and leave nothing behind', async () => {
    const readers: Socket[] = [];
    for (let n = 0; n < 8; n++) readers.push(await deaf(large, INVESTIGATOR));
    // Six are sent to one account at once. Its other two wait; another account does not.
    await until(
      async () => open().held,
      (count) => count === 6,
    );
    expect((await download(small, {}, HEAD)).status).toBe(200);
    for (const reader of readers) reader.destroy();
    await allClosed();
    expect((await download(small)).status).toBe(200);
    expect(readdirSync(join(h.files, 'spool'))).toEqual([]);
  });

  it.each([0, 20, 60, 150, 300, 600])('that leave after %d ms free what was made for them', async (wait) => {
    const readers = [
      await deaf(large, INVESTIGATOR),
      await deaf(large, INVESTIGATOR),
      await deaf(large, DESK),
    ];
    await sleep(wait);
    for (const reader of readers) reader.destroy();
    expect((await download(small)).status).toBe(200);
    await allClosed();
  });

  it('of a recording close its file', async () => {
    const bytes = Buffer.concat([recording(), randomBytes(8_000_000)]);
    const file = await sent(recording(), 'nota.wav');
    await keepCopy(h, file.id, { bytes, type: 'audio/wav', extension: 'wav', tool: 'ffmpeg' });
    for (const wait of [0, 5, 30, 100]) {
      const reader = await deaf(file.path, INVESTIGATOR);
      await sleep(wait);
      reader.destroy();
    }
    await allClosed();
  });
});

describe('a copy that cannot be marked', () => {
  it.each([
    ['application/pdf', 'pdf', 'pdftoppm', Buffer.from('%PDF-1.7\nsomebody else wrote this')],
    ['image/jpeg', 'jpg', 'sharp', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
  ])('of the type %s leaves to nobody', async (type, extension, tool, bytes) => {
    const { path, id } = await sent(Buffer.from('algo que llegó'));
    await keepCopy(h, id, { bytes, type, extension, tool });
    const answer = await download(path);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
    expect(JSON.parse(answer.bytes.toString())).toMatchObject({ code: 'EVIDENCE_NOT_MARKED' });
  });
});

describe('the custody of a file', () => {
  interface Custody {
    folio: string;
    number: number;
    sha256: string;
    original: { stored: string; sha256: string };
    derivative: { stored: string } | null;
    entries: { event: string; integrity: string; summary: string; actor: { name: string | null } }[];
  }
  const custody = async (receipt: Receipt, id: string): Promise<Custody> => {
    const { status, body } = await h.as<Custody>(
      AUDITOR,
      'GET',
      `/cases/${receipt.folio}/evidence/${id}/custody`,
    );
    expect(status).toBe(200);
    return body;
  };

  it('says what came, that the stored bytes are the same, and who did what with it', async () => {
    const bytes = await photo();
    const { receipt, id, path } = await sent(bytes);
    await evidence.asReporter(receipt, { bytes: Buffer.from('otra prueba') });
    await convertAll();
    await download(path);
    h.clock.set(new Date(h.clock.now().getTime() + 24 * 3_600_000));
    h.forgetTokens();
    await custody(receipt, id);
    const found = await custody(receipt, id);
    expect(found).toMatchObject({
      folio: receipt.folio,
      number: 1,
      original: { stored: 'ok', sha256: sha256Hex(bytes) },
      derivative: { stored: 'ok' },
    });
    expect(found.entries.map(({ event, integrity }) => [event, integrity])).toEqual([
      ['EVIDENCE_RECEIVED', 'ok'],
      ['EVIDENCE_OPENED', 'ok'],
      ['EVIDENCE_PREPARED', 'ok'],
      ['EVIDENCE_CUSTODY_READ', 'ok'],
    ]);
    expect(found.entries[2]!.summary).toMatch(
      /^Se hizo la copia segura de un archivo: prueba 1; con sharp\.$/,
    );
  });

  it('shows that somebody changed, cut or removed what is stored', async () => {
    for (const [change, stored] of [
      [(path: string) => writeFileSync(path, 'X', { flag: 'r+' }), 'broken'],
      [(path: string) => truncateSync(path, 1000), 'broken'],
      [(path: string) => rmSync(path), 'missing'],
    ] as const) {
      const { receipt, id } = await sent(await photo());
      const [row] = await h.sql<{ object: string }>(
        'owner',
        `select object from evidence_files where evidence_id = $1 and role = 'original'`,
        [id],
      );
      change(join(h.files, row!.object.slice(0, 2), row!.object));
      expect((await custody(receipt, id)).original.stored).toBe(stored);
      await convertAll();
      expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({
        state: 'waiting',
        stateText: expect.stringContaining('lo guardado no se puede leer'),
      });
    }
  });
});

describe('a file of which no safe copy is made', () => {
  it('stays sealed, with the words, and is never given out', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const { receipt, path } = await sent(svg, 'foto.jpg');
    await convertAll();
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({
      state: 'sealed',
      stateLabel: 'Se conserva sellado; no se puede mostrar',
      stateText: expect.stringContaining('Se conserva sellado; no se puede mostrar: '),
      copy: null,
      thumbnail: null,
    });
    const refused = await download(path);
    expect(refused.status).toBe(409);
    expect(refused.bytes.toString()).toContain('EVIDENCE_NOT_OPENABLE');
    expect((await work.asReporter(receipt, 'GET', 'case')).body).toMatchObject({
      evidence: { received: 1, waiting: 0, sealed: 1 },
    });
  });

  it('waits with the name of the tool that is missing, once in the trail, and is made when it is there', async () => {
    const path = process.env.PATH;
    const { receipt } = await sent(Buffer.from('%PDF-1.4\n%%EOF'), 'oficio.pdf');
    try {
      process.env.PATH = '/nonexistent';
      await convertAll();
      await h.run('prepare-waiting-evidence');
      await convertAll();
    } finally {
      process.env.PATH = path;
    }
    expect((await evidence.list(DESK, receipt.folio))[0]).toMatchObject({
      state: 'waiting',
      kind: 'pdf',
      stateText:
        'Se recibió; falta revisarlo: falta un programa en el servidor; avisa a quien lo opera (pdfinfo).',
    });
    const events = await h.sql<{ n: number }>(
      'owner',
      `select count(*)::int as n from audit_entries a join cases c on c.id = a.case_id
        where c.folio = $1 and a.event = 'EVIDENCE_WAITS'`,
      [receipt.folio],
    );
    expect(events).toEqual([{ n: 1 }]);
  });
});

describe('the queue', () => {
  it('holds no case, folio or time of a file that waits', async () => {
    const { receipt, id } = await sent(await photo());
    const jobs = await h.sql<{ row: string }>('jobs', 'select j::text as row from job_queue._private_jobs j');
    expect(jobs).toHaveLength(1);
    const [{ row }] = jobs as [{ row: string }];
    expect(row).toContain(id);
    expect(row).not.toContain(receipt.folio);
    const [found] = await h.sql<{ id: string }>('owner', 'select id from cases where folio = $1', [
      receipt.folio,
    ]);
    expect(row).not.toContain(found!.id);
    expect(row).not.toMatch(/\d\d:(?!00:00\+00)\d\d:\d\d/);
    await convertAll();
    expect(await h.sql('jobs', 'select 1 from job_queue._private_jobs')).toEqual([]);
  });
});
