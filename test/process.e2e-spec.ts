import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SECRET_NAMES } from '../src/platform/secrets.js';
import { findCage } from '../src/work/evidence/conversion/sandbox.js';
import { formOf } from './builders/evidence.js';
import { Burst, file } from './support/burst.js';
import { call, fetched, signIn } from './support/calls.js';
import {
  cleanUp,
  embeddedState,
  foliosIn,
  newDataDir,
  query,
  runs,
  signalServer,
} from './support/data-dirs.js';
import { freePorts } from './support/free-ports.js';
import { refusal, Running, runToEnd } from './support/process.js';
import { until } from './support/until.js';

/**
 * Real processes on a machine that may be busy: what counts is what they do, not how fast this machine is.
 */
jest.setTimeout(180_000);

/** Sends a file to a report, as its reporter. */
async function sendFile(url: string, credentials: { folio: string; accessCode: string }): Promise<void> {
  const { body } = await call('POST', `${url}/api/v1/tracking/sessions`, credentials);
  const sent = await fetched(`${url}/api/v1/tracking/evidence`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${(body as { token: string }).token}` },
    body: formOf({ bytes: Buffer.from('prueba') }),
  });
  expect(sent.status).toBe(201);
}

const secret = (): string => randomBytes(32).toString('base64');

afterAll(cleanUp);

describe('npm start without configuration', () => {
  const dataDir = newDataDir();
  const env = { DATA_DIR: dataDir };
  const backup = join(dataDir, '..', 'backup');
  let service: Running;
  let url: string;
  /** Acknowledged by any process of this sequence. */
  const acknowledged: string[] = [];
  /** Acknowledged before the backup began. */
  const inBackup: string[] = [];
  let firstKey: string;
  let beforeBackup: { folio: string; accessCode: string };

  const serving = async (started: Running): Promise<void> => {
    service = started;
    ({ url } = await started.listens());
  };

  /** Every acknowledged folio is there once. */
  const nothingIsLost = async (): Promise<void> => {
    const folios = await foliosIn(dataDir);
    expect(new Set(folios).size).toBe(folios.length);
    expect(acknowledged.filter((folio) => !folios.includes(folio))).toEqual([]);
  };

  it('serves with demo data, tells accounts and keys, and lets a second start alone', async () => {
    await serving(Running.start('main', env));
    for (const told of [/Demo password {5}\S{16}/, /investigador@/, /curl -s http/])
      expect(service.stdout).toMatch(told);
    firstKey = /demo-[0-9a-f]{32}-aco-web/.exec(service.stdout)![0];
    expect(await call('GET', `${url}/health/ready`)).toMatchObject({
      status: 200,
      body: { status: 'up', schema: 'up' },
    });
    const { confinement } = await findCage();
    const cage = await until(
      async () => (await call('GET', `${url}/health/ready`)).body as Record<string, string>,
      ({ converters }) => converters !== undefined,
    );
    expect(cage.converters).toBe(confinement);
    for (const code of ['CONAVI-DEMO', 'ACOLMAN-DEMO']) {
      const { body } = await call('GET', `${url}/api/v1/public/stats/releases?institution=${code}`);
      const days = (body as { publishedOn: string }[]).map(({ publishedOn }) => publishedOn);
      expect([code, days.length]).toEqual([code, 3]);
      // Published in its past, as the worker of an office would have done.
      expect(days.filter((day) => day.endsWith('-05')).length).toBeGreaterThanOrEqual(2);
    }
    // The first thing that a newcomer sees is no alarm.
    expect(service.stdout).not.toMatch(/"level":(40|50|60)/);
    expect(statSync(join(dataDir, 'secrets', 'PEPPER')).mode & 0o777).toBe(0o600);
    if (process.getuid?.() === 0) expect(statSync(`/proc/${embeddedState(dataDir).pid}`).uid).not.toBe(0);

    expect(await refusal('main', env)).toEqual([
      `Denuncia Abierta already runs on this DATA_DIR (pid ${service.pid}). Stop it first, or set DATA_DIR and PORT.`,
    ]);
    expect((await call('GET', `${url}/health/live`)).status).toBe(200);
  });

  it('lets the login of published figures into its database only, to read those', async () => {
    const password = readFileSync(join(dataDir, 'secrets', 'database-public'), 'utf8').trim();
    const at = (database: string): string => {
      const login = new URL(embeddedState(dataDir).url(database));
      return Object.assign(login, { username: 'denuncia_public_reader', password }).toString();
    };
    await expect(query(at('denuncia'), 'select * from stat_releases')).resolves.not.toHaveLength(0);
    for (const sql of [
      'create temporary table mine (id int)',
      'select * from pg_locks',
      'select * from pg_stat_activity',
      'select pg_advisory_lock(482614)',
    ])
      await expect(query(at('denuncia'), sql)).rejects.toThrow(/permission denied/);
    for (const database of ['postgres', 'template1'])
      await expect(query(at(database), 'select 1')).rejects.toThrow(/permission denied for database/);
  });

  it('serves Swagger UI with all its files, and the document', async () => {
    const page = await fetched(`${url}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="(\.?\/?docs?\/[^"]+|\.\/[^"]+)"/g)].map(
      ([, path]) => path!,
    );
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const asset of assets)
      expect([asset, (await fetched(new URL(asset, `${url}/docs`))).status]).toEqual([asset, 200]);
    const { body } = await call('GET', `${url}/openapi.json`);
    expect(body).toMatchObject({ openapi: '3.1.0', paths: { '/api/v1/reports': { post: {} } } });
  });

  it('loses no acknowledged report to kill -9 in the middle of a burst, and files none twice', async () => {
    const burst = new Burst(url);
    await burst.reaches(120);
    expect(await service.stop('SIGKILL')).toBeNull();
    const filed = await burst.over();
    acknowledged.push(...burst.acknowledged.map(({ folio }) => folio!));

    const changed = {
      DEMO_PASSWORD: 'otra contraseña de demostración',
      DEMO_CHANNEL_KEY: 'otra-clave-de-demostracion',
    };
    await serving(Running.start('main', { ...env, ...changed }));
    await nothingIsLost();

    // Reporters whose answer never came send again with the same key: each has one report, whatever had been
    // stored.
    const unanswered = filed.filter(({ folio }) => folio === undefined);
    const again = await Promise.all(
      [...unanswered, ...burst.acknowledged.slice(0, 20)].map(({ key }) => file(url, key)),
    );
    expect(again.slice(unanswered.length).map(({ folio }) => folio)).toEqual(
      burst.acknowledged.slice(0, 20).map(({ folio }) => folio),
    );
    acknowledged.push(...again.slice(0, unanswered.length).map(({ folio }) => folio!));
    await nothingIsLost();
    const { folio, accessCode } = burst.acknowledged.at(-1)!;
    expect((await call('POST', `${url}/api/v1/tracking/sessions`, { folio, accessCode })).status).toBe(201);
  });

  it('takes a changed DEMO_PASSWORD and DEMO_CHANNEL_KEY for everything of the demo, and tells them', async () => {
    for (const told of [
      'Demo password     otra contraseña de demostración',
      'otra-clave-de-demostracion-aco-phone',
    ])
      expect(service.stdout).toContain(told);
    for (const email of ['mesa@conavi.demo', 'admin@acolman.demo'])
      expect((await signIn(url, email, 'otra contraseña de demostración')).status).toBe(201);
    const withKey = (key: string): Promise<number> =>
      fetched(`${url}/api/v1/reports`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Api-Key': key },
        body: JSON.stringify({ mode: 'anonymous', narrative: 'Cobran por un trámite gratuito.' }),
      }).then(({ status }) => status);
    expect(await withKey('otra-clave-de-demostracion-aco-web')).toBe(201);
    expect(await withKey(firstKey)).toBe(401);
  });

  it('backs up while reports come in, and loses none when service and database are killed together', async () => {
    const first = await file(url, randomBytes(16).toString('hex'));
    beforeBackup = { folio: first.folio!, accessCode: first.accessCode! };
    await sendFile(url, beforeBackup);
    const burst = new Burst(url, 4);
    await burst.reaches(10);
    inBackup.push(...acknowledged, beforeBackup.folio, ...burst.acknowledged.map(({ folio }) => folio!));
    const { code, stdout } = await runToEnd('app/commands/backup', env, ['--to', backup]);
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        // That of the reporter, and that of the example with its safe copy.
        expect.stringMatching(
          /^Backup in \S+, with [23] stored files: originals, copies and parts of uploads$/,
        ),
        `Its secrets in ${backup}.secrets`,
        'Whoever has both reads every report: keep the file apart from the folder, and both off this machine.',
      ],
    ]);
    expect([statSync(backup).mode & 0o777, statSync(`${backup}.secrets`).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    process.kill(embeddedState(dataDir).pid, 'SIGKILL');
    await service.stop('SIGKILL');
    await burst.over();
    acknowledged.push(beforeBackup.folio, ...burst.acknowledged.map(({ folio }) => folio!));

    await serving(Running.start('main', env));
    await nothingIsLost();
    expect(service.stdout).toContain('Demo password     otra contraseña de demostración');
  });

  it('finishes on SIGTERM what it has begun: every 201 is stored, the exit code is 0, the database stops last', async () => {
    const { pid } = embeddedState(dataDir);
    // As a browser does ahead of its first request; the end must not wait for it.
    const opened = () => connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    await once(opened(), 'connect');
    // Nor for requests that wait behind another one, whether their client reads the answers or went away.
    const many = `GET /api/v1/public/institutions HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(3_000);
    const [gone, patient] = [opened(), opened()];
    for (const socket of [gone, patient]) {
      socket.write(many);
      await once(socket, 'data');
    }
    gone.destroy();
    const burst = new Burst(url);
    await burst.reaches(60);
    expect(await service.stop('SIGTERM')).toBe(0);
    await burst.over();
    acknowledged.push(...burst.acknowledged.map(({ folio }) => folio!));
    expect(runs(pid)).toBe(false);
  });

  it('shares one database between start:api and start:worker; the last to leave stops it', async () => {
    const api = Running.start('main', env, ['--api']);
    const [metricsPort] = await freePorts(1);
    const worker = Running.start('worker', { ...env, WORKER_METRICS_PORT: String(metricsPort) });
    const [listening] = await Promise.all([api.listens(), worker.says(/worker runs/)]);
    await nothingIsLost();
    const metrics = await (await fetched(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const told = (name: string): string[] =>
      [...metrics.matchAll(new RegExp(`^${name}\\{.* (\\d)$`, 'gm'))].map(([, one]) => one!);
    expect(new Set(told('sweep_late'))).toEqual(new Set(['0']));
    for (const sweep of ['heartbeat', 'sla', 'whatsapp-talk'])
      expect(metrics).toContain(`sweep_late{sweep="${sweep}"}`);
    // What a report sets to work shows no failure here.
    expect(metrics).not.toMatch(/^sweep_failing.*(whatsapp|harden|sla)/m);
    expect(told('sweep_failing').length).toBeGreaterThan(5);
    const { pid } = embeddedState(dataDir);
    expect(await refusal('app/commands/restore', env, ['--from', backup, '--force'])).toEqual([
      expect.stringMatching(
        /^The database of this DATA_DIR is in use \(pid \d+\)\. Stop the service first\.$/,
      ),
    ]);
    expect(await worker.stop()).toBe(0);
    const ready = () => call('GET', `${listening.url}/health/ready`);
    expect((await ready()).status).toBe(200);
    // A frozen server neither answers nor refuses.
    signalServer(pid, 'SIGSTOP');
    try {
      expect(await ready()).toMatchObject({ status: 503, body: { database: 'unreachable' } });
    } finally {
      signalServer(pid, 'SIGCONT');
    }
    while ((await ready()).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await api.stop('SIGINT')).toBe(0);
    expect(runs(pid)).toBe(false);
  });

  it('restores a backup elsewhere: a report taken before it is there and can be read', async () => {
    const restored = { DATA_DIR: join(dataDir, '..', 'restored') };
    expect(await runToEnd('app/commands/restore', restored, ['--from', backup])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
    await serving(Running.start('main', { ...restored, CLOCK_START: `${tomorrow}T23:30:00-06:00` }));
    const { status, body } = await call('POST', `${url}/api/v1/tracking/sessions`, beforeBackup);
    expect(status).toBe(201);
    const shown = await call(
      'GET',
      `${url}/api/v1/tracking/case`,
      undefined,
      (body as { token: string }).token,
    );
    expect(shown).toMatchObject({ status: 200, body: { folio: beforeBackup.folio, status: 'received' } });
    expect(await foliosIn(restored.DATA_DIR)).toEqual(expect.arrayContaining(inBackup));
    const { body: session } = await signIn(url, 'mesa@conavi.demo', 'otra contraseña de demostración');
    const path = `${url}/api/v1/cases/${beforeBackup.folio}`;
    const opened = await call('GET', path, undefined, (session as { accessToken: string }).accessToken);
    expect(opened).toMatchObject({
      status: 200,
      body: {
        report: { narrative: expect.stringContaining('ventanilla') },
        integrity: 'ok',
        evidence: [{ number: 1, size: 6 }],
      },
    });
    // The store belongs to the restored database, or the start would have refused it.
    const objects = readdirSync(join(restored.DATA_DIR, 'objects'), { recursive: true });
    expect(objects.filter((name) => /[0-9a-f]{40}$/.test(String(name))).length).toBeGreaterThan(1);

    // What was published since the backup is unknown here: nothing more is, until an operator says so.
    const releasesUrl = `${url}/api/v1/public/stats/releases?institution=CONAVI-DEMO`;
    const [{ period }] = (await call('GET', releasesUrl)).body as [{ period: string }];
    const transparency = await signIn(url, 'transparencia@conavi.demo', 'otra contraseña de demostración');
    const token = (transparency.body as { accessToken: string }).accessToken;
    const publish = () => call('POST', `${url}/api/v1/stats/releases`, { table: 'reports', period }, token);
    expect((await call('GET', `${url}/health/ready`)).body).toMatchObject({ status: 'up', releases: 'held' });
    expect(await publish()).toMatchObject({ status: 409, body: { code: 'RELEASES_HELD' } });
    const told = await runToEnd('app/commands/releases-check', restored);
    expect(told.stdout).toMatch(
      /^CONAVI-DEMO: 3 releases, .*; HELD, the database was restored from a backup\./,
    );
    expect((await runToEnd('app/commands/releases-check', restored, ['--confirm'])).stdout).not.toContain(
      'HELD',
    );
    expect((await call('GET', `${url}/health/ready`)).body).not.toHaveProperty('releases');
    expect(await publish()).toMatchObject({ status: 409, body: { code: 'RELEASE_EXISTS' } });

    // The clock stands half an hour before midnight in Mexico City: by UTC it is the day after.
    const report = {
      institution: 'CONAVI-DEMO',
      mode: 'anonymous',
      narrative: 'Pidieron dinero en la ventanilla.',
    };
    expect((await call('POST', `${url}/api/v1/reports`, report)).body).toMatchObject({
      receivedOn: tomorrow,
    });
    expect(await service.stop()).toBe(0);
  });

  it('restores only what is whole, fits its secrets and leaves what is there alone', async () => {
    const restored = { DATA_DIR: join(dataDir, '..', 'restored') };
    const other = { DATA_DIR: join(dataDir, '..', 'other') };
    const incomplete = join(dataDir, '..', 'incomplete');
    mkdirSync(incomplete);
    const wrong = join(dataDir, '..', 'wrong.secrets');
    writeFileSync(
      wrong,
      Object.values(SECRET_NAMES)
        .map((name) => `${name}=${secret()}`)
        .join('\n'),
    );
    const victim = join(backup, 'data', 'base', '1', readdirSync(join(backup, 'data', 'base', '1'))[0]!);
    const refusals = await Promise.all([
      refusal('app/commands/restore', restored, ['--from', backup]),
      refusal('app/commands/restore', other, ['--from', incomplete]),
      refusal('app/commands/restore', other, ['--from', backup, '--secrets', wrong]),
    ]);
    const forced = await runToEnd('app/commands/restore', restored, ['--from', backup, '--force']);
    const [kept] = readdirSync(restored.DATA_DIR).filter((name) => name.startsWith('postgres.before-'));
    expect([forced.code, forced.stdout]).toEqual([
      0,
      expect.stringContaining(`kept in ${restored.DATA_DIR}/${kept}`),
    ]);
    const object = readdirSync(join(backup, 'objects'), { recursive: true })
      .map(String)
      .find((name) => /[0-9a-f]{40}$/.test(name))!;
    const lost = join(backup, 'objects', object);
    renameSync(lost, `${backup}.lost`);
    refusals.push(await refusal('app/commands/restore', other, ['--from', backup]));
    const without = { DATA_DIR: join(dataDir, '..', 'without') };
    const allowed = await runToEnd('app/commands/restore', without, ['--from', backup, '--allow-missing']);
    expect([allowed.code, allowed.stderr]).toEqual([
      0,
      expect.stringMatching(/: files of 1 pieces of evidence:\n {2}[0-9a-f-]{36}$/),
    ]);
    renameSync(`${backup}.lost`, lost);
    writeFileSync(victim, 'x', { flag: 'a' });
    refusals.push(await refusal('app/commands/restore', other, ['--from', backup]));
    expect(refusals).toEqual([
      [
        `There is a database in ${join(restored.DATA_DIR, 'postgres')}. Set DATA_DIR elsewhere, or move it aside with --force.`,
      ],
      [expect.stringMatching(/is no backup, or one that was interrupted: backup\.json is missing\.$/)],
      Object.values(SECRET_NAMES).map((name) => `${name} is not the one this database was made with.`),
      [expect.stringMatching(/^The backup is damaged: 1 pieces of evidence .* Give --allow-missing /)],
      [expect.stringMatching(/^The backup is damaged: data\/base\/1\/\S+ is missing or changed\.$/)],
    ]);
    expect(existsSync(join(other.DATA_DIR, 'postgres'))).toBe(false);
  });
});

describe('faults of the start', () => {
  it('tells in one line that DATA_DIR cannot be used or the database does not answer', async () => {
    const folder = newDataDir();
    mkdirSync(folder);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const [unwritable, unreachable] = await Promise.all([
      refusal('main', { DATA_DIR: join(file, 'data') }),
      refusal('main', { DATA_DIR: folder, DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' }),
    ]);
    expect(unwritable).toEqual([`DATA_DIR ${join(file, 'data')} is not a folder: set DATA_DIR to a folder.`]);
    expect(unreachable).toEqual([
      'DATABASE_URL: cannot connect to the database (nobody answers at that host and port). Check host, user and password.',
    ]);
  });

  it('leaves no server behind when it is stopped in the middle of its first start', async () => {
    const dataDir = newDataDir();
    const service = Running.start('main', { DATA_DIR: dataDir });
    await service.says(/Making a new database/);
    expect(await service.stop()).toBe(0);
    expect(service.stdout).not.toContain('Demo password');
    expect(runs(embeddedState(dataDir).pid)).toBe(false);
  });
});
