import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Findings } from '../src/app/commands/doctor-report.js';
import { swapInUse } from '../src/app/commands/swap.js';
import { databaseUrl, Harness } from './setup/harness.js';
import { pathWith } from './support/cages.js';
import { runToEnd, type Env } from './support/process.js';
import { removeFolder } from './support/remove-folder.js';
import { S3Standin } from './support/s3-standin.js';

jest.setTimeout(180_000);

type Told = Findings & { complete: boolean; advice: string[] };

const COMMAND = 'app/commands/doctor';
const READERS = ['ffmpeg', 'ffprobe', 'pdftoppm', 'pdfinfo', 'soffice', 'heif-convert', 'exiftool'];

let h: Harness;
let folder: string;
/** Programs of a PATH: none, only those of the cage, and those that read files besides. */
const paths = { none: '', cage: '', all: '' };
beforeAll(async () => {
  h = await Harness.start();
  folder = mkdtempSync(join(tmpdir(), 'denuncia-doctor-'));
  paths.none = join(folder, 'no programs');
  mkdirSync(paths.none);
  paths.cage = await pathWith(['bwrap', 'unshare', 'setpriv']);
  paths.all = await pathWith(['bwrap', 'unshare', 'setpriv']);
  for (const name of READERS) {
    writeFileSync(join(paths.all, name), '#!/bin/sh\necho "version 9.8.7"\n');
    chmodSync(join(paths.all, name), 0o755);
  }
});
afterAll(async () => {
  await h.stop();
  for (const one of [folder, paths.cage, paths.all]) removeFolder(one);
});

const settings = (more: Env = {}): Env => ({ PATH: paths.all, DATA_DIR: join(folder, 'data'), ...more });

async function asked(env: Env): Promise<{ code: number | null; told: Told; stdout: string }> {
  const { code, stdout } = await runToEnd(COMMAND, settings(env), ['--json']);
  return { code, told: JSON.parse(stdout) as Told, stdout };
}

