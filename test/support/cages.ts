import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Limits } from '../../src/work/evidence/conversion/cage/limits.js';
import { type Cage, commandOf } from '../../src/work/evidence/conversion/cage-command.js';
import { pathOfTool } from '../../src/work/evidence/conversion/tools.js';

/** A PATH with these programs alone, as far as this machine has them. */
export async function pathWith(names: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'denuncia-path-'));
  for (const name of names) {
    const path = await pathOfTool(name);
    if (path !== undefined) symlinkSync(path, join(folder, name));
  }
  return folder;
}

export interface Ended {
  said: string;
  complaints: string;
  /** Exit code or signal. */
  end: number | string | null;
}

/** Runs a script in the cage in place of the child. */
export async function inCage(cage: Cage, script: string, limits: Limits): Promise<Ended> {
  const command = commandOf(cage, { probe: true }, limits);
  command.splice(-2, 2, '--input-type=module', '-e', script);
  const child = spawn(command[0]!, command.slice(1), {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, complaints] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { said, complaints, end: code ?? signal };
}

/** A script for `inCage` that tells what it can see and touch. */
export const LOOK_AROUND = (paths: readonly string[], port: number): string => `
  import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
  import { connect } from 'node:net';
  import { availableParallelism, networkInterfaces } from 'node:os';
  const may = (path) => { try { accessSync(path, constants.W_OK); return true; } catch { return false; } };
  const reached = await new Promise((resolve) => {
    const socket = connect(${port}, '127.0.0.1').on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.unref();
  });
  const status = readFileSync('/proc/self/status', 'latin1');
  const stat = readFileSync('/proc/self/stat', 'latin1').replace(/^.*\\) /s, '').split(' ');
  console.log(JSON.stringify({
    environment: Object.keys(process.env).filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
    sees: ${JSON.stringify(paths)}.filter(existsSync),
    writes: ['/', '/dev', '/etc', '/usr', '/cage', '/tmp', '/dev/shm'].filter(may),
    processes: readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
    addresses: Object.values(networkInterfaces()).flat().filter(({ internal }) => !internal).length,
    reached,
    user: process.getuid(),
    capabilities: /CapEff:\\s+(\\w+)/.exec(status)[1],
    noNewRights: /NoNewPrivs:\\s+(\\d)/.exec(status)[1],
    // Nice value and policy of proc_pid_stat(5), behind the name of the program.
    nice: Number(stat[16]),
    policy: Number(stat[38]),
    processors: availableParallelism(),
    expendable: readFileSync('/proc/self/oom_score_adj', 'latin1').trim(),
  }));
`;

export interface Sight {
  environment: string[];
  sees: string[];
  writes: string[];
  processes: number;
  addresses: number;
  reached: boolean;
  user: number;
  capabilities: string;
  noNewRights: string;
  nice: number;
  policy: number;
  processors: number;
  expendable: string;
}
