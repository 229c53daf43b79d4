import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Talk } from '../../../../test/support/whatsapp-talk.js';
import { DETAILS, MODES, narrative, type Draft } from './draft.js';
import { step } from './engine.js';
import type { MessageContent } from './messages.js';
import { choiceId } from './rendering.js';
import { ACTIONS, FLOW_VERSION, STEPS, type Action, type ConversationState } from './state.js';
import { TEXTS } from './texts.js';

const tap = (action: Action): MessageContent => ({ type: 'choice', id: choiceId(action), title: action });
/** What ends or empties a draft on purpose. */
const ENDING: readonly Action[] = ['cancel', 'erase', 'restart', 'decline', 'send', 'exit'];

/** Longer than a name, so that each can only be part of the account. */
const piece = fc
  .integer({ min: 0, max: 1e9 })
  .map((number): MessageContent => ({ type: 'text', text: `hecho-${number} `.repeat(12).trim() }));
const noise = fc.constantFrom<MessageContent>(
  { type: 'reaction' },
  { type: 'media', media: 'sticker' },
  { type: 'media', media: 'image' },
  { type: 'media', media: 'voice' },
  { type: 'contacts', count: 2 },
  { type: 'location', latitude: 19.6, longitude: -98.9, description: 'x'.repeat(600) },
  { type: 'unsupported', code: 131051 },
  { type: 'unknown', name: 'order' },
  { type: 'group' },
  { type: 'system', change: 'other' },
  { type: 'choice', id: '0:confirm:send', title: 'Enviar denuncia' },
  { type: 'edit', originalMessageId: '-', content: { type: 'unknown', name: 'x' } },
);
const word = fc
  .constantFrom(
    'menú',
    'ayuda',
    '911',
    'listo',
    'modalidad',
    'continuar',
    'anónima',
    'confidencial',
    'sin nombre',
    'acepto',
  )
  .map((text): MessageContent => ({ type: 'text', text }));
const harmlessTap = fc.constantFrom(...ACTIONS.filter((action) => !ENDING.includes(action))).map(tap);
const anyTap = fc.constantFrom(...ACTIONS).map(tap);
const anyText = fc
  .string({ unit: 'binary', maxLength: 300 })
  .map((text): MessageContent => ({ type: 'text', text }));

/** Every text of the person that a draft holds, wherever. */
function keptIn(draft: Draft): string[] {
  const answers = Object.values(draft.details ?? {}).flatMap(({ text }) => text ?? []);
  return [...narrative(draft).split('\n'), ...answers];
}

