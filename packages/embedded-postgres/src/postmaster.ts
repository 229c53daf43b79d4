import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programOptions } from './account.js';
import { giveToOwner } from './data-dir.js';
import { EmbeddedError } from './embedded-error.js';
import { disarmPidFile, findPostmaster, type Postmaster } from './pid-file.js';
import { type Placement } from './placement.js';
import { probe } from './probe.js';
import { isAlive, until } from './processes.js';
import { serverSettings } from './settings.js';

/**
 * Recovery after a crash replays the log since the last checkpoint: minutes on a slow disk, never this long.
 */
const START_LIMIT = 10 * 60_000;
/**
 * A fast shutdown writes a checkpoint of at most 128 MB; without it the next start takes longer, nothing
 * more.
 */
const STOP_LIMIT = 30_000;
/** Backends that outlived a killed postmaster notice it at their next statement. */
const ORPHAN_LIMIT = 15_000;
/** The log holds starts and stops only (see settings.ts); a join moves more than this to postgres.log.1. */
const LOG_BYTES = 1_000_000;

export interface StartOptions {
  readonly placement: Placement;
  readonly dataDir: string;
  readonly password: string;
  /** Taken if it is free. */
  readonly port: number;
  /** Whether others know the server at this port, so that no other one will do. */
  readonly keepPort?: boolean;
  readonly settings: Readonly<Record<string, string>> | undefined;
  readonly log: (line: string) => void;
}

/**
 * Starts a server and waits until it answers.
 *
 * It runs in a session of its own: Ctrl-C in the terminal must not reach it before the service has drained,
 * and it outlives a killed Node, whose successor adopts it.
 * @throws EmbeddedError
 */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  const { dataFolder } = options.placement;
  disarmPidFile(dataFolder);
  const since = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const port = options.keepPort ? options.port : await freePort(attempt === 1 ? options.port : 0);
    const launched = await launch(options, port);
    if (!launched.ended) {
      const running = await awaitReady(options).catch(async (error: unknown) => {
        const halfStarted = findPostmaster(dataFolder);
        if (halfStarted) await stopPostmaster(halfStarted, options.password, dataFolder);
        throw error;
      });
      if (running) return running;
    }
    const failure = launched.wrote();
    // Somebody took the port between our look and the start.
    if (failure.includes('could not bind') && attempt < 5) {
      if (options.keepPort) await delay(300);
      continue;
    }
    if (failure.includes('still in use') && performance.now() - since < ORPHAN_LIMIT) {
      await delay(300);
      continue;
    }
    const reason = /(?:FATAL|PANIC): +(.*)/.exec(failure)?.[1] ?? failure.trim().split('\n').at(-1);
    throw new EmbeddedError(
      `PostgreSQL did not start in ${dataFolder} (${reason}). See ${logFile(options.dataDir)}.`,
      {
        cause: /No space left on device|Disk quota exceeded/.test(failure) ? { code: 'ENOSPC' } : undefined,
      },
    );
  }
}

/**
 * Waits until a server that runs answers our password.
 * @returns undefined when it has ended
 * @throws EmbeddedError
 */
export async function awaitReady(options: StartOptions): Promise<Postmaster | undefined> {
  const { dataFolder } = options.placement;
  const end = performance.now() + START_LIMIT;
  const tellAt = performance.now() + 10_000;
  let told = false;
  for (;;) {
    const running = findPostmaster(dataFolder);
    if (!running) return undefined;
    const answer =
      running.status === 'ready' ? await probe(running.port, options.password, dataFolder) : 'busy';
    if (answer === 'ready') return running;
    if (answer.startsWith('refused'))
      throw new EmbeddedError(
        `embedded.json does not fit the database in ${dataFolder} (${answer}): restore the file that belongs to it, ` +
          'or remove it and a new password is set.',
      );
    if (performance.now() > end)
      throw new EmbeddedError(
        `PostgreSQL (pid ${running.pid}) does not answer. See ${logFile(options.dataDir)}.`,
      );
    if (!told && performance.now() > tellAt) {
      told = true;
      options.log('The database repeats what a crash interrupted; this can take minutes');
    }
    await delay(20);
  }
}

/**
 * Stops a server: connections are closed, a checkpoint is written (fast shutdown); if that hangs, without a
 * checkpoint.
 *
 * A server that is just recovering from the crash of one of its processes is given time first: PostgreSQL
 * 18.4 was seen to hang for good when a fast shutdown hit that moment.
 * @throws EmbeddedError when the process does not end
 */
export async function stopPostmaster(
  server: Postmaster,
  password: string,
  dataFolder: string,
): Promise<void> {
  const since = performance.now();
  while (isAlive(server)) {
    const answer = await probe(server.port, password, dataFolder);
    // No answer at all is normal for an instant of that recovery, and for good when the folder was removed.
    const patience = answer === 'busy' ? STOP_LIMIT : answer === 'silent' ? 1_000 : 0;
    if (performance.now() - since >= patience) break;
    await delay(50);
  }
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isAlive(server)) return;
    try {
      process.kill(server.pid, signal);
    } catch {
      // Ended just now.
    }
    if (await until(() => !isAlive(server), STOP_LIMIT)) return;
  }
  throw new EmbeddedError(
    `PostgreSQL (pid ${server.pid}) does not stop: end it with "kill -QUIT ${server.pid}".`,
  );
}

interface Launched {
  /** Whether it ended before it listened. */
  ended: boolean;
  /** What it has written since its start, or how it ended. */
  wrote(): string;
}

/** Starts the program and waits until it listens or ends. */
async function launch(options: StartOptions, port: number): Promise<Launched> {
  const { dataFolder, account, binaries } = options.placement;
  const path = logFile(options.dataDir);
  const log = openSync(path, 'a', 0o600);
  giveToOwner(path, options.dataDir);
  const offset = statSync(path).size;
  const child = spawn(binaries.postgres, ['-D', dataFolder, ...serverSettings(port, options.settings)], {
    ...programOptions(account),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code) => (ended ??= `it ended with code ${code}`));
  // It writes its status after it has bound the port.
  const listens = (): boolean => {
    const running = findPostmaster(dataFolder);
    return running !== undefined && running.pid === child.pid && running.status !== '';
  };
  await until(() => ended !== undefined || listens(), START_LIMIT);
  return {
    ended: ended !== undefined,
    wrote: () =>
      readFileSync(path).subarray(offset).toString().trim() || (ended ?? 'it ended while starting'),
  };
}

/** Keeps the log small; emptied in place, because a running server goes on writing to it. */
export function boundLog(dataDir: string): void {
  const path = logFile(dataDir);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= LOG_BYTES) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

function logFile(dataDir: string): string {
  return join(dataDir, 'postgres.log');
}

/** The wanted port of 127.0.0.1 if nobody listens there, else any free one. */
async function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (wanted === 0) reject(error);
      else freePort(0).then(resolve, reject);
    });
    server.listen({ port: wanted, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
