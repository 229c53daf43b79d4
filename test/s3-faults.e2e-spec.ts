import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { objectName } from '../src/platform/storage/object-name.js';
import { ObjectMissing, StoreFailed } from '../src/platform/storage/object-store.js';
import { S3Store } from '../src/platform/storage/s3-store.js';
import { EvidenceWork, formOf, type EvidenceBody } from './builders/evidence.js';
import { Harness } from './setup/harness.js';
import { freePorts } from './support/free-ports.js';
import { S3Standin } from './support/s3-standin.js';
import { bucketAt, bytesOf, each, namesIn } from './support/stores.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const HOUR = 3_600_000;
const BUSY = { status: 503, code: 'SlowDown' };

let service: S3Standin;
let store: S3Store;
beforeEach(async () => {
  service = await S3Standin.start(100);
  store = new S3Store(bucketAt(service.url));
});
afterEach(() => service.stop());

const put = async (size: number): Promise<string> => {
  const name = objectName();
  await store.put(name, each(randomBytes(size)));
  return name;
};
const refusalOf = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('nothing was refused'),
    (error: Error) => error,
  );
/** How often the service was asked for something. */
const count = (act: string): number => service.acts.filter((one) => one === act).length;

describe('a service of files that fails', () => {
  it('is away: each act fails within ten seconds', async () => {
    const [port] = await freePorts(1);
    const away = new S3Store(bucketAt(`http://127.0.0.1:${port}`));
    const begun = Date.now();
    const refusals = await Promise.all([
      refusalOf(away.put(objectName(), each(randomBytes(10)))),
      refusalOf(away.put(objectName(), each(randomBytes(9 * MIB)))),
      refusalOf(bytesOf(away.read(objectName()))),
      refusalOf(away.remove([objectName()])),
      refusalOf(namesIn(away)),
      refusalOf(away.owner('id')),
    ]);
    expect(Date.now() - begun).toBeLessThan(10_000);
    for (const error of refusals) expect(error).toBeInstanceOf(StoreFailed);
  });

  it('does not answer: the request has an end', async () => {
    service.fail('get', 'hang');
    const begun = Date.now();
    expect(await refusalOf(bytesOf(store.read(await put(10))))).toMatchObject({ code: 'AbortError' });
    expect(Date.now() - begun).toBeLessThan(12_000);
  });

  it('is asked again when it is busy, three times in all', async () => {
    service.fail('put', BUSY, { status: 500, code: 'InternalError' });
    const name = await put(10);
    expect(await namesIn(store)).toEqual([name]);
    service.fail('put', BUSY, BUSY, BUSY);
    const error = await refusalOf(put(10));
    expect(error).toBeInstanceOf(StoreFailed);
    expect(error).toMatchObject({ code: 'SlowDown', status: 503 });
  });

  it.each([
    [507, 'XMinioStorageFull'],
    [507, 'Anything'],
    [403, 'QuotaExceeded'],
    [400, 'EntityTooLarge'],
  ])('has no room: %i %s', async (status, code) => {
    const full = Array.from({ length: 3 }, () => ({ status, code }));
    for (const act of ['put', 'begin', 'part', 'join'] as const) {
      service.fail(act, ...full);
      expect([act, (await refusalOf(put(act === 'put' ? 10 : 20 * MIB))).name]).toEqual([act, 'NoRoom']);
      service.fail(act);
    }
    expect([service.objects.size, service.uploads.size]).toEqual([0, 0]);
  });

  it.each(['put', 'join'] as const)(
    'took an object, and its answer was lost: nothing stays (%s)',
    async (act) => {
      service.fail(act, 'lost', 'lost', 'lost');
      expect(await refusalOf(put(act === 'put' ? 10 : 9 * MIB))).toBeInstanceOf(StoreFailed);
      expect(count(act)).toBe(3);
      expect([service.objects.size, service.uploads.size]).toEqual([0, 0]);
    },
  );

  it('breaks off while an object is read', async () => {
    const name = await put(MIB);
    service.fail('get', 'break');
    expect(await refusalOf(bytesOf(store.read(name)))).toMatchObject({
      name: 'StoreFailed',
      code: 'ECONNRESET',
    });
    expect((await bytesOf(store.read(name))).length).toBe(MIB);
  });

  it('does not know ranges: nothing wrong is read', async () => {
    const name = await put(1000);
    service.fail('get', 'whole');
    expect(await refusalOf(bytesOf(store.read(name, { from: 0, to: 5 })))).toMatchObject({
      code: 'RangeIgnored',
    });
  });

  it('has no such bucket: that is not a missing object', async () => {
    service.fail('get', { status: 404, code: 'NoSuchBucket' });
    const error = await refusalOf(bytesOf(store.read(objectName())));
    expect([error.name, error instanceof ObjectMissing]).toEqual(['StoreFailed', false]);
  });

  it('is told with a code only: no key, bucket, object or address, and not its own words', async () => {
    const name = objectName();
    for (const act of ['put', 'get', 'list', 'remove-all'] as const)
      service.fail(act, ...Array.from({ length: 3 }, () => ({ status: 403, code: 'AccessDenied' })));
    const refusals = await Promise.all([
      refusalOf(store.put(name, each(Buffer.from('words of a report')))),
      refusalOf(bytesOf(store.read(name))),
      refusalOf(namesIn(store)),
      refusalOf(store.remove([name])),
    ]);
    for (const error of refusals) {
      expect(error.message).toBe('the store of files failed: AccessDenied (403)');
      const all = inspect(error, { depth: 20, showHidden: true });
      expect(all).not.toMatch(
        new RegExp(`${name}|S3RVER|denuncia/|127\\.0|secret|words of a report|names the`),
      );
    }
  });
});

