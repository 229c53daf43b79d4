import { hash, verify } from '@node-rs/argon2';
import { Semaphore } from '../../../platform/semaphore.js';
import { busy } from '../errors.js';

/**
 * argon2id (the library's default) at OWASP's minimum: 19 MiB, two passes, one lane. It takes about 25 ms of
 * one core.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * argon2 hash of a random value that nobody knows, at the same cost. Unknown accounts are checked against it,
 * so that an answer takes the same time whether the account exists or not. Make a new hash whenever COST
 * changes.
 */
export const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$xlCBRhICu//mDyZf8lRcyw$eg/Sbbbk+q0IPyZMbwNuSG/1If70oMKUzp4rdMBi2T4';

/**
 * Who asks for an argon2. Each has its own line, so that many guesses at access codes cannot keep staff from
 * signing in.
 */
export type Line = 'staff' | 'reporters' | 'hardening';

/**
 * Each line runs one argon2 at once in each process. argon2 uses libuv's four threads, and one thread must
 * stay free for files and DNS. This also limits the memory (57 MiB). The number of places is chosen so that
 * the last caller of a line waits about six seconds on an idle machine, which is the most that a client
 * waits. Callers beyond these places get a 503. A turn of staff takes two argon2.
 */
const LINES: Readonly<Record<Line, { slot: Semaphore; places: Semaphore }>> = {
  staff: { slot: new Semaphore(1), places: new Semaphore(125) },
  reporters: { slot: new Semaphore(1), places: new Semaphore(250) },
  hardening: { slot: new Semaphore(1), places: new Semaphore(250) },
};

/** Checks a password. A null hash costs the same and is always wrong. */
export type Check = (hash: string | null, password: string) => Promise<boolean>;

/** Returns a PHC string of argon2id. Never call this function inside a transaction. */
export function hashPassword(password: string, line: Line = 'staff'): Promise<string> {
  return inSlot(line, () => hash(normal(password), COST));
}

/** Tells whether the password matches. A null hash (no such account) takes the same work and gives false. */
export function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  return inSlot('staff', () => check(passwordHash, password));
}

/**
 * Runs `work` with one of the places for argon2. `work` can check passwords within this place. Read the
 * counter, check, and count the failure inside one turn: then parallel guesses gain at most one guess per
 * process, not hundreds.
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

/**
 * Gives one text always the same bytes, whatever way the keyboard composes accents (NIST SP 800-63B
 * §5.1.1.2).
 */
function normal(password: string): string {
  return password.normalize('NFKC');
}
