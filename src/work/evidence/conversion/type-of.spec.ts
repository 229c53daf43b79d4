import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HOSTILE_FILES } from '../../../../test/support/hostile-files.js';
import { typeOf } from './type-of.js';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

describe('The type of a file', () => {
  it.each(HOSTILE_FILES)('of $name is $type, whatever it is called', async ({ bytes, type, executable }) => {
    const head = (await bytes()).subarray(0, 65_536);
    expect(await typeOf(head)).toMatchObject({ type, executable: executable ?? false });
  });

  it('is found for any bytes', async () => {
    const marks = [
      'ffd8ff',
      '504b0304',
      '25504446',
      '1a45dfa3',
      '49492a00',
      '4f676753',
      '0000001866747970',
      '494433',
      'd0cf11e0a1b11ae1',
      '89504e470d0a1a0a',
      '52494646',
      '3026b2758e66cf11',
      '',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...marks), fc.uint8Array({ maxLength: 2_048 }), async (mark, rest) => {
        const { type, extension, kind, executable } = await typeOf(Buffer.concat([hex(mark), rest]));
        expect(type).toMatch(/^[\w.+-]+\/[\w.+-]+$/);
        expect(extension).toMatch(/^[\w.-]{1,12}$/);
        expect(executable && kind !== 'other').toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['a Mach-O', hex('cffaedfe07000001')],
    ['a Java class', hex('cafebabe00000034')],
    ['a dex', latin('dex\n035\0')],
    ['a shortcut', hex('4c0000000114020000000000c000000000000046')],
    ['WebAssembly', hex('0061736d01000000')],
    ['a script behind a byte order mark', hex('efbbbf23212f62696e2f7368')],
    [
      'an installer',
      Buffer.concat([hex('d0cf11e0a1b11ae1'), Buffer.alloc(600), hex('84100c0000000000c000000000000046')]),
    ],
  ])('knows %s as something that runs', async (_, bytes) => {
    expect(await typeOf(bytes)).toMatchObject({ kind: 'other', executable: true });
  });

  it.each([
    ['WordDocument', 'doc'],
    ['Workbook', 'xls'],
    ['PowerPoint Document', 'ppt'],
  ])('tells old Office files apart by the stream %s', async (stream, extension) => {
    const bytes = Buffer.concat([
      hex('d0cf11e0a1b11ae1'),
      Buffer.alloc(600),
      Buffer.from(`${stream}\0`, 'utf16le'),
    ]);
    expect(await typeOf(bytes)).toMatchObject({ kind: 'document', extension, executable: false });
  });

  it('is PDF only when the file begins like one', async () => {
    expect((await typeOf(latin('%PDF-1.7\n'))).kind).toBe('pdf');
    expect((await typeOf(latin('\xef\xbb\xbf%PDF-1.7\n'))).kind).toBe('pdf');
    expect((await typeOf(latin('\r\n %PDF-1.7\n'))).kind).toBe('pdf');
    expect((await typeOf(latin('cualquier cosa %PDF-1.7\n'))).kind).toBe('other');
  });

  it('is text only for what can be read', async () => {
    expect((await typeOf(latin('hola\r\n'))).type).toBe('text/plain');
    expect((await typeOf(Buffer.from('\ufeffhola', 'utf16le'))).type).toBe('text/plain');
    // Cut off within a character.
    expect((await typeOf(Buffer.from('año').subarray(0, 2))).type).toBe('text/plain');
    expect((await typeOf(hex('00010203'))).type).toBe('application/octet-stream');
  });

  it('of a TIFF does not hang on where its tags lie', async () => {
    expect(await typeOf(hex('49492a00ffffff00'))).toMatchObject({ type: 'image/tiff', kind: 'image' });
  });
});
