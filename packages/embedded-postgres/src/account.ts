import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isRoot } from './data-dir.js';
import { EmbeddedError } from './embedded-error.js';

/** The system user as whom PostgreSQL runs when this process is root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Users that PostgreSQL may run as, best first. No account is made: that is for the administrator, who can
 * add `denuncia-abierta`. A bare number does not do, because initdb looks up the name of its user.
 */
const CANDIDATES = ['denuncia-abierta', 'postgres', '_postgres', 'nobody'];

/**
 * @param preferredUid whose user comes first if it has a name, e.g. the owner of DATA_DIR
 * @returns undefined when this process is not root: PostgreSQL then runs as this user
 * @throws EmbeddedError when root cannot become another user
 */
export function chooseAccount(preferredUid?: number): Account | undefined {
  if (!isRoot()) return undefined;
  const known = readAccounts();
  const wanted = [
    ...known.filter((account) => account.uid === preferredUid),
    ...CANDIDATES.flatMap((name) => known.filter((account) => account.name === name)),
  ];
  const account = wanted.find(({ uid, gid }) => uid !== 0 && runs({ uid, gid }));
  if (!account)
    throw new EmbeddedError(
      'PostgreSQL refuses to run as root and no other user can be used: start as a normal user, ' +
        'add one with "useradd --system denuncia-abierta", or set DATABASE_URL.',
    );
  return account;
}

/**
 * Whether the account can pass through every folder down to this one. Asked of the system, which also knows
 * ACLs.
 */
export function canEnter(account: Account | undefined, folder: string): boolean {
  return runs(identity(account), folder);
}

function runs(as: { uid?: number; gid?: number }, folder = '/'): boolean {
  // Not Node itself: it may lie in a home folder that the account cannot enter.
  return (
    spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...as, cwd: '/', stdio: 'ignore' }).status ===
    0
  );
}

function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/**
 * Options of a PostgreSQL program: its user, a folder that every user can enter, and an environment without
 * our secrets (it would show in /proc to that user) and without PG* variables, which would change what it
 * does.
 */
export function programOptions(account: Account | undefined): {
  uid?: number;
  gid?: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
} {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  // English messages, because some are recognised; UTC spares initdb the search for the local zone.
  const env: NodeJS.ProcessEnv = { PATH, LC_ALL: 'C', TZ: 'UTC' };
  if (LD_LIBRARY_PATH !== undefined) env.LD_LIBRARY_PATH = LD_LIBRARY_PATH;
  return { ...identity(account), cwd: '/', env };
}

/**
 * Runs a PostgreSQL program to its end.
 * @returns exit code (null when it could not be started or was killed) and everything it wrote
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  account: Account | undefined,
  input = '',
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...programOptions(account), stdio: 'pipe' });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
    // A program that ended early closes its input; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function readAccounts(): Account[] {
  let text = '';
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
