import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LIMITS, limitViolations, textMessages, type OutgoingMessage } from './messages.js';

const option = (id: string, title = id): { id: string; title: string } => ({ id, title });

describe('limits of outgoing messages', () => {
  it.each<[string, OutgoingMessage]>([
    ['an empty text', { kind: 'text', body: ' ' }],
    ['a text of 4,097', { kind: 'text', body: 'x'.repeat(4097) }],
    ['a body of 1,025 with buttons', { kind: 'buttons', body: 'x'.repeat(1025), buttons: [option('a')] }],
    ['no button', { kind: 'buttons', body: 'x', buttons: [] }],
    ['four buttons', { kind: 'buttons', body: 'x', buttons: ['a', 'b', 'c', 'd'].map((id) => option(id)) }],
    ['a title of 21', { kind: 'buttons', body: 'x', buttons: [option('a', 'x'.repeat(21))] }],
    ['two equal titles', { kind: 'buttons', body: 'x', buttons: [option('a', 'Sí'), option('b', 'Sí')] }],
    ['two equal ids', { kind: 'buttons', body: 'x', buttons: [option('a', 'Sí'), option('a', 'No')] }],
    ['a footer of 61', { kind: 'buttons', body: 'x', footer: 'x'.repeat(61), buttons: [option('a')] }],
    ['an id of 257', { kind: 'buttons', body: 'x', buttons: [option('a'.repeat(257), 'a')] }],
    ['a row title of 25', { kind: 'list', body: 'x', button: 'Ver', rows: [option('a', 'x'.repeat(25))] }],
    [
      'eleven rows',
      {
        kind: 'list',
        body: 'x',
        button: 'Ver',
        rows: Array.from({ length: 11 }, (_, row) => option(`${row}`)),
      },
    ],
    ['a list button of 21', { kind: 'list', body: 'x', button: 'x'.repeat(21), rows: [option('a')] }],
  ])('%s is a violation', (_what, message) => {
    expect(limitViolations(message)).toHaveLength(1);
  });

  it('count an emoji as two, the larger of the possible counts', () => {
    expect(limitViolations({ kind: 'text', body: '😡'.repeat(2049) })).toHaveLength(1);
  });

  it('hold for every piece of a long text, of which only blanks are lost', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3000 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(words, (parts) => {
        const body = parts.join(' ');
        fc.pre(body.trim() !== '');
        const messages = textMessages(body);
        expect(messages.flatMap(limitViolations)).toEqual([]);
        const blankless = (text: string): string => text.replace(/\s/g, '');
        expect(blankless(messages.map((message) => message.body).join(''))).toBe(blankless(body));
        for (const message of messages) expect(message.body).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
      }),
    );
  });

  it('cut a text without blanks at the limit', () => {
    expect(textMessages('x'.repeat(LIMITS.textBody + 1)).map(({ body }) => body.length)).toEqual([
      LIMITS.textBody,
      1,
    ]);
  });
});
