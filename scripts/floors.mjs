#!/usr/bin/env node
/**
 * `npm run floors` refuses imports that go up or sideways between the storeys of `.dependency-cruiser.mjs`,
 * and circles. With `-- --picture` it also prints for each folder the lower folders that it imports.
 */
import { cruise, format } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config, { STOREYS } from '../.dependency-cruiser.mjs';

if (process.argv.includes('--help')) {
  console.log(
    'Usage: npm run floors [-- --picture]\n\nChecks that imports go down only between the storeys; draws them with --picture.',
  );
  process.exit();
}
const { options, ...ruleSet } = config;
const types = { tsConfig: extractTSConfig('tsconfig.json') };
const { output: house } = await cruise(
  ['src', 'packages'],
  { ...options, ruleSet, validate: true },
  undefined,
  types,
);
const told = await format(house, { outputType: 'err' });
process.stdout.write(told.output);
process.exitCode = told.exitCode > 0 ? 1 : 0;
if (process.argv.includes('--picture')) console.log(picture(house.modules));

/** One line per folder, from the top. Leave out `platform`, because every folder knows it. */
function picture(modules) {
  const known = new Map();
  for (const { source, dependencies } of modules) {
    const from = folderOf(source);
    if (from === undefined || source.endsWith('.spec.ts')) continue;
    const names = known.get(from) ?? known.set(from, new Set()).get(from);
    for (const { resolved } of dependencies) {
      const to = folderOf(resolved);
      if (to !== undefined && to !== from && to !== 'platform') names.add(to);
    }
  }
  return Object.entries(STOREYS)
    .map(([storey, rows]) => {
      const folders = rows.length === 0 ? [storey] : rows.flat().map((name) => `${storey}/${name}`);
      return folders.map((folder) => lineOf(folder, [...(known.get(folder) ?? [])].sort())).join('\n');
    })
    .join(`\n${'─'.repeat(110)}\n`);
}

function lineOf(folder, names) {
  return `${folder.padEnd(24)}${names.length > 0 ? `→ ${names.join(', ')}` : ''}`.trimEnd();
}

/** The folder of a storey. A storey without rows is its own folder. */
function folderOf(path) {
  const [src, storey, folder] = path.split('/');
  if (src !== 'src' || !(storey in STOREYS)) return undefined;
  return STOREYS[storey].length === 0 ? storey : `${storey}/${folder}`;
}
