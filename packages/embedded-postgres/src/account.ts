import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isRoot } from './data-dir.js';
import { EmbeddedError } from './embedded-error.js';

/** The system user that runs PostgreSQL when this process is root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Users that may run PostgreSQL, best first. This program creates no account: the administrator can add
 * `denuncia-abierta`. A uid without a name is not enough, because initdb looks up the name of its user.
 */
const CANDIDATES = ['denuncia-abierta', 'postgres', '_postgres', 'nobody'];

/**
 * Choose the user that runs PostgreSQL.
 * @param preferredUid uid whose user comes first if it has a name, e.g. the owner of DATA_DIR
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
 * Whether the account can enter this folder and every folder above it. The answer comes from the system,
 * because the system also knows ACLs.
 */
export function canEnter(account: Account | undefined, folder: string): boolean {
  return runs(identity(account), folder);
}

function runs(as: { uid?: number; gid?: number }, folder = '/'): boolean {
  // Do not run Node itself: Node may be in a home folder that the account cannot enter.
  return (
    spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...as, cwd: '/', stdio: 'ignore' }).status ===
    0
  );
}

function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/**
 * Options to start a PostgreSQL program: its user, a folder that every user can enter, and its environment.
 * The environment holds none of our secrets, because /proc would show them to that user. It also holds no PG*
 * variables, because they would change what the program does.
 */
export function programOptions(account: Account | undefined): {
  uid?: number;
  gid?: number;
  cwd: string;
  env: NodeJS.ProcessEnv;
} {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  // English messages, because this program recognises some of them. UTC saves initdb the search for the local
  // time zone.
  const env: NodeJS.ProcessEnv = { PATH, LC_ALL: 'C', TZ: 'UTC' };
  if (LD_LIBRARY_PATH !== undefined) env.LD_LIBRARY_PATH = LD_LIBRARY_PATH;
  return { ...identity(account), cwd: '/', env };
}

/**
 * Run a PostgreSQL program to its end.
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
    // A program that ends early closes its input. Ignore that error: the exit code tells the result.
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
