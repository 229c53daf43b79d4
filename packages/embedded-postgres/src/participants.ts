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

/** Number of joins of this process, so that a process that joins twice counts twice. */
let joins = 0;

/**
 * The participants that still run. Remove the notes of dead ones. Call this under the lock. Make no folder:
 * DATA_DIR may already be removed.
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
 * Refuse a process that may not share the server. API and worker may share a server with other API and worker
 * processes and with commands. `all` holds both roles and shares only with commands: a second service beside
 * it would be started by mistake.
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

/** Note this process as a participant. Call this under the lock. */
export function register(dataDir: string, purpose: Purpose): Participant {
  const self = ownProcess();
  joins += 1;
  const name = joins === 1 ? `${self.pid}` : `${self.pid}-${joins}`;
  const file = join(makePrivateFolder(dataDir, 'participants'), name);
  writeFileSync(file, JSON.stringify({ ...self, purpose }), { mode: 0o600 });
  giveToOwner(file, dataDir);
  return { ...self, purpose, file };
}

/** Remove the note of a participant. */
export function unregister(participant: Participant): void {
  rmSync(participant.file, { force: true });
}

function read(file: string): Participant | undefined {
  try {
    const { pid, started, purpose } = JSON.parse(readFileSync(file, 'utf8')) as Participant;
    return { pid, started, purpose, file };
  } catch {
    // A process that was killed wrote only half of the file.
    return undefined;
  }
}
