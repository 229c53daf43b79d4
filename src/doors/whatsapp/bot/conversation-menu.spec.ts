import { describe, expect, it } from '@jest/globals';
import { MENUS } from '../../../../test/support/menu-questions.js';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { questionToNote } from './menu/questions.js';
import { ratingIn } from './menu/rating.js';
import { menuTexts } from './menu/texts.js';
import { TEXTS } from './texts.js';

const conavi = { ...CONTEXT, menu: MENUS.conavi };
const acolman = { ...CONTEXT, menu: MENUS.acolman };
const SPANISH = menuTexts({ language: 'es-MX' });
const talkWith = (context = conavi, forgetful = false): Talk => new Talk(context, undefined, forgetful);

describe('the menu of an institution', () => {
  it('shows its options with their second lines, and the other languages', () => {
    const talk = talkWith();
    talk.text('hola');
    expect(talk.titles).toHaveLength(9);
    expect(talk.said).toContain('Comisión de Vivienda');
    expect(talk.said).toContain('*english*');
    expect(talk.messages[0]).toMatchObject({
      kind: 'list',
      rows: expect.arrayContaining([expect.objectContaining({ description: 'Documentos y condiciones' })]),
    });
  });

  it('has eight options at the municipality, the eighth the anonymous report', () => {
    const talk = talkWith(acolman);
    talk.text('hola');
    expect(talk.titles).toHaveLength(8);
    talk.text('8');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
  });

  it('answers a tap, a number, a title and free words alike', () => {
    for (const choose of [
      (talk: Talk) => talk.tap('Requisitos'),
      (talk: Talk) => talk.text('3'),
      (talk: Talk) => talk.text('requisitos'),
      (talk: Talk) => talk.text('que papeles piden'),
    ]) {
      const talk = talkWith();
      talk.text('hola');
      choose(talk);
      expect(talk.said).toContain('Identificación oficial');
      expect(talk.titles).toEqual(['👍 Me sirvió', '👎 No me sirvió', 'Menú']);
      expect(talk.noted).toEqual({ what: 'answered', option: 'requisitos', language: 'es-MX' });
    }
  });

  it('opens what is behind an option, and a number chooses there', () => {
    const talk = talkWith(acolman);
    talk.text('hola');
    talk.tap('Servicios Públicos');
    expect(talk.titles).toEqual([
      'Agua y drenaje',
      'Basura y limpia',
      'Alumbrado',
      'Baches y calles',
      'Panteones y mercados',
    ]);
    talk.text('11');
    expect(talk.said).toContain('luminaria apagada');
  });

  it('has one number for each option, in every list and every process', () => {
    for (const forgetful of [false, true]) {
      const talk = talkWith(acolman, forgetful);
      talk.text('hola');
      talk.tap('Servicios Públicos');
      expect(talk.messages[0]).toMatchObject({ rows: [{ title: '9. Agua y drenaje' }, {}, {}, {}, {}] });
      talk.text('9');
      expect(talk.said).toMatch(/^\*Agua y drenaje\*/);
      talk.text('3');
      expect(talk.said).toMatch(/^\*Seguridad Ciudadana\*/);
    }
  });

  it('sends a document and a place in front of the answer', () => {
    const talk = talkWith();
    talk.text('reglas de operación');
    expect(talk.messages.map(({ kind }) => kind)).toEqual(['document', 'buttons']);
    const other = talkWith(acolman);
    other.text('¿dónde está el palacio municipal?');
    expect(other.messages.map(({ kind }) => kind)).toEqual(['location', 'buttons']);
  });

  it('refuses an option that is gone, kindly, with the menu', () => {
    const talk = talkWith();
    talk.text('hola');
    talk.context = acolman;
    talk.receive({ type: 'choice', id: 'option:requisitos', title: 'Requisitos' });
    expect(talk.said).toContain(SPANISH.gone);
    expect(talk.titles).toHaveLength(8);
  });

  it('knows the words that always work, whatever the menu has', () => {
    for (const [text, said] of [
      ['persona', TEXTS.person(acolman)],
      ['911', TEXTS.contact(acolman)],
      ['quiero hablar con una persona sobre artesanías', TEXTS.person(acolman)],
      ['borrar mis datos', TEXTS.nothingToCancel],
      ['¿puede ser anónima?', TEXTS.anonymity(acolman)],
      ['¿cómo va mi denuncia?', TEXTS.tracking(acolman)],
    ] as const) {
      const talk = talkWith(acolman);
      talk.text(text);
      expect([text, talk.said]).toEqual([text, said]);
      expect(talk.noted).toBeUndefined();
    }
  });

  it('puts danger first, and answers behind it', () => {
    const talk = talkWith(acolman);
    talk.text('me pega mi esposo');
    expect(talk.messages[0]!.body).toBe(TEXTS.danger(acolman));
    expect(talk.messages).toHaveLength(2);
  });
});

