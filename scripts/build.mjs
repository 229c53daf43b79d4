#!/usr/bin/env node
/**
 * Compile the service with `nest build` and SWC (nest-cli.json, .swcrc), and the packages in `packages/`, when
 * the contents of the sources changed since the last successful build. With `--tools` also what only developers
 * run: `bench` and `test`. `npm run types` checks the types.
 *
 * The stamp is a hash of contents, not a date: copies, container layers and checkouts do not keep dates.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const dist = join(root, 'dist');
/** What is built at once, each with its own stamp. Production runs the service only. */
const SERVICE = { folders: ['src', 'migrations'], packages: true, stamp: join(dist, '.stamp') };
const TOOLS = { folders: ['bench', 'test'], packages: false, stamp: join(dist, '.stamp-tools') };
/** Files that also decide the result. The lock file represents the versions of the compilers. */
const settings = [
  '.swcrc',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  'scripts/build.mjs',
];
const ASIDE = '.new.';

/** A build that fails, with a text for the terminal (no stack). */
export class BuildError extends Error {}

/**
 * Build when needed. Two processes may call this at the same time: the second waits and finds the work done.
 * `force` also removes tools that an earlier build made, unless they are built too.
 * @param {{ force?: boolean, tools?: boolean, log?: (line: string) => void }} [options]
 * @returns {Promise<boolean>} whether something was compiled
 */
