import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { PdfWriter } from '../src/work/evidence/conversion/cage/pdf-writer.js';
import type { Scratch } from '../src/work/evidence/conversion/cage/scratch.js';
import { mark } from '../src/work/evidence/conversion/convert.js';
import { PDF_HEAD, PDF_TAIL, pdfMark } from '../src/work/evidence/conversion/mark-pdf.js';
import { confinement } from '../src/work/evidence/conversion/sandbox.js';
import { markWords } from '../src/work/evidence/marked-copy.js';
import { collect, inPieces, leftovers, mustConvert, type Collected } from './support/converted.js';
import { photograph } from './support/hostile/images.js';
import { pagesPdf } from './support/hostile/pdfs.js';

const WORDS = markWords({
  folio: 'CNV-2026-7K3M-Q9TZ-4',
  number: 3,
  email: 'investigador@conavi.demo',
  at: '2026-11-20T10:15:30-06:00',
});

async function marked(
  bytes: Buffer,
  type = 'image/png',
  words: readonly string[] = WORDS,
): Promise<Collected> {
  const extension = type === 'image/png' ? 'png' : 'jpg';
  const result = await collect(await mark(inPieces(bytes), { type, extension }, words));
  if (result.outcome !== 'converted') throw new Error(JSON.stringify(result));
  return result;
}

