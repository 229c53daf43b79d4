import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { openStore } from '../src/platform/storage/open-store.js';
import { AUDITOR, CaseWork, DESK, HEAD, INVESTIGATOR, OTHER_INVESTIGATOR } from './builders/cases.js';
import { EvidenceWork } from './builders/evidence.js';
import { asSuperuser, databaseUrl, Harness } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

/** Begins like a JPEG: whatever follows, it is taken as one until it is examined. */
const photo = (size = 5000): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(size - 4)]);

describe('a file that a reporter sends', () => {
  it('is kept whole, numbered, with its caption, and shows in the case and in tracking', async () => {
    const receipt = await work.file();
    const bytes = photo();
    const sent = await evidence.asReporter(receipt, { bytes, name: 'recibo.jpg', caption: 'El recibo.' });
    expect(sent).toMatchObject({
      status: 201,
      body: { number: 1, size: bytes.length, sha256: sha256Hex(bytes), state: 'waiting' },
    });
    const [item] = await evidence.list(DESK, receipt.folio);
    expect(item).toMatchObject({
      number: 1,
      kind: 'image',
      source: 'reporter',
      name: 'recibo.jpg',
      caption: 'El recibo.',
      sha256: sha256Hex(bytes),
      receivedOn: '2026-11-10',
    });
    const detail = await work.read(receipt.folio);
    expect(detail).toMatchObject({ integrity: 'ok', evidence: [{ number: 1 }], awaitingAnswer: true });
    const { body: seen } = await work.asReporter(receipt, 'GET', 'case');
    expect(seen).toMatchObject({ evidence: { received: 1, waiting: 1 } });
    expect(JSON.stringify(seen)).not.toContain('recibo');
  });

  it('is nobody else’s: another area and another institution get 404', async () => {
    const receipt = await work.file();
    const { body } = await evidence.asReporter(receipt, { bytes: photo() });
    const path = `/cases/${receipt.folio}/evidence`;
    for (const email of [OTHER_INVESTIGATOR, 'mesa@acolman.demo'])
      for (const at of [path, `${path}/${body.id}`])
        expect((await h.as(email, 'GET', at)).body).toMatchObject({ code: 'CASE_NOT_FOUND' });
    const other = await work.file();
    expect(await h.as(INVESTIGATOR, 'GET', `/cases/${other.folio}/evidence/${body.id}`)).toMatchObject({
      status: 404,
      body: { code: 'EVIDENCE_NOT_FOUND' },
    });
  });
});

describe('the trail of a case', () => {
  it('says what came, sealed, by the day alone for a reporter', async () => {
    const receipt = await work.file();
    const bytes = photo();
    await evidence.asReporter(receipt, { bytes, name: 'recibo.jpg', caption: 'El recibo.' });
    await evidence.asStaff(HEAD, receipt.folio, { bytes: photo(), name: 'oficio.jpg' });
    await evidence.list(DESK, receipt.folio);
    type Items = { items: { event: string; at: string | null; data: Record<string, unknown> }[] };
    const { body } = await h.as<Items>(AUDITOR, 'GET', `/cases/${receipt.folio}/audit?limit=100`);
    const [own, ofStaff] = body.items.filter(({ event }) => event === 'EVIDENCE_RECEIVED');
    expect(own).toMatchObject({
      at: null,
      data: {
        number: 1,
        size: bytes.length,
        sha256: sha256Hex(bytes),
        type: 'image/jpeg',
        name: 'recibo.jpg',
      },
    });
    expect(ofStaff).toMatchObject({ at: expect.stringContaining('-06:00'), data: { number: 2 } });
    expect(body.items.map(({ event }) => event)).toContain('EVIDENCE_LISTED');
    // What staff add is not the reporter's to see.
    const { body: seen } = await work.asReporter(receipt, 'GET', 'case');
    expect(seen.timeline.filter(({ kind }) => kind === 'evidence_received')).toHaveLength(1);
    expect(seen).toMatchObject({ evidence: { received: 1 } });
  });

  it.each<[string, string]>([
    ['another state', `update evidence set state = 'ready' where case_id = $1`],
    ['another description', `update evidence set details = details || '\\x00' where case_id = $1`],
    ['another file', `update evidence_files set object = repeat('ab', 20) where case_id = $1`],
    ['another key', `update evidence_files set sealed = sealed || '\\x00' where case_id = $1`],
    [
      'a file less',
      `with gone as (delete from evidence_files where case_id = $1 returning 1) delete from evidence where case_id = $1`,
    ],
    [
      'a file more',
      `insert into evidence select gen_random_uuid(), case_id, institution_id, 2, source, state, version, day, details, null from evidence where case_id = $1`,
    ],
  ])('shows that somebody with the rights of the owner stored %s', async (_, sql) => {
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: photo() });
    const [row] = await h.sql<{ id: string }>('owner', 'select id from cases where folio = $1', [
      receipt.folio,
    ]);
    await asSuperuser(async (client) => {
      await client.query('set session_replication_role = replica');
      await client.query(sql, [row!.id]);
    }, h.databaseName);
    const { status, body } = await h.as(AUDITOR, 'GET', `/cases/${receipt.folio}/audit`);
    expect([status, body]).toMatchObject([200, { integrity: 'broken' }]);
  });
});

