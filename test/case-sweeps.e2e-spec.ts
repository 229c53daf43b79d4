import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Log } from '../src/platform/logging.js';
import { CaseWork, closure, moveTo, ok } from './builders/cases.js';
import { Harness } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
const lines: string[] = [];
beforeEach(async () => {
  lines.length = 0;
  h = await Harness.start({ log: new Log('warn', { write: (line: string) => void lines.push(line) }) });
  work = new CaseWork(h);
});
afterEach(() => h.stop());

const PLACES = [
  { institution: 'CONAVI-DEMO', domain: 'conavi.demo', area: 'OIC' },
  { institution: 'ACOLMAN-DEMO', domain: 'acolman.demo', area: 'CONTRALORIA' },
] as const;
type Place = (typeof PLACES)[number];

async function triaged({ institution, domain, area }: Place): Promise<string> {
  const { folio } = await h.file({ institution });
  ok(await work.post(`mesa@${domain}`, folio, 'triage', { area, reason: 'Confirmo.' }));
  return folio;
}

const asked = async (place: Place): Promise<string> => {
  const folio = await triaged(place);
  await work.ask(folio, 2, `mesa@${place.domain}`);
  return folio;
};

const resolved = async (place: Place): Promise<string> => {
  const folio = await triaged(place);
  await work.investigate(folio, `investigador@${place.domain}`);
  ok(await work.post(`investigador@${place.domain}`, folio, 'closure', closure('measures_taken')));
  return folio;
};

const loseKeys = (folio: string) =>
  h.sql('owner', 'delete from case_keys where case_id = (select id from cases where folio = $1)', [folio]);
const statuses = async (folios: string[]): Promise<string[]> => {
  const rows = await h.sql<{ folio: string; status: string }>('owner', 'select folio, status from cases');
  return folios.map((folio) => rows.find((row) => row.folio === folio)!.status);
};

describe('what time does to cases', () => {
  it.each([
    ['a question that ended', 'expire-questions', asked, 'awaiting_reporter', 'assigned'],
    ['a resolved case to archive', 'archive-resolved', resolved, 'resolved', 'closed'],
  ] as const)('goes on behind %s in a case that lost its keys', async (_, sweep, bring, before, after) => {
    const broken: string[] = [];
    const fine: string[] = [];
    for (const place of PLACES) {
      broken.push(await bring(place));
      fine.push(await bring(place));
    }
    for (const folio of broken) await loseKeys(folio);
    moveTo(h, '2027-01-20T16:00:00Z');
    await h.sweep();
    expect(await statuses(fine)).toEqual([after, after]);
    expect(await statuses(broken)).toEqual([before, before]);

    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const failures = told.filter(({ event, sweep: name }) => event === 'sweep-failed' && name === sweep);
    expect(failures.length).toBeGreaterThanOrEqual(broken.length);
    expect(Object.keys(failures[0]!).sort()).toEqual([
      'errorName',
      'event',
      'level',
      'sweep',
      'time',
      'where',
    ]);
    const ids = await h.sql<{ id: string }>('owner', 'select id::text from cases');
    for (const secret of [...broken, ...ids.map(({ id }) => id)])
      expect(lines.join('')).not.toContain(secret);
  });

  it('goes on behind more cases that cannot be worked than one look takes', async () => {
    const [place] = PLACES;
    const broken = await resolved(place);
    // Copies of one row: whatever else they lack, they are due and cannot be worked.
    const [{ columns }] = (await h.sql<{ columns: string }>(
      'owner',
      `select string_agg(column_name, ', ') as columns from information_schema.columns
        where table_name = 'cases' and is_generated = 'NEVER'`,
    )) as [{ columns: string }];
    await h.sql(
      'owner',
      `insert into cases (${columns}) select ${columns} from (
         select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'folio',
                'CNV-2026-' || lpad(n::text, 4, '0') || '-0000-0', 'expediente', null))).* from cases c, generate_series(1, 120) n
          where c.folio = $1) copies`,
      [broken],
    );
    await loseKeys(broken);
    moveTo(h, '2026-11-11T16:00:00Z');
    const fine = await resolved(place);
    moveTo(h, '2027-01-20T16:00:00Z');
    await h.sweep();
    expect(await statuses([broken, fine])).toEqual(['resolved', 'closed']);
  });

  it('goes on in the other institutions when the due cases of one cannot even be read', async () => {
    const [first, second] = [await resolved(PLACES[0]), await resolved(PLACES[1])];
    const [{ id }] = (await h.sql<{ id: string }>(
      'owner',
      'select institution_id as id from cases where folio = $1',
      [first],
    )) as [{ id: string }];
    await h.sql(
      'owner',
      `create policy broken on cases as restrictive for select
        using (case when institution_id = '${id}' then 1 / (version - version) = 0 else true end)`,
    );
    moveTo(h, '2027-01-20T16:00:00Z');
    expect(await h.run('archive-resolved')).toBe(1);
    expect(await statuses([first, second])).toEqual(['resolved', 'closed']);
  });
});