describe('The mark of a picture', () => {
  it('says file, case, account and minute, in the zone of the institution', () => {
    expect(WORDS).toEqual([
      'CNV-2026-7K3M-Q9TZ-4',
      'prueba 3',
      'investigador@conavi.demo',
      '2026-11-20 10:15 -06:00',
    ]);
    const email = `${'muy-largo.'.repeat(20)}@conavi.demo`;
    const [, , account] = markWords({ folio: 'X', number: 1, email, at: '2026-11-20T10:15:30.123Z' });
    expect(account).toHaveLength(60);
  });

  it('fits below the tallest picture that there can be', async () => {
    const tall = await sharp({ create: { width: 300, height: 65_500, channels: 3, background: '#356' } })
      .jpeg()
      .toBuffer();
    const copy = await mustConvert(tall);
    expect(copy.type).toBe('image/jpeg');
    const { bytes } = await marked(copy.bytes, 'image/jpeg');
    const { height } = await sharp(bytes).metadata();
    expect(height).toBeGreaterThan((await sharp(copy.bytes).metadata()).height);
  });

  it.each([
    [640, 480],
    [4000, 3000],
    [60, 60],
    [1, 1],
    [1500, 8],
    [8, 1500],
  ])('of %d x %d pixels stands below it and hides nothing', async (width, height) => {
    const picture = await (await photograph(width, height)).png().toBuffer();
    const { bytes, type } = await marked(picture);
    expect(type).toBe('image/png');
    expect(leftovers(bytes, type)).toEqual([]);
    const size = await sharp(bytes).metadata();
    expect(size.width).toBe(Math.max(width, 400));
    expect(size.height).toBeGreaterThan(height);
    const above = await sharp(bytes)
      .extract({ left: 0, top: 0, width, height })
      .removeAlpha()
      .raw()
      .toBuffer();
    expect(above.equals(await sharp(picture).raw().toBuffer())).toBe(true);
    // Black letters on white, inside of the picture.
    const below = sharp(bytes).extract({
      left: 0,
      top: height,
      width: size.width,
      height: size.height - height,
    });
    const grey = await below.clone().greyscale().raw().toBuffer({ resolveWithObject: true });
    const dark = grey.data.filter((value) => value < 100).length;
    expect(dark).toBeGreaterThan(200);
    expect(dark).toBeLessThan(grey.data.length / 3);
    const edge = await below
      .clone()
      .greyscale()
      .extract({ left: size.width - 4, top: 0, width: 4, height: grey.info.height })
      .raw()
      .toBuffer();
    expect(Math.min(...edge)).toBeGreaterThan(200);
  });

  it('differs with every word of it', async () => {
    const picture = await (await photograph(500, 100)).png().toBuffer();
    const one = (await marked(picture)).bytes;
    for (const [at, other] of [
      'CNV-2026-7K3M-Q9TZ-5',
      'prueba 4',
      'otra@conavi.demo',
      '2026-11-20 10:16 -06:00',
    ].entries()) {
      const words = WORDS.map((word, index) => (index === at ? other : word));
      expect((await marked(picture, 'image/png', words)).bytes.equals(one)).toBe(false);
    }
    expect((await marked(picture)).bytes.equals(one)).toBe(true);
  });

  it('keeps a JPEG a JPEG, a PNG that one can see through a PNG, and signs that are markup', async () => {
    const jpeg = await (await photograph(800, 600)).jpeg().toBuffer();
    const markup = await marked(jpeg, 'image/jpeg', ['<b>&amp;</b>', '</span>"\'', 'á·ñ@x.mx', '…']);
    expect(await sharp(markup.bytes).metadata()).toMatchObject({
      format: 'jpeg',
      width: 800,
      hasProfile: false,
    });
    expect(leftovers(markup.bytes, 'image/jpeg')).toEqual([]);
    const glass = { r: 0, g: 0, b: 0, alpha: 0.2 };
    const png = await sharp({ create: { width: 300, height: 50, channels: 4, background: glass } })
      .png()
      .toBuffer();
    expect(await sharp((await marked(png)).bytes).metadata()).toMatchObject({
      format: 'png',
      hasAlpha: true,
    });
  });

  it('stands in no list of processes, which every user of the machine may read', async () => {
    const picture = await (await photograph(3000, 2000)).png().toBuffer();
    let over = false;
    let looks = 0;
    const working = marked(picture).finally(() => (over = true));
    while (!over) {
      const lines = readdirSync('/proc').flatMap((pid) => {
        try {
          return [
            readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
            readFileSync(`/proc/${pid}/environ`, 'latin1'),
          ];
        } catch {
          return [];
        }
      });
      expect(
        lines.filter((line) => line.includes('child.js') && /7K3M-Q9TZ|investigador/.test(line)),
      ).toEqual([]);
      looks += lines.some((line) => line.includes('child.js')) ? 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await working;
    expect(looks).toBeGreaterThan(0);
  });

  it('is written where no cage can be made, as in the unit of the API', async () => {
    const { PATH } = process.env;
    try {
      process.env.PATH = '/nonexistent';
      expect(await confinement()).toBe('limits');
      const picture = await (await photograph(500, 100)).png().toBuffer();
      expect(await sharp((await marked(picture)).bytes).metadata()).toMatchObject({ width: 500 });
    } finally {
      process.env.PATH = PATH;
    }
  });

  it('is refused for what is no picture', async () => {
    const result = await mark(
      inPieces(Buffer.from('no picture')),
      { type: 'image/jpeg', extension: 'jpg' },
      WORDS,
    );
    expect(result).toMatchObject({ outcome: 'cannot', reason: 'damaged' });
  });
});

describe('The mark of a PDF', () => {
  const written = async (): Promise<Buffer> => {
    const pieces: Buffer[] = [];
    const writer = new PdfWriter({
      write: (bytes: Uint8Array) => pieces.push(Buffer.from(bytes)),
    } as unknown as Scratch);
    const jpeg = await (await photograph(60, 80)).jpeg().toBuffer();
    for (const [shownWidth, shownHeight] of [
      [595, 842],
      [842, 595],
      [120, 400],
    ] as const)
      writer.add({ jpeg, width: 60, height: 80, shownWidth, shownHeight });
    writer.end();
    return Buffer.concat(pieces);
  };
  const update = (pdf: Buffer, text: string): Buffer =>
    pdfMark({ head: pdf.subarray(0, PDF_HEAD), tail: pdf.subarray(-PDF_TAIL) }, pdf.length, text);

  it('is appended, replaces the empty object that each page draws, and finds its place again', async () => {
    const pdf = await written();
    const all = Buffer.concat([pdf, update(pdf, WORDS.join(' · '))]).toString('latin1');
    const [, start] = /startxref\n(\d+)\n%%EOF\n$/.exec(all)!;
    const [, offset, size, previous] =
      /^xref\n3 1\n(\d{10}) 00000 n \ntrailer\n<< \/Size (\d+) \/Root 1 0 R \/Prev (\d+) >>/.exec(
        all.slice(Number(start)),
      )!;
    expect(all.slice(Number(offset))).toMatch(/^3 0 obj\n/);
    expect(all.slice(Number(previous))).toMatch(new RegExp(`^xref\n0 ${size}\n`));
    const [, length, drawing] = /\/Length (\d+) >>\nstream\n([^]*?)\nendstream/.exec(
      all.slice(Number(offset)),
    )!;
    expect(drawing).toHaveLength(Number(length));
    expect(drawing).toContain(
      '(CNV-2026-7K3M-Q9TZ-4 · prueba 3 · investigador@conavi.demo · 2026-11-20 10:15 -06:00) Tj',
    );
    expect(all.match(/\/M 3 0 R/g)).toHaveLength(3);
    expect(all.match(/\/M Do/g)).toHaveLength(3);
  });

  it('ends at no sign of a text, and shows a question mark for what the font does not have', async () => {
    const [, text] = /\((.*)\) Tj/.exec(update(await written(), 'a) Tj (b\\ 李…').toString('latin1'))!;
    expect(text).toBe('a\\) Tj \\(b\\\\ ??');
  });

  it('is given to no file that our writer did not write', async () => {
    const pdf = await written();
    expect(() => update(pagesPdf(1), 'x')).toThrow();
    expect(() => update(pdf.subarray(0, -10), 'x')).toThrow();
    expect(() => update(Buffer.concat([pdf, update(pdf, 'x')]), 'x')).toThrow();
  });
});
