import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ADMIN,
  AUDITOR,
  CaseWork,
  DESK,
  INVESTIGATOR,
  moveTo,
  ok,
  OTHER_AREA,
  OTHER_INVESTIGATOR,
} from './builders/cases.js';
import { asSuperuser, Harness } from './setup/harness.js';
import { until } from './support/until.js';

let h: Harness;
let work: CaseWork;
beforeEach(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterEach(() => h.stop());

interface Refused {
  code: string;
  errors: { field: string; message: string }[];
}
interface Institution {
  expedienteTemplate: string;
  expedienteExample: string;
}
interface Category {
  id: string;
  code: string;
  shortCode: string;
}

const setTemplate = (expedienteTemplate: unknown, email = ADMIN) =>
  h.as<Institution & Refused>(email, 'PATCH', '/admin/institution', { expedienteTemplate });
const categories = async (): Promise<Category[]> =>
  ok(await h.as<{ items: Category[] }>(ADMIN, 'GET', '/admin/categories')).items;
const categoryOf = async (code: string): Promise<Category> =>
  (await categories()).find((one) => one.code === code)!;
const setShortCode = async (code: string, shortCode: unknown) =>
  h.as<Category & Refused>(ADMIN, 'PATCH', `/admin/categories/${(await categoryOf(code)).id}`, { shortCode });
const opened = async (category: string | undefined, area?: string, email = INVESTIGATOR): Promise<string> => {
  const { folio } = await work.file({ category });
  await work.triage(folio, area ? { area } : {});
  return (await work.investigate(folio, email)).expediente!;
};

describe('the template of expedientes', () => {
  it('is set by an administrator, shows a sample, and leaves the expedientes that exist as they are', async () => {
    const before = await opened('FRAUD');
    expect(before).toBe('OIC/FRA/0001/2026');
    const shown = ok(await h.as<Institution>(ADMIN, 'GET', '/admin/institution'));
    expect(shown).toMatchObject({
      expedienteTemplate: '{area}/{type}/{number}/{year}',
      expedienteExample: expect.stringMatching(/^MESA\/[A-Z]{3}\/0001\/2026$/),
    });
    const changed = ok(await setTemplate('EXP-{year}-{type}-{number}'));
    expect(changed.expedienteExample).toMatch(/^EXP-2026-[A-Z]{3}-0001$/);
    expect(await opened('FRAUD')).toBe('EXP-2026-FRA-0001');
    expect(await opened('FRAUD')).toBe('EXP-2026-FRA-0002');
    const { items } = ok(
      await h.as<{ items: { folio: string }[] }>(AUDITOR, 'GET', `/cases?q=${encodeURIComponent(before)}`),
    );
    expect(items).toHaveLength(1);
    const trail = ok(
      await h.as<{ items: { event: string; data: object }[] }>(
        AUDITOR,
        'GET',
        '/audit?event=INSTITUTION_CHANGED',
      ),
    );
    expect(trail.items[0]!.data).toMatchObject({
      expedienteTemplate: { from: '{area}/{type}/{number}/{year}', to: 'EXP-{year}-{type}-{number}' },
    });
  });

  it('holds for one institution, and only its administrator sets it', async () => {
    ok(await setTemplate('C/{number}/{year}'));
    const other = ok(await h.as<Institution>('admin@acolman.demo', 'GET', '/admin/institution'));
    expect(other.expedienteTemplate).toBe('{area}/{type}/{number}/{year}');
    expect((await setTemplate('D/{number}/{year}', DESK)).status).toBe(403);
  });

  it('is refused when it cannot number', async () => {
    for (const [template, said] of [
      ['{area}/{year}', 'debe aparecer una vez'],
      ['{number}/{number}/{year}', 'debe aparecer una vez'],
      ['{number}', 'aparecer {year}'],
      ['{folio}/{number}/{year}', 'no existe'],
      ['{type}{number}/{year}', 'separador'],
      ['1{number}/{year}', 'separador'],
      ['Año/{number}/{year}', 'sin acento'],
      [' {number}/{year}', 'espacio'],
      [`${'A'.repeat(80)}/{number}/{year}`, 'más de 80'],
      ['', 'caracteres'],
      [null, 'Falta la forma de los expedientes'],
      [7, 'texto'],
    ]) {
      const { status, body } = await setTemplate(template);
      const message = body.errors.map((error) => error.message).join();
      expect([template, status, body.code, message]).toEqual([
        template,
        400,
        'INVALID_REQUEST',
        expect.stringContaining(said as string),
      ]);
      expect(body.errors.every(({ field }) => field === 'expedienteTemplate')).toBe(true);
    }
    const shown = ok(await h.as<Institution>(ADMIN, 'GET', '/admin/institution'));
    expect(shown.expedienteTemplate).toBe('{area}/{type}/{number}/{year}');
  });

  it('never gives a number twice: not when it only changes capitals, nor back to a former one', async () => {
    ok(await setTemplate('exp-{number}-{year}'));
    expect(await opened('FRAUD')).toBe('exp-0001-2026');
    ok(await setTemplate('EXP-{number}-{year}'));
    expect(await opened('FRAUD')).toBe('EXP-0002-2026');
    ok(await setTemplate('{area}/{type}/{number}/{year}'));
    expect(await opened('FRAUD')).toBe('OIC/FRA/0001/2026');
    ok(await setTemplate('exp-{number}-{year}'));
    expect(await opened('FRAUD')).toBe('exp-0003-2026');
  });

  it('leaves out a number that another series gave, also one of an area the investigator does not see', async () => {
    ok(await setTemplate('{year}-{number}'));
    const [{ id }] = (await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    )) as [{ id: string }];
    // The 2026th file of the year: written the other way round it reads the same.
    await h.sql(
      'owner',
      'insert into expediente_counters (institution_id, series, last) values ($1, $2, 2025)',
      [id, '2026-{NUMBER}'],
    );
    expect(await opened('BAD_SERVICE', OTHER_AREA, OTHER_INVESTIGATOR)).toBe('2026-2026');
    ok(await setTemplate('{number}-{year}'));
    await h.sql(
      'owner',
      'insert into expediente_counters (institution_id, series, last) values ($1, $2, 2025)',
      [id, '{NUMBER}-2026'],
    );
    expect(await opened('FRAUD')).toBe('2027-2026');
  });

  it('asks to repeat when another series gives the same number at the same instant; then the next one comes', async () => {
    const [first, second] = [await work.file({ category: 'FRAUD' }), await work.file({ category: 'FRAUD' })];
    for (const { folio } of [first, second]) await work.triage(folio);
    let asked!: Promise<{ status: number; body: Refused }>;
    await asSuperuser(async (client) => {
      // Another transaction has given it, and has not ended yet.
      await client.query('set session_replication_role = replica');
      await client.query('begin');
      await client.query(`update cases set expediente = 'OIC/FRA/0001/2026' where folio = $1`, [first.folio]);
      asked = work.post(INVESTIGATOR, second.folio, 'investigation', {}) as never;
      await until(
        () =>
          asSuperuser((watching) =>
            watching.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = $1`, [
              h.databaseName,
            ]),
          ),
        ({ rowCount }) => rowCount === 1,
      );
      await client.query('commit');
    }, h.databaseName);
    const { status, body } = await asked;
    expect([status, body.code]).toEqual([503, 'EXPEDIENTE_TAKEN']);
    expect((await work.read(second.folio)).expediente).toBeNull();
    expect((await work.investigate(second.folio)).expediente).toBe('OIC/FRA/0002/2026');
  });
});

describe('the short codes of categories', () => {
  it('are Spanish, of three letters, and one for each category, in every institution', async () => {
    for (const email of [ADMIN, 'admin@acolman.demo']) {
      const { items } = ok(await h.as<{ items: Category[] }>(email, 'GET', '/admin/categories'));
      const codes = items.map(({ shortCode }) => shortCode);
      expect(new Set(codes).size).toBe(items.length);
      for (const code of codes) expect(code).toMatch(/^[A-Z]{3}$/);
    }
    const all = await categories();
    expect(Object.fromEntries(all.map(({ code, shortCode }) => [code, shortCode]))).toMatchObject({
      FRAUD: 'FRA',
      BRIBERY: 'COH',
      HARASSMENT: 'ACO',
      OTHER: 'OTR',
    });
  });

  it('are changed by an administrator; expedientes that exist keep theirs, and later ones count on', async () => {
    const { folio } = await work.file({ category: 'BRIBERY' });
    await work.triage(folio);
    expect((await work.investigate(folio)).expediente).toBe('OIC/COH/0001/2026');
    expect(ok(await setShortCode('BRIBERY', 'SOB')).shortCode).toBe('SOB');
    expect(await opened('BRIBERY')).toBe('OIC/SOB/0001/2026');
    expect((await work.read(folio)).expediente).toBe('OIC/COH/0001/2026');
    // Another category takes the code that is free now: its numbers go on behind those that were given.
    expect(ok(await setShortCode('ABUSE_OF_POWER', 'COH')).shortCode).toBe('COH');
    expect(await opened('ABUSE_OF_POWER')).toBe('OIC/COH/0002/2026');
  });

  it('are refused when another category has them, and when they are none', async () => {
    const taken = await setShortCode('BRIBERY', 'FRA');
    expect([taken.status, taken.body.code]).toEqual([409, 'SHORT_CODE_TAKEN']);
    for (const bad of ['SC', 'F', 'fra', 'FRAUDES', '1FR', 'F-R', '', null, 7]) {
      expect([bad, (await setShortCode('BRIBERY', bad)).status]).toEqual([bad, 400]);
    }
    expect((await setShortCode('BRIBERY', 'COH')).status).toBe(200);
    const both = await Promise.all([setShortCode('FRAUD', 'XYZ'), setShortCode('BRIBERY', 'XYZ')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('of a new category are given, or taken from its Spanish name', async () => {
    const add = (code: string, label: string, more: object = {}) =>
      h.as<Category & Refused>(ADMIN, 'POST', '/admin/categories', {
        code,
        label,
        labelEn: label,
        description: 'Una categoría propia.',
        ...more,
      });
    expect(ok(await add('CONFLICT', 'Conflicto de interés')).shortCode).toBe('CON');
    expect(ok(await add('CONTRACTS', 'Contratos amañados')).shortCode).toBe('CONT');
    expect(ok(await add('NEPOTISM', 'Ñepotismo', { shortCode: 'NEP' })).shortCode).toBe('NEP');
    const taken = await add('THEFT', 'Robo', { shortCode: 'NEP' });
    expect([taken.status, taken.body.code]).toEqual([409, 'SHORT_CODE_TAKEN']);
    expect(await opened('CONFLICT', 'OIC')).toBe('OIC/CON/0001/2026');
  });

  it('stand for a case without a category as SC, and begin anew each year', async () => {
    const { folio } = await h.file({ narrative: 'No sé cómo se llama lo que pasó en la oficina.' });
    ok(await work.post(DESK, folio, 'triage', { area: 'OIC', reason: 'Le toca al OIC.' }));
    expect((await work.investigate(folio)).expediente).toBe('OIC/SC/0001/2026');
    moveTo(h, '2027-01-08T16:00:00Z');
    expect(await opened('FRAUD')).toBe('OIC/FRA/0001/2027');
  });
});
