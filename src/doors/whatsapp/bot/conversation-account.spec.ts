import { describe, expect, it } from '@jest/globals';
import { Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative } from './draft.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');

describe('the account of facts', () => {
  it('that is too short is kept and asked about', () => {
    const talk = new Talk().begin('Anónima');
    talk.text('mordida');
    expect(talk.said).toContain('todavía es muy corto');
    expect(account(talk)).toBe('mordida');
    talk.text('listo');
    expect(talk.said).toContain('todavía es muy corto');
    expect(talk.state?.step).toBe('narrative');
    talk.text('en la ventanilla 3');
    expect(talk.messages).toEqual([]);
    talk.text('listo', 'resumen');
    expect(talk.said).toContain('mordida\nen la ventanilla 3');
  });

  it('is put together in the order of writing, not of arrival', () => {
    const talk = new Talk().begin('Anónima');
    talk.receive({ type: 'text', text: 'segundo mensaje' }, { sentAt: 20 });
    talk.receive({ type: 'text', text: 'primer mensaje' }, { sentAt: 10 });
    expect(account(talk)).toBe('primer mensaje\nsegundo mensaje');
  });

  it('holds 20,000 characters, and says when a message does not fit', () => {
    const talk = new Talk().begin('Anónima');
    for (let piece = 0; piece < 5; piece += 1) talk.text('x'.repeat(3999));
    expect(account(talk)).toHaveLength(19_999);
    talk.text('y');
    expect(talk.said).toContain('no lo guardé');
    expect(talk.said).toContain('20,000');
    expect(account(talk)).toHaveLength(19_999);
    talk.text('listo', 'resumen');
    expect(talk.state?.step).toBe('confirm');
  });

  it('grows with what is written after the summary, which is shown again', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen', 'También pidió mi credencial');
    expect(talk.said).toContain('También pidió mi credencial');
    expect(talk.titles).toContain('Enviar denuncia');
  });

  it('keeps what is written instead of choosing a mode', () => {
    const talk = new Talk();
    talk.text('denunciar', 'acepto', FACTS);
    expect(talk.said).toContain('Guardé lo que escribiste');
    expect(account(talk)).toBe(FACTS);
  });

  it('takes a number or a common word inside it as account', () => {
    const talk = new Talk().begin('Anónima');
    talk.text('1', 'Llamé al 911 y no llegó la ambulancia', 'Quise cancelar mi cita');
    expect(account(talk)).toBe('1\nLlamé al 911 y no llegó la ambulancia\nQuise cancelar mi cita');
  });

  it('changes with an edit, and loses what the person deletes', () => {
    const talk = new Talk().begin('Anónima');
    const first = talk.text(FACTS);
    const second = talk.text('fue el martes');
    talk.edit(second, 'fue el miércoles');
    talk.revoke(first);
    expect(account(talk)).toBe('fue el miércoles');
    talk.text('listo', 'resumen');
    talk.edit(second, 'fue el jueves');
    expect(talk.said).toContain('fue el jueves');
    talk.revoke(second);
    expect(talk.state?.step).toBe('narrative');
  });

  it('obeys an edit and a deletion that arrive before their message', () => {
    const talk = new Talk().begin('Anónima');
    talk.edit('late-1', 'texto corregido');
    talk.receive({ type: 'text', text: 'texto original' }, { key: 'late-1' });
    talk.revoke('late-2');
    talk.receive({ type: 'text', text: 'borrado' }, { key: 'late-2' });
    expect(account(talk)).toBe('texto corregido');
  });

  it('can be corrected from the summary', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen');
    talk.tap('Corregir');
    expect(talk.titles).toEqual(['Listo, continuar', 'Cambiar modalidad', 'Empezar de nuevo']);
    talk.text('Fue en la ventanilla 4', 'listo');
    expect(talk.said).toContain(`${FACTS}\nFue en la ventanilla 4`);
  });
});

describe('a shared place', () => {
  it('is kept', () => {
    const talk = new Talk().begin('Anónima');
    const key = talk.receive({
      type: 'location',
      latitude: 19.6,
      longitude: -98.9,
      description: 'Palacio Municipal',
    });
    talk.text(FACTS, 'listo', 'resumen');
    expect(talk.said).toContain('Ubicación: Palacio Municipal');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.place).toEqual({
      latitude: 19.6,
      longitude: -98.9,
      description: 'Palacio Municipal',
    });
    expect(key).not.toBe('');
  });
});