describe('words that may mean several options', () => {
  it('are asked back, with a way out', () => {
    const talk = talkWith(acolman);
    talk.text('¿dónde venden piñatas en la feria?');
    expect(talk.said).toBe(SPANISH.didYouMean);
    expect(talk.titles).toEqual(expect.arrayContaining(['Cultura y Turismo', 'Fomento Artesanal']));
    expect(talk.titles.at(-1)).toBe(SPANISH.none);
    talk.text('fomento artesanal');
    expect(talk.said).toContain('*Fomento Artesanal*');
  });

  it('are noted as a question when none was meant', () => {
    const talk = talkWith(acolman);
    talk.text('¿a qué hora abre el mercado de flores?');
    expect(talk.said).toBe(SPANISH.didYouMean);
    expect(talk.noted).toBeUndefined();
    talk.tap(SPANISH.none);
    expect(talk.said).toContain(SPANISH.noAnswer);
    expect(talk.noted).toEqual({
      what: 'unanswered',
      question: '¿a qué hora abre el mercado de flores?',
      language: 'es-MX',
    });
  });

  it('offer a report beside them when they may be an account, and say that nothing was kept', () => {
    const talk = talkWith();
    talk.text(
      'El licenciado de la ventanilla me cobró dos mil pesos por anotarme en el programa y nunca me dio recibo',
    );
    expect(talk.titles).toContain('Presentar denuncia');
    expect(talk.said).toMatch(/no se guardó/);
    talk.tap('Presentar denuncia');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
  });
});

describe('a vote on an answer', () => {
  it.each([
    ['👍', 'useful'],
    ['sí', 'useful'],
    ['me sirvió mucho', 'useful'],
    ['muy útil gracias', 'useful'],
    ['👎', 'not_useful'],
    ['no me sirvió', 'not_useful'],
    ['no entendí nada', 'not_useful'],
    ['no era eso', 'not_useful'],
    ['¿y cuánto tarda?', undefined],
    ['no tengo comprobante, ¿qué hago?', undefined],
    ['requisitos', undefined],
    ['me sirve la de mi mamá para que me den el apoyo o no', undefined],
  ])('%j is %j', (text, vote) => {
    expect(ratingIn(text)).toBe(vote);
  });

  it('counts once, by button or words, and not when something else was answered', () => {
    const talk = talkWith();
    talk.text('requisitos');
    talk.text('👍');
    expect(talk.noted).toEqual({ what: 'rated', option: 'requisitos', language: 'es-MX', useful: true });
    expect(talk.said).toBe(SPANISH.thanks);
    talk.tap('👎 No me sirvió');
    expect(talk.noted).toBeUndefined();
    talk.text('menu');
    talk.text('👍');
    expect(talk.noted).toBeUndefined();
  });

  it('of the button counts in a process that remembers nothing', () => {
    const talk = talkWith(conavi, true);
    talk.text('requisitos');
    talk.tap('👎 No me sirvió');
    expect(talk.noted).toMatchObject({ what: 'rated', useful: false });
    expect(talk.said).toBe(SPANISH.sorry);
  });
});

