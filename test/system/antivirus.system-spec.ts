import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import sharp from 'sharp';
import { ClamdScanner, scannerState, testFile } from '../../src/work/evidence/antivirus/clamd-scanner.js';
import { faultOf } from '../../src/work/evidence/antivirus/scanner.js';
import { CaseWork, DESK } from '../builders/cases.js';
import { EvidenceWork } from '../builders/evidence.js';
import { Harness } from '../setup/harness.js';
import { zip } from '../support/hostile/zip.js';
import { MARK, RealClamd } from '../support/real-clamd.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;
const PIECE = 64 * 1024;

let clamd: RealClamd;
let scanner: ClamdScanner;
beforeAll(() => {
  clamd = new RealClamd();
});
beforeEach(async () => {
  await clamd.start();
  scanner = new ClamdScanner({ path: clamd.path }, { idle: 2000, whole: 60_000 });
});
afterEach(() => clamd.stop());
afterAll(() => clamd.remove());

async function* pieces(
  bytes: Buffer,
  before: (at: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    before(at);
    yield bytes.subarray(at, at + PIECE);
  }
}
const scan = (bytes: Buffer) => scanner.scan(pieces(bytes));
const photo = () =>
  sharp({ create: { width: 1200, height: 900, channels: 3, background: '#a03010' } })
    .jpeg()
    .toBuffer();
const eicar = { verdict: 'found', name: 'Eicar-Test.UNOFFICIAL' };

describe('a real clamd', () => {
  it('finds the test file, also in an archive in an archive', async () => {
    const archive = zip([{ name: 'foto.jpg', bytes: testFile() }]);
    expect(await scan(testFile())).toEqual(eicar);
    expect(await scan(archive)).toEqual(eicar);
    expect(await scan(zip([{ name: 'fotos.zip', bytes: archive }]))).toEqual(eicar);
  });

  it('lets a photo pass', async () => {
    expect(await scan(await photo())).toEqual({ verdict: 'clean' });
  });

  it('has signatures of our own, and says so', async () => {
    expect(await scannerState({ path: clamd.path })).toEqual({
      state: 'ready',
      program: expect.stringMatching(/^ClamAV \d/),
    });
  });

  it('examines a file of 100 MiB to its last byte', async () => {
    const file = randomBytes(100 * MIB);
    expect(await scan(file)).toEqual({ verdict: 'clean' });
    MARK.copy(file, file.length - MARK.length);
    expect(await scan(file)).toEqual({ verdict: 'found', name: 'Mark-Test.UNOFFICIAL' });
  });

  it('keeps the file in a folder while it takes it, and no longer', async () => {
    const seen = new Set<number>();
    const look = (): void => void seen.add(readdirSync(clamd.temporary).length);
    await scanner.scan(pieces(randomBytes(4 * MIB), look));
    expect(Math.max(...seen)).toBeGreaterThan(0);
    await until(
      async () => readdirSync(clamd.temporary),
      (left) => left.length === 0,
    );
  });

  it('tells 20 MiB in a time', async () => {
    await scan(testFile());
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      const file = randomBytes(20 * MIB);
      const from = performance.now();
      expect(await scan(file)).toEqual({ verdict: 'clean' });
      times.push(Math.round(performance.now() - from));
    }
    process.stdout.write(`20 MiB through clamd: ${times.join(', ')} ms\n`);
  });
});

describe('a real clamd that fails', () => {
  it.each(['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const)('%s in the middle: no verdict', async (signal) => {
    await scan(testFile());
    const file = randomBytes(50 * MIB);
    const ending = (at: number): void => {
      if (at === 10 * MIB) clamd.signal(signal);
    };
    expect(await scanner.scan(pieces(file, ending))).toMatchObject({ verdict: 'unavailable' });
    await clamd.stop();
    expect(await scan(file)).toEqual({ verdict: 'unavailable', reason: 'away' });
    await clamd.start();
    expect(await scan(file)).toEqual({ verdict: 'clean' });
  });

  it('takes no file so large: nearly each time that code', async () => {
    await clamd.stop();
    await clamd.start(['StreamMaxLength 2M']);
    const file = randomBytes(30 * MIB);
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 20; n++) codes.push(faultOf(await scan(file)));
    // The end of the connection may overtake the word.
    expect(codes.filter((code) => code !== 'size-limit' && code !== 'cut')).toEqual([]);
    expect(codes.filter((code) => code === 'size-limit').length).toBeGreaterThan(10);
  });

  it('examines less than the file: no verdict, with the setting that the documentation names', async () => {
    await clamd.stop();
    await clamd.start(['MaxFileSize 1M']);
    expect(await scan(randomBytes(2 * MIB))).toEqual({ verdict: 'unavailable', reason: 'size-limit' });
    await clamd.stop();
    await clamd.start(['MaxRecursion 2']);
    let archive = testFile();
    for (let n = 0; n < 5; n++) archive = zip([{ name: 'a.zip', bytes: archive }]);
    expect(await scan(archive)).toEqual({ verdict: 'unavailable', reason: 'scan-limit' });
  });
});

describe('a case', () => {
  it('holds an infected archive in quarantine and shows a clean photo', async () => {
    const h = await Harness.start({ config: { clamd: { path: clamd.path } } });
    const receipt = await new CaseWork(h).file();
    const evidence = new EvidenceWork(h);
    const archive = zip([{ name: 'foto.jpg', bytes: testFile() }]);
    await evidence.asReporter(receipt, { bytes: archive, name: 'fotos.zip' });
    await evidence.asReporter(receipt, { bytes: await photo() });
    await h.workJobs();
    expect(await evidence.list(DESK, receipt.folio)).toMatchObject([
      { number: 1, state: 'quarantined', stateText: expect.stringContaining('Eicar-Test.UNOFFICIAL') },
      { number: 2, state: 'ready' },
    ]);
    await h.stop();
  });
});
