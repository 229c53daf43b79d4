import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { objectName } from '../src/platform/storage/object-name.js';
import { NoRoom, ObjectMissing, type ObjectStore } from '../src/platform/storage/object-store.js';
import { openStore, type StorageSettings } from '../src/platform/storage/open-store.js';
import { S3Standin } from './support/s3-standin.js';
import { bucketAt, bytesOf, each, namesIn, numbered } from './support/stores.js';

const MIB = 1024 * 1024;
/** Ranges of an object of 1000 bytes, as text for short. */
const RANGES = ['1-2', '10-500', '0-1000', '999-1000', '990-5000', '1000-1001', '10-10', '20-10'];

interface Place {
  settings: StorageSettings;
  close(): Promise<void>;
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'denuncia-store-'));

async function aFolder(): Promise<Place> {
  const folder = newFolder();
  return {
    settings: { kind: 'folder', folder, reserve: 0 },
    close: async () => rmSync(folder, { recursive: true }),
  };
}

/** Another project's server. It knows no conditions, aborts no uploads and lists none. */
async function s3rver(): Promise<Place> {
  const directory = newFolder();
  const configureBuckets = [{ name: 'files', configs: [] }];
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets });
  const { port } = await server.run();
  return {
    settings: bucketAt(`http://127.0.0.1:${port}`),
    close: async () => {
      await server.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function theStandin(): Promise<Place> {
  const standin = await S3Standin.start();
  return { settings: bucketAt(standin.url), close: () => standin.stop() };
}

describe.each([
  ['a folder', aFolder],
  ['a bucket of s3rver', s3rver],
  ['a bucket of the stand-in', theStandin],
])('a store in %s', (_, start) => {
  let place: Place;
  let store: ObjectStore;
  beforeAll(async () => {
    place = await start();
    store = await openStore(place.settings);
  });
  afterAll(() => place.close());

  const put = async (bytes: Buffer): Promise<string> => {
    const name = objectName();
    await store.put(name, each(bytes));
    return name;
  };
  const all = (): Promise<string[]> => namesIn(store);

  it('gives back what was put, also nothing at all, and what fills parts to the byte', async () => {
    for (const size of [0, 1, 100_000, 8 * MIB, 8 * MIB + 1, 16 * MIB]) {
      const bytes = randomBytes(size);
      expect((await bytesOf(store.read(await put(bytes)))).equals(bytes)).toBe(true);
    }
  });

  it('takes pieces of any size', async () => {
    const bytes = randomBytes(9 * MIB);
    const name = objectName();
    async function* pieces(): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, 0);
      yield bytes.subarray(0, 8 * MIB + 5);
      for (let at = 8 * MIB + 5; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
    }
    await store.put(name, pieces());
    expect((await bytesOf(store.read(name))).equals(bytes)).toBe(true);
  });

  it('gives a range: from one byte up to another, to the end at most', async () => {
    const bytes = randomBytes(1000);
    const name = await put(bytes);
    for (const range of RANGES) {
      const [from, to] = range.split('-').map(Number) as [number, number];
      const got = await bytesOf(store.read(name, { from, to }));
      expect([range, got.equals(bytes.subarray(from, Math.max(from, to)))]).toEqual([range, true]);
    }
  });

  it('says before the first byte that it does not hold an object', async () => {
    await expect(bytesOf(store.read(objectName()))).rejects.toThrow(ObjectMissing);
    await expect(bytesOf(store.read(objectName(), { from: 0, to: 5 }))).rejects.toThrow(ObjectMissing);
  });

  it('removes objects, and those that are gone already', async () => {
    const [kept, one, other] = [await put(Buffer.of(1)), await put(Buffer.of(2)), await put(Buffer.of(3))];
    await store.remove([one, objectName(), other]);
    await store.remove([one]);
    await store.remove([]);
    expect(await all()).toContain(kept);
    for (const name of [one, other]) {
      expect(await all()).not.toContain(name);
      await expect(bytesOf(store.read(name))).rejects.toThrow(ObjectMissing);
    }
  });

  it('lists its objects with the day', async () => {
    const before = new Date().toISOString().slice(0, 10);
    const name = await put(randomBytes(10));
    const after = new Date().toISOString().slice(0, 10);
    const found = [];
    for await (const object of store.list()) if (object.name === name) found.push(object.day);
    expect(found).toHaveLength(1);
    expect([before, after]).toContain(found[0]);
  });

  it.each([10, 20 * MIB])('keeps nothing of a source that fails after %i bytes', async (size) => {
    const known = await all();
    const name = objectName();
    await expect(store.put(name, each(randomBytes(size), new Error('hung up')))).rejects.toThrow('hung up');
    await expect(bytesOf(store.read(name))).rejects.toThrow(ObjectMissing);
    expect(await all()).toEqual(known);
  });

  it('takes several objects at once', async () => {
    const many = Array.from({ length: 8 }, (_value, at) => randomBytes(at * MIB + 7));
    const names = await Promise.all(many.map(put));
    for (const [at, bytes] of many.entries())
      expect((await bytesOf(store.read(names[at]!))).equals(bytes)).toBe(true);
  });

  it('ends well when a reader stops early', async () => {
    const name = await put(randomBytes(20 * MIB));
    for await (const piece of store.read(name)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect((await bytesOf(store.read(name, { from: 0, to: 9 }))).length).toBe(9);
  });

  it('refuses names that are not its own', async () => {
    for (const name of ['', 'owner', '../owner', `${objectName()}/x`, objectName().toUpperCase()]) {
      await expect(store.put(name, each(Buffer.of(1)))).rejects.toThrow('not the name');
      await expect(bytesOf(store.read(name))).rejects.toThrow('not the name');
      await expect(store.remove([name])).rejects.toThrow('not the name');
    }
  });

  it('belongs to one database, also when two begin at once', async () => {
    const other = await openStore(place.settings);
    // Of one length, as they are: s3rver writes two puts of one name over each other.
    const ids = [randomUUID(), randomUUID()] as const;
    const [one, two] = await Promise.all([store.owner(ids[0]), other.owner(ids[1])]);
    expect(ids).toContain(one);
    expect(two).toBe(one);
    expect(await store.owner(randomUUID())).toBe(one);
    expect(await all()).not.toContain('owner');
  });

  it('has room for little, and no remains', async () => {
    await store.assertRoom(1000);
    expect(await store.removeRemains()).toBe(0);
  });
});

describe('a store in a folder', () => {
  let place: Place;
  let folder: string;
  let store: ObjectStore;
  beforeAll(async () => {
    place = await aFolder();
    store = await openStore(place.settings);
    folder = place.settings.kind === 'folder' ? place.settings.folder : '';
  });
  afterAll(() => place.close());

  const everything = (): string[] => readdirSync(folder, { recursive: true }).map(String);

  it('tells the day and no time of day, and leaves nothing beside the objects', async () => {
    const names = [objectName(), objectName()];
    for (const name of names) await store.put(name, each(randomBytes(100)));
    await expect(store.put(objectName(), each(Buffer.of(1), new Error('hung up')))).rejects.toThrow();
    await store.remove([names[1]!]);
    expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
    expect(everything().filter((path) => path.includes(names[0]!))).toHaveLength(1);
    for (const path of ['.', ...everything()])
      expect([path, statSync(join(folder, path)).mtimeMs % 86_400_000]).toEqual([path, 0]);
  });

  it('removes what an interrupted write left, after two days', async () => {
    mkdirSync(join(folder, 'incoming'), { recursive: true });
    const [old, young] = [objectName(), objectName()].map((name) => join(folder, 'incoming', name));
    for (const path of [old!, young!]) writeFileSync(path, 'half of a file');
    const twoDaysAgo = new Date(Date.now() - 48 * 3_600_000 - 1000);
    utimesSync(old!, twoDaysAgo, twoDaysAgo);
    expect(await namesIn(store)).not.toContain('incoming');
    expect(await store.removeRemains()).toBe(1);
    expect(readdirSync(join(folder, 'incoming')).map((name) => join(folder, 'incoming', name))).toEqual([
      young,
    ]);
    rmSync(young!);
  });

  it('keeps the room that the database needs', async () => {
    const greedy = await openStore({ kind: 'folder', folder, reserve: Number.MAX_SAFE_INTEGER });
    await expect(greedy.assertRoom(1)).rejects.toThrow(NoRoom);
  });
});

describe('the memory of a store', () => {
  it.each([
    ['a folder', aFolder],
    ['a bucket', s3rver],
  ])('does not grow with the size of a file: %s', async (_, start) => {
    const place = await start();
    try {
      const store = await openStore(place.settings);
      await store.put(objectName(), numbered(16 * MIB));
      const before = process.memoryUsage().rss;
      let most = before;
      const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
      const [name, digest] = [objectName(), createHash('sha256')];
      await store.put(name, numbered(100 * MIB));
      for await (const piece of store.read(name)) digest.update(piece);
      clearInterval(timer);
      const wanted = createHash('sha256');
      for await (const piece of numbered(100 * MIB)) wanted.update(piece);
      expect(digest.digest('hex')).toBe(wanted.digest('hex'));
      // The server runs in this process too. A file that is held whole would take 100 MiB.
      expect((most - before) / MIB).toBeLessThan(80);
    } finally {
      await place.close();
    }
  });
});