describe('what may be an account', () => {
  /** Whether a report is offered, with the words that nothing was kept. */
  const isInvited = (talk: Talk): boolean =>
    /no se guardó/.test(talk.said) && talk.titles.some((title) => /denuncia/i.test(title));

  it.each([
    ['conavi', 'el ingeniero se quedo con el material de mi casa'],
    ['conavi', 'la promotora me pidio 500 pesos para anotarme'],
    ['conavi', 'ya me depositaron pero el arquitecto no se presenta y pide mas dinero'],
    ['conavi', 'me pidieron 5000 pesos para que avance mi denuncia'],
    ['conavi', 'mi caso no va a avanzar si no le doy dinero al licenciado'],
    ['acolman', 'el de los panteones vendio dos veces la misma fosa'],
    ['acolman', 'un policia me robo mi celular'],
    ['acolman', 'los policias venden droga en la colonia'],
    ['acolman', 'la policia me quito mi dinero'],
    ['acolman', '¿donde acuso a un policia?'],
    ['acolman', 'acusar regidor'],
    ['acolman', 'tuve un accidente y el de transito me pidio una mordida'],
    ['acolman', 'el paramedico de la ambulancia me cobro 800 pesos'],
    ['acolman', 'la cajera de catastro me pidio mochada'],
    ['acolman', 'mi patron me acosa en el trabajo y tengo miedo'],
  ] as const)('at %s, %j, is never only answered, and not counted', (name, text) => {
    const talk = talkWith(name === 'conavi' ? conavi : acolman);
    talk.text(text);
    expect([talk.said, isInvited(talk)]).toEqual([talk.said, true]);
    expect(talk.noted).toBeUndefined();
  });

  it('is heard after any answer: no vote swallows it', () => {
    for (const text of [
      'no me sirvio, me pidieron mordida',
      '👎 el policia me pidio dinero',
      'no era eso, el regidor me amenazo',
      'no me ayudan me piden dinero',
      'si no pago no me ayudan, quieren dinero',
    ]) {
      const talk = talkWith(acolman);
      talk.text('alumbrado publico', text);
      expect([text, isInvited(talk), talk.noted]).toEqual([text, true, undefined]);
    }
  });

  it('is heard after many questions that found no single answer', () => {
    const talk = talkWith(acolman);
    for (const text of ['¿dan becas?', '¿dan semillas?', '¿dan cobijas?', '¿dan pollos?', '¿dan árboles?'])
      talk.text(text);
    talk.text('el director de obras me pidio una mordida para pavimentar');
    expect(isInvited(talk)).toBe(true);
  });

  it('begins a report when the wish is spelled as people spell it', () => {
    for (const text of [
      'nesecito denunsiar a un funcionario d ustedes',
      'kiero denunciar',
      'voy a denunciarlos',
      'ocupo poner una queja',
      'quiero denunciar a un funcionario',
    ]) {
      const talk = talkWith();
      talk.text(text);
      expect([text, talk.titles]).toEqual([text, ['Acepto', 'No acepto']]);
    }
  });

  it('with danger in it is shown who helps, and counts nothing', () => {
    for (const text of ['mi esposo me quiere matar', 'me van a matar en el palacio municipal']) {
      const talk = talkWith(acolman);
      talk.text('alumbrado', text);
      expect(talk.messages[0]!.body).toBe(TEXTS.danger(acolman));
      expect(talk.noted).toBeUndefined();
    }
  });
});

describe('messages that mean nothing here', () => {
  it('of signs and other scripts choose nothing', () => {
    for (const text of ['🙏', '💧', '举报', '?', '…']) {
      const talk = talkWith(acolman);
      talk.text('quien hace piñatas', text);
      expect([text, talk.noted, talk.state?.draft]).toEqual([text, undefined, undefined]);
    }
  });

  it('of another bot are met with silence, however well they are understood', () => {
    const talk = talkWith();
    let counted = 0;
    for (let n = 0; n < 50; n++) {
      talk.text('Requisitos: ¿cuál es tu duda?');
      if (talk.noted) counted += 1;
    }
    expect(talk.heard.length).toBeLessThanOrEqual(3);
    expect(counted).toBeLessThanOrEqual(3);
  });

  it('of a later day are no vote', () => {
    const talk = talkWith();
    talk.text('requisitos', '¿puede ser anónima?', 'si');
    expect(talk.noted).toBeUndefined();
  });

  it('of the typed way out are not kept as a question', () => {
    const talk = talkWith(acolman);
    talk.text('¿dónde venden piñatas en la feria?', SPANISH.none);
    expect(talk.noted).toEqual({
      what: 'unanswered',
      question: '¿dónde venden piñatas en la feria?',
      language: 'es-MX',
    });
  });
});

