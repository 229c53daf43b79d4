import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { READY } from './cage/job.js';
import { type Limits, LIMITS } from './cage/limits.js';
import { type Cage, type CagedJob, commandOf, type Confinement } from './cage-command.js';
import { pathOfTool } from './tools.js';

/** Seconds that a cage may take to show that it works. A loaded machine takes more than one. */
const PATIENCE = 30;

const tried = new Map<string, Promise<Cage>>();

/** Which confinement works here. Tried once for each PATH, with a real child. */
export async function confinement(): Promise<Confinement> {
  return (await findCage()).confinement;
}

/**
 * The strongest cage in which a child starts.
 *
 * @throws Error when none starts, as on a service that was not built
 */
export async function findCage(): Promise<Cage> {
  const path = process.env.PATH ?? '';
  const known = tried.get(path);
  if (known) return known;
  const cage = tryAll();
  tried.set(path, cage);
  // What failed for want of memory may work later.
  cage.catch(() => tried.delete(path));
  return cage;
}

async function tryAll(): Promise<Cage> {
  for (const cage of await candidates()) if (await works(cage)) return cage;
  throw new Error('No child starts for conversions: is the service built (npm run build)?');
}

/** From the strongest. As root, first as a user who owns nothing: that user may not reach /root. */
async function candidates(): Promise<Cage[]> {
  const [bwrap, unshare, setpriv] = await Promise.all(['bwrap', 'unshare', 'setpriv'].map(pathOfTool));
  const drops = process.getuid?.() === 0 && setpriv !== undefined ? [true, false] : [false];
  const cages: Cage[] = [];
  for (const dropsRoot of drops) {
    const common = { setpriv, dropsRoot };
    if (bwrap !== undefined)
      cages.push({ ...common, confinement: 'bubblewrap', enter: bwrap, scratch: '/tmp' });
    if (unshare !== undefined && setpriv !== undefined)
      cages.push({ ...common, confinement: 'unshare', enter: unshare, scratch: '/dev/shm' });
    cages.push({ ...common, confinement: 'limits', enter: undefined, scratch: sharedScratch() });
  }
  const strength: Confinement[] = ['bubblewrap', 'unshare', 'limits'];
  return cages.sort((one, other) => strength.indexOf(one.confinement) - strength.indexOf(other.confinement));
}

/** Memory when there is some, so that nothing reaches a disk. */
function sharedScratch(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

async function works(cage: Cage): Promise<boolean> {
  // Somebody waits: a probe that gives way to a busy machine would be taken for a cage that does not work.
  const child = start(cage, { probe: true }, { ...LIMITS.image, awaited: true });
  const timer = setTimeout(() => kill(child), PATIENCE * 1_000);
  try {
    child.stdin!.on('error', () => undefined).end();
    let said = '';
    child.stdout!.on('data', (bytes: Buffer) => (said += bytes.toString()));
    await once(child, 'close');
    return said === READY && child.exitCode === 0;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Starts the child in its cage. Standard input takes the file, standard output gives the answer, the fourth
 * pipe is its lifeline.
 */
export function start(cage: Cage, job: CagedJob, limits: Limits): ChildProcess {
  const [program, ...args] = commandOf(cage, job, limits);
  const child = spawn(program!, args, {
    // What it says of errors is not read: that may quote the file.
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    // PATH and secrets of the service stay here.
    env: {},
    cwd: '/',
    // A group of its own, which is ended as one.
    detached: true,
  });
  // Without memory or files for a child, it has no pipes, and says so later.
  child.on('error', () => undefined);
  if (child.stdio === undefined) throw new Error('no child could be started');
  child.stdio[3]!.on('error', () => undefined);
  // A cage that is killed may leave a process behind: one of its group, or one that has just begun a session
  // of its own. That one ends with its lifeline.
  child.once('exit', () => {
    killGroup(child);
    child.stdio[3]!.destroy();
  });
  return child;
}

/** Ends a child and all that it started. Nothing happens when it has ended. */
export function kill(child: ChildProcess): void {
  // Later its number may be that of somebody else.
  if (child.exitCode === null && child.signalCode === null) killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it.
  }
}
