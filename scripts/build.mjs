#!/usr/bin/env node
/**
 * Compiles src, migrations, bench and the helpers of test into dist when their contents changed since the last successful build.
 * Types are checked by `npm run types`; here only syntax counts, so that a start takes seconds.
 *
 * The stamp is a hash of contents, not a date: copies, container layers and checkouts do not keep dates.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');
const inputs = ['src', 'migrations', 'bench', 'test'];
/** TypeScript's code for a configuration that matches no file: a young checkout may lack a folder. */
const NO_INPUT = 18003;

/** A build that cannot be made, told in text for the terminal (no stack). */
export class BuildError extends Error {}

/**
 * Builds when needed. Two processes may call it at once: the second waits and finds the work done.
 * @param {{ force?: boolean, log?: (line: string) => void }} [options]
 * @returns {Promise<boolean>} whether something was compiled
 */
export async function build({ force = false, log = () => {} } = {}) {
  // An image may carry dist without the sources.
  if (!existsSync(join(root, 'src'))) return false;
  if (!force && readStamp() === fingerprint()) return false;
  try {
    mkdirSync(dist, { recursive: true });
    return await locked(join(dist, '.lock'), async () => {
      const wanted = fingerprint();
      if (!force && readStamp() === wanted) return false;
      const since = Date.now();
      await compile();
      writeAtomically(stampFile, wanted);
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

/** Everything that decides what dist must hold. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = inputs.flatMap((folder) => listFiles(join(root, folder))).filter(matters);
  for (const file of [
    ...files,
    ...['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'].map((f) => join(root, f)),
  ])
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  hash.update(readFileSync(join(root, 'node_modules/typescript/package.json')));
  return hash.digest('hex');
}

function matters(file) {
  if (/[.-]spec\.ts$/.test(file)) return false;
  const path = relative(root, file).split(sep).join('/');
  if (path.startsWith('bench/') || path.startsWith('test/')) return path.endsWith('.ts');
  return true;
}

async function compile() {
  const { default: ts } = await import('typescript');
  // Gone while we write, so that a build that is killed is repeated.
  rmSync(stampFile, { force: true });

  const expected = new Set();
  for (const [file, text] of transpile(ts)) {
    writeAtomically(file, text);
    expected.add(file);
  }
  for (const folder of ['src', 'migrations'])
    for (const file of listFiles(join(root, folder)).filter((name) => !name.endsWith('.ts'))) {
      const target = join(dist, relative(root, file));
      copyAtomically(file, target);
      expected.add(target);
    }
  // A migration that was renamed would otherwise run twice.
  for (const folder of inputs)
    for (const file of listFiles(join(dist, folder))) if (!expected.has(file)) rmSync(file, { force: true });
}

/**
 * File by file, as Jest does it: a whole program reads 1,300 declaration files first and takes five times as long.
 * `isolatedModules` in tsconfig.json makes `npm run types` refuse what cannot be compiled this way.
 * @returns {Map<string, string>} output file and text; nothing is written when a file has a syntax error
 */
function transpile(ts) {
  const configFile = join(root, 'tsconfig.build.json');
  const { config, error } = ts.readConfigFile(configFile, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, root, undefined, configFile);
  const problems = error ? [error] : parsed.errors.filter((e) => e.code !== NO_INPUT);
  // Seen alone, a file does not know that package.json says "module"; NodeNext would give CommonJS.
  const options = {
    ...parsed.options,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  // The test run needs test/setup before Jest can load TypeScript as ES modules; the rest of test/ may be imported by it.
  const test = listFiles(join(root, 'test')).filter((file) => matters(file) && !/global-\w+\.ts$/.test(file));

  const outputs = new Map();
  for (const file of [...parsed.fileNames, ...test].filter((name) => !name.endsWith('.d.ts'))) {
    const target = join(dist, relative(root, file)).replace(/\.ts$/, '.js');
    const result = ts.transpileModule(readFileSync(file, 'utf8'), {
      fileName: file,
      compilerOptions: { ...options, sourceRoot: relative(dirname(target), dirname(file)) },
      reportDiagnostics: true,
    });
    problems.push(...result.diagnostics);
    outputs.set(target, result.outputText);
    outputs.set(`${target}.map`, result.sourceMapText);
  }
  const formatHost = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' };
  if (problems.length > 0) throw new BuildError(ts.formatDiagnostics(problems, formatHost).trimEnd());
  return outputs;
}

/** Written aside and renamed: a running process that loads a module late never reads half of it. */
function writeAtomically(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

function copyAtomically(file, target) {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  copyFileSync(file, temporary);
  chmodSync(temporary, statSync(file).mode | 0o200);
  renameSync(temporary, target);
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
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
 * One builder at a time. The lock is a symbolic link whose target names its owner: made and filled in one step.
 * A dead owner's lock is removed only under a second lock of the same kind, so that no two waiters remove it and
 * the second one hits a fresh lock.
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

/** Pid and, where /proc tells it, the start time: pids are used again. Undefined when there is no such process. */
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
  try {
    await build({ force: process.argv.includes('--force'), log: (line) => console.log(line) });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
