#!/usr/bin/env node
/**
 * Compiles src, migrations, bench and the helpers of test into dist when their contents changed since the last successful build.
 * Types are checked by `npm run types`; here only syntax counts, so that a start takes seconds.
 *
 * The stamp is a hash of contents, not a date: copies, container layers and checkouts do not keep dates.
 */
import { createHash } from 'node:crypto';
import {
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
  const fresh = () => !force && sameStamp(readStamp(), takeStamp());
  if (fresh()) return false;
  try {
    mkdirSync(dist, { recursive: true });
    return await locked(join(dist, '.lock'), async () => {
      if (fresh()) return false;
      const since = Date.now();
      const stamp = takeStamp();
      await compile(stamp, force ? undefined : readStamp());
      writeAtomically(stampFile, JSON.stringify(stamp));
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

/** Everything that decides what dist must hold: the tools, and a hash per source file (path relative to the root). */
function takeStamp() {
  const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('base64');
  const tools = ['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs', 'node_modules/typescript/package.json'];
  const files = inputs.flatMap((folder) => listFiles(join(root, folder))).filter(isInput);
  return {
    tools: tools.map((file) => hash(join(root, file))).join(),
    files: Object.fromEntries(files.map((file) => [relative(root, file), hash(file)])),
  };
}

function isInput(file) {
  if (/[.-]spec\.ts$|\.d\.ts$|[/\\]global-\w+\.ts$/.test(file)) return false;
  const [folder] = relative(root, file).split(sep);
  return file.endsWith('.ts') || folder === 'src' || folder === 'migrations';
}

function sameStamp(old, now) {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(now);
}

/** Brings dist to what `stamp` describes; what did not change since `old` stays. */
async function compile(stamp, old) {
  const { default: ts } = await import('typescript');
  const options = compilerOptions(ts);
  const known = old?.tools === stamp.tools ? old.files : {};
  const outputs = new Map();
  const problems = [];
  for (const [path, hash] of Object.entries(stamp.files)) {
    const target = join(dist, path).replace(/\.ts$/, '.js');
    const unchanged = known[path] === hash && existsSync(target);
    if (!path.endsWith('.ts')) outputs.set(target, unchanged ? undefined : readFileSync(join(root, path)));
    else {
      const result = unchanged ? undefined : transpile(ts, path, options);
      problems.push(...(result?.diagnostics ?? []));
      outputs.set(target, result?.outputText).set(`${target}.map`, result?.sourceMapText);
    }
  }
  refuse(ts, problems);

  // Gone while we write, so that a build that is killed is repeated.
  rmSync(stampFile, { force: true });
  for (const [file, content] of outputs) if (content !== undefined) writeAtomically(file, content);
  // A migration that was renamed would otherwise run twice.
  for (const file of inputs.flatMap((folder) => listFiles(join(dist, folder))))
    if (!outputs.has(file)) rmSync(file, { force: true });
}

/**
 * File by file, as Jest does it: a whole program reads 1,300 declaration files first.
 * `isolatedModules` in tsconfig.json makes `npm run types` refuse what cannot be compiled this way.
 */
function transpile(ts, path, options) {
  const file = join(root, path);
  const result = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: options,
    reportDiagnostics: true,
  });
  const map = { ...JSON.parse(result.sourceMapText), sourceRoot: '' };
  map.sources = [
    relative(dirname(join(dist, path)), file)
      .split(sep)
      .join('/'),
  ];
  return { ...result, sourceMapText: JSON.stringify(map) };
}

function compilerOptions(ts) {
  const file = join(root, 'tsconfig.build.json');
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  refuse(ts, error ? [error] : []);
  const { options, errors } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, file);
  refuse(
    ts,
    errors.filter((problem) => problem.code !== NO_INPUT),
  );
  // Seen alone, a file does not know that package.json says "module"; NodeNext would give CommonJS.
  return { ...options, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
}

function refuse(ts, problems) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' };
  if (problems.length > 0) throw new BuildError(ts.formatDiagnostics(problems, host).trimEnd());
}

/** Written aside and renamed: a running process that loads a module late never reads half of it. */
function writeAtomically(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
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
  if (process.argv.includes('--help')) {
    console.log(
      'Usage: npm run build\n\nCompiles everything into dist. Every command does it by itself when the sources changed.',
    );
    process.exit();
  }
  try {
    await build({ force: process.argv.includes('--force'), log: (line) => console.log(line) });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
