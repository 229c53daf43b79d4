import { describe, expect, it } from '@jest/globals';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative, NARRATIVE_MAX } from './draft.js';
import { remind } from './engine.js';
import { TEXTS } from './texts.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const told = (): Talk => {
  const talk = new Talk().begin('Anónima');
  talk.text(FACTS, 'listo');
  return talk;
};
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');

describe('where, when and who', () => {
  it('are asked one after the other, shown in the summary and sent', () => {
    const talk = told();
    expect(talk.said).toContain('¿Dónde pasó?');
    talk.text('En la oficina de la calle Juárez');
    expect(talk.said).toContain('¿Cuándo pasó?');
    talk.text('no me acuerdo bien, fue por las lluvias');
    expect(talk.said).toContain('¿Quién');
    talk.text('una señora de pelo corto');
    expect(talk.said).toContain('Si tienes fotos');
    talk.tap('No tengo archivos');
    expect(talk.said).toContain('Dónde: En la oficina de la calle Juárez');
    expect(talk.said).toContain('Cuándo: no me acuerdo bien, fue por las lluvias');
    expect(talk.said).toContain('Quién: una señora de pelo corto');
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toMatchObject({
      narrative: `${FACTS}\nCuándo: no me acuerdo bien, fue por las lluvias`,
      place: { description: 'En la oficina de la calle Juárez' },
      accused: [{ description: 'una señora de pelo corto' }],
    });
  });

  it('take a day in words, say it back, and send it with the words', () => {
    const talk = told();
    talk.text('en la oficina', 'el lunes de la semana pasada como a las 5');
    expect(talk.said).toContain('Anoté: el lunes 2 de noviembre de 2026. Si no es así, escribe *atrás*.');
    expect(talk.said).toContain('¿Quién');
    talk.text('atrás', 'en marzo del año pasado');
    expect(talk.said).toContain('Anoté: en marzo de 2025');
    talk.text('el director', 'no tengo');
    expect(talk.said).toContain('Cuándo: en marzo del año pasado (en marzo de 2025)');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.occurred).toEqual({ from: '2025-03-01', to: '2025-03-31' });
  });

  it('take no day from words that are none, or that may mean several', () => {
    for (const words of ['por las lluvias', 'no fue ayer', 'me pidió 500 pesos', 'el lunes, no, el jueves']) {
      const talk = told();
      talk.text('en la oficina', words);
      expect([words, talk.said.includes('Anoté')]).toEqual([words, false]);
      talk.text('resumen', 'enviar');
      expect(talk.submitted).not.toHaveProperty('occurred');
      expect(talk.submitted?.narrative).toContain(`Cuándo: ${words}`);
    }
  });

  it('follow an edit of the day', () => {
    const talk = told();
    const key = talk.text('en la oficina', 'ayer');
    talk.edit(key, 'antier');
    talk.text('resumen');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.occurred).toEqual({ from: '2026-11-08', to: '2026-11-08' });
  });

  it('may stay without an answer, one or all of them', () => {
    const talk = told();
    talk.tap('Omitir lugar');
    talk.text('no recuerdo');
    talk.text('no sé quién era', 'no');
    expect(talk.state?.step).toBe('confirm');
    talk.tap('Enviar denuncia');
    expect(talk.submitted).not.toHaveProperty('accused');
    expect(talk.submitted).not.toHaveProperty('place');
    expect(talk.submitted?.narrative).toBe(FACTS);
    const short = told();
    short.tap('Ir al resumen');
    expect(short.state?.step).toBe('confirm');
  });

  it('take a shared place, also with words about it', () => {
    const talk = told();
    talk.receive({ type: 'location', latitude: 19.6, longitude: -98.9, description: 'Palacio' });
    expect(talk.said).toContain('¿Cuándo pasó?');
    talk.text('resumen');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.place).toEqual({ latitude: 19.6, longitude: -98.9, description: 'Palacio' });
    const other = told();
    other.text('atrás de la iglesia');
    other.receive({ type: 'location', latitude: 19.6, longitude: -98.9 });
    other.text('resumen', 'enviar');
    expect(other.submitted?.place).toEqual({
      latitude: 19.6,
      longitude: -98.9,
      description: 'atrás de la iglesia',
    });
  });

  it('are no longer than an answer: a narrative that goes on is kept as that', () => {
    const talk = told();
    const more = 'y además '.repeat(80).trim();
    talk.text(more);
    expect(account(talk)).toBe(`${FACTS}\n${more}`);
    expect(talk.state?.step).toBe('where');
    talk.receive({ type: 'text', text: 'llegó tarde' }, { sentAt: 1_790_000_003 });
    expect(account(talk)).toContain('llegó tarde');
  });

  it('change with an edit, and are asked again when their message is deleted', () => {
    const talk = told();
    const key = talk.text('en la oficina');
    talk.text('ayer', 'el director', 'no tengo fotos');
    talk.edit(key, 'en la bodega');
    expect(talk.said).toContain('Dónde: en la bodega');
    talk.revoke(key);
    expect(talk.said).toContain('¿Dónde pasó?');
    expect(JSON.stringify(talk.state)).not.toContain('bodega');
  });

  it('fit with the narrative into what intake takes', () => {
    const talk = new Talk().begin('Anónima');
    for (let piece = 0; piece < 5; piece += 1) talk.text('x'.repeat(3990));
    talk.text('listo', 'omitir', 'el lunes de la semana pasada, ya tarde, como a las siete de la noche');
    expect(talk.said).toContain('no lo guardé');
    talk.text('resumen', 'enviar');
    expect(talk.submitted!.narrative!.length).toBeLessThanOrEqual(NARRATIVE_MAX);
  });
});

