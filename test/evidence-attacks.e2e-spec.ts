import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import sharp from 'sharp';
import { EvidenceLimits } from '../src/work/evidence/evidence.config.js';
import { AUDITOR, CaseWork, DESK, HEAD, INVESTIGATOR } from './builders/cases.js';

import { EvidenceWork } from './builders/evidence.js';
import { databaseUrl, Harness, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';

/** What somebody tried who wanted evidence gone, told or refused. */
let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

const MIB = 1024 * 1024;
const TUS = { 'Tus-Resumable': '1.0.0' };
const OFFSET = { 'Content-Type': 'application/offset+octet-stream' };

interface Answer {
  status: number;
  location: string;
  code: string;
}
async function tus(
  token: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Uint8Array,
): Promise<Answer> {
  const answer = await fetched(new URL(path, h.url), {
    method,
    headers: { Authorization: `Bearer ${token}`, ...TUS, ...headers },
    body,
  });
  const text = await answer.text();
  const { code = '' } = (text ? JSON.parse(text) : {}) as { code?: string };
  return { status: answer.status, location: answer.headers.get('location') ?? '', code };
}
const begin = (token: string, length: number) =>
  tus(token, 'POST', '/api/v1/uploads', { 'Upload-Length': String(length) });
const patch = (token: string, path: string, at: number, body: string) =>
  tus(token, 'PATCH', path, { ...OFFSET, 'Upload-Offset': String(at) }, body);

/** Statements of the application login, as the system of the first institution. */
async function asLogin(statements: readonly [string, unknown[]][]): Promise<void> {
  const [institution] = await h.sql<{ id: string }>(
    'owner',
    `select id from institutions where code = 'CONAVI-DEMO'`,
  );
  const client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select act_as('system:test', $1, ''), set_config('app.areas', '*', true)`, [
      institution!.id,
    ]);
    for (const [sql, values] of statements) await client.query(sql, values);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function reporter(): Promise<{ receipt: Receipt; token: string }> {
  const receipt = await work.file();
  return { receipt, token: await h.trackingToken(receipt) };
}

describe('with the password of the application login', () => {
  it('an upload that names the object of another’s evidence removes nothing when it is given up', async () => {
    const victim = await evidence.asReporter(await work.file(), { bytes: randomBytes(100) });
    const [row] = await h.sql<{ object: string }>(
      'owner',
      'select object from evidence_files where evidence_id = $1',
      [victim.body.id],
    );
    const { token } = await reporter();
    const { location } = await begin(token, 100);
    await patch(token, location, 0, 'abc');
    const id = location.split('/').at(-1)!;
    const [part] = await h.sql<Record<string, unknown>>(
      'owner',
      'select * from upload_parts where upload_id = $1',
      [id],
    );
    await asLogin([
      ['delete from upload_parts where upload_id = $1', [id]],
      [
        `insert into upload_parts (upload_id, number, case_id, institution_id, object, stored_bytes, sealed)
         values ($1, 1, $2, $3, $4, $5, $6)`,
        [id, part!.case_id, part!.institution_id, row!.object, part!.stored_bytes, part!.sealed],
      ],
    ]);
    expect((await tus(token, 'DELETE', location, {})).status).toBe(204);
    expect(existsSync(join(h.files, row!.object.slice(0, 2), row!.object))).toBe(true);
  });

  it('an upload with a hole never becomes evidence', async () => {
    const { receipt, token } = await reporter();
    const { location } = await begin(token, 10);
    for (const at of [0, 3, 6]) await patch(token, location, at, 'abc');
    const id = location.split('/').at(-1)!;
    await asLogin([
      ['delete from upload_parts where upload_id = $1 and number = 2', [id]],
      ['update uploads set complete = true where id = $1', [id]],
    ]);
    await h.run('end-uploads').catch(() => undefined);
    expect(await evidence.list(DESK, receipt.folio)).toEqual([]);
    expect(await h.sql('owner', 'select 1 from upload_parts where upload_id = $1', [id])).toHaveLength(2);
    await h.sql('owner', 'delete from uploads where id = $1', [id]);
  });

  it('a file that was hidden shows in its custody as a broken trail', async () => {
    const receipt = await work.file();
    const { body } = await evidence.asReporter(receipt, { bytes: Buffer.from('una prueba') });
    await h.workJobs();
    const path = `/cases/${receipt.folio}/evidence/${body.id}/custody`;
    expect((await h.as(AUDITOR, 'GET', path)).body).toMatchObject({ integrity: 'ok' });
    await h.sql('owner', `update evidence set state = 'quarantined' where id = $1`, [body.id]);
    expect((await h.as(AUDITOR, 'GET', path)).body).toMatchObject({ integrity: 'broken' });
  });
});

describe('a reporter', () => {
  it('does not learn from an answer that staff hold the same document, nor how many', async () => {
    const receipt = await work.file();
    const bytes = randomBytes(500);
    const staff = await evidence.asStaff(HEAD, receipt.folio, { bytes });
    await evidence.asStaff(HEAD, receipt.folio, { bytes: randomBytes(10) });
    const own = await evidence.asReporter(receipt, { bytes });
    expect(own.body).toMatchObject({ number: 1, sha256: staff.body.sha256 });
    expect(own.body.id).not.toBe(staff.body.id);
    expect((await work.asReporter(receipt, 'GET', 'case')).body).toMatchObject({
      evidence: { received: 1, limits: { filesLeft: 49 } },
    });
    expect((await evidence.list(DESK, receipt.folio)).map(({ source }) => source)).toEqual([
      'staff',
      'staff',
      'reporter',
    ]);
  });

  it('who asks for all the room of an institution takes none from others', async () => {
    const config = { evidence: new EvidenceLimits(10 * MIB) };
    const small = await Harness.start({ share: h, config });
    try {
      const size = 9 * MIB;
      for (let n = 0; n < 3; n++) {
        const { token } = await reporter();
        const lengths = { 'Upload-Length': String(size) };
        for (let more = 0; more < 5; more++)
          expect((await tus(token, 'POST', `${small.url}/api/v1/uploads`, lengths)).status).toBe(201);
      }
      const sent = await new EvidenceWork(small).asReporter(await work.file(), { bytes: randomBytes(size) });
      expect(sent.status).toBe(201);
      // What is kept counts, within a minute.
      const next = await Harness.start({ share: h, config });
      const full = await new EvidenceWork(next)
        .asReporter(await work.file(), { bytes: randomBytes(size) })
        .finally(() => next.stop());
      expect(full).toMatchObject({ status: 507, body: { code: 'EVIDENCE_NO_ROOM' } });
    } finally {
      await small.stop();
    }
  });

  it('begins no more than five uploads at once, however they race, and loses none that has a part', async () => {
    const { receipt: racing, token } = await reporter();
    const uploadsOf = ({ folio }: Receipt) =>
      h.sql('owner', 'select 1 from uploads u join cases c on c.id = u.case_id where c.folio = $1', [folio]);
    const answers = await Promise.all(Array.from({ length: 30 }, () => begin(token, 10)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(await uploadsOf(racing)).toHaveLength(5);
    const { receipt: other, token: mine } = await reporter();
    const paths = [];
    for (let n = 0; n < 5; n++) {
      const { location } = await begin(mine, 10);
      paths.push(location);
      if (n > 0) await patch(mine, location, 0, 'abc');
    }
    // The first has no part yet. Ten minutes later its answer was lost.
    expect((await begin(mine, 10)).status).toBe(409);
    h.clock.set(new Date(h.clock.now().getTime() + 11 * 60_000));
    expect((await begin(mine, 10)).status).toBe(201);
    expect((await tus(mine, 'HEAD', paths[0]!, {})).status).toBe(404);
    expect((await tus(mine, 'HEAD', paths[1]!, {})).status).toBe(200);
    expect(await uploadsOf(other)).toHaveLength(5);
  });

  it.each<[string, Record<string, string>, string | undefined, number]>([
    ['a body of JSON', { 'Upload-Length': '5', 'Content-Type': 'application/json' }, '{}', 415],
    ['a length that comes later', { 'Upload-Defer-Length': '1' }, undefined, 400],
    ['parts to be joined', { 'Upload-Length': '5', 'Upload-Concat': 'partial' }, undefined, 400],
    ['joined parts', { 'Upload-Concat': 'final;/a /b' }, undefined, 400],
    [
      'another method in a header',
      { 'Upload-Length': '-5', 'X-HTTP-Method-Override': 'PATCH' },
      undefined,
      400,
    ],
  ])('is told what is wrong with %s', async (_, headers, body, status) => {
    const { token } = await reporter();
    const answer = await tus(token, 'POST', '/api/v1/uploads', headers, body);
    expect([answer.status, answer.code === '']).toEqual([status, false]);
  });
});

it('a copy that is gone from the store is answered with what to do, before any header of it', async () => {
  const receipt = await work.file();
  const bytes = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { body } = await evidence.asReporter(receipt, { bytes });
  await h.workJobs();
  const [row] = await h.sql<{ object: string }>(
    'owner',
    `select object from evidence_files where evidence_id = $1 and role = 'derivative'`,
    [body.id],
  );
  rmSync(join(h.files, row!.object.slice(0, 2), row!.object));
  expect(await h.as(INVESTIGATOR, 'GET', `/cases/${receipt.folio}/evidence/${body.id}`)).toMatchObject({
    status: 503,
    body: { code: 'EVIDENCE_UNREADABLE' },
  });
});