describe('a reader that stops early', () => {
  it('closes the connection', async () => {
    const name = await put(20 * MIB);
    expect(service.ended).toBe(0);
    for await (const piece of store.read(name)) if (piece.length > 0) break;
    await until(
      async () => service.ended,
      (ended) => ended === 1,
    );
  });
});

describe('a large bucket', () => {
  it('is listed to its end without what is not ours, and emptied in batches', async () => {
    const names = Array.from({ length: 2500 }, objectName).sort();
    const at = new Date('2026-11-10T23:59:00Z');
    const foreign = [
      'denuncia/owner',
      'denuncia/other.txt',
      `other/${objectName()}`,
      objectName(),
      'denunciax',
    ];
    for (const key of [...names.map((name) => `denuncia/${name}`), ...foreign])
      service.objects.set(key, { bytes: Buffer.of(1), at });
    const found = [];
    for await (const object of store.list()) found.push(object);
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(new Set(found.map(({ day }) => day))).toEqual(new Set(['2026-11-10']));
    await store.remove(names);
    expect([...service.objects.keys()].sort()).toEqual(foreign.sort());
    expect([count('remove-all'), count('remove')]).toEqual([3, 0]);
  });

  it('is emptied one by one where the service knows no batches', async () => {
    const names = [await put(1), await put(2), await put(3)];
    service.fail('remove-all', { status: 501, code: 'NotImplemented' });
    await store.remove(names.slice(0, 2));
    await store.remove([...names, objectName()]);
    expect(service.objects.size).toBe(0);
    expect([count('remove-all'), count('remove')]).toEqual([1, 6]);
  });
});

describe('what interrupted uploads left', () => {
  const begun = (key: string, hours: number): void =>
    void service.uploads.set(key + hours, {
      key,
      at: new Date(Date.now() - hours * HOUR),
      parts: new Map(),
    });

  it('is removed after a day, and only what is ours', async () => {
    const key = `denuncia/${objectName()}`;
    for (const hours of [23, 25, 100]) begun(key, hours);
    begun('denuncia/other.iso', 100);
    expect(await store.removeRemains()).toBe(2);
    expect([...service.uploads.keys()].sort()).toEqual([`${key}23`, 'denuncia/other.iso100'].sort());
  });

  it('is left to the service when that cannot list it', async () => {
    service.fail('uploads', { status: 501, code: 'NotImplemented' });
    expect(await store.removeRemains()).toBe(0);
  });
});

describe('the owner of a bucket', () => {
  it('is the first one, by the condition of the service', async () => {
    expect(await store.owner('first')).toBe('first');
    expect(await store.owner('second')).toBe('first');
    // Asked for, written, refused the second time, read.
    expect([count('put'), count('get')]).toEqual([2, 3]);
    expect(service.objects.get('denuncia/owner')!.bytes.toString()).toBe('first\n');
  });

  it('is kept by a service that refuses the condition', async () => {
    const refused = { status: 501, code: 'NotImplemented' };
    service.fail('put', refused);
    expect(await store.owner('first')).toBe('first');
  });
});

describe('the settings of the library', () => {
  const MISLEADING = {
    AWS_ACCESS_KEY_ID: 'other',
    AWS_SECRET_ACCESS_KEY: 'other',
    AWS_REGION: 'mars-1',
    AWS_PROFILE: 'no-such-profile',
    AWS_CONFIG_FILE: tmpdir(),
    AWS_SHARED_CREDENTIALS_FILE: tmpdir(),
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    AWS_MAX_ATTEMPTS: 'none',
    AWS_RETRY_MODE: 'none',
    AWS_DEFAULTS_MODE: 'none',
    AWS_DISABLE_CLOCK_SKEW_CORRECTION: 'none',
    AWS_USE_DUALSTACK_ENDPOINT: 'none',
    AWS_S3_USE_ARN_REGION: 'none',
    AWS_REQUEST_CHECKSUM_CALCULATION: 'none',
    AWS_USE_FIPS_ENDPOINT: 'none',
  };

  it('come from nowhere else', async () => {
    const before = { ...process.env };
    Object.assign(process.env, MISLEADING);
    try {
      const other = new S3Store(bucketAt(service.url, ''));
      const name = objectName();
      await other.put(name, each(Buffer.of(1)));
      expect([...service.objects.keys()]).toEqual([name]);
    } finally {
      for (const name of Object.keys(MISLEADING)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});

describe('a service of files that fails while people send files', () => {
  it('is told to the sender as a thing of the moment; nothing is stored, and the report is', async () => {
    const h = await Harness.start({ config: { storage: bucketAt(service.url) } });
    try {
      const receipt = await h.file();
      const token = await h.trackingToken(receipt);
      const send = () =>
        h.call<EvidenceBody>('POST', '/tracking/evidence', {
          token,
          body: formOf({ bytes: Buffer.from('algo') }),
        });
      service.fail('put', ...Array<typeof BUSY>(3).fill(BUSY));
      const refused = await send();
      expect(refused).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
      expect([refused.body.detail, refused.headers.get('retry-after')]).toEqual([
        expect.stringContaining('almacén de archivos'),
        '30',
      ]);
      expect(await h.sql('owner', 'select 1 from evidence')).toHaveLength(0);
      expect((await send()).status).toBe(201);
      expect(await new EvidenceWork(h).list('mesa@conavi.demo', receipt.folio)).toHaveLength(1);
    } finally {
      await h.stop();
    }
  });
});