describe('questions without an answer', () => {
  it.each(['¿dan despensas para adultos mayores?', 'cuanto cuesta el pasaporte', 'a que hora vacunan'])(
    '%j is noted',
    (text) => {
      expect(questionToNote(text)).toBe(text);
    },
  );

  it.each([
    'me llamo Juan y quiero saber si dan despensas',
    '¿mi esposo puede cobrar mi pensión?',
    '¿pueden ir a mi domicilio en Hidalgo 45?',
    '¿mi CURP es GOMC800101HDFABC09?',
    'mi número es 55 1234 5678 ¿me llaman?',
    '¿escriben a ana@ejemplo.mx?',
    '¿es normal que el director pida mordida?',
    '¿qué hago si me amenazan?',
    '¿a quién le digo que el regidor roba?',
    'ayer fui a la ventanilla y nadie me atendió en toda la mañana',
    '¿por que Pedro Lopez vende plazas?',
    '¿el contador ramirez lava dinero?',
    '¿que hago si el sindico me toca?',
    '¿es delito que nos pidan quincena?',
    'Juan Perez Soto',
    'promotora transa',
    'quiero acusar',
    '¿como demando al municipio?',
    '¿me pueden correr por hablar?',
    '¿a quien le digo que se quedan con las tarjetas?',
    '¿ayudan si tengo sida?',
    '¿donde hacen abortos?',
    'how do I accuse an officer?',
    'can I report a bribe?',
    '¿que hace la escuela Benito?',
    'x',
    '¿'.repeat(130),
  ])('%j is not: it may tell of a person or a case', (text) => {
    expect(questionToNote(text)).toBeUndefined();
  });

  it('are told that they are noted, and only then they are', () => {
    const talk = talkWith(acolman);
    for (let n = 0; n < 6; n++) {
      talk.text('¿dan pasaportes?');
      expect(talk.noted !== undefined).toBe(talk.said.includes(SPANISH.noAnswer));
    }
    expect(talk.messages).toEqual([]);
  });

  it('are not noted for an institution that has published no menu', () => {
    const talk = new Talk();
    talk.text('¿dan pasaportes?');
    expect(talk.noted).toBeUndefined();
    expect(talk.said).not.toContain('Anotamos');
  });
});

describe('another language', () => {
  it('is asked for by its name, stays, and answers in it', () => {
    const talk = talkWith();
    talk.text('English');
    expect(talk.titles).toContain('Requirements');
    talk.text('what documents do I need?');
    expect(talk.said).toContain('Official identification');
    expect(talk.titles).toEqual(['👍 Helpful', '👎 Not helpful', 'Menu']);
    talk.text('menu');
    expect(talk.titles).toContain('How to apply');
    talk.tap('File a report');
    expect(talk.said).toContain('in Spanish');
    talk.tap('Acepto');
    expect(talk.state?.language).toBe('en');
  });

  it('is understood without asking for it', () => {
    const talk = talkWith();
    talk.text('how can I apply for a subsidy?');
    expect(talk.said).toContain('Nobody may ask you for money');
  });
});

describe('beside a report that has begun', () => {
  it('the menu answers, counts nothing, and leads back', () => {
    const talk = talkWith().begin('Anónima');
    talk.text('Me pidieron dinero en la ventanilla tres.');
    talk.text('menu');
    talk.tap('Requisitos');
    expect(talk.said).toContain('Identificación oficial');
    expect(talk.titles).toEqual(['Continuar', 'Menú']);
    expect(talk.noted).toBeUndefined();
    talk.tap('Continuar');
    expect(talk.state?.draft?.pieces).toHaveLength(1);
    expect(talk.state?.step).toBe('narrative');
  });

  it('free words are part of the account, whatever options they name', () => {
    const talk = talkWith().begin('Anónima');
    talk.text('que papeles piden, requisitos');
    expect(talk.state?.draft?.pieces).toHaveLength(1);
    expect(talk.noted).toBeUndefined();
  });

  it('an old vote counts nothing', () => {
    const talk = talkWith();
    talk.text('requisitos');
    talk.text('denunciar');
    talk.tap('👍 Me sirvió');
    expect(talk.noted).toBeUndefined();
    expect(talk.state?.draft).toBeDefined();
  });
});
