import { describe, expect, it } from '@jest/globals';
import { Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative } from './draft.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const account = (talk: Talk): string => (talk.state?.draft ? narrative(talk.state.draft) : '');

describe('what needs no answer', () => {
  it('reactions, stickers, groups and system messages change nothing', () => {
    const talk = new Talk().begin('Anónima');
    const before = JSON.stringify(talk.state);
    talk.receive({ type: 'reaction' });
    talk.receive({ type: 'group' });
    talk.receive({ type: 'system', change: 'customer_identity_changed' });
    talk.receive({ type: 'media', media: 'sticker' });
    talk.receive({ type: 'edit', originalMessageId: '-', content: { type: 'reaction' } }, { originalKey: 'key-1' });
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

  it('two bots do not answer each other for ever', () => {
    const talk = new Talk();
    talk.text(...Array.from({ length: 20 }, () => 'Gracias por su mensaje'));
    expect(talk.heard).toHaveLength(3);
    talk.text('menú');
    expect(talk.heard).toHaveLength(4);
  });

  it('thanks after the folio are not answered, and anything else is not added to the denuncia', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo', 'enviar');
    talk.text('otra cosa');
    expect(talk.said).toContain('no se agrega');
    talk.receipt('CNV-2026-7K3M-Q9TX-4', '1234 5678 9012 3456');
    talk.text('¡Gracias!');
    expect(talk.messages).toEqual([]);
    talk.text('olvidé decir algo');
    expect(talk.said).toContain('ya quedó registrada');
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

  it('a second tap on send does not send twice', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, 'listo');
    talk.tap('Enviar denuncia');
    talk.tap('Enviar denuncia');
    expect(talk.submitted).toBeUndefined();
    expect(talk.said).toContain('se está registrando');
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
    ['an unknown step', { step: 'evidence' }],
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
    talk.text(FACTS, 'listo');
    talk.state = { ...talk.state, flowVersion: 0 } as typeof talk.state;
    talk.text('si');
    expect(talk.submitted).toBeUndefined();
    expect(talk.said).toContain('Tienes una denuncia sin terminar');
  });
});
