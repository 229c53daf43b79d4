import { describe, expect, it } from '@jest/globals';
import { CONTEXT, Talk } from '../../../../test/support/whatsapp-talk.js';
import { narrative } from './draft.js';
import { TEXTS } from './texts.js';

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';
const DANGER = 'mi esposo me esta golpeando ahorita, ayudenme por favor';

describe('a message that tells of danger', () => {
  it('is answered first with who helps, also before there is a report', () => {
    const talk = new Talk();
    talk.text(DANGER);
    expect(talk.messages[0]!.body).toBe(TEXTS.danger(CONTEXT));
    expect(talk.said).toContain('*Si tú u otra persona están en peligro, llama ahora al 911.*');
    expect(talk.said).toContain('800 000 0000');
    expect(talk.unknown).toBe(true);
  });

  it('is kept in the account, answered once, and makes the report urgent', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(FACTS, DANGER);
    expect(talk.messages[0]!.body).toBe(TEXTS.danger(CONTEXT));
    expect(narrative(talk.state!.draft!)).toBe(`${FACTS}\n${DANGER}`);
    talk.text('me quiere matar');
    expect(talk.messages).toEqual([]);
    talk.text('listo', 'resumen', 'enviar');
    expect(talk.submitted).toMatchObject({ urgent: true });
  });

  it('may be the words below a photo', () => {
    const talk = new Talk().begin('Anónima');
    talk.file({ type: 'media', media: 'image', caption: 'así me dejó mi esposo cuando me golpeó' });
    expect(talk.messages[0]!.body).toBe(TEXTS.danger(CONTEXT));
  });

  it('of an earlier report makes the next one not urgent', () => {
    const talk = new Talk().begin('Anónima');
    talk.text(DANGER, 'empezar de nuevo', 'acepto', 'anónima', FACTS, 'listo', 'resumen', 'enviar');
    expect(talk.submitted).not.toHaveProperty('urgent');
  });

  it.each(['me pidió mordida', 'me amenazó con quitarme el apoyo', FACTS])('%j is none', (text) => {
    const talk = new Talk().begin('Anónima');
    talk.text(text);
    expect(talk.said).not.toContain('llama ahora al 911');
  });
});
