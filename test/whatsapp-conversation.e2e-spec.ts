import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../src/platform/jobs/sweeper.js';
import { ACCOUNT, Bot, somebody } from './support/whatsapp-bot.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());

describe('a conversation', () => {
  it.each(['Anónima', 'Confidencial', 'Con mis datos'] as const)(
    'in mode %s ends with folio and access code that open the case',
    async (mode) => {
      const person = somebody();
      expect(await bot.tellAll(person, mode)).toContain('¿La enviamos?');
      const cases = await bot.count('cases');
      await bot.tap(person, 'Enviar denuncia');
      const receipt = bot.receiptOf(person)!;
      expect(await bot.count('cases')).toBe(cases + 1);
      const token = await bot.harness.trackingToken(receipt);
      const { status, body } = await bot.harness.call<{ folio: string; receivedOn: string }>(
        'GET',
        '/tracking/case',
        {
          token,
        },
      );
      expect([status, body.folio]).toEqual([200, receipt.folio]);
      // The handling area may see a name only in the identified mode.
      const path = `/cases/${receipt.folio}`;
      await bot.harness.as('mesa@conavi.demo', 'POST', `${path}/triage`, {
        area: 'OIC',
        reason: 'Corresponde al OIC.',
      });
      const staff = await bot.harness.as<{ channel: string }>('investigador@conavi.demo', 'GET', path);
      expect(staff.status).toBe(200);
      expect(staff.body.channel).toBe('whatsapp');
      expect(JSON.stringify(staff.body)).toContain(ACCOUNT);
      expect(JSON.stringify(staff.body).includes('María Pérez Soto')).toBe(mode === 'Con mis datos');
      expect(bot.graph.sentTo(person).at(-1)!.text).toMatch(
        /primera respuesta a más tardar el \d+ de \w+ de 2026/,
      );
      // Nothing is left of folio and code once Graph has them.
      expect(await bot.count('wa_submissions')).toBe(0);
      expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
    },
  );

  it('of danger is urgent for the office, with where, when and who', async () => {
    const person = somebody();
    await bot.text(person, 'denunciar', 'acepto', 'anónima');
    expect(await bot.text(person, 'El encargado me golpeó y me amenazó con una pistola.')).toContain('911');
    await bot.text(
      person,
      'ya es todo',
      'en la bodega de la calle Juárez, en Acolman',
      'ayer',
      'un señor alto',
      'no',
    );
    expect(await bot.text(person, 'ok mándala porfa')).toContain('la estamos registrando');
    const { folio } = bot.receiptOf(person)!;
    const { body } = await bot.harness.as('mesa@conavi.demo', 'GET', `/cases/${folio}`);
    expect(body).toMatchObject({
      priority: 'urgent',
      municipality: '15002',
      report: {
        place: { description: 'en la bodega de la calle Juárez, en Acolman' },
        occurred: { from: '2026-11-09', to: '2026-11-09' },
        accused: [{ description: 'un señor alto' }],
      },
    });
  });

  it('works for a person whose number WhatsApp hides', async () => {
    const person = somebody({ hidesPhone: true });
    await bot.tellAll(person);
    await bot.tap(person, 'Enviar denuncia');
    expect(bot.graph.sentTo(person).at(-1)!.address).toBe(person.bsuid);
    await bot.harness.trackingToken(bot.receiptOf(person)!);
  });

  it('is the same for 521 and 52 of one number', async () => {
    const old: Person = { phone: '5215512340001', name: 'Ana' };
    const now: Person = { ...old, phone: '525512340001' };
    await bot.text(old, 'hola');
    await bot.tap(old, 'Presentar denuncia');
    await bot.tap(old, 'Acepto');
    await bot.tap(old, 'Anónima');
    // From here on Meta gives the number without the 1: the answer goes to what Meta gave.
    await bot.text(now, ACCOUNT);
    expect(await bot.text(now, 'listo')).toContain('¿Dónde pasó?');
    expect(bot.graph.sent.at(-1)!.address).toBe('+525512340001');
    expect(await bot.count('wa_aliases')).toBeGreaterThan(0);
    expect(await bot.text(now, 'resumen')).toContain(ACCOUNT);
  });

  it('does not show a draft to the next owner of a number', async () => {
    const first = somebody();
    await bot.tellAtOnce(first);
    const next: Person = { ...first, bsuid: 'MX.99999999999999999999' };
    expect(await bot.text(next, 'listo')).not.toContain(ACCOUNT);
    expect(await bot.text({ ...first, hidesPhone: true }, 'menú')).toContain('¿Qué necesitas?');
    expect(await bot.tap({ ...first, hidesPhone: true }, 'Presentar denuncia')).toContain('sin terminar');
  });

  it('follows a person who changes number', async () => {
    const person = somebody();
    await bot.tellAll(person);
    const moved: Person = { ...person, phone: '5215587654321', bsuid: 'MX.88888888888888888888' };
    await bot.hear(person, say.changedNumber(moved.phone));
    await bot.tap(moved, 'Enviar denuncia').catch(() => bot.text(moved, 'enviar'));
    await bot.harness.trackingToken(bot.receiptOf(moved)!);
  });

  it('keeps a text that is too short and asks for more', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    await bot.tap(person, 'Presentar denuncia');
    await bot.tap(person, 'Acepto');
    await bot.tap(person, 'Anónima');
    expect(await bot.text(person, 'Robo')).toContain('muy corto');
    await bot.text(person, 'en la ventanilla 3');
    await bot.tap(person, 'Listo, continuar');
    expect(await bot.tap(person, 'Ir al resumen')).toContain('Robo\nen la ventanilla 3');
  });

  it('says once with the notice of the demo that no name is needed', async () => {
    const notice = await bot.text(somebody(), 'denunciar');
    expect(notice.match(/obligado a dar tu nombre/g)).toHaveLength(1);
  });

  it('keeps an album, says so once when the person pauses, and again in the summary', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    await bot.tap(person, 'Presentar denuncia');
    await bot.tap(person, 'Acepto');
    await bot.tap(person, 'Anónima');
    await bot.text(person, ACCOUNT);
    const before = bot.graph.sentTo(person).length;
    const webhooks = say.album(12).map((photo) => bot.graph.say(bot.webhook, person, photo));
    await Promise.all(webhooks);
    const twin = await Bot.start({ share: bot });
    await Promise.all([bot.work(), twin.work()]);
    await bot.work();
    await twin.stop({ keepGraph: true });
    expect(bot.graph.sentTo(person)).toHaveLength(before);
    bot.passTime(20);
    await bot.reminders.run();
    await bot.work();
    const answers = bot.graph.sentTo(person).slice(before);
    expect(answers).toHaveLength(1);
    expect(answers[0]!.text).toContain('12 archivos');
    await bot.tap(person, 'Listo, continuar');
    expect(await bot.tap(person, 'Ir al resumen')).toContain('Archivos: 12 (12 fotos)');
    await bot.tap(person, 'Enviar denuncia');
    const { body } = await bot.harness.as<{ evidence: unknown[] }>(
      'mesa@conavi.demo',
      'GET',
      `/cases/${bot.receiptOf(person)!.folio}`,
    );
    expect(body).toMatchObject({ report: { filesNotKept: 0 } });
    expect(body.evidence).toHaveLength(12);
  });

  it('gives the contact of the institution and 911 for what is no denuncia', async () => {
    const answer = await bot.text(somebody(), 'Hay un bache en mi calle');
    expect(answer).toContain('911');
    expect(answer).toContain('ventanilla de atención');
  });

  it('takes menu, restart and cancel at every moment', async () => {
    const person = somebody();
    await bot.tellAll(person);
    expect(await bot.text(person, 'Menú')).toContain('¿Qué necesitas?');
    expect(await bot.text(person, 'empezar de nuevo')).toContain('Empezamos de nuevo');
    await bot.tap(person, 'Acepto');
    expect(await bot.text(person, 'cancelar')).toContain('borré');
    // Cancelled means gone: the session and all it was known by.
    expect(await bot.text(person, 'listo')).not.toContain(ACCOUNT);
  });

  it('goes on by itself, and the folio comes within half a minute', async () => {
    const live = await Bot.start();
    try {
      live.harness.app.get(Sweeper).start(async () => undefined);
      const person = somebody();
      await live.graph.say(live.webhook, person, say.text('hola'));
      await live.graph.waitForSent(1);
      for (const title of ['Presentar denuncia', 'Acepto', 'Anónima']) {
        await live.graph.say(live.webhook, person, live.option(person, title));
        await live.graph.waitForSent(live.graph.sent.length + 1);
      }
      await live.graph.say(live.webhook, person, say.text(ACCOUNT));
      await live.graph.say(live.webhook, person, live.option(person, 'Listo, continuar'));
      await live.graph.waitForSent(5);
      await live.graph.say(live.webhook, person, live.option(person, 'Ir al resumen'));
      await live.graph.waitForSent(6);
      await live.graph.say(live.webhook, person, live.option(person, 'Enviar denuncia'));
      await live.graph.waitForSent(7);
      expect(live.graph.sent.at(-1)!.text).toContain('En uno o dos minutos');
      await live.graph.waitForSent(8, 30_000);
      await live.harness.trackingToken(live.receiptOf(person)!);
    } finally {
      await live.stop();
    }
  }, 90_000);

  it('without a draft is not stored, and a bot that answers is met with silence all the same', async () => {
    const machine = somebody();
    const sessions = await bot.count('wa_sessions');
    for (let n = 0; n < 8; n++) await bot.text(machine, 'Su mensaje fue recibido.');
    expect(bot.graph.sentTo(machine).length).toBeGreaterThan(0);
    expect(bot.graph.sentTo(machine).length).toBeLessThanOrEqual(4);
    const person = somebody();
    for (const word of ['hola', '911', '2', 'gracias', 'menú']) {
      const answer = await bot.text(person, word);
      expect([word, answer.length > 0]).toEqual([word, true]);
    }
    await bot.hear(person, ...say.album(3));
    expect(await bot.count('wa_sessions')).toBe(sessions);
    // What is remembered of them is in memory, and ends.
    bot.passTime(3600);
    expect(await bot.text(machine, 'Su mensaje fue recibido.')).toContain('canal de denuncias');
    bot.passTime(-3600);
  });

  it('is answered in the order in which it was written, however much has piled up', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    for (const title of ['Presentar denuncia', 'Acepto', 'Anónima']) await bot.tap(person, title);
    const lines = Array.from({ length: 60 }, (_, index) => `línea ${index + 1}.`);
    for (const line of lines) await bot.graph.say(bot.webhook, person, say.text(line));
    await bot.graph.say(bot.webhook, person, say.text('listo'), say.text('resumen'));
    await bot.work();
    expect(bot.graph.sentTo(person).at(-1)!.text).toContain(lines.slice(0, 20).join('\n'));
  });

  it('keeps unknown types and groups harmless', async () => {
    const person = somebody();
    const sent = await bot.hear(
      person,
      say.unsupported(),
      { type: 'hologram', hologram: {} },
      { ...say.text('hola'), group_id: 'G' },
    );
    expect(sent).toHaveLength(1);
    expect(sent[0]!.text).toContain('no puedo leer');
  });
});
