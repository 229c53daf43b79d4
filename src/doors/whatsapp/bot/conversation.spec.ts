import { describe, expect, it } from '@jest/globals';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative } from './draft.js';
import { initialState } from './state.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');

describe('an anonymous denuncia', () => {
  it('goes from the menu over notice, mode and account to its registration, in seven messages', () => {
    const talk = new Talk();
    talk.text('Hola');
    expect(talk.said).toContain('canal de denuncias de la Comisión Nacional de Vivienda');
    expect(talk.titles).toContain('Presentar denuncia');
    talk.tap('Presentar denuncia');
    expect(talk.said).toContain('Aviso completo: https://example.gob.mx/aviso');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
    talk.tap('Acepto');
    expect(talk.said).toContain('no podemos ofrecer anonimato total');
    expect(talk.titles).toEqual(['Anónima', 'Confidencial', 'Con mis datos']);
    talk.tap('Anónima');
    expect(talk.said).toContain('¿Qué pasó?');
    talk.text(FACTS);
    expect(talk.messages).toEqual([]);
    talk.text('Fue el 3 de noviembre', 'El funcionario se llama Juan');
    expect(talk.messages).toEqual([]);
    talk.tap('Listo, continuar');
    expect(talk.titles).toEqual(['Omitir lugar', 'Ir al resumen']);
    talk.tap('Ir al resumen');
    expect(talk.said).toContain(FACTS);
    expect(talk.said).toContain('anónima');
    expect(talk.titles).toEqual(['Enviar denuncia', 'Corregir', 'Cancelar']);
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toEqual({
      mode: 'anonymous',
      narrative: `${FACTS}\nFue el 3 de noviembre\nEl funcionario se llama Juan`,
      privacyNotice: { version: '2026-1', accepted: true },
      language: 'es',
      files: [],
      filesNotKept: 0,
    });
    expect(talk.said).toContain('En uno o dos minutos te llegan aquí tu folio y tu clave');
    expect(talk.said).toContain('ya no se le agrega');
    expect(talk.heard).toHaveLength(7);
  });

  it('leaves the person as unknown as before their first word, once it is sent', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen');
    talk.tap('Enviar denuncia');
    expect(talk.state).toEqual(initialState());
  });

  it('never holds the number, also when it was given first under another mode', () => {
    const talk = new Talk().begin('Con mis datos');
    talk.text(FACTS, 'listo', 'resumen', 'Ana Prueba');
    talk.tap('Sí, usar mi número');
    expect(JSON.stringify(talk.state)).toContain('+525512345678');
    talk.text('modalidad');
    talk.tap('Anónima');
    expect(JSON.stringify(talk.state)).not.toMatch(/5512345678|Ana Prueba/);
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.reporter).toBeUndefined();
  });

  it('can be made with typed words and numbers alone', () => {
    const talk = new Talk();
    talk.text('buenas tardes', '1', '1', '1', FACTS, 'Listo!', 'resumen', '1');
    expect(talk.submitted).toMatchObject({ mode: 'anonymous', narrative: FACTS });
    const other = new Talk();
    other.text('quiero denunciar', 'ACEPTO', 'anonima', FACTS, 'LISTO', 'enviar', 'enviar');
    expect(other.submitted).toMatchObject({ mode: 'anonymous', narrative: FACTS });
  });
});

