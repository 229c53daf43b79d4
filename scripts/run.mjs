#!/usr/bin/env node
/**
 * - `node scripts/run.mjs <entry> [arguments]` runs dist/src/<entry>.js.
 * - `node scripts/run.mjs --bench [arguments]` runs dist/bench/bench.js.
 * - `node scripts/run.mjs --walk [arguments]` runs dist/test/walk/walk.js, which brings its own stand-in of
 *   Graph.
 * - `node scripts/run.mjs --whatsapp [arguments]` runs dist/test/walk/whatsapp-demo.js, a page to chat with it.
 *
 * Read variables from .env in the folder of the project, or from the file that ENV_FILE names. Variables of
 * the environment have priority. Bench, walk and chat read no file: they measure and show the program, not
 * somebody's settings.
 *
 * Build first when the sources changed. The entry runs in this process, so that signals reach it.
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

const outside = {
  '--bench': 'bench/bench.js',
  '--walk': 'test/walk/walk.js',
  '--whatsapp': 'test/walk/whatsapp-demo.js',
};
loadVariables();

try {
  const { build } = await import('./build.mjs');
  await build({ tools: entry in outside, log: (line) => console.error(line) });
} catch (error) {
  // Syntax errors name file and line. A stack of the build script would hide them.
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
 * End this process when npm is gone. npm passes on SIGTERM and SIGINT, but not SIGHUP, and a killed npm
 * passes on nothing. So a process of the scripts in package.json checks whether npm is still there, and ends
 * in order when it is not. A process that a shell or systemd started does not check its parent. The scripts
 * say "exec": otherwise a shell stands between npm and this process and does not pass on the signals.
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
  // These read no file. The processes they start inherit this.
  if (entry in outside) process.env.ENV_FILE = '/dev/null';
  const given = process.env.ENV_FILE?.trim();
  const file = given || join(root, '.env');
  try {
    // The byte order mark of UTF-8 is ignored. The mark of UTF-16 is a fault, because nothing of the file
    // could be read.
    const values = parseEnv(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
    // Blank counts as absent, so a blank variable of the environment does not hide the one of the file.
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
