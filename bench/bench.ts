import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { readArguments } from '../src/app/commands/arguments.js';
import { run } from '../src/platform/run.js';
import { timeActs } from './acts.js';
import { fillCases, fillReleases } from './fill.js';
import { load, round, type Call, type LoadResult } from './load.js';
import { READERS } from './readers.js';
import { openEmbedded, openExternal, type BenchServer } from './server.js';

const COMMAND = {
  usage: 'npm run bench',
  does: 'Measures this machine: start, memory, intake and lists; ratios of one run, written to bench/results/latest.json.',
  example: 'BENCH_SECONDS=4 npm run bench',
  variables:
    'BENCH_SECONDS: of each measurement (8). BENCH_DATABASE_URL: a superuser of another PostgreSQL, to measure there. No .env is read.',
};

/**
 * `npm run bench`: ratios of one run, never a pass or fail. Everything runs on this machine, client and database
 * included, so absolute rates say little; what is compared ran side by side on the same server with the same settings.
 *
 * The embedded server has settings of its own. `BENCH_DATABASE_URL`, a superuser of another PostgreSQL such as Debian's, measures
 * there, in a database that is made for the run and dropped after it.
 */
await run(async () => void readArguments(COMMAND, {}));
const root = resolve(import.meta.dirname, '../..');
const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const WARM = 4;
const POOL = 10;
const PASSWORD = 'contraseña de medición';
const KEY = 'bench-key-000000000000000';
const dataDir = mkdtempSync(join(tmpdir(), 'denuncia-bench-'));
const children: ChildProcess[] = [];
const results: Record<string, unknown> = { node: process.version, cores: cpus().length, seconds: SECONDS, pool: POOL };

const REPORT = JSON.stringify({
  institution: 'CONAVI-DEMO',
  mode: 'anonymous',
  category: 'FRAUD',
  municipality: '15002',
  narrative: 'Un servidor público en la ventanilla tres me pidió dinero para inscribirme en el programa. '.repeat(8),
  occurred: { from: '2026-01-15' },
  accused: [{ position: 'Ventanilla', description: 'Alto, con lentes' }],
});

let server: BenchServer | undefined;
try {
  const external = process.env.BENCH_DATABASE_URL;
  if (external) server = await openExternal(external);
  await startUp();
  server ??= await openEmbedded(dataDir);
  results.server = server.version;
  await idleMemory();
  await intake(server);
  await beside(server);
  await lists(server);
  await acts(server);
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  const file = join(root, 'bench/results', 'latest.json');
  writeFileSync(file, JSON.stringify(results, null, 2) + '\n');
  console.log(`\nWritten to bench/results/latest.json`);
} finally {
  for (const child of children) await stop(child);
  await server?.close();
  rmSync(dataDir, { recursive: true, force: true });
}

async function startUp(): Promise<void> {
  const first = await timed(() => serve(['main']));
  await stop(first.value.child);
  const later = await timed(() => serve(['main']));
  await stop(later.value.child);
  results.startUp = { firstSeconds: first.seconds, laterSeconds: later.seconds };
  console.log(
    `start-up            first with demo data ${first.seconds} s (under 20), later ${later.seconds} s (under 5)`,
  );
}

async function idleMemory(): Promise<void> {
  const { child } = await serve(['main']);
  await new Promise((resolveWait) => setTimeout(resolveWait, 5000));
  const megabytes = memoryOf(child.pid!);
  await stop(child);
  results.idleMemory = { megabytes };
  console.log(`idle memory         API + worker ${megabytes} MB (under 250)`);
}

async function intake({ superuserUrl }: BenchServer): Promise<void> {
  const api = await serve(['main', '--api']);
  const baseline = await spawned([join(root, 'dist/bench/baseline.js'), superuserUrl, String(POOL)], /listening (\d+)/);
  const rows: unknown[] = [];
  console.log(
    `intake              ours against a bare Fastify + pg insert of the same bytes; no worker, so no hardening`,
  );
  for (const connections of [1, 16, 64]) {
    const bare = (): Call => ({ method: 'POST', path: '/reports', body: REPORT });
    const ours = (): Call => ({ method: 'POST', path: '/api/v1/reports', body: REPORT });
    // Warm both until their code is compiled, then take turns, so that a slow moment of the machine hits both.
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

/** Reports one after the other, alone and while others read public figures and catalogues as fast as they can. */
async function beside({ superuserUrl }: BenchServer): Promise<void> {
  const owner = new pg.Client({ connectionString: superuserUrl });
  await owner.connect();
  const api = await serve(['main', '--api']);
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

async function lists({ superuserUrl }: BenchServer): Promise<void> {
  const owner = new pg.Client({ connectionString: superuserUrl });
  await owner.connect();
  const api = await serve(['main', '--api']);
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
  const api = await serve(['main', '--api']);
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

interface Served {
  child: ChildProcess;
  port: number;
}

function serve([entry, ...args]: string[]): Promise<Served> {
  return spawned([join(root, 'scripts/run.mjs'), entry!, ...args], /Denuncia Abierta\s.*?http:\/\/127\.0\.0\.1:(\d+)/);
}

function spawned(command: string[], ready: RegExp): Promise<Served> {
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: {
      ...process.env,
      ...server?.env,
      DATA_DIR: dataDir,
      PORT: '0',
      DEMO_PASSWORD: PASSWORD,
      DEMO_CHANNEL_KEY: KEY,
      LOG_LEVEL: 'error',
      DATABASE_POOL: String(POOL),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolveReady, reject) => {
    child.once('exit', (code) => reject(new Error(`${command[1] ?? command[0]} ended with ${code}`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const port = ready.exec(line)?.[1];
      if (port) resolveReady({ child, port: Number(port) });
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolveExit) => child.once('exit', resolveExit));
  child.kill('SIGTERM');
  await ended;
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const start = performance.now();
  const value = await work();
  return { value, seconds: round((performance.now() - start) / 1000) };
}

/** Resident memory of one process in MB (Linux). */
function memoryOf(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1] ?? NaN) / 1024);
}

async function signIn(port: number, email = 'mesa@conavi.demo'): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/auth/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  return `Bearer ${((await response.json()) as { accessToken: string }).accessToken}`;
}

async function someFolio(owner: pg.Client): Promise<string> {
  // A case that came through intake: it has content to open.
  const { rows } = await owner.query<{ folio: string }>(
    `select folio from cases join case_reports on case_id = id join institutions i on i.id = institution_id where i.code = 'CONAVI-DEMO' limit 1`,
  );
  return rows[0]!.folio;
}

async function deepCursor(port: number, auth: string): Promise<string> {
  let cursor = '';
  for (let page = 0; page < 20; page++) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/cases?limit=25${cursor && `&cursor=${cursor}`}`, {
      headers: { Authorization: auth },
    });
    cursor = ((await response.json()) as { nextCursor: string }).nextCursor;
  }
  return cursor;
}

function tell(...parts: LoadResult[]): number {
  return Math.round(parts.reduce((sum, part) => sum + part.perSecond, 0) / parts.length);
}
