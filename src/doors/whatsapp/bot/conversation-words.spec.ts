import { describe, expect, it } from '@jest/globals';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative } from './draft.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');

describe('what is no denuncia', () => {
  it.each([
    '911',
    'ambulancia',
    'Hay un bache enorme en mi calle',
    'no sirve la luminaria',
    'Necesito una ambulancia',
  ])('%j gets the contact text and 911', (text) => {
    const talk = new Talk();
    talk.text(text);
    expect(talk.said).toContain('*911*');
    expect(talk.said).toContain('800 000 0000');
    expect(talk.titles).toEqual(['Presentar denuncia', 'Menú']);
  });

  it.each([
    ['¿Puede ser anónima?', 'Meta'],
    ['¿Qué puedo denunciar?', 'corrupción'],
    ['Seguimiento de folio', 'Por WhatsApp todavía no puedes dar seguimiento'],
    ['Otros temas y 911', '*911*'],
    ['Aviso de privacidad', 'Aviso completo'],
  ])('%s is answered from the menu', (title, words) => {
    const talk = new Talk();
    talk.text('hola');
    talk.tap(title);
    expect(talk.said).toContain(words);
  });

  it('a question in the middle of an account leaves it where it was', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'menú');
    talk.tap('Otros temas y 911');
    expect(talk.titles).toEqual(['Continuar', 'Menú']);
    talk.text('y otra cosa que recordé', '1');
    expect(talk.state?.step).toBe('narrative');
    expect(account(talk)).toBe(`${FACTS}\ny otra cosa que recordé`);
  });

  it('no promise of sealing or of full anonymity is made', () => {
    const talk = new Talk().begin('Confidencial');
    talk.text('menú');
    talk.tap('¿Puede ser anónima?');
    const all = talk.heard.map(({ body }) => body).join('\n');
    expect(all).not.toMatch(/sellad|cifrad|100 ?%|totalmente anónim|nadie sabrá/i);
    expect(all).toContain('nadie que la atienda puede verlo');
  });
});

describe('the wish to report', () => {
  it.each([
    'denuncia',
    'Quiero hacer una denuncia',
    'quisiera presentar una queja, por favor',
    'Hola, quiero denunciar',
    'reportar',
  ])('%j begins with the notice', (text) => {
    const talk = new Talk();
    talk.text(text);
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
  });

  it.each(['me pidieron mordida', 'gracias, ¿cuándo contestan mi denuncia?', 'Hubo un abuso'])(
    'is not read into %j, which is answered and not kept',
    (text) => {
      const talk = new Talk();
      talk.text(text);
      expect(talk.messages).toHaveLength(1);
      expect(talk.unknown).toBe(true);
    },
  );
});

describe('words that always work', () => {
  const stages: [string, (talk: Talk) => void][] = [
    ['nothing', () => undefined],
    ['menu', (talk) => talk.text('hola')],
    ['notice', (talk) => talk.text('denunciar')],
    ['mode', (talk) => talk.text('denunciar', 'acepto')],
    ['narrative', (talk) => talk.begin('Con mis datos')],
    ['name', (talk) => talk.begin('Con mis datos').text(FACTS, 'listo', 'resumen')],
    ['phone', (talk) => talk.begin('Con mis datos').text(FACTS, 'listo', 'resumen', 'Ana')],
    ['confirm', (talk) => talk.begin('Con mis datos').text(FACTS, 'listo', 'resumen', 'Ana', 'si')],
    ['sent', (talk) => talk.begin('Anónima').text(FACTS, 'listo', 'resumen', 'enviar')],
  ];
  const at = (index: number): Talk => {
    const talk = new Talk();
    stages[index]?.[1](talk);
    return talk;
  };

  it.each(stages.map(([name], index) => [name, index] as const))(
    'from %s: cancelar, menú and empezar de nuevo',
    (_name, index) => {
      const canceled = at(index);
      canceled.text('¡Cancelar!');
      if (!canceled.unknown) canceled.text('cancelar');
      expect(canceled.said).toMatch(/borré tu denuncia sin terminar|no hay nada que borrar/);
      expect(canceled.unknown).toBe(true);
      const menu = at(index);
      menu.text('MENU');
      expect(menu.titles).toContain('Presentar denuncia');
      const restarted = at(index);
      restarted.text('Empezar de nuevo');
      expect(restarted.state?.step).toBe('notice');
      expect(JSON.stringify(restarted.state)).not.toContain('ventanilla');
    },
  );

  it.each(stages.map(([name], index) => [name, index] as const))(
    'from %s: ayuda, 911, salir and borrar',
    (_name, index) => {
      for (const [word, answer] of [
        ['Ayuda', '*listo*'],
        ['911', '800 000 0000'],
        ['salir', ''],
        ['borrar', ''],
      ] as const) {
        const talk = at(index);
        talk.text(word);
        expect(talk.messages).toHaveLength(1);
        expect(talk.said).toContain(answer);
      }
    },
  );

  it('salir keeps an unfinished denuncia, and the menu offers to go on with it', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'salir');
    expect(talk.said).toContain(
      'queda guardada; aún no está presentada. Si no la continúas, se borra sola en 72 horas',
    );
    talk.text('menú', '1');
    expect(talk.titles).toEqual(['Continuar', 'Empezar de nuevo', 'Borrar']);
    talk.tap('Continuar');
    expect(account(talk)).toBe(FACTS);
    talk.text('menú', '1');
    talk.tap('Borrar');
    expect(talk.unknown).toBe(true);
  });
});

