import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SWEEPS } from '../src/doors/whatsapp/channel.js';
import { MenuCounts } from '../src/doors/whatsapp/menus/menu-counts.js';
import type { MenuOptionContent } from '../src/doors/whatsapp/menus/menu.request.js';
import type { MenuFigures, UnansweredPage } from '../src/doors/whatsapp/menus/menu-figures.api.js';
import type {
  MenuOverview,
  MenuPreview,
  MenuVersion,
  MenuView,
} from '../src/doors/whatsapp/menus/menu.views.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { addNumber, changeNumber, type AddedNumber } from './support/whatsapp-numbers.js';
import { say } from './support/whatsapp/say.js';

const ADMIN = 'admin@conavi.demo';
const OTHER_ADMIN = 'admin@acolman.demo';

interface Problem {
  code: string;
  version?: number;
  errors?: { field: string; code: string }[];
}

const requisitos: MenuOptionContent = {
  code: 'requisitos',
  title: 'Requisitos',
  keywords: ['papeles'],
  answer: { text: 'Identificación y CURP.' },
};
const denuncia: MenuOptionContent = { code: 'denuncia', title: 'Presentar denuncia', start: 'report' };
const menu = (...options: MenuOptionContent[]) => ({
  languages: [{ language: 'es-MX', name: 'Español', options }],
});

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());

