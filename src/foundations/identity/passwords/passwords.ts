import { hash, verify } from '@node-rs/argon2';
import { Semaphore } from '../../../platform/semaphore.js';
import { busy } from '../errors.js';

/**
 * argon2id (the library's default) at OWASP's minimum: 19 MiB, two passes, one lane; some 25 ms of one core.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * argon2 of a random value nobody knows, at the same cost: unknown accounts are checked against it, so that
 * an answer takes the same time whether the account exists or not. Make a new one whenever COST changes.
 */
export const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$xlCBRhICu//mDyZf8lRcyw$eg/Sbbbk+q0IPyZMbwNuSG/1If70oMKUzp4rdMBi2T4';

/**
 * Who asks for an argon2. Each has a line of its own: a flood of guesses at codes must not keep staff from
 * signing in.
 */
export type Line = 'staff' | 'reporters' | 'hardening';

/**
 * One at once per line and process: argon2 runs on libuv's four threads, and one must stay free for files and
 * DNS; it also bounds the memory (57 MiB). Working and waiting together are so many that the last of a line
 * waits some six seconds on an idle machine, all that a client endures; a flood that keeps it full is
 * answered 503. A turn of staff is two argon2 long.
 */
const LINES: Readonly<Record<Line, { slot: Semaphore; places: Semaphore }>> = {
  staff: { slot: new Semaphore(1), places: new Semaphore(125) },
  reporters: { slot: new Semaphore(1), places: new Semaphore(250) },
  hardening: { slot: new Semaphore(1), places: new Semaphore(250) },
};

/** Checks a password; a null hash costs the same and is always wrong. */
export type Check = (hash: string | null, password: string) => Promise<boolean>;

/** PHC string of argon2id. Never call it inside a transaction. */
export function hashPassword(password: string, line: Line = 'staff'): Promise<string> {
  return inSlot(line, () => hash(normal(password), COST));
}

/** Whether the password matches; a null hash (no such account) takes the same work and gives false. */
export function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  return inSlot('staff', () => check(passwordHash, password));
}

/**
 * Runs `work` with one of the places for argon2, and lets it check within that place. Reading a counter,
 * checking and counting the failure inside one turn bounds what parallel guesses can gain: one per process,
 * not hundreds.
 * @throws DomainError UNAVAILABLE (503) when the line is full, so that a flood cannot fill the memory
 */
export function inTurn<T>(line: Line, work: (check: Check) => Promise<T>): Promise<T> {
  return inSlot(line, () => work(check));
}

async function inSlot<T>(line: Line, work: () => Promise<T>): Promise<T> {
  const { slot, places } = LINES[line];
  if (!places.tryEnter()) throw busy();
  try {
    return await slot.run(work);
  } finally {
    places.leave();
  }
}

async function check(passwordHash: string | null, password: string): Promise<boolean> {
  const right = await verify(passwordHash ?? NOBODY, normal(password));
  return right && passwordHash !== null;
}

/** One text, one byte string, however the keyboard composes accents (NIST SP 800-63B §5.1.1.2). */
function normal(password: string): string {
  return password.normalize('NFKC');
}
