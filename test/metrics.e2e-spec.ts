import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RouteMetrics } from '../src/platform/metrics.js';
import { Harness } from './setup/harness.js';
import { fetched } from './support/calls.js';

const TOKEN = 'metrics-token';

let h: Harness;
beforeEach(async () => {
  h = await Harness.start({ config: { metricsToken: TOKEN }, at: new Date('2026-11-10T16:20:00Z') });
});
afterEach(() => h.stop());

const at = (time: string): void => h.clock.set(new Date(`2026-11-10T${time}Z`));
const shown = async (): Promise<string[]> => {
  const { body } = await h.call<string>('GET', '//metrics', { token: TOKEN });
  return body.split('\n').filter((line) => /^http_\w+\{/.test(line));
};
/** The value of each series of reporters: three quantiles in seconds, then the error ratio. */
const figures = async (): Promise<string[]> =>
  (await shown()).filter((line) => line.includes('route="reporters"')).map((line) => line.split(' ')[1]!);
const requests = (number: number, milliseconds: number, failures = 0): void => {
  const metrics = h.app.get(RouteMetrics);
  for (let n = 0; n < number; n++) metrics.observe(undefined, milliseconds, n < failures);
};
const NONE = ['Nan', 'Nan', 'Nan', 'Nan'];

describe('metrics of the process and the database', () => {
  it('hold nothing that a single report moves', async () => {
    const { body } = await h.call<string>('GET', '//metrics', { token: TOKEN });
    const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    expect(names.filter((name) => /^(process|nodejs)_/.test(name)).sort()).toEqual([
      'nodejs_version_info',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
    ]);
    // Reports take connections of their own.
    const ratio = async (): Promise<string> =>
      /^database_pool_used_ratio (\S+)$/m.exec(
        (await h.call<string>('GET', '//metrics', { token: TOKEN })).body,
      )![1]!;
    const [, intake] = h.database.pools;
    const held = await Promise.all(Array.from({ length: intake!.options.max }, () => intake!.connect()));
    try {
      expect(await ratio()).toBe('0');
    } finally {
      for (const client of held) client.release();
    }
  });
});

it('each metric stands in the operations guide', async () => {
  const { body } = await h.call<string>('GET', '//metrics', { token: TOKEN });
  const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  const guide = readFileSync(join(import.meta.dirname, '../docs/operations.md'), 'utf8');
  expect(names.filter((name) => !guide.includes(`\`${name}`))).toEqual([]);
});

describe('metrics of reporters’ routes', () => {
  it('are one series from the start, which no request changes or adds to', async () => {
    const before = await shown();
    expect(before.filter((line) => line.includes('reporters'))).toHaveLength(4);
    const receipt = await h.file();
    await h.call('GET', '/tracking/case', { token: await h.trackingToken(receipt) });
    await h.call('GET', '/channels/whatsapp/webhook');
    await h.call('POST', '/reports', { body: '{' });
    const preflight = { Origin: 'https://denuncias.example.mx', 'Access-Control-Request-Method': 'POST' };
    await fetched(`${h.url}/api/v1/reports`, { method: 'OPTIONS', headers: preflight });
    await h.call('GET', '/tracking/mistyped');
    requests(600, 30, 100);
    const after = await shown();
    // The route of the metrics themselves appears with its first visit.
    expect(after.filter((line) => !line.includes('"/metrics"'))).toEqual(before);
  });

  it('change on the hour, from the hour that ended', async () => {
    requests(60, 30, 1);
    at('16:59:59.999');
    expect(await figures()).toEqual(NONE);
    at('17:00:00');
    const first = await figures();
    expect(first).toEqual(['0.03', '0.03', '0.03', '0.02']);
    requests(600, 900, 600);
    at('17:59:59');
    expect(await figures()).toEqual(first);
    at('18:00:00');
    expect(await figures()).toEqual(['0.9', '0.9', '0.9', '1']);
    at('23:00:00');
    expect(await figures()).toEqual(['0.9', '0.9', '0.9', '1']);
  });

  it('stay after an hour of few requests, and those are not added to the next hour', async () => {
    requests(49, 30);
    at('17:10:00');
    expect(await figures()).toEqual(NONE);
    requests(49, 30);
    at('18:10:00');
    expect(await figures()).toEqual(NONE);
    requests(50, 40);
    at('19:10:00');
    const first = await figures();
    expect(first).toEqual(['0.04', '0.04', '0.04', '0']);
    requests(49, 900, 49);
    at('20:10:00');
    expect(await figures()).toEqual(first);
  });

  it('are the same whether the first request or a look at them comes first in the new hour', async () => {
    requests(60, 30);
    at('17:00:01');
    requests(1, 900, 1);
    expect(await figures()).toEqual(['0.03', '0.03', '0.03', '0']);
  });
});

describe('metrics of other routes', () => {
  it('follow each request and tell the share of failures among those there were', async () => {
    const metrics = h.app.get(RouteMetrics);
    for (const failed of [true, false, false, false]) metrics.observe('/api/v1/cases', 20, failed);
    expect(await shown()).toEqual(expect.arrayContaining(['http_error_ratio{route="/api/v1/cases"} 0.25']));
  });
});