describe('the tools', () => {
  it('that are all there: each with its version, and nothing waits', async () => {
    const { code, told } = await asked({});
    expect(told.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(READERS));
    for (const name of READERS)
      expect(told.tools.find((tool) => tool.name === name)).toMatchObject({ version: '9.8.7' });
    // A cage with limits only has no files of its own, which HEIC needs.
    const weak = told.confinement === 'limits';
    expect([code, told.complete]).toEqual(weak ? [1, false] : [0, true]);
    const text = await runToEnd(COMMAND, settings());
    expect(text.code).toBe(code);
    expect(text.stdout).toMatch(/\n {2}pdftoppm +9\.8\.7 +PDF\n/);
    if (!weak) expect(text.stdout).toMatch(/\nNo kind of file waits\.$/);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('that are missing: how to install each, and what waits in the last lines', async () => {
    const { code, stdout } = await runToEnd(COMMAND, settings({ PATH: paths.none }));
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n {2}ffmpeg +missing +sound and films {2}apt-get install ffmpeg\n/);
    expect(stdout).toMatch(/\nCage of converters: limits\. .+\n {2}Install bubblewrap, .+\n/);
    expect(stdout.split('\n').slice(-4)).toEqual([
      'PDF waits: install poppler-utils.',
      'Sound and films wait: install ffmpeg.',
      'Photographs of iPhones (HEIC) wait: install libheif-examples bubblewrap.',
      expect.stringMatching(
        /^Documents of Office wait: install .*libreoffice-.+ \(an office may do without\)\.$/,
      ),
    ]);
    const { told } = await asked({ PATH: paths.none });
    expect(told).toMatchObject({ complete: false, confinement: 'limits' });
    expect(told.tools.every(({ version }) => version === null)).toBe(true);
  });
});

describe('the antivirus', () => {
  it('that is not set keeps no file waiting', async () => {
    const { told } = await asked({});
    expect(told.antivirus).toEqual({ state: 'not configured' });
  });

  it('that is set and does not answer keeps every file waiting, and the command says so', async () => {
    const env = { CLAMD_SOCKET: join(folder, 'nobody.ctl') };
    const { code, told } = await asked(env);
    expect([code, told.complete, told.antivirus]).toEqual([1, false, { state: 'away' }]);
    const { stdout } = await runToEnd(COMMAND, settings(env));
    expect(stdout).toMatch(/\nAntivirus: away\n/);
    expect(stdout).toMatch(/\nEvery file waits: the antivirus that is set \(CLAMD_…\) gives no verdict\.$/);
  });
});

describe('the store', () => {
  it.each(['ours', 'empty', 'foreign'] as const)('of files is %s by the word of its database', async (is) => {
    const own = join(folder, is);
    if (is !== 'empty') {
      const client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
      await client.connect();
      const { rows } = await client.query<{ id: string }>('select id from object_store');
      await client.end();
      mkdirSync(own);
      writeFileSync(join(own, 'owner'), `${is === 'ours' ? rows[0]!.id : randomUUID()}\n`);
    }
    const env = {
      DATABASE_URL: databaseUrl(h.databaseName, 'app'),
      STORAGE_DIR: own,
      STORAGE_RESERVE_MIB: '3',
    };
    const { code, told, stdout } = await asked(env);
    expect(told.store).toMatchObject({ kind: 'folder', reachable: true, writable: true, ownership: { is } });
    expect(told.store).toMatchObject({ reserveMib: 3, full: false, freeMib: expect.any(Number) });
    if (is === 'foreign') expect([code, told.complete]).toEqual([1, false]);
    if (is === 'empty') expect(existsSync(own)).toBe(false);
    expect(stdout).not.toContain(new URL(env.DATABASE_URL).password);
  });

  it('is told without a database that answers, and none is started', async () => {
    expect((await asked({})).told.store.ownership).toMatchObject({ is: 'unknown' });
    const { told, stdout } = await asked({ DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/denuncia' });
    expect(told.store.ownership).toMatchObject({
      is: 'unknown',
      why: expect.stringContaining('nobody answers'),
    });
    expect(stdout).not.toContain('hidden');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('is a fault when it has no more room than its reserve, or its variables are wrong', async () => {
    const full = await asked({ STORAGE_RESERVE_MIB: '1000000' });
    expect([full.code, full.told.store.full]).toEqual([1, true]);
    const wrong = await asked({ STORAGE_S3_BUCKET: 'files' });
    expect([wrong.code, wrong.told.store.kind]).toEqual([1, 'unknown']);
    expect(wrong.told.store.fault).toContain('STORAGE_S3_ACCESS_KEY_ID is missing');
  });

  it('may be a bucket: it is written to, and nothing stays', async () => {
    const s3 = await S3Standin.start();
    try {
      const env = {
        STORAGE_S3_BUCKET: 'files',
        STORAGE_S3_ENDPOINT: s3.url,
        STORAGE_S3_ACCESS_KEY_ID: 'the-key',
        STORAGE_S3_SECRET_ACCESS_KEY: 'the-secret',
      };
      const { told, stdout } = await asked(env);
      expect(told.store).toMatchObject({ kind: 'bucket', place: 'files', reachable: true, writable: true });
      expect(s3.acts).toContain('put');
      expect(s3.objects.size).toBe(0);
      expect(stdout).not.toMatch(/the-key|the-secret/);
    } finally {
      await s3.stop();
    }
  });
});

describe('swap', () => {
  it('is counted in MiB, and unknown where the system does not tell', async () => {
    const file = join(folder, 'swaps');
    writeFileSync(file, 'Filename Type Size Used Priority\n/dev/sda2 partition 2097148 0 -2\n');
    expect(await swapInUse(file)).toEqual({ mib: 2048 });
    writeFileSync(file, 'Filename Type Size Used Priority\n');
    expect(await swapInUse(file)).toEqual({ mib: 0 });
    expect(await swapInUse(join(folder, 'none'))).toEqual({ mib: null });
  });
});