const as = <T>(
  user: string,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => bot.harness.as<T>(user, method, `/admin/menu${path}`, body, headers);
const write = (): Promise<number> => bot.harness.run(SWEEPS.menuCounts);

describe('a menu', () => {
  it('of the demo holds, and says which languages it has', async () => {
    const { status, body } = await as<MenuOverview>(ADMIN, 'GET', '');
    expect(status).toBe(200);
    expect(body.current).toMatchObject({ version: 1, inForce: true, languages: ['es-MX', 'en'] });
    expect(body.current!.content[0]!.options).toHaveLength(9);
    expect((await as<MenuOverview>(OTHER_ADMIN, 'GET', '')).body.current!.content[0]!.options).toHaveLength(
      8,
    );
  });

  it('that is published answers the next message, in every process', async () => {
    const person = somebody();
    expect(await bot.text(person, 'hola')).toContain('Comisión de Vivienda');
    const added = {
      ...requisitos,
      code: 'horario',
      title: 'Horario de hoy',
      answer: { text: 'De 9 a 15 horas.' },
    };
    const published = await as<MenuVersion>(ADMIN, 'POST', '', menu(requisitos, added, denuncia));
    expect([published.status, published.body]).toMatchObject([201, { version: 2, inForce: true }]);
    expect(await bot.text(person, 'cual es el orario de hoy')).toContain('De 9 a 15 horas.');
    const second = await Bot.start({ share: bot });
    try {
      expect(await second.text(somebody(), 'horario de hoy')).toContain('De 9 a 15 horas.');
    } finally {
      await second.stop({ keepGraph: true });
    }
    // The list of an older version is still on the phone.
    await bot.tap(person, 'Alerta de fraudes');
    expect(bot.graph.sentTo(person).at(-1)!.text).toContain('ya no está en el menú');
  });

  it('that begins later holds from its day on, and gives way to none that began before', async () => {
    const later = {
      ...menu({ ...requisitos, answer: { text: 'Lo nuevo.' } }, denuncia),
      validFrom: '2026-12-01',
    };
    const { body } = await as<MenuVersion>(ADMIN, 'POST', '', later);
    expect(body).toMatchObject({ validFrom: '2026-12-01', inForce: false });
    expect(await bot.text(somebody(), 'requisitos')).toContain('Identificación y CURP.');
    const now = bot.harness.clock.now();
    // Midnight of Mexico City, not of UTC.
    bot.harness.clock.set(new Date('2026-12-01T05:59:00Z'));
    expect(await bot.text(somebody(), 'requisitos')).toContain('Identificación y CURP.');
    bot.harness.clock.set(new Date('2026-12-01T06:00:00Z'));
    expect(await bot.text(somebody(), 'requisitos')).toContain('Lo nuevo.');
    bot.harness.clock.set(now);
    bot.harness.forgetTokens();
    expect(await bot.text(somebody(), 'requisitos')).toContain('Identificación y CURP.');
  });

  it('is not published over one that the editor has not read', async () => {
    const newest = (await as<MenuOverview>(ADMIN, 'GET', '')).body.versions[0]!.version;
    const stale = await as<Problem>(ADMIN, 'POST', '', menu(denuncia), { 'If-Match': `"${newest - 1}"` });
    expect([stale.status, stale.body]).toMatchObject([412, { code: 'STALE_VERSION', version: newest }]);
    const right = await as<MenuVersion>(ADMIN, 'POST', '', menu(requisitos, denuncia), {
      'If-Match': `"${newest}"`,
    });
    expect([right.status, right.body.version]).toEqual([201, newest + 1]);
  });

  it('of two editors at once gets two versions, or one is refused', async () => {
    const newest = (await as<MenuOverview>(ADMIN, 'GET', '')).body.versions[0]!.version;
    const headers = { 'If-Match': `"${newest}"` };
    const answers = await Promise.all(
      ['Uno.', 'Dos.', 'Tres.'].map((text) =>
        as<MenuVersion>(ADMIN, 'POST', '', menu({ ...requisitos, answer: { text } }, denuncia), headers),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 412, 412]);
  });

  it('is read by its version, of the own institution only', async () => {
    const { status, body } = await as<MenuView>(ADMIN, 'GET', '/versions/2');
    expect([status, body.content[0]!.options[1]!.code]).toEqual([200, 'horario']);
    expect(await as<Problem>(OTHER_ADMIN, 'GET', '/versions/2')).toMatchObject({
      status: 404,
      body: { code: 'MENU_VERSION_UNKNOWN' },
    });
  });

  it('is changed or deleted by nobody, and published only with its entry in the trail', async () => {
    const app = (sql: string): Promise<unknown> =>
      bot.harness.sql(
        'app',
        `begin; select set_config('app.institution', (select id::text from institutions where code = 'CONAVI-DEMO'), true), set_config('app.actor', 'staff', true); ${sql}; commit`,
      );
    await expect(app(`update menus set content = '{}'`)).rejects.toThrow(/permission denied/);
    await expect(app('delete from menus')).rejects.toThrow(/permission denied/);
    await expect(
      app(`insert into menus (id, institution_id, version, valid_from, content, published_at)
           select gen_random_uuid(), id, 99, '2026-01-01', '{}', now() from institutions where code = 'CONAVI-DEMO'`),
    ).rejects.toThrow(/needs its entry/);
    const { body } = await bot.harness.as<{
      items: { eventLabel: string; data: { contentSha256: string } }[];
    }>('auditor@conavi.demo', 'GET', '/audit?event=MENU_PUBLISHED');
    expect(body.items[0]).toMatchObject({ eventLabel: 'Publicó un menú del chat', integrity: 'ok' });
    // Whoever has the row can prove that it is what was published.
    const contents = await bot.harness.sql<{ content: string }>('owner', 'select content::text from menus');
    const digests = contents.map(({ content }) => createHash('sha256').update(content).digest('hex'));
    expect(digests).toContain(body.items[0]!.data.contentSha256);
  });
});

describe('numbers', () => {
  /** What a number answers to somebody unknown. */
  async function answer({ account }: AddedNumber, text: string): Promise<string> {
    const person = somebody();
    await bot.graph.sayTo(account, person, [say.text(text)], bot.webhook);
    await bot.work();
    return bot.graph
      .sentTo(person)
      .map((sent) => sent.text)
      .join('\n');
  }

  it('have the menu of their institution, or one of their own, of which nobody else knows', async () => {
    await as(ADMIN, 'POST', '', menu(requisitos, denuncia));
    const [own, other] = [await addNumber(bot, 'conavi.demo'), await addNumber(bot, 'acolman.demo')];
    expect(await answer(own, 'requisitos')).toContain('Identificación y CURP.');
    const special = menu({ ...requisitos, answer: { text: 'Sólo de este número.' } }, denuncia);
    const published = await as<MenuVersion>(ADMIN, 'POST', '', { ...special, number: own.id });
    expect([published.status, published.body]).toMatchObject([201, { version: 1, inForce: true }]);
    expect(await answer(own, 'requisitos')).toContain('Sólo de este número.');
    expect(await bot.text(somebody(), 'requisitos')).toContain('Identificación y CURP.');
    expect(await answer(other, 'bache')).toContain('entre qué calles');
    const { body } = await as<MenuOverview>(ADMIN, 'GET', `?number=${own.id}`);
    expect(body.versions).toHaveLength(1);
    for (const [method, path, sent] of [
      ['POST', '', { ...special, number: other.id }],
      ['GET', `?number=${other.id}`, undefined],
      ['GET', `/versions/1?number=${other.id}`, undefined],
      ['GET', '?number=1', undefined],
    ] as const)
      expect((await as<Problem>(ADMIN, method, path, sent)).status).toBe(400);
  });

  it('that are not for reports name the one that is, and take the report all the same', async () => {
    const attention = await addNumber(bot, 'acolman.demo');
    await changeNumber(bot, attention, { purpose: 'attention' });
    const reports = await addNumber(bot, 'acolman.demo');
    await changeNumber(bot, reports, { purpose: 'reports', displayPhone: '+525500000099' });
    const said = await answer(attention, 'denunciar');
    expect(said).toMatch(/otro WhatsApp: \+5255\d+ \(https:\/\/wa\.me\/5255\d+\)/);
    expect(said).toContain('¿Aceptas?');
    expect(await answer(reports, 'denunciar')).not.toContain('otro WhatsApp');
  });
});

describe('a menu with faults', () => {
  const many = (count: number): MenuOptionContent[] =>
    Array.from({ length: count }, (_, n) => ({
      code: `o${n}`,
      title: `Opción ${n}`,
      answer: { text: 'Sí.' },
    }));
  const language = (name: string) => ({ language: name, name, options: [denuncia] });

  it.each([
    ['eleven options', menu(...many(11)), 'languages.0.options', 'TOO_MANY'],
    ['no option', menu(), 'languages.0.options', 'EMPTY_LIST'],
    [
      'a title of 25 characters',
      menu({ ...denuncia, title: 'x'.repeat(25) }),
      'languages.0.options.0.title',
      'LENGTH',
    ],
    [
      'emoji that are more than 24 UTF-16 units',
      menu({ ...denuncia, title: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦' }),
      'languages.0.options.0.title',
      'LENGTH',
    ],
    [
      'a second line of 73',
      menu({ ...denuncia, description: 'x'.repeat(73) }),
      'languages.0.options.0.description',
      'LENGTH',
    ],
    ['two things at once', menu({ ...denuncia, answer: { text: 'Sí.' } }), 'languages.0.options.0', 'ONE_OF'],
    ['nothing to do', menu({ code: 'nada', title: 'Nada' }), 'languages.0.options.0', 'ONE_OF'],
    [
      'an empty answer',
      menu({ code: 'nada', title: 'Nada', answer: {} }),
      'languages.0.options.0.answer',
      'EMPTY',
    ],
    [
      'a code twice',
      menu(denuncia, { ...requisitos, code: 'denuncia' }),
      'languages.0.options.1.code',
      'REPEATED',
    ],
    [
      'a title twice',
      menu(denuncia, { ...requisitos, title: 'presentar  DENUNCIA' }),
      'languages.0.options.1.title',
      'REPEATED',
    ],
    [
      'a third level',
      menu({
        code: 'a',
        title: 'A',
        options: [{ code: 'b', title: 'B', options: [denuncia] } as MenuOptionContent],
      }),
      'languages.0.options.0.options.0.options',
      'UNKNOWN_FIELD',
    ],
    [
      'a start that does not exist',
      menu({ ...denuncia, start: 'send' as 'report' }),
      'languages.0.options.0.start',
      'NOT_A_VALUE',
    ],
    [
      'a link without https',
      menu({ ...requisitos, answer: { link: 'http://ejemplo.mx' } }),
      'languages.0.options.0.answer.link',
      'FORMAT',
    ],
    [
      'a place off the earth',
      menu({ ...requisitos, answer: { place: { name: 'A', address: 'B', latitude: 91, longitude: 0 } } }),
      'languages.0.options.0.answer.place.latitude',
      'TOO_GREAT',
    ],
    ['a code with a colon', menu({ ...denuncia, code: 'a:b' }), 'languages.0.options.0.code', 'FORMAT'],
    [
      'two languages of one name',
      { languages: [language('es-MX'), language('es-MX')] },
      'languages.1.language',
      'REPEATED',
    ],
    [
      'keywords that are no texts',
      menu({ ...denuncia, keywords: [1] as never }),
      'languages.0.options.0.keywords',
      'TEXTS',
    ],
    [
      'an unknown field',
      menu({ ...denuncia, colour: 'red' } as MenuOptionContent),
      'languages.0.options.0.colour',
      'UNKNOWN_FIELD',
    ],
  ])('is refused for %s, and nothing is stored', async (_name, body, field, code) => {
    const before = await bot.count('menus');
    for (const path of ['', '/preview']) {
      const answer = await as<Problem>(ADMIN, 'POST', path, body);
      expect([answer.status, answer.body.errors]).toEqual([
        400,
        expect.arrayContaining([expect.objectContaining({ field, code })]),
      ]);
    }
    expect(await bot.count('menus')).toBe(before);
  });

  it('never makes a message that the chat refuses, however full it is', async () => {
    const full = Array.from({ length: 6 }, (_, n) => ({
      code: `opcion-${n}`,
      title: `${n}${'ñ'.repeat(23)}`,
      description: 'ñ'.repeat(72),
      answer: {
        text: 'á'.repeat(3000),
        link: `https://ejemplo.mx/${'x'.repeat(470)}`,
        telephone: '800 000 0000',
      },
    }));
    const languages = Array.from({ length: 8 }, (_, n) => ({
      language: `a${String.fromCharCode(97 + n)}`,
      name: `Idioma ${n} ${'x'.repeat(14)}`,
      greeting: 'é'.repeat(700),
      options: full,
    }));
    const { status } = await as(OTHER_ADMIN, 'POST', '/preview', {
      languages,
      messages: ['hola', '1', '6'],
    });
    expect(status).toBe(200);
    const published = await as<MenuVersion>(ADMIN, 'POST', '', { languages });
    expect(published.status).toBe(201);
    const person = somebody();
    await bot.text(person, 'hola');
    await bot.text(person, '6');
    expect(bot.alarms).not.toContain('whatsapp-rejected');
    expect(bot.graph.sentTo(person).length).toBeGreaterThanOrEqual(2);
    await as(ADMIN, 'POST', '', menu(requisitos, denuncia));
  });
});

describe('a preview', () => {
  it('answers as the chat would, and stores and counts nothing', async () => {
    const rows = async (): Promise<string[]> =>
      (await dumpDatabase(bot.harness)).filter((line) => line.startsWith('menu'));
    await write();
    const before = await rows();
    const { body } = await as<MenuPreview>(ADMIN, 'POST', '/preview', {
      ...menu(requisitos, denuncia),
      messages: ['hola', '¿qué papeles nesecito?', '👍', '¿dan despensas?', 'Presentar denuncia'],
    });
    expect(body.turns.map(({ answers }) => answers.map(({ kind }) => kind))).toEqual([
      ['list'],
      ['buttons'],
      ['text'],
      ['list'],
      ['buttons'],
    ]);
    expect(body.turns[0]!.answers[0]!.options).toEqual([
      { title: '1. Requisitos' },
      { title: '2. Presentar denuncia' },
    ]);
    expect(body.turns[1]!.answers[0]!.text).toContain('Identificación y CURP.');
    expect(body.messages).toBe(5);
    await write();
    expect(await rows()).toEqual(before);
  });
});

describe('what is asked', () => {
  const figures = (query = ''): Promise<{ status: number; body: MenuFigures }> =>
    as<MenuFigures>(ADMIN, 'GET', `/figures${query}`);
  const unanswered = async (): Promise<UnansweredPage['items']> =>
    (await as<UnansweredPage>(ADMIN, 'GET', '/unanswered')).body.items;

  /** Tomorrow, when today may be seen. */
  async function tomorrow<T>(look: () => Promise<T>): Promise<T> {
    bot.passTime(24 * 3600);
    bot.harness.forgetTokens();
    try {
      return await look();
    } finally {
      bot.passTime(-24 * 3600);
      bot.harness.forgetTokens();
    }
  }

  it('is counted by day and rated, and shown from the next day on', async () => {
    const before = await tomorrow(() => figures());
    const [ana, beto] = [somebody(), somebody()];
    await bot.text(ana, 'requisitos');
    await bot.text(ana, '👍');
    await bot.text(beto, 'q papeles piden');
    await bot.tap(beto, '👎 No me sirvió');
    await bot.tap(beto, '👎 No me sirvió');
    await write();
    const count = (answer: { body: MenuFigures }) =>
      answer.body.items.find(({ option }) => option === 'requisitos');
    const today = await figures();
    expect(count(today)).toEqual(count(await figures()));
    expect(today.body.to < bot.harness.clock.now().toISOString().slice(0, 10)).toBe(true);
    const after = await tomorrow(() => figures());
    const was = count(before) ?? { asked: 0, useful: 0, notUseful: 0 };
    expect(count(after)).toEqual({
      option: 'requisitos',
      title: 'Requisitos',
      asked: was.asked + 2,
      useful: was.useful + 1,
      notUseful: was.notUseful + 1,
    });
    const byDay = await tomorrow(() => figures('?by=option,day,language'));
    expect(byDay.body.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          option: 'requisitos',
          language: 'es-MX',
          day: expect.stringMatching(/^2026-/),
        }),
      ]),
    );
    expect((await figures('?from=2026-11-30&to=2026-11-01')).status).toBe(400);
    expect((await figures('?by=sender')).status).toBe(400);
  });

  it('never counts that somebody reports, follows a report or wants a person', async () => {
    await write();
    const before = await dumpDatabase(bot.harness);
    const person = somebody();
    await bot.text(person, 'denunciar', 'acepto', 'anónima');
    await bot.text(person, 'En la ventanilla 3 me pidieron dinero.', 'menu');
    await bot.text(person, 'requisitos');
    await bot.text(somebody(), 'seguimiento', 'persona');
    await write();
    const counts = (lines: readonly string[]): string[] => lines.filter((line) => /^menu_/.test(line));
    expect(counts(await dumpDatabase(bot.harness))).toEqual(counts(before));
    await bot.text(person, 'cancelar', 'sí');
  });

  it('collects questions without an answer, without sender, each once, and lets them be removed', async () => {
    const asked = '¿dan despensas navideñas?';
    const people = [somebody(), somebody(), somebody()];
    await bot.text(people[0]!, asked);
    await bot.text(people[1]!, '¿DAN DESPENSAS NAVIDEÑAS');
    await bot.text(people[2]!, 'mi jefe me pide dinero para no correrme, se llama Pancracio Tezontle');
    await write();
    expect((await unanswered()).map(({ question }) => question)).not.toContain(asked);
    const items = await tomorrow(unanswered);
    expect(items.find(({ question }) => question === asked)).toMatchObject({ times: 2, language: 'es-MX' });
    const dump = await dumpDatabase(bot.harness);
    // Neither in clear nor beside a sender.
    for (const secret of ['despensas navideñas', 'pancracio tezontle', ...people.map(({ phone }) => phone)])
      expect(linesWith(dump, secret).filter((line) => line.startsWith('menu'))).toEqual([]);
    const { id } = items.find(({ question }) => question === asked)!;
    expect((await tomorrow(() => as(OTHER_ADMIN, 'DELETE', `/unanswered/${id}`))).status).toBe(404);
    expect((await tomorrow(() => as(ADMIN, 'DELETE', `/unanswered/${id}`))).status).toBe(204);
    expect((await tomorrow(() => as(ADMIN, 'DELETE', `/unanswered/${id}`))).status).toBe(404);
    expect((await tomorrow(unanswered)).map(({ question }) => question)).not.toContain(asked);
  });

  it('is written in a transaction that touches no row of a sender', async () => {
    const person = somebody();
    await bot.text(person, 'requisitos', '¿dan semillas de maíz?');
    await write();
    const tables = ['menu_counts', 'menu_questions'];
    const xmins = await bot.harness.sql<{ xmin: string }>(
      'owner',
      tables.map((table) => `select xmin::text from ${table}`).join(' union all '),
    );
    const others = await bot.harness.sql<{ table: string }>(
      'owner',
      `select table_name as table from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
          and table_name not in ('menu_counts', 'menu_questions')`,
    );
    for (const { table } of others) {
      const shared = await bot.harness.sql(
        'owner',
        `select 1 from ${table} where xmin::text = any(array[${xmins.map(({ xmin }) => `'${xmin}'`).join(',')}])`,
      );
      expect([table, shared]).toEqual([table, []]);
    }
  });

  it('of a flood fills no table', async () => {
    const { id } = (
      await bot.harness.sql<{ id: string }>('owner', `select id from institutions where code = 'CONAVI-DEMO'`)
    )[0]!;
    const counts = bot.harness.app.get(MenuCounts);
    for (let n = 0; n < 1000; n++)
      counts.note(id, {
        what: 'unanswered',
        question: `¿dan semilla ${'abcdefghij'[n % 10]}${'abcdefghij'[Math.floor(n / 10) % 10]}${'abcdefghij'[Math.floor(n / 100) % 10]}?`,
        language: 'es-MX',
      });
    await write();
    expect(await bot.count('menu_questions')).toBeLessThanOrEqual(500 + 10);
    expect((await as<UnansweredPage>(ADMIN, 'GET', '/unanswered?limit=101')).status).toBe(400);
  });

  it('that was counted is written when the service stops', async () => {
    const second = await Bot.start({ share: bot });
    await second.text(somebody(), 'requisitos');
    const sum = `select coalesce(sum(asked), 0)::int as asked from menu_counts`;
    const before = (await bot.harness.sql<{ asked: number }>('owner', sum))[0]!.asked;
    await second.stop({ keepGraph: true });
    expect((await bot.harness.sql<{ asked: number }>('owner', sum))[0]!.asked).toBe(before + 1);
  });

  it('is added up when two workers write the same questions in another order', async () => {
    const { id } = (
      await bot.harness.sql<{ id: string }>(
        'owner',
        `select id from institutions where code = 'ACOLMAN-DEMO'`,
      )
    )[0]!;
    const second = await Bot.start({ share: bot });
    const questions = Array.from({ length: 200 }, (_, n) => `¿hay taller ${'abcdefghij'[n % 10]}${n}?`);
    const [one, other] = [bot, second].map(({ harness }) => harness.app.get(MenuCounts));
    for (const question of questions) one!.note(id, { what: 'unanswered', question, language: 'es-MX' });
    for (const question of questions.toReversed())
      other!.note(id, { what: 'unanswered', question, language: 'es-MX' });
    expect(await Promise.all([one!.write(), other!.write()])).toEqual([200, 200]);
    const sum = `select sum(times)::int as times, count(*)::int as rows from menu_questions where institution_id = '${id}'`;
    expect((await bot.harness.sql('owner', sum))[0]).toEqual({ times: 400, rows: 200 });
    await second.stop({ keepGraph: true });
  });

  it('is deleted after ninety days, whether anybody asks again or not', async () => {
    expect(await bot.count('menu_questions')).toBeGreaterThan(0);
    bot.passTime(91 * 24 * 3600);
    bot.harness.forgetTokens();
    expect(await unanswered()).toEqual([]);
    await bot.harness.run(SWEEPS.menuForget);
    expect(await bot.count('menu_questions')).toBe(0);
    bot.passTime(-91 * 24 * 3600);
    bot.harness.forgetTokens();
  });
});
