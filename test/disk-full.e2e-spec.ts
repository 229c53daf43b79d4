import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Log } from '../src/platform/logging.js';
import { asSuperuser, Harness } from './setup/harness.js';
import { file } from './support/burst.js';
import { call, fetched } from './support/calls.js';
import { cleanUp, newDataDir } from './support/data-dirs.js';
import { freePorts } from './support/free-ports.js';
import { endAll, Running } from './support/process.js';
import { until } from './support/until.js';

jest.setTimeout(180_000);

const METRICS_TOKEN = 'metrics-token';

/** What PostgreSQL says when its disk is full (SQLSTATE 53100), on every write into these tables. */
const FULL = `
  create function no_room() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
  create trigger no_room before insert on cases for each statement execute function no_room();
  create trigger no_room before insert on staff_sessions for each statement execute function no_room();
  create trigger no_room before insert on room_trials for each statement execute function no_room();`;
const ROOM = 'drop function no_room() cascade';

describe('a database whose disk is full', () => {
  let h: Harness;
  const lines: string[] = [];
  beforeAll(async () => {
    // The line comes whatever the level.
    const log = new Log('fatal', { write: (line: string) => void lines.push(line) });
    h = await Harness.start({ config: { metricsToken: METRICS_TOKEN }, log });
  });
  afterAll(() => h.stop());

  const report = {
    institution: 'CONAVI-DEMO',
    mode: 'anonymous',
    narrative: 'Piden dinero en la ventanilla.',
  };
  const post = (key: string, language = 'es') =>
    h.call<Record<string, unknown>>('POST', '/reports', {
      body: report,
      headers: { 'Idempotency-Key': key, 'Accept-Language': language },
    });
  const ready = () => h.call<Record<string, string>>('GET', '//health/ready');
  const metrics = async (): Promise<string[]> => {
    const { body } = await h.call<string>('GET', '//metrics', { token: METRICS_TOKEN });
    return body.split('\n').filter((line) => /^disk_full\w*\{of="database"\}/.test(line));
  };
  const change = (sql: string) => asSuperuser((client) => client.query(sql), h.databaseName);
  const cases = async (): Promise<number> => (await h.sql('owner', 'select id from cases')).length;

  it('refuses with a code of its own and when to come again, acknowledges nothing, and says so until there is room', async () => {
    expect((await ready()).body).not.toHaveProperty('disk');
    expect(await metrics()).toEqual(['disk_full_looks_total{of="database"} 0', 'disk_full{of="database"} 0']);
    const before = await cases();
    await change(FULL);
    const keys = [randomUUID(), randomUUID(), randomUUID()];
    for (const refused of await Promise.all(keys.map((key) => post(key)))) {
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(refused.headers.get('retry-after')).toBe('30');
      expect(refused).toMatchObject({
        status: 503,
        body: { code: 'DISK_FULL', retryAfter: 30, detail: expect.stringContaining('mismo Idempotency-Key') },
      });
      expect(refused.body).not.toHaveProperty('folio');
    }
    expect((await post(randomUUID(), 'en')).body.detail).toContain('ran out of disk space');
    const signIn = { body: { email: 'mesa@conavi.demo', password: 'contraseña de prueba 1' } };
    expect(await h.call('POST', '/auth/sessions', signIn)).toMatchObject({
      status: 503,
      body: { code: 'DISK_FULL' },
    });
    expect(await cases()).toBe(before);

    expect(await until(ready, ({ status }) => status === 503)).toMatchObject({
      body: { status: 'down', database: 'up', disk: 'full' },
    });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'disk-full', code: 'database' },
    ]);
    const [looks, full] = await metrics();
    expect([Number(looks!.split(' ')[1]) > 0, full]).toEqual([true, 'disk_full{of="database"} 1']);

    await change(ROOM);
    expect((await until(ready, ({ status }) => status === 200)).body).not.toHaveProperty('disk');
    expect((await metrics())[1]).toBe('disk_full{of="database"} 0');
    const receipts = await Promise.all(keys.map((key) => post(key)));
    expect(receipts.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(await cases()).toBe(before + 3);
    expect(await h.sql('owner', 'select * from room_trials')).toEqual([]);
  });

  it('tells of failed writes by looks at fixed times, not by their number', async () => {
    await change(FULL);
    const [before] = await metrics();
    // One after the other: those of a batch fail together.
    for (let n = 0; n < 20; n++) await post(randomUUID());
    await until(ready, ({ status }) => status === 503);
    const [after] = await metrics();
    const count = (line?: string): number => Number(line?.split(' ')[1]);
    expect(count(after) - count(before)).toBeLessThan(10);
    await change(ROOM);
    await until(ready, ({ status }) => status === 200);
  });
});

describe('log lines on a disk that is full', () => {
  afterEach(endAll);
  afterAll(cleanUp);

  // /dev/full answers every write with ENOSPC, to root and to everybody.
  it('are shown, and the service goes on without them', async () => {
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const env = { DATA_DIR: newDataDir(), PORT: String(port), METRICS_TOKEN };
    const service = Running.program('/bin/sh', ['-c', 'exec node scripts/run.mjs main >/dev/full 2>&1'], env);
    const ready = () => call('GET', `${url}/health/ready`).catch(() => ({ status: 0, body: {} }));
    await until(ready, ({ status }) => status === 200);
    // Each of these wants a line.
    for (let n = 0; n < 20; n++) expect((await call('GET', `${url}/api/v1/auth/me`)).status).toBe(401);
    const shown = await until(ready, ({ body }) => 'log' in (body as object));
    expect(shown).toMatchObject({ status: 200, body: { status: 'up', log: 'full' } });
    const metrics = await fetched(`${url}/metrics`, {
      headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
    });
    expect(await metrics.text()).toContain('disk_full{of="log"} 1');
    expect((await file(url, randomUUID())).folio).toBeDefined();
    expect(await service.stop()).toBe(0);
  });
});
