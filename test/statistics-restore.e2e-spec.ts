import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '../src/platform/logging.js';
import { SECRET_NAMES } from '../src/platform/secrets.js';
import { SECRETS } from './setup/constants.js';
import { databaseUrl, Harness } from './setup/harness.js';
import { openTrail } from './support/audit-book.js';
import { endAll, refusal, runToEnd, type Env } from './support/process.js';
import { fixDomains, frozenCells, goTo, institutionId, publish } from './support/statistics.js';

/** The command is a process of its own. */
jest.setTimeout(180_000);

const TABLE = 'by=category,territory,period';
const folder = mkdtempSync(join(tmpdir(), 'denuncia-releases-'));
const opened: Harness[] = [];
let original: Harness;
let conavi: string;

beforeAll(async () => {
  original = await Harness.start({ at: new Date('2026-08-11T16:00:00Z') });
  opened.push(original);
  conavi = await institutionId(original, 'CONAVI-DEMO');
  await fixDomains(original);
  await original.file({ category: 'BRIBERY', municipality: '15002' });
  // As a worker does at its start.
  expect(await original.run('release-statistics')).toBe(4);
  goTo(original, '2026-09-03T16:00:00Z');
  expect((await publish(original, '2026-08')).status).toBe(201);
  // Both have it when the backup is made; four more come after it.
  await original.file({ category: 'WORKS_QUALITY', municipality: '09014' });
});
afterAll(async () => {
  await endAll();
  for (const h of opened.reverse()) await h.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of the database as it is now, elsewhere, at the same time of the clock. */
async function restored(log?: Log): Promise<Harness> {
  const copy = await Harness.start({ copy: original, at: original.clock.now(), log });
  opened.push(copy);
  return copy;
}

const env = (h: Harness): Env => ({
  DATA_DIR: join(folder, h.databaseName),
  DATABASE_OWNER_URL: databaseUrl(h.databaseName, 'owner'),
  DATABASE_URL: databaseUrl(h.databaseName, 'app'),
  DATABASE_PUBLIC_URL: databaseUrl(h.databaseName, 'public'),
  CLOCK_START: h.clock.now().toISOString(),
  ...Object.fromEntries(
    Object.entries(SECRET_NAMES).map(([key, name]) => [
      name,
      SECRETS[key as keyof typeof SECRETS].toString('base64'),
    ]),
  ),
});

/** Lines that the command tells. @throws when it refused */
async function check(h: Harness, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runToEnd('app/commands/releases-check', env(h), args);
  if (code !== 0) throw new Error(stderr);
  return stdout.split('\n');
}

const refused = (h: Harness, ...args: string[]) => refusal('app/commands/releases-check', env(h), args);

/** What everybody can download, in files. */
async function download(h: Harness, change: (text: string) => string = (text) => text): Promise<string[]> {
  const list = await h.call<unknown>('GET', '/public/stats/releases?institution=CONAVI-DEMO');
  const table = await h.call<string>(
    'GET',
    `/public/stats/reports?institution=CONAVI-DEMO&${TABLE}&format=csv`,
  );
  const files = [
    join(folder, `${opened.length}-releases.json`),
    join(folder, `${opened.length}-reports.csv`),
  ];
  writeFileSync(files[0]!, JSON.stringify(list.body));
  writeFileSync(files[1]!, change(table.body));
  return files;
}

async function ready(h: Harness): Promise<unknown> {
  return (await h.call('GET', '//health/ready')).body;
}

async function events(h: Harness): Promise<string[]> {
  return (await openTrail(h)).map(({ event }) => event).filter((event) => event.startsWith('STATS_'));
}

describe('a database that publishes', () => {
  it('is not held at its first start, nor after a restart in the same place', async () => {
    expect(await ready(original)).not.toHaveProperty('releases');
    const again = await Harness.start({ share: original });
    expect(await ready(again)).not.toHaveProperty('releases');
    await again.stop();
    expect(await check(original)).toEqual([
      'CONAVI-DEMO: 3 releases, 2026-06 to 2026-08; not held',
      'ACOLMAN-DEMO: 2 releases, 2026-06 to 2026-07; not held',
    ]);
  });
});

describe('a copy of it, restored elsewhere', () => {
  let copy: Harness;
  const lines: string[] = [];
  beforeAll(async () => {
    copy = await restored(new Log('warn', { write: (line: string) => void lines.push(line) }));
    for (const category of ['BRIBERY', 'BRIBERY', 'BRIBERY', undefined])
      await original.file({ category, municipality: '20067' });
    goTo(original, '2026-10-06T16:00:00Z');
    goTo(copy, '2026-10-06T16:00:00Z');
    expect((await publish(original, '2026-09')).status).toBe(201);
  });

  it('publishes nothing, by hand or by itself, and says what to do', async () => {
    const before = await frozenCells(copy, conavi);
    const { status, body } = await publish(copy, '2026-09');
    expect([status, body.code]).toEqual([409, 'RELEASES_HELD']);
    expect(JSON.stringify(body)).toContain('npm run releases:check');
    expect(await copy.run('release-statistics')).toBe(0);
    expect(await frozenCells(copy, conavi)).toEqual(before);
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toContainEqual(
      expect.objectContaining({ event: 'statistics-held', code: 'moved' }),
    );
    expect(await ready(copy)).toMatchObject({ status: 'up', releases: 'held' });
    expect(await events(copy)).toContain('STATS_RELEASE_REFUSED');
  });

  it('knows the place by the server and its timeline, also where logins may watch nothing', async () => {
    for (const one of [original, copy]) {
      const homes = await one.sql<{ home: string }>('owner', 'select database_home() as home');
      expect(homes[0]!.home).toMatch(/^\d{15,}\/\d+\/\d+$/);
    }
  });

  it('lets nobody lift that but the owner: not the application, not as the releaser', async () => {
    await expect(copy.sql('app', `update release_guards set held = null`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(copy.sql('app', `delete from release_guards`)).rejects.toThrow(/permission denied/);
    await copy.sql('app', `select note_release_home('${conavi}')`);
    await expect(
      copy.sql(
        'app',
        `begin; set local role denuncia_releaser; select set_config('app.institution', '${conavi}', true);
         select begin_release('${conavi}', '2026-10-06'); commit`,
      ),
    ).rejects.toThrow(/releases are held/);
  });

  it('goes on with everything else: it takes reports and shows what is out', async () => {
    expect((await copy.file({ category: 'BRIBERY' })).status).toBe('received');
    expect(await copy.run('fix-statistics-domains')).toBe(0);
    expect((await copy.call('GET', '/public/stats/releases?institution=CONAVI-DEMO')).status).toBe(200);
  });

  it('shows in one line why, and refuses files that contradict it', async () => {
    const [line] = await check(copy, '--institution', 'CONAVI-DEMO');
    expect(line).toMatch(
      /^CONAVI-DEMO: 3 releases, .*; HELD, the database lives on another server.*--import FILES/,
    );
    const [list] = await download(original);
    const altered = async (change: (text: string) => string): Promise<string> =>
      (await download(original, change))[1]!;
    const attempt = (...files: string[]) =>
      refused(copy, '--institution', 'CONAVI-DEMO', '--import', ...files);
    expect(await attempt(list!)).toEqual([expect.stringMatching(/^Give the JSON of .* and the CSV/)]);
    expect(
      await attempt(list!, await altered((text) => text.replace(/^(.*,2026-09),(-?\d+),/m, '$1,77.5,'))),
    ).toEqual([expect.stringMatching(/line \d+: the value is no whole number\.$/)]);
    expect(await attempt(list!, await altered((text) => text.replace(/^.*,2026-09,.*\r\n/m, '')))).toEqual([
      expect.stringMatching(/^2026-09: its cells are not those of the plan/),
    ]);
    expect(
      await attempt(list!, await altered((text) => text.replace(/,2026-08,(-?\d+),/, ',2026-08,99,'))),
    ).toEqual([expect.stringMatching(/^2026-08 is in this database with other numbers/)]);
    const forged = join(folder, 'forged.json');
    const releases = (
      await original.call<{ period: string; epsilon: number; version: number }[]>(
        'GET',
        '/public/stats/releases?institution=CONAVI-DEMO',
      )
    ).body;
    const last = releases.at(-1)!;
    writeFileSync(forged, JSON.stringify([...releases.slice(0, -1), { ...last, epsilon: 10 }]));
    expect(await attempt(forged, (await download(original))[1]!)).toEqual([
      expect.stringMatching(/^2026-09: the plan of this database has another version or epsilon/),
    ]);
    writeFileSync(forged, '[]');
    const header = await altered((text) => `${text.split('\r\n')[0]}\r\n`);
    expect(await attempt(forged, header)).toEqual([expect.stringMatching(/^The files lack 2026-06/)]);
    expect(await refused(copy, '--import', list!, header)).toEqual([
      '--import is for one institution: give --institution CODE.',
    ]);
    expect(await ready(copy)).toMatchObject({ releases: 'held' });
    expect(await frozenCells(copy, conavi)).toHaveLength((await frozenCells(original, conavi)).length * 0.75);
  });

  it('publishes again when the lost releases were imported, which nobody can subtract from anything', async () => {
    const files = await download(original);
    expect(await check(copy, '--institution', 'CONAVI-DEMO', '--import', ...files)).toEqual([
      'CONAVI-DEMO: imported 2026-09; 3 were here and are the same',
      'CONAVI-DEMO: 4 releases, 2026-06 to 2026-09; not held',
    ]);
    expect(await frozenCells(copy, conavi)).toEqual(await frozenCells(original, conavi));
    expect((await publish(copy, '2026-09')).body.code).toBe('RELEASE_EXISTS');
    expect(await events(copy)).toContain('STATS_RELEASES_IMPORTED');
    goTo(copy, '2026-11-03T16:00:00Z');
    expect((await publish(copy, '2026-10')).status).toBe(201);
    // The other institution was not named, and waits.
    expect((await check(copy)).map((line) => /HELD/.test(line))).toEqual([false, true]);
    expect(await ready(copy)).toMatchObject({ releases: 'held' });
  });
});

describe('a copy whose operator says that nothing was published since', () => {
  it('publishes with fresh noise over other counts, so that the difference of both tables names no cell', async () => {
    goTo(original, '2026-10-12T16:00:00Z');
    await original.file({ category: 'BRIBERY', municipality: '15002' });
    const copy = await restored();
    for (let i = 0; i < 4; i++) await original.file({ category: 'WORKS_QUALITY', municipality: '20067' });
    for (const h of [original, copy]) goTo(h, '2026-11-06T16:00:00Z');
    expect((await publish(original, '2026-10')).status).toBe(201);
    expect(await check(copy, '--confirm')).toContain(
      'CONAVI-DEMO: confirmed, nothing was published elsewhere',
    );
    expect(await ready(copy)).not.toHaveProperty('releases');
    expect((await publish(copy, '2026-10')).status).toBe(201);
    expect(await events(copy)).toContain('STATS_HOLD_LIFTED');

    const [theirs, ours] = await Promise.all([original, copy].map((h) => frozenCells(h, conavi)));
    const both = theirs!.map((cell, i) => ({ ...cell, difference: cell.value - ours![i]!.value }));
    const october = both.filter(({ period }) => period === '2026-10');
    const earlier = both.filter(({ period }) => period !== '2026-10');
    // Independent noise differs in 72 % of the cells; the four reports lie in one of some four hundred.
    expect(october.filter(({ difference }) => difference !== 0).length).toBeGreaterThan(october.length / 2);
    expect(earlier.every(({ difference }) => difference === 0)).toBe(true);
  });

  it('that holds the same reports publishes the same numbers: nothing is spent twice', async () => {
    goTo(original, '2026-11-12T16:00:00Z');
    await original.file({ category: 'BRIBERY', municipality: '15002' });
    const copy = await restored();
    for (const h of [original, copy]) goTo(h, '2026-12-06T16:00:00Z');
    await check(copy, '--confirm');
    for (const h of [original, copy]) expect((await publish(h, '2026-11')).status).toBe(201);
    expect(await frozenCells(copy, conavi)).toEqual(await frozenCells(original, conavi));
  });

  it('gets back the versions of the plan that were fixed and lost, with the releases under them', async () => {
    const copy = await restored();
    const added = await original.as('admin@conavi.demo', 'POST', '/admin/categories', {
      code: 'NEW_FAULT',
      label: 'Falta nueva',
      labelEn: 'New fault',
      description: 'Una falta que nadie había previsto.',
    });
    expect(added.status).toBe(201);
    expect(await original.run('fix-statistics-domains')).toBe(1);
    goTo(original, '2027-02-06T16:00:00Z');
    for (const period of ['2026-12', '2027-01']) expect((await publish(original, period)).status).toBe(201);
    goTo(copy, '2027-02-07T16:00:00Z');
    const files = await download(original);
    const attempt = ['--institution', 'CONAVI-DEMO', '--import', ...files];
    expect(await refused(copy, ...attempt)).toEqual([
      expect.stringMatching(/^2027-01: the plan of this database has another/),
    ]);
    const plan = join(folder, 'plan.json');
    const { body } = await original.call<{ version: number }[]>(
      'GET',
      '/public/stats/plan?institution=CONAVI-DEMO',
    );
    writeFileSync(
      plan,
      JSON.stringify(body.map((one) => (one.version === 2 ? { ...one, epsilon: 10 } : one))),
    );
    expect(await refused(copy, ...attempt, plan)).toEqual([
      expect.stringMatching(/^Version 2 of the plan is another one/),
    ]);
    writeFileSync(plan, JSON.stringify(body));
    expect((await check(copy, ...attempt, plan))[0]).toMatch(/^CONAVI-DEMO: imported 2026-12, 2027-01;/);
    expect(await frozenCells(copy, conavi)).toEqual(await frozenCells(original, conavi));
  });

  it('is held by hand where nothing can show that it is a copy', async () => {
    const lines = await check(original, '--institution', 'CONAVI-DEMO', '--hold');
    expect(lines.at(-1)).toMatch(/HELD, an operator held it/);
    goTo(original, '2027-03-06T16:00:00Z');
    expect((await publish(original, '2027-02')).body.code).toBe('RELEASES_HELD');
    expect((await check(original, '--confirm')).every((line) => !/HELD/.test(line))).toBe(true);
    expect((await publish(original, '2027-02')).status).toBe(201);
  });
});
