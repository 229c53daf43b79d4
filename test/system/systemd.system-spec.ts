import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { endAll, Running, type Env } from '../support/process.js';

const ROOT = resolve(import.meta.dirname, '../..');
const UNITS = ['denuncia-abierta-api.service', 'denuncia-abierta-worker.service'];
/** Scores of `systemd-analyze security`, times ten. The cage of converters costs the worker 0.9. */
const EXPOSURE = { api: 20, worker: 29 };
const NOBODY = '65534';

const textOf = (unit: string): string => readFileSync(join(ROOT, 'deploy/systemd', unit), 'utf8');
const valuesOf = (unit: string, key: string): string[] =>
  [...textOf(unit).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

describe('the worker', () => {
  it('may make the cage of converters, and its memory and processes have an end', () => {
    const [, worker] = UNITS as [string, string];
    expect(valuesOf(worker, 'RestrictNamespaces')).toEqual(['user pid net ipc uts mnt cgroup']);
    expect(valuesOf(worker, 'SystemCallFilter')).toContain('@mount capset');
    expect(valuesOf(worker, 'RestrictAddressFamilies')[0]).toContain('AF_NETLINK');
    // They cover parts of /proc: then nobody may mount the /proc of a cage.
    for (const key of ['ProtectKernelTunables', 'ProtectKernelLogs'])
      expect(valuesOf(worker, key)).toEqual([]);
    for (const key of ['MemoryMax', 'TasksMax']) expect(valuesOf(worker, key)).toHaveLength(1);
    expect(valuesOf(worker, 'MemorySwapMax')).toEqual(['0']);
    // Otherwise the end of one converter would end the worker.
    expect(valuesOf(worker, 'OOMPolicy')).toEqual(['continue']);
  });

  it('alone: the API makes no namespace', () => {
    const [api] = UNITS as [string, string];
    expect(valuesOf(api, 'RestrictNamespaces')).toEqual(['yes']);
    expect(valuesOf(api, 'ProtectKernelTunables')).toEqual(['yes']);
  });
});

describe.each(UNITS)('%s', (unit) => {
  const exposure = unit.includes('worker') ? EXPOSURE.worker : EXPOSURE.api;

  it('is understood by systemd without a warning, and exposes little', () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-units-'));
    try {
      const file = join(folder, unit);
      // systemd looks whether the program is there; here Node lies elsewhere.
      writeFileSync(file, textOf(unit).replace('/usr/bin/node', process.execPath));
      expect(
        execFileSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8', stdio: 'pipe' }),
      ).toBe('');
      execFileSync('systemd-analyze', ['security', '--offline=yes', `--threshold=${exposure}`, file], {
        stdio: 'pipe',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('keeps no dump, ends in order, comes back, and gives every secret by a file of root', () => {
    const settings = Object.fromEntries(
      [
        'DynamicUser',
        'User',
        'StateDirectory',
        'ProtectSystem',
        'LimitCORE',
        'KillSignal',
        'Restart',
        'EnvironmentFile',
      ].map((key) => [key, valuesOf(unit, key)]),
    );
    expect(settings).toEqual({
      DynamicUser: ['yes'],
      // Both units share the files.
      User: ['denuncia-abierta'],
      StateDirectory: ['denuncia-abierta'],
      ProtectSystem: ['strict'],
      LimitCORE: ['0'],
      KillSignal: ['SIGTERM'],
      Restart: ['on-failure'],
      EnvironmentFile: ['/etc/denuncia-abierta/environment'],
    });
    expect(valuesOf(unit, 'Environment').join(' ')).not.toMatch(/KEY|PEPPER|SECRET|TOKEN|DATABASE/);
  });

  it('starts the service as a user who owns nothing, up to what the environment lacks', async () => {
    const [node, ...command] = valuesOf(unit, 'ExecStart')[0]!.split(' ');
    expect(node).toBe('/usr/bin/node');
    const env: Env = Object.fromEntries(
      valuesOf(unit, 'Environment').flatMap((line) => line.split(' ').map((pair) => pair.split('='))),
    ) as Env;
    const user = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', '--no-new-privs'];
    const service = Running.program('setpriv', [...user, process.execPath, ...command], {
      ...env,
      HOME: '/nonexistent',
    });
    try {
      expect(await service.exit()).toBe(1);
      expect(service.stderr).toMatch(/^DATABASE_URL is missing: production needs its own logins/);
    } finally {
      await endAll();
    }
  });
});
