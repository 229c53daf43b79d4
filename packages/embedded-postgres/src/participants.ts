import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveToOwner, makePrivateFolder } from './data-dir.js';
import { EmbeddedError } from './embedded-error.js';
import { isAlive, ownProcess, type ProcessId } from './processes.js';

/** What a process does on the database: `all` is API and worker in one process. */
export type Purpose = 'all' | 'api' | 'worker' | 'command';

/** A process that uses the server; the last one to leave stops it. */
export interface Participant extends ProcessId {
  readonly purpose: Purpose;
  readonly file: string;
}

/** Joins of this very process, so that one that joins twice is counted twice. */
let joins = 0;

/**
 * The participants that still run. Notes of dead ones are removed. Call it under the lock.
 * Nothing is made: whoever looks may come after the DATA_DIR was removed.
 */
export function liveParticipants(dataDir: string): Participant[] {
  const folder = join(dataDir, 'participants');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const participant = read(join(folder, name));
    if (participant && isAlive(participant)) return [participant];
    rmSync(join(folder, name), { force: true });
    return [];
  });
}

/**
 * API and worker may share a server with their like and with commands. `all` holds both roles, so it stands
 * alone: a second one would be a start by mistake.
 * @throws EmbeddedError
 */
export function assertMayJoin(purpose: Purpose, live: readonly Participant[]): void {
  const clashes: Record<Purpose, readonly Purpose[]> = {
    all: ['all', 'api', 'worker'],
    api: ['all'],
    worker: ['all'],
    command: [],
  };
  const other = live.find((participant) => clashes[purpose].includes(participant.purpose));
  if (other)
    throw new EmbeddedError(
      `Denuncia Abierta already runs on this DATA_DIR (pid ${other.pid}). Stop it first, or set DATA_DIR and PORT.`,
    );
}

/** Notes this process as a participant. Call it under the lock. */
export function register(dataDir: string, purpose: Purpose): Participant {
  const self = ownProcess();
  joins += 1;
  const name = joins === 1 ? `${self.pid}` : `${self.pid}-${joins}`;
  const file = join(makePrivateFolder(dataDir, 'participants'), name);
  writeFileSync(file, JSON.stringify({ ...self, purpose }), { mode: 0o600 });
  giveToOwner(file, dataDir);
  return { ...self, purpose, file };
}

/** Takes the note back. */
export function unregister(participant: Participant): void {
  rmSync(participant.file, { force: true });
}

function read(file: string): Participant | undefined {
  try {
    const { pid, started, purpose } = JSON.parse(readFileSync(file, 'utf8')) as Participant;
    return { pid, started, purpose, file };
  } catch {
    // Half written by a process that was killed.
    return undefined;
  }
}