describe('a denuncia with contact data', () => {
  it.each([
    ['Confidencial', 'confidential'],
    ['Con mis datos', 'identified'],
  ] as const)('%s asks for the name and takes the number only when allowed', (title, mode) => {
    const talk = new Talk().begin(title);
    talk.text(FACTS, 'listo', 'resumen');
    expect(talk.said).toContain('Escribe tu nombre');
    talk.text('Ana Prueba');
    expect(talk.said).toContain('Sólo lo haremos si tú lo autorizas');
    expect(JSON.stringify(talk.state)).not.toContain('5512345678');
    talk.tap('Sí, usar mi número');
    expect(talk.said).toContain('Ana Prueba');
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toMatchObject({ mode, reporter: { name: 'Ana Prueba', phone: '+525512345678' } });
  });

  it('without the number keeps the name only', () => {
    const talk = new Talk().begin('Confidencial');
    talk.text(FACTS, 'listo', 'resumen', 'Ana Prueba');
    talk.tap('No usar mi número');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.reporter).toEqual({ name: 'Ana Prueba' });
  });

  it('without a name keeps the number only', () => {
    const talk = new Talk().begin('Confidencial');
    talk.text(FACTS, 'listo', 'resumen');
    talk.tap('Sin nombre');
    talk.tap('Sí, usar mi número');
    talk.tap('Enviar denuncia');
    expect(talk.submitted?.reporter).toEqual({ phone: '+525512345678' });
  });

  it('needs one of both, or another mode', () => {
    const talk = new Talk().begin('Confidencial');
    talk.text(FACTS, 'listo', 'resumen');
    talk.tap('Sin nombre');
    talk.tap('No usar mi número');
    expect(talk.titles).toEqual(['Sí, usar mi número', 'Cambiar modalidad']);
    talk.text('Ana Prueba');
    expect(talk.state?.step).toBe('confirm');
    expect(talk.state?.draft).toMatchObject({ name: { text: 'Ana Prueba' } });
  });

  it('of somebody whose number WhatsApp hides asks for the name alone', () => {
    const talk = new Talk(CONTEXT, null);
    talk.begin('Con mis datos').text(FACTS, 'listo', 'resumen');
    talk.tap('Sin nombre');
    expect(talk.titles).toEqual(['Cambiar modalidad']);
    talk.text('Ana Prueba');
    expect(talk.state?.step).toBe('confirm');
  });

  it('takes what was written before the account was closed as account, not as name', () => {
    const talk = new Talk().begin('Con mis datos');
    const key = talk.text(FACTS);
    talk.text('listo', 'resumen');
    talk.receive({ type: 'text', text: 'y además me insultó' }, { sentAt: 1_790_000_001 });
    expect(account(talk)).toContain('y además me insultó');
    expect(talk.state?.step).toBe('name');
    talk.text('Ana Pureba');
    talk.edit('key-9', 'Ana Prueba');
    expect(key).toBe('key-5');
    expect(talk.state?.draft?.name).toEqual({ key: 'key-9', text: 'Ana Prueba' });
  });
});

describe('before the notice is accepted', () => {
  it('nothing that is written is kept, and the person is told', () => {
    const talk = new Talk();
    talk.text('Quiero denunciar: me pidieron mordida en la ventanilla 3 / Año 2026 ¿qué hago? 😡');
    expect(talk.said).toContain('todavía no se guardó');
    expect(talk.unknown).toBe(true);
    talk.tap('Presentar denuncia');
    expect(talk.titles).toEqual(['Acepto', 'No acepto']);
    talk.text(FACTS);
    expect(talk.said).toContain('todavía no se guardó');
    expect(JSON.stringify(talk.state)).not.toContain('ventanilla');
  });

  it('a refusal forgets the person and says where else to go', () => {
    const talk = new Talk();
    talk.text('denunciar', 'no acepto');
    expect(talk.unknown).toBe(true);
    expect(talk.said).toContain('800 000 0000');
  });

  it('a notice published meanwhile is asked again, and the account stays', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'resumen');
    const newer = new Talk({ ...CONTEXT, privacyNotice: { version: '2026-2', text: 'Aviso nuevo.' } });
    newer.state = talk.state;
    newer.text('enviar');
    expect(newer.said).toContain('Aviso nuevo.');
    newer.tap('Acepto');
    newer.tap('Enviar denuncia');
    expect(newer.submitted).toMatchObject({ narrative: FACTS, privacyNotice: { version: '2026-2' } });
  });
});
