import { describe, expect, it } from '@jest/globals';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative } from './draft.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
/** As long as the beginning of an account. */
const THANKS = 'Muchas gracias por todo, espero que puedan ayudar a las familias de la colonia';
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');

describe('what needs no answer', () => {
  it('reactions, stickers, groups and system messages change nothing', () => {
    const talk = new Talk().begin('Anónima');
    const before = JSON.stringify(talk.state);
    talk.receive({ type: 'reaction' });
    talk.receive({ type: 'group' });
    talk.receive({ type: 'system', change: 'customer_identity_changed' });
    talk.receive({ type: 'media', media: 'sticker' });
    talk.receive(
      { type: 'edit', originalMessageId: '-', content: { type: 'reaction' } },
      { originalKey: 'key-1' },
    );
    expect(talk.messages).toEqual([]);
    expect(JSON.stringify(talk.state)).toBe(before);
  });

  it('unsupported and unknown messages are answered once and lose nothing', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS);
    talk.receive({ type: 'unsupported', code: 131060 });
    expect(talk.said).toContain('no puedo leer');
    talk.receive({ type: 'unknown', name: 'order' });
    expect(talk.messages).toEqual([]);
    expect(account(talk)).toBe(FACTS);
  });

  it.each([
    ['Su mensaje fue recibido', 3],
    ['Gracias por su mensaje', 1],
    ['Hemos recibido su queja y la turnamos al área que corresponde', 3],
    ['enviar', 3],
  ])('two bots do not answer each other for ever: %j', (text, answers) => {
    const talk = new Talk();
    talk.text(...Array.from({ length: 20 }, () => text));
    expect(talk.heard).toHaveLength(answers);
    talk.text('menú');
    expect(talk.heard).toHaveLength(answers + 1);
  });

  it('thanks are answered once, and kindly', () => {
    const talk = new Talk();
    talk.text('¡Gracias!');
    expect(talk.said).toContain('Gracias a ti');
    talk.text('ok');
    expect(talk.messages).toEqual([]);
  });

  it.each([
    'otra cosa',
    'olvidé decir que había dos testigos y que uno de ellos trabaja en la misma oficina',
  ])('what is written after the report has left is not added to it: %j', (words) => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen', 'enviar');
    expect(talk.said).toContain('Lo que escribas desde ahora ya no se le agrega');
    talk.text(words);
    expect(talk.submitted).toBeUndefined();
    expect(talk.unknown).toBe(true);
    expect(talk.titles.join()).toContain('Presentar denuncia');
    if (words.length >= 40) expect(talk.said).toContain('Si ya nos enviaste una, esto no se le agrega');
  });
});

describe('whoever has no draft is understood without any memory of them', () => {
  const unknown = (): Talk => new Talk(undefined, undefined, true);

  it.each([
    ['1', 'Acepto'],
    ['2', 'pueden ser anónimas'],
    ['5', '*911*'],
    ['Presentar denuncia', 'Acepto'],
    ['3. ¿Qué puedo denunciar?', 'corrupción'],
    ['7', 'Hasta luego'],
  ])('typed %j counts in the menu', (typed, words) => {
    const talk = unknown();
    talk.text('hola', typed);
    expect([talk.said, ...talk.titles].join(' ')).toContain(words);
  });

  it('numbers count in the menu also after the answer to a question, which shows none', () => {
    const talk = unknown();
    talk.text('hola', '911');
    expect(talk.titles).toEqual(['Presentar denuncia', 'Menú']);
    expect(talk.said).not.toContain('Responde con un número');
    talk.text('2');
    expect(talk.said).toContain('pueden ser anónimas');
  });

  it('rows of the menu and buttons below answers work', () => {
    const talk = unknown();
    talk.text('hola');
    talk.tap('Otros temas y 911');
    talk.tap('Menú');
    talk.tap('¿Puede ser anónima?');
    talk.tap('Presentar denuncia');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
  });

  it('an answer too long for buttons shows words to type instead of numbers', () => {
    const contactText = Array.from({ length: 200 }, (_, n) => `oficina ${n}`).join(', ');
    const talk = new Talk({ ...CONTEXT, contactText }, undefined, true);
    talk.text('911');
    expect(talk.said).toContain('Escribe *denunciar*');
    talk.text('denunciar');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
  });

  it.each([
    'hola',
    'gracias',
    'menú',
    '911',
    'ayuda',
    '2',
    'salir',
    'cancelar',
    'enviar',
    'no sé',
    'gracias por recibir mi denuncia',
    '¿ya quedó mi queja?',
    THANKS,
  ])('%j needs no memory afterwards either', (word) => {
    const talk = unknown();
    talk.text(word);
    expect(talk.unknown).toBe(true);
    talk.file();
    talk.receive({ type: 'media', media: 'sticker' });
    talk.receive({ type: 'reaction' });
    talk.receive({ type: 'location', latitude: 19.6, longitude: -98.9 });
    talk.receive({ type: 'unsupported' });
    expect(talk.unknown).toBe(true);
  });
});