describe('any order of messages', () => {
  it('never loses a piece of the account or a file before it is cancelled or sent', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, noise, word, harmlessTap), { maxLength: 40 }), (contents) => {
        const talk = new Talk().begin('Anónima');
        const written: string[] = [];
        const sent: string[] = [];
        for (const content of contents) {
          const accepted = talk.state?.draft?.noticeVersion !== undefined;
          if (accepted && content.type === 'text' && content.text.startsWith('hecho'))
            written.push(content.text);
          const before = talk.state?.draft?.details;
          const key = talk.receive(content);
          // Whoever goes back and answers again corrects the answer.
          const corrected = DETAILS.flatMap((name) => {
            const [old, now] = [before?.[name]?.text, talk.state?.draft?.details?.[name]?.text];
            return old !== undefined && now !== undefined && now !== old ? [old] : [];
          });
          for (const old of corrected) written.splice(written.indexOf(old), written.includes(old) ? 1 : 0);
          if (accepted && content.type === 'media' && content.media !== 'sticker')
            sent.push(`file of ${key}`);
          const { submitted, state } = talk;
          const files = (submitted ?? state?.draft)?.files.map(({ id }) => id) ?? [];
          expect(files).toEqual(sent);
          if (submitted) break;
          expect(state?.draft ? keptIn(state.draft) : []).toEqual(expect.arrayContaining(written));
        }
      }),
    );
  });

  it('always leaves a state that reacts to cancelar, and after it nothing of the draft', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, noise, word, anyTap, anyText), { maxLength: 25 }), (contents) => {
        const talk = new Talk();
        for (const content of contents) talk.receive(content);
        talk.text('cancelar');
        expect(talk.messages.length).toBeGreaterThan(0);
        talk.text('cancelar');
        expect(talk.unknown).toBe(true);
      }),
    );
  });

  it('means the same with a draft, whether what comes without one is remembered or not', () => {
    const talks = fc.array(fc.oneof(piece, noise, word, anyTap, anyText), { maxLength: 25 });
    fc.assert(
      fc.property(talks, (contents) => {
        const remembered = new Talk();
        const forgotten = new Talk(undefined, undefined, true);
        for (const content of contents) {
          remembered.receive(content);
          forgotten.receive(content);
          expect(forgotten.state?.draft).toEqual(remembered.state?.draft);
          expect(forgotten.submitted && { ...forgotten.submitted, filesNotKept: 0 }).toEqual(
            remembered.submitted && { ...remembered.submitted, filesNotKept: 0 },
          );
        }
      }),
    );
  });

  it('sends a report that intake takes, and keeps nothing of it', () => {
    const talks = fc.array(fc.oneof(piece, noise, word, anyTap), { maxLength: 25 });
    fc.assert(
      fc.property(talks, fc.option(fc.constant('+525512345678')), (contents, phone) => {
        const talk = new Talk(undefined, phone);
        for (const content of contents) {
          talk.receive(content);
          const report = talk.submitted;
          if (!report) continue;
          if (!report.voice) expect(report.narrative!.length).toBeGreaterThanOrEqual(10);
          expect((report.narrative ?? '').length).toBeLessThanOrEqual(20_000);
          expect(MODES).toContain(report.mode);
          if (report.mode === 'anonymous') expect(report.reporter).toBeUndefined();
          else expect(report.reporter?.name ?? report.reporter?.phone).toBeDefined();
          expect(talk.state?.draft).toBeUndefined();
        }
      }),
    );
  });

  it('in anonymous mode never brings the number into the state', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, noise, word, anyTap), { maxLength: 25 }), (contents) => {
        const talk = new Talk();
        for (const content of contents) {
          talk.receive(content);
          if (talk.state?.draft?.mode === 'anonymous')
            expect(JSON.stringify(talk.state)).not.toContain('5512345678');
        }
      }),
    );
  });

  it('answers an album of any size with one message', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 30 }), (progress, photos) => {
        const talk = new Talk();
        talk.text(
          ...['hola', 'denunciar', 'acepto', 'anónima', 'me pidieron dinero', 'listo'].slice(0, progress),
        );
        const heard = talk.heard.length;
        for (let photo = 0; photo < photos; photo += 1) talk.file();
        const kept = talk.state?.draft?.noticeVersion === undefined ? 0 : photos;
        expect(talk.state?.draft?.files ?? []).toHaveLength(kept);
        if (talk.patience === 20) talk.wait();
        expect(talk.heard.length).toBe(heard + 1);
      }),
    );
  });

  it('says once of contacts that they are not kept and once of what it cannot read, in whatever order they come', () => {
    const passing = fc.constantFrom<MessageContent>({ type: 'contacts', count: 1 }, { type: 'unsupported' });
    fc.assert(
      fc.property(fc.array(passing, { maxLength: 12 }), (contents) => {
        const talk = new Talk().begin('Anónima');
        const heard = talk.heard.length;
        for (const content of contents) talk.receive(content);
        const types = [...new Set(contents.map(({ type }) => type))];
        const expected = types.map((type) => (type === 'contacts' ? TEXTS.cardNotKept : TEXTS.unreadable));
        expect(talk.heard.slice(heard).map(({ body }) => body)).toEqual(expected);
      }),
    );
  });
});

describe('any stored state', () => {
  const damaged = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        flowVersion: fc.oneof(fc.constant(FLOW_VERSION), fc.jsonValue()),
        step: fc.oneof(fc.constantFrom<unknown>(...STEPS), fc.jsonValue()),
        options: fc.oneof(fc.array(fc.constantFrom<unknown>(...ACTIONS)), fc.jsonValue()),
        misses: fc.jsonValue(),
        told: fc.jsonValue(),
        filesNotKept: fc.jsonValue(),
        filesLost: fc.jsonValue(),
        draft: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              pieces: fc.oneof(
                fc.array(fc.jsonValue()),
                fc.constant([{ key: 'k', text: 'un hecho completo', at: 1 }]),
              ),
              files: fc.oneof(fc.jsonValue(), fc.constant([{ key: 'k', id: 'f', media: 'image' }])),
              filesDone: fc.jsonValue(),
              details: fc.jsonValue(),
              revoked: fc.jsonValue(),
              mode: fc.oneof(fc.constantFrom<unknown>(...MODES), fc.jsonValue()),
              noticeVersion: fc.oneof(fc.constant('2026-1'), fc.jsonValue()),
              closedAt: fc.oneof(fc.constant(5), fc.jsonValue()),
              name: fc.jsonValue(),
              place: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    ),
  );

  it('is taken without an error, and cancelar still works', () => {
    fc.assert(
      fc.property(damaged, fc.oneof(piece, noise, anyTap, anyText), (saved, content) => {
        const talk = new Talk();
        talk.state = saved as ConversationState;
        talk.receive(content);
        talk.text('cancelar');
        expect(talk.messages.length).toBeGreaterThan(0);
      }),
    );
  });

  it('is not changed by the step itself', () => {
    const { context, state } = new Talk().begin('Anónima');
    const before = JSON.stringify(state);
    step(state, { key: 'k', content: { type: 'text', text: 'me pidieron dinero' } }, context);
    expect(JSON.stringify(state)).toBe(before);
  });
});
