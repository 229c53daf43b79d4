import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, decodeWords } from './text-file.js';

const TEXT = 'code;label\r\nOBRA;Señalización\r\nNINEZ;Niñez y atención\r\n';
const bytesOf = (...codes: number[]): Buffer => Buffer.from(codes);
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** What Excel writes on Windows and older ones on a Mac: one byte per letter. */
const inBytes = (text: string, table: Record<string, number>): Buffer =>
  Buffer.from([...text].map((letter) => table[letter] ?? letter.charCodeAt(0)));
const WINDOWS = { ñ: 0xf1, ó: 0xf3, é: 0xe9 };
const MAC = { ñ: 0x96, ó: 0x97, é: 0x8e };

describe('the text of a file', () => {
  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16 of Windows', Buffer.concat([bytesOf(0xff, 0xfe), Buffer.from(TEXT, 'utf16le')])],
    ['UTF-16 of the other order', Buffer.concat([bytesOf(0xfe, 0xff), utf16be(TEXT)])],
  ])('is read from %s', (_, bytes) => {
    expect(decodeWords(bytes, 'areas.csv')).toBe(TEXT);
  });

  it.each([
    ['Windows-1252', inBytes(TEXT, WINDOWS), 2],
    ['Mac Roman', inBytes(TEXT, MAC), 2],
    ['Mac Roman with its line ends', inBytes(TEXT.replaceAll('\r\n', '\r'), MAC), 2],
    ['one wrong byte in UTF-8', Buffer.concat([Buffer.from(TEXT), bytesOf(0xf1), Buffer.from('a\n')]), 4],
    ['UTF-16 without its mark', Buffer.from(TEXT, 'utf16le'), 1],
    [
      'half of UTF-16',
      Buffer.concat([bytesOf(0xff, 0xfe), Buffer.from('a\nb', 'utf16le'), bytesOf(0x41)]),
      2,
    ],
    [
      'half a character in UTF-16',
      Buffer.concat([bytesOf(0xff, 0xfe), Buffer.from('a\n\ud800b', 'utf16le')]),
      2,
    ],
  ])('is not guessed from %s: one line names file and line and how to save it', (_, bytes, line) => {
    expect(() => decodeText(bytes, 'areas.csv')).toThrow(
      new RegExp(
        `^areas\\.csv, line ${line}: it is not in UTF-8\\. Save it as "CSV UTF-8" in Excel .*editor\\.$`,
      ),
    );
  });

  it.each([
    ['U+FFFD', 'Ni\ufffdez', 'a letter was lost'],
    ['UTF-8 once read as Windows-1252', 'NiÃ±ez', '"Ã±" was another letter'],
    ['UTF-8 once read as Mac Roman', 'Ni√±ez', '"√±" was another letter'],
  ])('of words is refused when it lost letters before: %s', (_, word, said) => {
    expect(() => decodeWords(Buffer.from(`code\n${word}\n`), 'areas.csv')).toThrow(
      `areas.csv, line 2: ${said}. Write it again.`,
    );
    expect(decodeText(Buffer.from(word), 'areas.csv')).toBe(word);
  });

  it('is never another text than was written', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !/[\0\ufffd\ufeff]/.test(one));
    fc.assert(
      fc.property(text, (written) => {
        for (const bytes of [
          Buffer.from(written),
          Buffer.concat([bytesOf(0xff, 0xfe), Buffer.from(written, 'utf16le')]),
          Buffer.concat([bytesOf(0xfe, 0xff), utf16be(written)]),
        ])
          expect(decodeText(bytes, 'x')).toBe(written);
      }),
    );
  });
});
