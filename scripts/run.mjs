#!/usr/bin/env node
/**
 * node scripts/run.mjs <entry> [arguments]   runs dist/src/<entry>.js
 * node scripts/run.mjs --bench [arguments]   runs dist/bench/bench.js
 * node scripts/run.mjs --walk [arguments]    runs dist/test/walk/walk.js, which brings its own stand-in of Graph
 *
 * Builds first when the sources changed. The entry runs in this very process, so that signals reach it.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

endWithNpm();

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const [entry, ...args] = process.argv.slice(2);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
if (!existsSync(join(root, 'node_modules/typescript/package.json')))
  fail('The packages are missing: run "npm ci" first.');
if (!entry) fail('Usage: node scripts/run.mjs <entry> [arguments], for example: node scripts/run.mjs main');

try {
  const { build } = await import('./build.mjs');
  await build({ log: (line) => console.error(line) });
} catch (error) {
  // Syntax errors come with file and line; a stack of the build script would bury them.
  fail(error.message);
}

const outside = { '--bench': 'bench/bench.js', '--walk': 'test/walk/walk.js' };
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
 * npm passes SIGTERM and SIGINT on, but not SIGHUP, and when it is killed it can pass nothing. So a process of the scripts in
 * package.json looks whether npm is still there, and ends in order when it is not. One that a shell or systemd started
 * does not ask for its parent. The scripts say "exec": else a shell stands in between and keeps the signals.
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

function fail(line) {
  console.error(line);
  process.exit(1);
}
