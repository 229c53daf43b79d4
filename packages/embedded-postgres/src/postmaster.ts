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
 * Milliseconds to wait for a start. Recovery after a crash replays the log since the last checkpoint. On a
 * slow disk this takes minutes, but never this long.
 */
const START_LIMIT = 10 * 60_000;
/**
 * Milliseconds to wait for a stop. A fast shutdown writes a checkpoint of at most 128 MB. Without the
 * checkpoint only the next start takes longer.
 */
const STOP_LIMIT = 30_000;
/**
 * Milliseconds to wait for backends that survived a killed postmaster. They notice this at their next
 * statement.
 */
const ORPHAN_LIMIT = 15_000;
/**
 * The log holds starts and stops only (see settings.ts). When it is larger than this, a join moves it to
 * postgres.log.1.
 */
const LOG_BYTES = 1_000_000;

export interface StartOptions {
  readonly placement: Placement;
  readonly dataDir: string;
  readonly password: string;
  /** The preferred port, used if it is free. */
  readonly port: number;
  /** Whether other processes know the server at this port. Then no other port is allowed. */
  readonly keepPort?: boolean;
  readonly settings: Readonly<Record<string, string>> | undefined;
  readonly log: (line: string) => void;
}

/**
 * Start a server and wait until it answers.
 *
 * The server runs in a session of its own. So Ctrl-C in the terminal does not reach it before the service has
 * drained. The server also survives a killed Node process, and the next process adopts it.
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
    // Another process took the port between the check and the start.
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
 * Wait until a running server accepts our password.
 * @returns undefined when the server has ended
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
 * Stop a server with a fast shutdown: it closes connections and writes a checkpoint. If this hangs, stop it
 * without a checkpoint.
 *
 * If the server is recovering from the crash of one of its processes, wait for it first. PostgreSQL 18.4 was
 * seen to hang for good when a fast shutdown arrived during that recovery.
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
    // The server may give no answer for an instant during that recovery. It never answers when the folder was
    // removed.
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
  /** Whether the program ended before it listened. */
  ended: boolean;
  /** What the program has written since its start, or how it ended. */
  wrote(): string;
}

/** Start the program and wait until it listens or ends. */
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
  // The postmaster writes its status after it has bound the port.
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

/** Keep the log small. Empty the file in place, because a running server continues to write to it. */
export function boundLog(dataDir: string): void {
  const path = logFile(dataDir);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= LOG_BYTES) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

function logFile(dataDir: string): string {
  return join(dataDir, 'postgres.log');
}

/** Return the wanted port of 127.0.0.1 if nobody listens there, else any free port. */
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