describe('buttons and sessions of the past', () => {
  it('a button of an earlier step is refused politely and the question repeated', () => {
    const talk = new Talk().begin('Anónima');
    talk.tap('Con mis datos');
    expect(talk.said).toContain('Ese botón es de un paso anterior');
    expect(talk.state?.draft?.mode).toBe('anonymous');
    expect(talk.titles).toEqual(['Listo, continuar']);
  });

  it.each([
    ['tap', (talk: Talk) => talk.tap('Enviar denuncia')],
    ['word', (talk: Talk) => talk.text('Enviar')],
  ])(
    'a second %s that sends does not send twice, and hears that the folio comes by itself',
    (_what, send) => {
      const talk = new Talk().begin('Anónima');
      talk.text(FACTS, 'listo', 'resumen');
      send(talk);
      expect(talk.submitted).toBeDefined();
      send(talk);
      expect(talk.submitted).toBeUndefined();
      expect(talk.said).toContain('tu folio y tu clave llegan solos');
    },
  );

  it('cancelar after the report has left says that it cannot be taken back', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen', 'enviar', 'cancelar');
    expect(talk.said).toContain('no puede cancelarse desde aquí');
  });

  it('a button of another version is refused, a quick reply of a template counts as its words', () => {
    const talk = new Talk().begin('Anónima');
    talk.receive({ type: 'choice', id: '99:narrative:finish', title: 'Listo' });
    expect(talk.said).toContain('Ese botón');
    talk.receive({ type: 'choice', id: 'TEMPLATE_PAYLOAD', title: 'menú' });
    expect(talk.titles).toContain('Presentar denuncia');
  });

  it.each([
    ['another version', { flowVersion: 0 }],
    ['an unknown step', { step: 'witnesses' }],
  ])('a session with %s is offered to resume, with its account and the new message', (_what, change) => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS);
    talk.state = { ...talk.state, ...change } as typeof talk.state;
    talk.text('y fue en noviembre');
    expect(talk.said).toContain('Tienes una denuncia sin terminar');
    expect(talk.titles).toEqual(['Continuar', 'Empezar de nuevo', 'Borrar']);
    talk.tap('Continuar');
    expect(account(talk)).toBe(`${FACTS}\ny fue en noviembre`);
  });

  it('a yes to the question of another version sends nothing', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen');
    talk.state = { ...talk.state, flowVersion: 0 } as typeof talk.state;
    talk.text('si');
    expect(talk.submitted).toBeUndefined();
    expect(talk.said).toContain('Tienes una denuncia sin terminar');
  });

  it('of another version hear no reminder that does not fit, and keep what they wished', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS);
    const { filesNotKept: _new, ...older } = talk.state!;
    talk.state = { ...older, flowVersion: 2, muted: true, files: 3 } as unknown as typeof talk.state;
    const before = structuredClone(talk.state);
    talk.wait();
    expect(talk.messages).toEqual([]);
    expect(talk.state).toEqual(before);
    talk.text('hola');
    expect(talk.state).toMatchObject({ muted: true, filesNotKept: 3 });
  });
});