describe('a municipality in the answer to where', () => {
  const context = {
    ...CONTEXT,
    municipalityIn: (text: string) =>
      /acolman/i.test(text) ? { key: '15002', name: 'Acolman, México' } : undefined,
  };
  const asked = (): Talk => {
    const talk = new Talk(context).begin('Anónima');
    talk.text('En la ventanilla tres me pidieron dinero para inscribirme.', 'listo');
    return talk;
  };

  it('is said back, stands in the summary, and goes with the report', () => {
    const talk = asked();
    talk.text('en la presidencia de Acolman');
    expect(talk.said).toContain('Anoté: municipio de Acolman, México. Si no es así, escribe *atrás*.');
    talk.text('resumen');
    expect(talk.said).toContain('Dónde: en la presidencia de Acolman (Acolman, México)');
    talk.text('enviar');
    expect(talk.submitted).toMatchObject({
      municipality: '15002',
      place: { description: 'en la presidencia de Acolman' },
    });
  });

  it('goes with the answer that is taken back', () => {
    const talk = asked();
    talk.text('en Acolman', 'atrás', 'en mi colonia', 'resumen', 'enviar');
    expect(talk.submitted).toMatchObject({ place: { description: 'en mi colonia' } });
    expect(talk.submitted).not.toHaveProperty('municipality');
  });

  it('comes with an edit, and goes with one', () => {
    const talk = asked();
    const key = talk.text('en mi colonia');
    talk.edit(key, 'en Acolman');
    talk.text('resumen');
    expect(talk.said).toContain('(Acolman, México)');
    talk.edit(key, 'en otra parte');
    talk.text('resumen', 'enviar');
    expect(talk.submitted).not.toHaveProperty('municipality');
  });
});

describe('going back', () => {
  it('asks the question before again, and keeps the rest', () => {
    const talk = told();
    talk.text('en la oficina', 'ayer', 'el director', 'no');
    talk.text('atrás');
    expect(talk.said).toContain('Si tienes fotos');
    talk.text('atrás');
    expect(talk.said).toContain('¿Quién');
    talk.text('regresar');
    expect(talk.said).toContain('¿Cuándo pasó?');
    talk.text('antier');
    expect(talk.state?.step).toBe('confirm');
    expect(talk.said).toContain('Quién: el director');
    expect(talk.said).toContain('Cuándo: antier');
    talk.text('volver', 'volver', 'volver', 'volver', 'volver');
    expect(talk.state?.step).toBe('narrative');
    expect(account(talk)).toBe(FACTS);
    talk.text('listo');
    expect(talk.said).toContain('Dónde: en la oficina');
  });

  it('reaches the menu from the notice, which keeps nothing', () => {
    const talk = new Talk();
    talk.text('denunciar', 'acepto', 'atrás');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
    talk.text('atrás');
    expect(talk.unknown).toBe(true);
    expect(talk.titles).toContain('Presentar denuncia');
    talk.text('atrás');
    expect(talk.titles).toContain('Presentar denuncia');
  });
});

describe('going back with a narrative', () => {
  it('never reaches the notice, and never loses it', () => {
    const talk = told();
    talk.text('modalidad', 'atrás', 'atrás', 'atrás');
    expect(account(talk)).toBe(FACTS);
    expect(talk.state?.draft?.noticeVersion).toBe('2026-1');
    talk.text('anónima', 'en la oficina', 'ayer', 'el director', 'atrás', 'resumen', 'enviar');
    expect(talk.submitted?.accused).toEqual([{ description: 'el director' }]);
  });
});

