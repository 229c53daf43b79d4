import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { readArguments } from '../src/app/commands/arguments.js';
import { UsageError } from '../src/platform/errors.js';
import { run } from '../src/platform/run.js';
import { WhatsAppStandin } from '../test/support/whatsapp/standin.js';
import { timeActs } from './acts.js';
import { besideConversions, growth, openable, photo, tokens, upload } from './evidence.js';
import { fillCases, fillReleases } from './fill.js';
import { liveThrough, type LifecycleResult, type Office } from './lifecycle.js';
import { load, round, type Call, type LoadResult } from './load.js';
import { READERS } from './readers.js';
import { openEmbedded, openExternal, type BenchServer } from './server.js';
import { POOL, signIn, Site, stop, timed } from './service.js';
import { BARE_WEBHOOK, burst, reportAll, strangersBeside, variablesOf, WEBHOOK } from './whatsapp.js';

const COMMAND = {
  usage: 'npm run bench [-- --only <part>] [--against <git ref>]',
  does: 'Measures this machine: start, memory, intake, lists, acts and whole lives of cases; ratios of one run, written to bench/results/latest.json.',
  example: 'BENCH_SECONDS=4 npm run bench',
  variables:
    'BENCH_SECONDS: of each measurement (8). BENCH_MILLION=1: lives of cases beside a million others, too. ' +
    'BENCH_DATABASE_URL: a superuser of another PostgreSQL, to measure there. No .env is read.',
};
const PARTS = ['start', 'intake', 'beside', 'evidence', 'whatsapp', 'lists', 'acts', 'lifecycle'] as const;
const OPTIONS = {
  only: { type: 'string', value: '<part>', text: `one of ${PARTS.join(', ')}` },
  against: {
    type: 'string',
    value: '<git ref>',
    text: 'lives of cases in turns with another commit, each with a service and data of its own',
  },
} as const;

/**
 * `npm run bench`: ratios of one run, never a pass or fail. Everything runs on this machine, client and
 * database included, so absolute rates say little. Compared numbers come from the same server with the same
 * settings, measured side by side.
 *
 * The embedded server has settings of its own. `BENCH_DATABASE_URL` names a superuser of another PostgreSQL,
 * such as Debian's. The bench then measures there, in a database that it makes for the run and drops
 * afterwards.
 */
let options: { only?: string; against?: string } = {};
await run(async () => {
  options = readArguments(COMMAND, OPTIONS);
  if (options.only !== undefined && !PARTS.some((part) => part === options.only))
    throw new UsageError(`there is no part ${options.only}`, COMMAND.usage);
});
const root = resolve(import.meta.dirname, '../..');
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const WARM = 4;
const dataDir = mkdtempSync(join(tmpdir(), 'denuncia-bench-'));
const site = new Site(root, dataDir);
/** Ports of the services that run whole lives of cases. */
const apis = new Map<Site, number>();
const results: Record<string, unknown> = {
  node: process.version,
  cores: cpus().length,
  seconds: SECONDS,
  pool: POOL,
};

const REPORT = JSON.stringify({
  institution: 'CONAVI-DEMO',
  mode: 'anonymous',
  category: 'FRAUD',
  municipality: '15002',
  narrative:
    'Un servidor público en la ventanilla tres me pidió dinero para inscribirme en el programa. '.repeat(8),
  occurred: { from: '2026-01-15' },
  accused: [{ position: 'Ventanilla', description: 'Alto, con lentes' }],
});

const measures = (part: (typeof PARTS)[number]): boolean =>
  options.only === undefined || options.only === part;
