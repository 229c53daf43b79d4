import { afterAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyFiles, listTree, makeFolders, roomFault } from './file-copy.js';

const home = mkdtempSync(join(tmpdir(), 'denuncia-copy-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('copying a folder', () => {
  it('copies what is not left out, byte by byte, for the owner only, and leaves out what has vanished', async () => {
    const [from, to] = [join(home, 'from'), join(home, 'to')];
    mkdirSync(join(from, 'a/b'), { recursive: true });
    const big = Buffer.alloc(3 * 2 ** 20 + 17, 'denuncia');
    writeFileSync(join(from, 'a/b/big'), big);
    writeFileSync(join(from, 'a/skipped'), 'x');
    writeFileSync(join(from, 'empty'), '');
    const tree = listTree(from, (path) => path === 'a/skipped');
    expect([tree.folders, tree.files.sort(), tree.bytes]).toEqual([
      ['a', 'a/b'],
      ['a/b/big', 'empty'],
      big.length,
    ]);

    makeFolders(to, tree.folders);
    const records = await copyFiles(from, to, [...tree.files, 'gone']);
    expect([...records.keys()].sort()).toEqual(['a/b/big', 'empty']);
    expect(records.get('a/b/big')).toEqual([big.length, createHash('sha256').update(big).digest('hex')]);
    expect(readFileSync(join(to, 'a/b/big')).equals(big)).toBe(true);
    expect([statSync(join(to, 'a')).mode & 0o777, statSync(join(to, 'empty')).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
  });
});

describe('room on the disk', () => {
  const MB = 2 ** 20;
  it('is enough with 128 MB to spare, and a lack is told in megabytes', () => {
    expect(roomFault(40 * MB, 168 * MB)).toBeUndefined();
    expect(roomFault(40 * MB, 167 * MB)).toBe('Not enough disk: 168 MB needed, 167 MB free');
  });
});