export async function build({ force = false, tools = false, log = () => {} } = {}) {
  // An image may carry dist and packages/*/dist without the sources.
  if (!existsSync(join(root, 'src'))) return false;
  const wanted = tools ? [SERVICE, TOOLS] : [SERVICE];
  const stale = () => wanted.filter((part) => force || !isFresh(part));
  if (stale().length === 0) return false;
  try {
    mkdirSync(dist, { recursive: true });
    return await locked(join(dist, '.lock'), async () => {
      const parts = stale();
      if (parts.length === 0) return false;
      const since = Date.now();
      const stamps = parts.map((part) => ({ file: part.stamp, stamp: takeStamp(part) }));
      const aside = join(dist, `${ASIDE}${process.pid}`);
      try {
        await compileAll(aside, parts);
        // From here on dist mixes two builds. Remove the stamps, so that a build that is killed now is
        // repeated.
        for (const { file } of stamps) rmSync(file, { force: true });
        replace(aside, parts);
        if (force && !tools) removeTools();
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
      for (const { file, stamp } of stamps) writeAtomically(file, stamp);
      log(`Built dist in ${((Date.now() - since) / 1000).toFixed(1)} s`);
      return true;
    });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    throw new BuildError(
      `The folder dist is out of date and cannot be written (${error.code}): run "npm run build" as the user who owns it.`,
    );
  }
}

/** Folders of the packages in this repository. */
function packages() {
  const folder = join(root, 'packages');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function isFresh(part) {
  const isWhole = !part.packages || packages().every((folder) => existsSync(join(folder, 'dist/index.js')));
  return isWhole && readStamp(part) === takeStamp(part);
}

function removeTools() {
  rmSync(TOOLS.stamp, { force: true });
  for (const folder of TOOLS.folders) rmSync(join(dist, folder), { recursive: true, force: true });
}

/**
 * Compile into a folder of this process. So a compiler that fails, or that outlives this process, never
 * changes the files in use.
 * @throws BuildError before anything is written when a compiler is missing
 */
async function compileAll(aside, parts) {
  for (const name of readdirSync(dist).filter((one) => one.startsWith(ASIDE)))
    rmSync(join(dist, name), { recursive: true, force: true });
  mkdirSync(aside);
  const [nest, swc] = ['nest', 'swc'].map(findProgram);
  const cli = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
  Object.assign(cli.compilerOptions.builder.options, { outDir: aside, filenames: foldersOf(parts) });
  const config = join(aside, 'nest-cli.json');
  writeFileSync(config, JSON.stringify(cli));
  const done = await Promise.allSettled([
    run(root, nest, 'build', '--config', relative(root, config)),
    ...packagesOf(parts).map((folder) =>
      compilePackage(swc, folder, join(aside, relative(root, folder), 'dist')),
    ),
  ]);
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  rmSync(config);
  if (!parts.includes(SERVICE)) return;
  // Copy all other files of the sources: they are read at run time, from the same place.
  for (const file of listFiles(join(root, 'src')).filter((one) => !one.endsWith('.ts'))) {
    const target = join(aside, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

function foldersOf(parts) {
  return parts.flatMap(({ folders }) => folders);
}

function packagesOf(parts) {
  return parts.some((part) => part.packages) ? packages() : [];
}

function compilePackage(swc, folder, out) {
  const options = [
    '--out-dir',
    out,
    '--strip-leading-paths',
    '--extensions',
    '.ts',
    '--ignore',
    '**/*.spec.ts',
  ];
  return run(folder, swc, 'src', ...options, '--config-file', join(root, '.swcrc'));
}

/**
 * Put the new files in place of the old ones, file by file. A running process always reads a complete file,
 * old or new.
 */
function replace(aside, parts) {
  const files = listFiles(aside);
  const kept = new Set();
  for (const file of files) {
    const path = relative(aside, file);
    const target = path.startsWith('packages') ? join(root, path) : join(dist, path);
    kept.add(target);
    mkdirSync(dirname(target), { recursive: true });
    if (file.endsWith('.map')) pointFrom(file, target);
    renameSync(file, target);
  }
  // Remove the compiled files of sources that are gone.
  const outputs = [
    ...foldersOf(parts).map((name) => join(dist, name)),
    ...packagesOf(parts).map((folder) => join(folder, 'dist')),
  ];
  for (const file of outputs.flatMap(listFiles)) if (!kept.has(file)) rmSync(file, { force: true });
}

/** Correct a source map for its new folder: it names its source relative to its own folder. */
function pointFrom(file, target) {
  const map = JSON.parse(readFileSync(file, 'utf8'));
  const sources = map.sources.map((source) => relative(dirname(target), join(dirname(file), source)));
  writeFileSync(file, JSON.stringify({ ...map, sources }));
}

function findProgram(name) {
  const file = join(root, 'node_modules/.bin', name);
  if (existsSync(file)) return realpathSync(file);
  throw new BuildError(
    'The folder dist is out of date and the compiler is missing: run "npm ci --include=dev" and "npm run build".',
  );
}

/** @throws BuildError with what the compiler said */
async function run(cwd, program, ...args) {
  try {
    await promisify(execFile)(process.execPath, [program, ...args], { cwd });
  } catch (error) {
    if (typeof error.code === 'string') throw error;
    const said = withoutStacks(`${error.stdout}\n${error.stderr}`);
    throw new BuildError(error.signal ? `The compiler was ended by ${error.signal}. ${said}`.trim() : said);
  }
}

/** Keep the lines that name the code that does not compile. Remove the compiler's own stack. */
function withoutStacks(said) {
  return said
    .replace(/^Stack backtrace:\n(\s+.*\n)+/gm, '')
    .replace(/^(>\s+SWC.*|Successfully compiled.*|Caused by:)$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Hash everything that decides what is built of a part: names and contents of files. */
function takeStamp(part) {
  const hash = createHash('sha256');
  const sources = [
    ...part.folders.map((folder) => join(root, folder)),
    ...packagesOf([part]).map((folder) => join(folder, 'src')),
  ];
  const files = [
    ...settings.map((file) => join(root, file)).filter(existsSync),
    ...sources.flatMap(listFiles).filter(isInput),
  ];
  for (const file of files)
    hash.update(`${relative(root, file)}\0`).update(createHash('sha256').update(readFileSync(file)).digest());
  return hash.digest('base64');
}

function isInput(file) {
  const path = relative(root, file);
  return !/[.-]spec\.ts$|\.d\.ts$/.test(path) && (path.endsWith('.ts') || path.startsWith('src'));
}

function writeAtomically(file, text) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

function readStamp(part) {
  try {
    return readFileSync(part.stamp, 'utf8');
  } catch {
    return undefined;
  }
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/**
 * Allow one builder at a time. The lock is a symbolic link whose target names its owner; a link is made and
 * filled in one step. The lock of a dead owner is removed only under a second lock of the same kind.
 * Otherwise two waiters could both remove it, and the second would remove a fresh lock.
 */
async function locked(path, work) {
  const mine = processMark(process.pid);
  for (;;) {
    try {
      symlinkSync(mine, path);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readLink(path);
    if (owner !== undefined && owner !== processMark(Number.parseInt(owner, 10)))
      await locked(`${path}.stale`, async () => {
        if (readLink(path) === owner) unlinkSync(path);
      });
    else await delay(50);
  }
  try {
    return await work();
  } finally {
    unlinkSync(path);
  }
}

/**
 * Pid and start time, because pids are used again. The start time is missing when there is no /proc.
 * Undefined when there is no such process.
 */
function processMark(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    try {
      process.kill(pid, 0);
      return `${pid}`;
    } catch (error) {
      return error.code === 'EPERM' ? `${pid}` : undefined;
    }
  }
}

function readLink(path) {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--help')) {
    console.log(
      'Usage: npm run build [-- --tools]\n\nCompiles the service into dist, with --tools also bench and test. Every command does it by itself when the sources changed.',
    );
    process.exit();
  }
  try {
    const [force, tools] = ['--force', '--tools'].map((option) => process.argv.includes(option));
    await build({ force, tools, log: (line) => console.log(line) });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
