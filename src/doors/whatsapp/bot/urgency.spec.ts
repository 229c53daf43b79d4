import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { soundOf } from './language/sounds.js';
import { urgencyBy, urgencyOf } from './urgency.js';
import { URGENT_WORDS } from './urgent-words.js';

const FOLDER = new URL('../../../../test/fixtures/whatsapp/said/', import.meta.url);
const linesOf = (file: string): string[] =>
  readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
const URGENT = linesOf('urgent.tsv').map((line) => line.split('\t') as [kind: string, message: string]);
const OTHERS = linesOf('not-urgent.tsv');

describe('messages of danger', () => {
  it('are many, and so are the others', () => {
    expect(URGENT.length).toBeGreaterThan(500);
    expect(OTHERS.length).toBeGreaterThan(300);
    const kinds = new Set<string>(URGENT_WORDS.kinds.map(({ kind }) => kind));
    expect(URGENT.filter(([kind, message]) => !kinds.has(kind) || !message)).toEqual([]);
  });

  it('are recognised, nearly all', () => {
    const missed = URGENT.filter(([, message]) => urgencyOf(message) === undefined);
    expect(missed.slice(Math.floor(URGENT.length * 0.02))).toEqual([]);
  });

  it('are mostly of the kind that a person would say', () => {
    const other = URGENT.filter(([kind, message]) => urgencyOf(message) !== kind);
    expect(other.length / URGENT.length).toBeLessThan(0.12);
  });

  it('are seldom seen in a report without danger', () => {
    const seen = OTHERS.filter((message) => urgencyOf(message) !== undefined);
    expect(seen.slice(Math.floor(OTHERS.length * 0.02))).toEqual([]);
  });

  it.each([
    ['Me quiero matar', 'life'],
    ['hay un herido', 'life'],
    ['golpearon a mi hija', 'minors'],
    ['me violaron', 'gender'],
    ['me están siguiendo', 'crime'],
    ['me amenazó con matarme si no pago', 'life'],
    ['me amenazó con quitarme el apoyo', undefined],
    ['me amenazó con quitarme el apoyo y con quemar mi casa', 'crime'],
    ['mató el trámite', undefined],
    ['me muero de hambre', undefined],
    ['violaron mis derechos', undefined],
    ['', undefined],
  ])('%j: %s', (message, kind) => {
    expect(urgencyOf(message)).toBe(kind);
  });

  it.each([
    ['sounds of letters', 'me biolaron en los ceparos', 'gender'],
    ['a missing letter', 'nesecito una ambulacia', 'life'],
    ['a letter too many', 'tienen secuestrrado a mi primo', 'crime'],
    ['neighbours that changed places', 'me secuetsraron', 'crime'],
    ['capitals and accents', '¡ME ESTÁN GOLPEANDO!', 'life'],
    ['unseen characters', 'me vio\u200blaron', 'gender'],
  ])('are recognised with %s', (_what, message, kind) => {
    expect(urgencyOf(message)).toBe(kind);
  });

  it('count although they are denied, and although they are past', () => {
    expect(urgencyOf('no me golpearon')).toBe('life');
    expect(urgencyOf('hace años me violaron')).toBe('gender');
  });

  it('are found in the middle of a long account', () => {
    for (const [, urgent] of URGENT.slice(0, 50)) {
      expect(urgencyOf([...OTHERS.slice(0, 20), urgent, ...OTHERS.slice(20, 40)].join('\n'))).toBeDefined();
    }
  });

  it('are looked for quickly, however long and strange a text is', () => {
    const texts = [
      OTHERS.join(' ').slice(0, 20_000),
      'hijo golpe '.repeat(2_000),
      'a '.repeat(10_000),
      'ñ'.repeat(20_000),
    ];
    for (const text of texts) {
      const start = performance.now();
      urgencyOf(text);
      expect(performance.now() - start).toBeLessThan(3_000);
    }
  });

  it('are no error for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => [urgencyOf(text), undefined].length === 2),
    );
  });
});

describe('the list of words', () => {
  const parts = URGENT_WORDS.kinds.flatMap(({ lines }) => lines).concat(URGENT_WORDS.harmless);

  it('has the day of its last change', () => {
    expect(URGENT_WORDS.version).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it('is plain: lower case without accents', () => {
    const all = [...parts, ...Object.values(URGENT_WORDS.lists)];
    expect(all.filter((line) => !/^[a-z0-9|@*!, +>]+$/.test(line))).toEqual([]);
  });

  it('gives no line twice, and each line can be met', () => {
    for (const { lines } of URGENT_WORDS.kinds) expect(new Set(lines).size).toBe(lines.length);
    const met = (line: string): boolean =>
      urgencyBy({ ...URGENT_WORDS, harmless: [], kinds: [{ kind: 'life', lines: [line] }] })(saying(line)) ===
      'life';
    expect(URGENT_WORDS.kinds.flatMap(({ lines }) => lines).filter((line) => !met(line))).toEqual([]);
  });

  it('cuts no word behind a letter whose sound hangs on the next one', () => {
    const stems = [...parts, ...Object.values(URGENT_WORDS.lists)].flatMap(
      (line) => line.match(/[a-z]+(?=\*)/g) ?? [],
    );
    expect(stems.filter((stem) => /[cq]$/.test(stem))).toEqual([]);
  });

  it('is heard as it sounds', () => {
    expect(soundOf('violaron')).toBe(soundOf('biolaron'));
    expect(soundOf('quemaron')).toBe(soundOf('kemaron'));
    expect(soundOf('cerraron')).not.toBe(soundOf('quemaron'));
    expect(soundOf('balacera')).toBe(soundOf('valasera'));
  });

  /** The first words that a line takes. */
  function saying(line: string): string {
    const word = (place: string): string => {
      const [first = ''] = place.split('|');
      return first.startsWith('@')
        ? word(URGENT_WORDS.lists[first.slice(1)] ?? '')
        : first.replace(/[*!]$/, '');
    };
    return line
      .split(' + ')
      .map((part) => (part.split(', ')[0] ?? '').split(' ').map(word).join(' '))
      .join(' ');
  }
});
