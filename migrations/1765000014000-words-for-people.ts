import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How long the reporter of a dismissed case may write, and what expedientes are made of: short Spanish codes of categories and
 * a template, both in the hands of the institution.
 */
export class WordsForPeople1765000014000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TIME_TO_WRITE);
    await runner.query('alter table categories add column short_code text');
    await fillShortCodes(runner);
    await runner.query(SHORT_CODES);
    await runner.query(SERIES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      update expediente_counters set series = replace(series, '{NUMBER}', '{number}');
      revoke update (expediente_template) on institutions from denuncia_app;
      drop index categories_short_code;
      -- PostgreSQL 15 would keep the right on the dropped column.
      revoke update (short_code) on categories from denuncia_app;
      alter table categories drop column short_code;
      update cases set close_on = null where status = 'closed' and outcome in ('inadmissible', 'withdrawn');
      comment on column cases.close_on is 'last day of the ten business days after which a resolved case is closed'`);
  }
}

/** Cases dismissed before: nobody was promised a day, so the days of the week and the own closures are enough. */
const TIME_TO_WRITE = `
  comment on column cases.close_on is 'last day of the ten business days in which the reporter of an ended case may still write; a resolved case is closed after it';
  update cases c set close_on = (
      select day from (
        select d::date as day, row_number() over (order by d) as n
          from (select max(e.day) as ended from case_entries e where e.case_id = c.id and e.kind = 'closed') x,
               generate_series(x.ended + 1, x.ended + 60, interval '1 day') d
         where extract(isodow from d) < 6
           and not exists (select from calendar_closures k where k.institution_id = c.institution_id and k.day = d::date and k.withdrawn_at is null)) days
       where n = 10)
   where c.status = 'closed' and c.outcome in ('inadmissible', 'withdrawn') and c.close_on is null;
`;

const SHORT_CODES = `
  -- Checks of the changed rows that wait for the commit would forbid to alter the table.
  set constraints all immediate;
  set constraints all deferred;
  alter table categories alter column short_code set not null,
    add constraint categories_short_code_check check (short_code ~ '^[A-Z][A-Z0-9]{1,5}$');
  comment on column categories.short_code is 'stands in expedientes for {type}; those that were given keep what they have';
  create unique index categories_short_code on categories (institution_id, short_code);
  grant update (short_code) on categories to denuncia_app;
  grant update (expediente_template) on institutions to denuncia_app;
`;

/** Expedientes are one in capitals or not, so their series are too: a template that changes only its case goes on counting. */
const SERIES = `
  with old as (delete from expediente_counters returning institution_id, series, last)
  insert into expediente_counters (institution_id, series, last)
    select institution_id, upper(series), max(last) from old group by 1, 2;
`;

/** Of the catalogue an institution starts with. */
const KNOWN: Readonly<Record<string, string>> = {
  FRAUD: 'FRA',
  BRIBERY: 'COH',
  ABUSE_OF_POWER: 'ABU',
  FAVORITISM: 'FAV',
  BAD_SERVICE: 'SER',
  HARASSMENT: 'ACO',
  OTHER: 'OTR',
  IMPERSONATION: 'GES',
  SUBSIDY_DIVERSION: 'DES',
  WORKS_QUALITY: 'OBR',
  PUBLIC_SERVICES: 'PUB',
  POLICE_CONDUCT: 'POL',
  PERMITS: 'PER',
};

/** Known categories first, so that none of an institution's own takes their code. */
async function fillShortCodes(runner: QueryRunner): Promise<void> {
  const rows = (await runner.query(
    'select id, institution_id, code, label_es from categories order by institution_id, code',
  )) as { id: string; institution_id: string; code: string; label_es: string }[];
  const taken = new Set<string>();
  const known = rows.filter(({ code }) => code in KNOWN);
  for (const { id, institution_id: institution, code, label_es: label } of [
    ...known,
    ...rows.filter((row) => !known.includes(row)),
  ]) {
    const short = KNOWN[code] ?? freeCode(label, (one) => taken.has(`${institution}|${one}`));
    taken.add(`${institution}|${short}`);
    await runner.query('update categories set short_code = $2 where id = $1', [id, short]);
  }
}

function freeCode(label: string, taken: (code: string) => boolean): string {
  const letters = label
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z]/g, '');
  const start = letters.length < 2 ? 'CAT' : letters;
  for (let length = 3; length <= 6; length++) {
    const code = start.slice(0, length);
    if (code !== 'SC' && !taken(code)) return code;
  }
  for (let n = 2; ; n++) {
    const code = `${start.slice(0, 3)}${n}`;
    if (!taken(code)) return code;
  }
}