describe('whoever has the password of the application login', () => {
  it('changes no file, and adds or alters none without its entry in the trail', async () => {
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: photo() });
    const [row] = await h.sql<{ id: string; institution: string }>(
      'owner',
      'select id, institution_id as institution from cases where folio = $1',
      [receipt.folio],
    );
    const client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
    await client.connect();
    const attempt = async (sql: string): Promise<unknown> => {
      try {
        await client.query('begin');
        await client.query(`select act_as('system:test', $1, ''), set_config('app.areas', '*', true)`, [
          row!.institution,
        ]);
        await client.query(sql);
        await client.query('commit');
        return 'committed';
      } catch (error) {
        await client.query('rollback');
        return (error as { code: string }).code;
      }
    };
    const of = `case_id = '${row!.id}'`;
    for (const sql of [
      `update evidence_files set object = repeat('ab', 20) where ${of}`,
      `delete from evidence_files where ${of}`,
      `delete from evidence where ${of}`,
      `update evidence set number = 9 where ${of}`,
      `update evidence set state = 'ready' where ${of}`,
      `insert into evidence select gen_random_uuid(), case_id, institution_id, 2, source, state, 1, day, details, null from evidence where ${of}`,
      `insert into evidence_files select evidence_id, 'derivative', case_id, institution_id, repeat('cd', 20), 1, sealed from evidence_files where ${of}`,
      `update object_store set id = gen_random_uuid()`,
    ])
      expect([sql, await attempt(sql)]).toEqual([sql, '42501']);
    await client.end();
  });

  it('sees nothing of another institution’s files', async () => {
    const receipt = await h.file({ institution: 'ACOLMAN-DEMO' });
    await evidence.asReporter(receipt, { bytes: photo() });
    const [row] = await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    );
    const client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
    await client.connect();
    await client.query('begin');
    await client.query(`select act_as('system:test', $1, ''), set_config('app.areas', '*', true)`, [row!.id]);
    for (const table of ['evidence', 'evidence_files']) {
      const found = await client.query(`select distinct institution_id from ${table}`);
      expect(found.rows.map((one: { institution_id: string }) => one.institution_id)).toEqual([row!.id]);
    }
    await client.end();
  });
});

describe('what an interrupted upload left in the store', () => {
  it('is removed after two days; what a row names, and what is young, stays', async () => {
    // Its store holds nothing of other tests.
    const own = await Harness.start();
    await new EvidenceWork(own).asReporter(await own.file(), { bytes: photo() });
    const store = await openStore(own.config.storage);
    const names = Array.from({ length: 3 }, () => randomUUID().replaceAll('-', '').padEnd(40, '0'));
    for (const name of names)
      await store.put(
        name,
        (async function* () {
          yield Buffer.from('resto');
        })(),
      );
    const paths = () =>
      readdirSync(own.files, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'owner')
        .map((entry) => join(entry.parentPath, entry.name));
    const before = paths().length;
    expect(await own.run('remove-remains-of-uploads')).toBe(0);
    const past = new Date(Date.now() - 3 * 24 * 3_600_000);
    for (const path of paths()) if (!path.endsWith(names[2]!)) utimesSync(path, past, past);
    expect(await own.run('remove-remains-of-uploads')).toBe(2);
    expect(paths()).toHaveLength(before - 2);
    expect(paths().some((path) => path.endsWith(names[2]!))).toBe(true);
    await own.stop();
  });
});