describe('the menu', () => {
  it('shows the numbers that can be typed, and takes number, title or both', () => {
    for (const typed of ['2', '¿Puede ser anónima?', '2. ¿Puede ser anónima?', '2 puede ser anonima']) {
      const talk = new Talk();
      talk.text('hola');
      const [shown] = talk.messages;
      const rows = shown?.kind === 'list' ? shown.rows.map(({ title }) => title) : [];
      expect(rows.map((title) => title.slice(0, 3))).toEqual(rows.map((_, index) => `${index + 1}. `));
      expect(rows[1]).toBe('2. ¿Puede ser anónima?');
      talk.text(typed);
      expect(talk.said).toContain('Las denuncias pueden ser anónimas');
    }
  });
});

describe('texts longer than a message with buttons', () => {
  it('become text with numbers, of which nothing is lost', () => {
    const notice = Array.from({ length: 900 }, (_, word) => `palabra${word}`).join(' ');
    const talk = new Talk({ ...CONTEXT, privacyNotice: { version: '2026-1', text: notice } });
    talk.text('denunciar');
    expect(talk.messages.length).toBeGreaterThan(1);
    expect(talk.messages.map(({ body }) => body).join(' ')).toContain(notice);
    expect(talk.said).toContain('1. Acepto\n2. No acepto');
    talk.text('1');
    expect(talk.state?.step).toBe('mode');
  });
});

describe('what nobody sees in a message', () => {
  it.each(['s\u200bí', 'SÍ\u202c', 'sí\ufe0f', 'ｓí', '\u2800si\u3164', 'acepto\u00ad'])(
    'does not hide the word: %j',
    (text) => {
      const talk = new Talk();
      talk.text('hola', 'denuncia', text);
      expect(talk.state?.step).toBe('mode');
    },
  );

  it.each(['1', '１', '1\ufe0f\u20e3', '\u200e1', '①', '1ª'])('does not hide the number: %j', (text) => {
    const talk = new Talk();
    talk.text('hola', 'denuncia', text);
    expect(talk.state?.step).toBe('mode');
  });

  it('is no account of facts, however often it is sent', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(
      '\u3164'.repeat(40),
      '\u2800 \u2800'.repeat(20),
      'Hola\u2800\u2800\u2800\u2800\u2800\u2800\u2800',
    );
    talk.text('listo');
    expect(talk.state?.step).toBe('narrative');
    expect(account(talk)).toBe('');
  });

  it('is no name', () => {
    const talk = new Talk().begin('Confidencial');
    talk.text(FACTS, 'listo', 'resumen', '\u3164\u2800');
    expect(talk.state?.draft?.name).toBeUndefined();
    talk.text('\u200bAna\u00a0');
    expect(talk.state?.draft?.name?.text).toBe('Ana');
  });
});
