#!/usr/bin/env node
/**
 * - `node scripts/run.mjs <entry> [arguments]` runs dist/src/<entry>.js.
 * - `node scripts/run.mjs --bench [arguments]` runs dist/bench/bench.js.
 * - `node scripts/run.mjs --walk [arguments]` runs dist/test/walk/walk.js, which brings its own stand-in of
 *   Graph.
 *
 * Reads variables from .env in the folder of the project, or from the file that ENV_FILE names; those of the
 * environment go first. Bench and walk measure and show the program, not somebody's settings: they read none.
 *
 * Builds first when the sources changed. The entry runs in this very process, so that signals reach it.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';

endWithNpm();

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const [entry, ...args] = process.argv.slice(2);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
if (!existsSync(join(root, 'node_modules/@nestjs/core/package.json')))
  fail('The packages are missing: run "npm ci" first.');
if (!entry || entry === '--help') {
  const usage =
    'Usage: node scripts/run.mjs <entry> [arguments], for example: node scripts/run.mjs main --help';
  if (!entry) fail(usage, 2);
  console.log(usage);
  process.exit();
}

const outside = { '--bench': 'bench/bench.js', '--walk': 'test/walk/walk.js' };
loadVariables();

try {
  const { build } = await import('./build.mjs');
  await build({ log: (line) => console.error(line) });
} catch (error) {
  // Syntax errors come with file and line; a stack of the build script would bury them.
  fail(error.message);
}

const file = join(root, 'dist', outside[entry] ?? `src/${entry}.js`);
if (!existsSync(file)) fail(`There is no "${entry}" to run. The scripts in package.json name what there is.`);

process.argv = [process.argv[0], file, ...args];
// Traces of our own errors point to the TypeScript lines.
process.setSourceMapsEnabled(true);
try {
  await import(pathToFileURL(file).href);
} catch (error) {
  if (error?.name !== 'EmbeddedError') throw error;
  fail(error.message);
}

/**
 * npm passes SIGTERM and SIGINT on, but not SIGHUP, and when it is killed it can pass nothing. So a process
 * of the scripts in package.json looks whether npm is still there, and ends in order when it is not. One that
 * a shell or systemd started does not ask for its parent. The scripts say "exec": else a shell stands in
 * between and keeps the signals.
 */
function endWithNpm() {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_script?.startsWith('exec node scripts/run.mjs')) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

function loadVariables() {
  // What they start gets the same environment.
  if (entry in outside) process.env.ENV_FILE = '/dev/null';
  const given = process.env.ENV_FILE?.trim();
  const file = given || join(root, '.env');
  try {
    // The order mark of UTF-8 is left out; that of UTF-16 is a fault, for nothing of the file would be read.
    const values = parseEnv(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
    // Blank counts as absent, so a blank one of the environment does not hide that of the file.
    for (const [name, value] of Object.entries(values))
      if (!process.env[name]?.trim()) process.env[name] = value;
  } catch (error) {
    if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      fail(`${file} is not in UTF-8. Save it as UTF-8 and repeat.`);
    if (given || error.code !== 'ENOENT') fail(`${file} cannot be read (${error.code ?? error.message}).`);
  }
}

function fail(line, code = 1) {
  console.error(line);
  process.exit(code);
}