try {
  const server = await open(site);
  results.server = server.version;
  if (measures('start')) await idleMemory();
  if (measures('intake')) await intake(server);
  if (measures('beside')) await beside(server);
  if (measures('evidence')) await evidence(server);
  if (measures('whatsapp')) await whatsapp(server);
  if (measures('lists')) await lists(server);
  if (measures('acts')) await acts(server);
  if (measures('lifecycle')) await lifecycle(options.against);
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  const file = join(root, 'bench/results', 'latest.json');
  writeFileSync(file, JSON.stringify(results, null, 2) + '\n');
  console.log(`\nWritten to bench/results/latest.json`);
} finally {
  await site.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Start a service once, so that its database is made and filled with the demo. */
async function open(place: Site): Promise<BenchServer> {
  const external = process.env.BENCH_DATABASE_URL;
  if (external) place.server = await openExternal(external);
  if (place === site && measures('start')) await startUp();
  else await stop((await place.serve('main')).child);
  return (place.server ??= await openEmbedded(place.dataDir));
}

async function startUp(): Promise<void> {
  const first = await timed(() => site.serve('main'));
  await stop(first.value.child);
  const later = await timed(() => site.serve('main'));
  await stop(later.value.child);
  results.startUp = { firstSeconds: first.seconds, laterSeconds: later.seconds };
  console.log(
    `start-up            first with demo data ${first.seconds} s (under 20), later ${later.seconds} s (under 5)`,
  );
}

async function idleMemory(): Promise<void> {
  const { child } = await site.serve('main');
  await new Promise((resolveWait) => setTimeout(resolveWait, 5000));
  const megabytes = memoryOf(child.pid!);
  await stop(child);
  results.idleMemory = { megabytes };
  console.log(`idle memory         API + worker ${megabytes} MB (under 250)`);
}

async function intake({ superuserUrl }: BenchServer): Promise<void> {
  const api = await site.serve('main', '--api');
  const baseline = await site.spawned(
    [join(root, 'dist/bench/baseline.js'), superuserUrl, String(POOL)],
    /listening (\d+)/,
  );
  const rows: unknown[] = [];
  console.log(
    `intake              ours against a bare Fastify + pg insert of the same bytes; no worker, so no hardening`,
  );
  for (const connections of [1, 16, 64]) {
    const bare = (): Call => ({ method: 'POST', path: '/reports', body: REPORT });
    const ours = (): Call => ({ method: 'POST', path: '/api/v1/reports', body: REPORT });
    // Warm both until their code is compiled. Then take turns, so that a slow moment of the machine affects
    // both.
    await load(baseline.port, connections, WARM, bare, 201);
    await load(api.port, connections, WARM, ours, 201);
    const a1 = await load(baseline.port, connections, SECONDS / 2, bare, 201);
    const b1 = await load(api.port, connections, SECONDS / 2, ours, 201);
    const a2 = await load(baseline.port, connections, SECONDS / 2, bare, 201);
    const b2 = await load(api.port, connections, SECONDS / 2, ours, 201);
    const rate = round((b1.perSecond + b2.perSecond) / (a1.perSecond + a2.perSecond));
    const p95 = round((b1.p95 + b2.p95) / (a1.p95 + a2.p95));
    rows.push({ connections, rate, p95, bare: [a1, a2], ours: [b1, b2] });
    console.log(
      `  ${String(connections).padStart(2)} connections    rate ${rate} of bare (${tell(b1, b2)} / ${tell(a1, a2)} per s), p95 ${p95} x, failures ${b1.failures + b2.failures}`,
    );
  }
  results.intake = rows;
  await stop(baseline.child);
  await stop(api.child);
}

/**
 * Measure reports one after the other: alone, and while others read public figures and catalogues as fast as
 * possible.
 */
async function beside({ superuserUrl }: BenchServer): Promise<void> {
  const owner = new pg.Client({ connectionString: superuserUrl });
  await owner.connect();
  const api = await site.serve('main', '--api');
  const report = (): Call => ({ method: 'POST', path: '/api/v1/reports', body: REPORT });
  try {
    await fillReleases(owner, 'CONAVI-DEMO');
    await load(api.port, 1, WARM, report, 201);
    const alone = await load(api.port, 1, SECONDS / 2, report, 201);
    const measured: Record<string, LoadResult> = {};
    console.log(`intake and readers  p95 of a report beside them, against one alone (${alone.p95} ms)`);
    for (const [name, read] of Object.entries(READERS)) {
      const reading = read(api.port, SECONDS / 2);
      const found = await load(api.port, 1, SECONDS / 2, report, 201);
      const perSecond = await reading;
      measured[name] = found;
      console.log(
        `  ${name.padEnd(18)}${round(found.p95 / alone.p95)} x (${found.p95} ms), failures ${found.failures}, ${perSecond} reads per s`,
      );
    }
    results.beside = { alone, ...measured };
  } finally {
    await owner.end();
    await stop(api.child);
  }
}

/** Files: how fast they come in, what memory they take, how soon they open, what they cost reports. */
async function evidence({ superuserUrl }: BenchServer): Promise<void> {
  const baseline = await site.spawned(
    [join(root, 'dist/bench/baseline.js'), superuserUrl, String(POOL)],
    /listening (\d+)/,
  );
  const api = await site.serve('main', '--api');
  const tokenOf = tokens(api.port, REPORT);
  const bare = () => upload(baseline.port, '/files', SECONDS / 2);
  const ours = () => upload(api.port, '/api/v1/tracking/evidence', SECONDS / 2, tokenOf);
  await bare();
  await ours();
  const [a1, b1, a2, b2] = [await bare(), await ours(), await bare(), await ours()];
  const rate = round((b1.mibPerSecond + b2.mibPerSecond) / (a1.mibPerSecond + a2.mibPerSecond));
  console.log(
    `evidence            20 MiB over 4 connections: ${rate} of a bare endpoint that writes and syncs them (aim 0.6; ${b1.mibPerSecond} and ${b2.mibPerSecond} against ${a1.mibPerSecond} and ${a2.mibPerSecond} MiB per s), failures ${b1.failures + b2.failures}`,
  );
  await stop(baseline.child);
  const megabytes = await growth(api.port, api.child.pid!, REPORT);
  console.log(`  memory            ${megabytes} MiB more during eight uploads of 100 MiB (under 80)`);
  await stop(api.child);

  const all = await site.serve('main');
  const pictures = await Promise.all(Array.from({ length: 16 }, (_, seed) => photo(seed)));
  const opened = [];
  for (const picture of pictures.slice(0, 6)) opened.push(await openable(all.port, REPORT, picture));
  const [first, ...later] = opened;
  console.log(
    `  a photo of 12 Mpx  can be opened after ${first} s, later ones after ${later.join(', ')} s (under 2)`,
  );
  const { alone, beside } = await besideConversions(all.port, REPORT, pictures.slice(6), SECONDS);
  console.log(
    `  intake            p95 of a report ${round(beside.p95 / alone.p95)} x while ten photos are converted (under 1.2; ${beside.p95} against ${alone.p95} ms), failures ${beside.failures}`,
  );
  await stop(all.child);
  results.evidence = {
    bare: [a1, a2],
    ours: [b1, b2],
    rate,
    megabytes,
    openable: opened,
    alone,
    beside,
  };
}

/** Webhooks: how long they wait, what a flood costs others, and whether every report is filed once. */
async function whatsapp({ superuserUrl }: BenchServer): Promise<void> {
  const graph = await WhatsAppStandin.start();
  const owner = new pg.Client({ connectionString: superuserUrl });
  await owner.connect();
  site.env = variablesOf(graph);
  try {
    const baseline = await site.spawned(
      [join(root, 'dist/bench/baseline.js'), superuserUrl, String(POOL)],
      /listening (\d+)/,
    );
    const api = await site.serve('main', '--api');
    const worker = await site.spawned(
      [join(root, 'scripts/run.mjs'), 'worker'],
      /Denuncia Abierta worker runs()/,
    );
    await burst(graph, baseline.port, BARE_WEBHOOK, 1000);
    await burst(graph, api.port, WEBHOOK, 1000);
    const bare = await burst(graph, baseline.port, BARE_WEBHOOK, 5000);
    const ours = await burst(graph, api.port, WEBHOOK, 5000);
    console.log(
      `whatsapp            5,000 webhooks in bursts, some twice: median ${round(ours.p50 / bare.p50)} x of a bare endpoint that verifies and stores (${ours.p50} against ${bare.p50} ms; under 20), longest ${ours.max} against ${bare.max} ms (under 250), failures ${ours.failures}`,
    );
    const waited = await strangersBeside(graph, api.port);
    console.log(
      `  a stranger        is answered after ${waited.join(', ')} s while 40 people send 50 messages each (under 3)`,
    );
    const filed = await reportAll(graph, api.port, owner);
    console.log(
      `  ${filed.reports} reports        at once, every webhook twice: ${filed.folios} folios, ${filed.cases} cases, the last receipt after ${filed.seconds} s`,
    );
    results.whatsapp = { bare, ours, waited, filed };
    for (const { child } of [worker, api, baseline]) await stop(child);
  } finally {
    site.env = {};
    await owner.end();
    await graph.stop();
  }
}

async function lists({ superuserUrl }: BenchServer): Promise<void> {
  const owner = new pg.Client({ connectionString: superuserUrl });
  await owner.connect();
  const api = await site.serve('main', '--api');
  const measured: Record<string, Record<string, LoadResult>> = {};
  try {
    for (const size of [10_000, 100_000]) {
      await fillCases(owner, 'CONAVI-DEMO', size);
      const auth = await signIn(api.port);
      const folio = await someFolio(owner);
      const deep = await deepCursor(api.port, auth);
      const get = (path: string) => (): Call => ({
        method: 'GET',
        path: `/api/v1${path}`,
        headers: { Authorization: auth },
      });
      const routes: Record<string, string> = {
        list: '/cases?limit=25',
        'list, page 20': `/cases?limit=25&cursor=${deep}`,
        'list by folio': `/cases?q=${folio.slice(0, 11)}`,
        detail: `/cases/${folio}`,
      };
      for (const [name, path] of Object.entries(routes)) {
        await load(api.port, 4, 0.5, get(path), 200);
        measured[name] ??= {};
        measured[name][size] = await load(api.port, 4, SECONDS / 2, get(path), 200);
      }
    }
  } finally {
    await owner.end();
    await stop(api.child);
  }
  console.log('lists               p95 at 100,000 cases against 10,000 (within 1.5)');
  const ratios = Object.fromEntries(
    Object.entries(measured).map(([name, at]) => {
      const ratio = round(at['100000']!.p95 / at['10000']!.p95);
      console.log(`  ${name.padEnd(18)}${ratio} x (${at['10000']!.p95} → ${at['100000']!.p95} ms)`);
      return [name, { ratio, ...at }];
    }),
  );
  results.lists = ratios;
}

async function acts({ superuserUrl }: BenchServer): Promise<void> {
  const owner = new pg.Client({ connectionString: superuserUrl });
  await owner.connect();
  const api = await site.serve('main', '--api');
  try {
    await load(api.port, 4, 2, () => ({ method: 'POST', path: '/api/v1/reports', body: REPORT }), 201);
    const medians = await timeActs(owner, api.port, {
      desk: await signIn(api.port, 'mesa@conavi.demo'),
      investigator: await signIn(api.port, 'investigador@conavi.demo'),
    });
    const { detail = NaN, ...rest } = medians;
    console.log(`acts of staff       median, against the detail of a case (${detail} ms)`);
    results.acts = { detail, ...rest };
    for (const [name, milliseconds] of Object.entries(rest))
      console.log(`  ${name.padEnd(18)}${round(milliseconds / detail)} x (${milliseconds} ms)`);
  } finally {
    await owner.end();
    await stop(api.child);
  }
}

/**
 * Measure whole lives of cases with several clients at once, next to no other cases and next to many. With
 * `--against`, take turns with another commit.
 */
async function lifecycle(ref: string | undefined): Promise<void> {
  const sides = [site];
  let tree: string | undefined;
  if (ref !== undefined) {
    tree = mkdtempSync(join(tmpdir(), 'denuncia-bench-tree-'));
    const archive = execFileSync('git', ['archive', ref], { cwd: root, maxBuffer: 1 << 30 });
    execFileSync('tar', ['-x', '-C', tree], { input: archive });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    // On an external server both have the same logins, and the passwords lie in DATA_DIR.
    const folder = process.env.BENCH_DATABASE_URL ? dataDir : mkdtempSync(join(tmpdir(), 'denuncia-bench-'));
    sides.push(new Site(tree, folder));
    await open(sides[1]!);
  }
  const sizes = [0, 100_000, ...(process.env.BENCH_MILLION === '1' ? [1_000_000] : [])];
  const measured: Record<string, unknown> = {};
  console.log(`lives of cases      per second: report, triage, assignment, investigation, conclusion, read`);
  try {
    for (const size of sizes) {
      const offices: Office[] = [];
      for (const side of sides) offices.push(await officeOf(side, size));
      for (const clients of [8, 32]) {
        const rounds: LifecycleResult[][] = sides.map(() => []);
        for (const office of offices) await liveThrough(office, clients, WARM, REPORT);
        for (let round = 0; round < 4; round++)
          // The side that goes first in one round goes last in the next.
          for (const at of round % 2 ? [...sides.keys()] : [...sides.keys()].reverse())
            rounds[at]!.push(await liveThrough(offices[at]!, clients, SECONDS / 2, REPORT));
        const [ours, theirs] = rounds.map((all) => ({
          perSecond: round(all.reduce((sum, { perSecond }) => sum + perSecond, 0) / all.length),
          p95: Math.max(...all.map(({ p95 }) => p95)),
          failures: all.reduce((sum, { failures }) => sum + failures, 0),
        }));
        const ratio = theirs && round(ours!.perSecond / theirs.perSecond);
        measured[`${size} cases, ${clients} clients`] = { ours, theirs, ratio };
        const name = `${size} cases, ${clients} clients`;
        const beside = theirs ? `, ${ratio} x ${ref} (${theirs.perSecond})` : '';
        console.log(
          `  ${name.padEnd(28)}${ours!.perSecond}${beside}, p95 ${ours!.p95} ms, failures ${ours!.failures}`,
        );
      }
    }
  } finally {
    await sides[1]?.close();
    for (const folder of [tree, sides[1]?.dataDir])
      if (folder && folder !== dataDir) rmSync(folder, { recursive: true, force: true });
  }
  results.lifecycle = measured;
}

async function officeOf(side: Site, size: number): Promise<Office> {
  const port = apis.get(side) ?? (await side.serve('main', '--api')).port;
  apis.set(side, port);
  const owner = new pg.Client({ connectionString: side.server!.superuserUrl });
  await owner.connect();
  try {
    if (size > 0) await fillCases(owner, 'CONAVI-DEMO', size);
    const { rows } = await owner.query<{ id: string }>(
      `select id from accounts where email = 'investigador@conavi.demo'`,
    );
    const [desk, investigator] = [await signIn(port), await signIn(port, 'investigador@conavi.demo')];
    return { port, desk, investigator, assignee: rows[0]!.id };
  } finally {
    await owner.end();
  }
}

/** Resident memory of one process in MB (Linux). */
function memoryOf(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1] ?? NaN) / 1024);
}

async function someFolio(owner: pg.Client): Promise<string> {
  // Take a case that came through intake, because it has content to open.
  const { rows } = await owner.query<{ folio: string }>(
    `select folio from cases join case_reports on case_id = id join institutions i on i.id = institution_id where i.code = 'CONAVI-DEMO' limit 1`,
  );
  return rows[0]!.folio;
}

async function deepCursor(port: number, auth: string): Promise<string> {
  let cursor = '';
  for (let page = 0; page < 20; page++) {
    const response = await fetch(
      `http://127.0.0.1:${port}/api/v1/cases?limit=25${cursor && `&cursor=${cursor}`}`,
      {
        headers: { Authorization: auth },
      },
    );
    cursor = ((await response.json()) as { nextCursor: string }).nextCursor;
  }
  return cursor;
}

function tell(...parts: LoadResult[]): number {
  return Math.round(parts.reduce((sum, part) => sum + part.perSecond, 0) / parts.length);
}
