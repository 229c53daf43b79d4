import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClamdScanner, scannerState, testFile } from '../src/work/evidence/antivirus/clamd-scanner.js';
import { ClamdStandin, type ClamdFault } from './support/clamd-standin.js';
import { removeFolder } from './support/remove-folder.js';

const TIMES = { idle: 1000, whole: 4000 };
const MIB = 1024 * 1024;

let clamd: ClamdStandin;
let scanner: ClamdScanner;
beforeEach(async () => {
  clamd = await ClamdStandin.start();
  scanner = new ClamdScanner(clamd.address, TIMES);
});
afterEach(() => clamd.stop());

async function* pieces(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const file = randomBytes(3 * MIB + 17);
const scan = (bytes = file) => scanner.scan(pieces(bytes));

describe('a file that clamd examines', () => {
  it('comes whole, in any pieces, and is clean', async () => {
    const sha256 = createHash('sha256').update(file).digest('hex');
    for (const size of [10_000, 64 * 1024, file.length])
      expect(await scanner.scan(pieces(file, size))).toEqual({ verdict: 'clean' });
    expect(clamd.examined).toEqual([sha256, sha256, sha256]);
  });

  it('is found by its name, also behind an empty piece', async () => {
    async function* withAGap(): AsyncGenerator<Buffer> {
      yield Buffer.from('before');
      yield Buffer.alloc(0);
      yield testFile();
    }
    expect(await scanner.scan(withAGap())).toEqual({ verdict: 'found', name: 'Eicar-Test-Signature' });
  });

  it('may be empty', async () => {
    expect(await scan(Buffer.alloc(0))).toEqual({ verdict: 'clean' });
  });

  it('goes through a Unix socket too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-clamd-'));
    const local = await ClamdStandin.start(join(folder, 'clamd.ctl'));
    expect(await new ClamdScanner(local.address, TIMES).scan(pieces(file))).toEqual({ verdict: 'clean' });
    await local.stop();
    removeFolder(folder);
  });

  it('is not kept in memory when clamd is slow', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        read += MIB;
        yield Buffer.alloc(MIB);
      }
    }
    clamd.fault = 'stuck';
    expect(await scanner.scan(endless())).toEqual({ verdict: 'unavailable', reason: 'timeout' });
    expect(read).toBeLessThan(20 * MIB);
  });
});

describe('without a verdict the file is not clean', () => {
  it.each<[ClamdFault, string]>([
    ['silent', 'timeout'],
    ['stuck', 'timeout'],
    ['cut', 'cut'],
    ['half', 'cut'],
    ['empty', 'empty'],
    ['garbage', 'unknown-answer'],
    ['flood', 'unknown-answer'],
    ['error', 'error'],
    ['limits', 'scan-limit'],
    ['no-signatures', 'no-signatures'],
  ])('%s: %s', async (fault, reason) => {
    clamd.fault = fault;
    expect(await scan()).toEqual({ verdict: 'unavailable', reason });
    clamd.fault = undefined;
    expect(await scan()).toEqual({ verdict: 'clean' });
  });

  it('an OK to a part of the file is none', async () => {
    clamd.fault = 'early';
    expect(await scan(randomBytes(20 * MIB))).toEqual({ verdict: 'unavailable', reason: 'cut' });
  });

  it('nobody listens: away', async () => {
    await clamd.stop();
    for (const address of [clamd.address, { path: '/nonexistent/clamd.ctl' }])
      expect(await new ClamdScanner(address, TIMES).scan(pieces(file))).toEqual({
        verdict: 'unavailable',
        reason: 'away',
      });
    clamd = await ClamdStandin.start();
  });

  it('larger than clamd takes: it has a code of its own', async () => {
    clamd.maxLength = MIB;
    const large = randomBytes(20 * MIB);
    for (let n = 0; n < 5; n++)
      expect(await scan(large)).toEqual({ verdict: 'unavailable', reason: 'size-limit' });
  });
});

describe('what the caller causes', () => {
  it('a source that fails is the failure of the source', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(5000);
      throw new Error('the store is away');
    }
    await expect(scanner.scan(broken())).rejects.toThrow('the store is away');
  });

  it('an abort ends the examination, and the source is closed', async () => {
    const controller = new AbortController();
    clamd.fault = 'silent';
    const scanning = scanner.scan(pieces(file), controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(scanning).rejects.toThrow('enough');
    await expect(scanner.scan(pieces(file), controller.signal)).rejects.toThrow('enough');
  });
});

describe('the look at the signatures', () => {
  it('is made once for many files, and again after a file without a verdict', async () => {
    for (let n = 0; n < 3; n++) await scan();
    expect(clamd.looks).toBe(1);
    clamd.fault = 'error';
    await scan();
    clamd.fault = undefined;
    await scan();
    expect(clamd.looks).toBe(2);
  });

  it('tells operators program, signatures and their date', async () => {
    const version = {
      program: 'ClamAV 1.4.6',
      signatures: '27812',
      signaturesOf: 'Sat Nov 28 09:26:11 2026',
    };
    expect(await scannerState(clamd.address)).toEqual({ state: 'ready', ...version });
    clamd.fault = 'no-signatures';
    clamd.database = '';
    expect(await scannerState(clamd.address)).toMatchObject({
      state: 'no signatures',
      program: 'ClamAV 1.4.6',
    });
    expect(await scannerState({ path: '/nonexistent/clamd.ctl' })).toEqual({ state: 'away' });
    expect(await scannerState(undefined)).toEqual({ state: 'not configured' });
  });
});