describe('cancelling a narrative', () => {
  it('asks once: a no goes on, a yes deletes', () => {
    const talk = told();
    talk.text('ya no quiero denunciar');
    expect(talk.said).toBe(TEXTS.cancelAsked);
    talk.text('no');
    expect(talk.state?.step).toBe('where');
    talk.text('cancelar', 'sí');
    expect(talk.unknown).toBe(true);
    expect(talk.said).toBe(TEXTS.canceled);
  });

  it('takes another answer as what it says: the draft stays', () => {
    const talk = told();
    talk.text('cancelar', 'en la bodega');
    expect(talk.state?.draft?.details?.where?.text).toBe('en la bodega');
    talk.text('ok');
    expect(talk.unknown).toBe(false);
  });
});

describe('words that mean something else', () => {
  const summary = (): Talk => {
    const talk = told();
    talk.text('resumen');
    return talk;
  };

  it.each(['mejor no', 'déjala así', 'quiero continuar', 'sí, mándala', 'olvídelo', 'ok pero otra cosa'])(
    'after the question whether to delete, %j deletes nothing',
    (words) => {
      const talk = told();
      talk.text('cancelar', words);
      expect(talk.unknown).toBe(false);
    },
  );

  it('a yes that comes later deletes nothing: the question was about something else', () => {
    const talk = told();
    talk.text('cancelar');
    talk.file({ type: 'media', media: 'image', caption: 'el recibo' });
    talk.text('ok');
    expect(talk.unknown).toBe(false);
  });

  it.each([
    'Mañana la mando',
    'Me mandó con el subdirector',
    'El trámite era una licencia de construcción',
    'Fue en el registro civil',
    'Quiero decir que fue el martes',
    'Este señor se llama Juan Pérez',
    'Ese día había testigos',
    'El costo era de 500 pesos',
    'Falta decir que me canceló la cita',
    'Sí, el director lo sabía',
  ])('at the summary %j is kept and sends nothing', (words) => {
    const talk = summary();
    talk.text(words);
    expect(talk.submitted).toBeUndefined();
    expect(account(talk)).toContain(words);
  });

  it.each(['salir', 'ayuda', 'persona', 'stop'])('"ok, gracias" behind %j sends nothing', (word) => {
    const talk = summary();
    talk.text(word, 'ok gracias');
    expect(talk.submitted).toBeUndefined();
    expect(talk.unknown).toBe(false);
    talk.text('enviar');
    expect(talk.submitted).toBeDefined();
  });

  it('"ok" behind the reminder of a day sends nothing', () => {
    const talk = summary();
    talk.wait();
    talk.text('ok');
    expect(talk.messages).toHaveLength(1);
  });

  it.each(['En esta oficina todos cobran mordida', 'Mi jefe me mandó cobrar', 'No me atendieron sin dinero'])(
    'the notice is neither accepted nor refused by %j',
    (words) => {
      const talk = new Talk();
      talk.text('denunciar', words);
      expect(talk.said).toContain('todavía no se guardó');
      expect(talk.state?.draft?.noticeVersion).toBeUndefined();
    },
  );

  it.each(['Mi teléfono está intervenido', 'Este número es de mi hermana', 'Llámenme al 55 1234 0000'])(
    'the number is not taken from %j',
    (words) => {
      const talk = new Talk().begin('Con mis datos');
      talk.text(FACTS, 'listo', 'resumen', 'Ana Prueba', words);
      expect(talk.state?.draft?.phone).toBeUndefined();
    },
  );

  it.each(['La secretaría de seguridad pública me pidió dinero', 'su nombre es Juan Pérez'])(
    'nobody is identified by %j',
    (words) => {
      const talk = new Talk();
      talk.text('denunciar', 'acepto', words);
      expect(talk.state?.draft?.mode).toBeUndefined();
      expect(account(talk)).toContain(words);
    },
  );

  it.each([
    'El operador',
    'Un agente',
    'La recepcionista',
    'Nada más la maestra',
    'alto',
    'Fue la licenciada y todos',
  ])('is who it was: %j', (words) => {
    const talk = told();
    talk.text('omitir', 'omitir', words);
    expect(talk.state?.draft?.details?.who?.text).toBe(words);
  });

  it.each(['En el registro civil', 'En trámites', 'Aquí mismo'])('is where it was: %j', (words) => {
    const talk = told();
    talk.text(words);
    expect(talk.state?.draft?.details?.where?.text).toBe(words);
  });

  it.each(['Nadia López', 'Carlos Nieto', 'Nelson Ruiz', 'Nadia Listón Parra', 'Soledad No Dzul'])(
    'is a name: %j',
    (words) => {
      const talk = new Talk().begin('Confidencial');
      talk.text(FACTS, 'listo', 'resumen', words);
      expect(talk.state?.draft?.name?.text).toBe(words);
    },
  );

  it.each([
    'Lo que quiero denunciar es que el director pide moche',
    'Cuando terminé, me pidió dinero',
    'me dio un papel nomás, y luego otro',
  ])('is no end of the account: %j', (words) => {
    const talk = new Talk().begin('Anónima');
    talk.text(words);
    expect(talk.state?.step).toBe('narrative');
    expect(account(talk)).toBe(words);
  });

  it('what stands beside a choice is kept', () => {
    const talk = new Talk();
    talk.text('denunciar', 'acepto', 'Anónima, porque el comandante me amenazó');
    expect(talk.state?.draft?.mode).toBe('anonymous');
    expect(account(talk)).toContain('comandante');
  });

  it('of a session of another version is kept as well, and danger is answered', () => {
    const talk = new Talk().begin('Anónima');
    talk.state = { ...talk.state!, flowVersion: 1 };
    talk.text('El que cobró fue Juan, ya es todo');
    expect(account(talk)).toContain('Juan');
    expect(talk.said).toContain('sin terminar');
    const danger = new Talk().begin('Anónima');
    danger.state = { ...danger.state!, flowVersion: 1 };
    danger.text('me está golpeando ahorita');
    expect(danger.said).toContain('llama ahora al 911');
  });
});

describe('a choice by its place', () => {
  it.each([
    ['la primera', 'anonymous'],
    ['la 2da', 'confidential'],
    ['opción 3', 'identified'],
    ['la última', 'identified'],
  ])('%j', (words, mode) => {
    const talk = new Talk();
    talk.text('denunciar', 'acepto', words);
    expect(talk.state?.draft?.mode).toBe(mode);
  });
});

describe('silence', () => {
  it('behind the narrative is broken once, with the way to go on', () => {
    const talk = new Talk().begin('Anónima');
    expect(talk.patience).toBe(23 * 3600);
    talk.text(FACTS);
    expect(talk.messages).toEqual([]);
    expect(talk.patience).toBe(20);
    talk.wait();
    expect(talk.said).toBe(TEXTS.taken(0));
    expect(talk.titles).toEqual(['Listo, continuar']);
    talk.text('y fue de noche');
    expect(talk.messages).toEqual([]);
    expect(talk.patience).toBe(23 * 3600);
  });

  it('is not broken when nothing was told since the bot spoke', () => {
    const talk = told();
    talk.text('resumen');
    talk.tap('Corregir');
    expect(talk.patience).toBe(23 * 3600);
    talk.text('cancelar');
    expect(talk.patience).toBe(23 * 3600);
  });

  it('changes no meaning of a number that is on its way', () => {
    const talk = new Talk().begin('Con mis datos');
    talk.text(FACTS, 'listo', 'resumen', 'Ana Prueba');
    talk.wait();
    talk.text('2');
    expect(talk.state?.draft?.phoneRefused).toBe(true);
  });

  it('of a day is broken once: the report is not presented, and when it will be deleted', () => {
    const talk = told();
    talk.wait();
    expect(talk.said).toContain('todavía no está presentada');
    expect(talk.said).toContain('se borra sola en 49 horas');
    expect(talk.titles).toEqual(['Continuar', 'Empezar de nuevo', 'Borrar']);
    expect(talk.patience).toBeUndefined();
    talk.text('en la oficina');
    expect(talk.patience).toBe(23 * 3600);
  });

  it('is left alone before the notice is accepted, without a draft, and when they want no reminders', () => {
    const talk = new Talk();
    talk.text('hola');
    expect(talk.patience).toBeUndefined();
    talk.text('denunciar');
    expect(talk.patience).toBeUndefined();
    const muted = told();
    muted.text('stop');
    expect(muted.said).toContain('no te enviaremos recordatorios');
    expect(muted.patience).toBeUndefined();
    muted.text('en la oficina');
    expect(muted.patience).toBeUndefined();
  });

  it('of a state that is damaged or over says nothing', () => {
    for (const saved of [undefined, {}, { step: 'narrative' }, new Talk().state])
      expect(remind(saved, CONTEXT).messages).toEqual([]);
  });
});

describe('somebody who wants a person', () => {
  it('hears at every step where there is one, and loses nothing', () => {
    const talk = told();
    talk.text('quiero hablar con una persona');
    expect(talk.said).toContain('800 000 0000');
    talk.tap('Continuar');
    expect(talk.said).toContain('¿Dónde pasó?');
    expect(account(talk)).toBe(FACTS);
  });
});
