import { afterEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { convert } from '../src/work/evidence/conversion/convert.js';
import { Gate } from '../src/work/evidence/conversion/gate.js';
import { confinement } from '../src/work/evidence/conversion/sandbox.js';
import { findTools } from '../src/work/evidence/conversion/tools.js';
import { typeOf } from '../src/work/evidence/conversion/type-of.js';
import { collect, converted, inPieces, leftovers, mustConvert } from './support/converted.js';
import { HOSTILE_FILES } from './support/hostile-files.js';
import { photograph } from './support/hostile/images.js';

const { PATH } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
});

const IMAGES = HOSTILE_FILES.filter(({ needs }) => needs === undefined);

describe('An image, and what needs no tool', () => {
  it.each(IMAGES)('$name becomes what it may become', async ({ bytes, becomes }) => {
    const result = await converted(await bytes());
    if (typeof becomes !== 'string') {
      expect(result).toEqual({ outcome: 'cannot', ...becomes });
      return;
    }
    if (result.outcome !== 'converted') throw new Error(JSON.stringify(result));
    expect(result.type).toBe(becomes);
    expect(result.bytes.length).toBe(result.length);
    expect(leftovers(result.bytes, result.type)).toEqual([]);
    expect(leftovers(result.thumbnail!, 'image/jpeg')).toEqual([]);
    expect(result.thumbnail!.length).toBeLessThanOrEqual(20_000);
    const { width, height } = await sharp(result.thumbnail).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(320);
  });

  it('stands upright, in sRGB', async () => {
    const turned = await (await photograph(400, 300)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { bytes } = await mustConvert(turned);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 300, height: 400, space: 'srgb' });
  });

  it('that was cut off shows what arrived, and says so', async () => {
    const cut = HOSTILE_FILES.find(({ name }) => name === 'cortada.jpg')!;
    expect(await converted(await cut.bytes())).toMatchObject({ outcome: 'converted', partial: true });
    expect(await mustConvert(await (await photograph()).jpeg().toBuffer())).not.toHaveProperty('partial');
  });

  it.each(['webp', 'gif', 'tiff', 'avif'] as const)('in %s is drawn anew', async (format) => {
    const { type, bytes, tool } = await mustConvert(await (await photograph()).toFormat(format).toBuffer());
    expect({ type, tool }).toEqual({ type: format === 'gif' ? 'image/png' : 'image/jpeg', tool: 'sharp' });
    expect(leftovers(bytes, type)).toEqual([]);
  });

  it('keeps its transparency, and a photograph in a PNG becomes a JPEG', async () => {
    const clear = await (await photograph()).ensureAlpha(0.5).webp().toBuffer();
    expect((await mustConvert(clear)).type).toBe('image/png');
    const large = await (await photograph(2_400, 1_800)).png().toBuffer();
    expect((await mustConvert(large)).type).toBe('image/jpeg');
  });

  it('is not opened as something else than it was found to be', async () => {
    const png = await (await photograph()).png().toBuffer();
    const asJpeg = { type: 'image/jpeg', extension: 'jpg', kind: 'image', executable: false } as const;
    expect(await convert(inPieces(png), asJpeg)).toEqual({ outcome: 'cannot', reason: 'damaged' });
  });

  it('that is larger than anything a telephone makes is not read to its end', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        given += 2 ** 20;
        yield Buffer.alloc(2 ** 20, 0xff);
      }
    }
    const found = await typeOf(await (await photograph()).jpeg().toBuffer());
    expect(await convert(endless(), found)).toEqual({ outcome: 'cannot', reason: 'too-large' });
    expect(given).toBeLessThan(80 * 2 ** 20);
  });

  it('several at once all get their turn', async () => {
    const bytes = await (await photograph()).jpeg().toBuffer();
    const results = await Promise.all(Array.from({ length: 5 }, async () => converted(bytes)));
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('converted'));
  });
});

describe('Without any tool of the system', () => {
  it.each(HOSTILE_FILES)('$name has an outcome', async ({ bytes, becomes, needs }) => {
    process.env.PATH = '/nonexistent';
    expect(await confinement()).toBe('limits');
    const result = await converted(await bytes());
    if (needs)
      expect(result).toEqual({ outcome: 'tool-missing', tool: needs === 'office' ? 'soffice' : 'pdfinfo' });
    else expect(result.outcome).toBe(typeof becomes === 'string' ? 'converted' : 'cannot');
  });

  it('films, sound and photographs of iPhones name what is missing', async () => {
    process.env.PATH = '/nonexistent';
    const film = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2', 'latin1');
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1', 'latin1');
    expect(await converted(film)).toEqual({ outcome: 'tool-missing', tool: 'ffprobe' });
    expect(await converted(heic)).toEqual({ outcome: 'tool-missing', tool: 'heif-convert' });
    expect((await findTools()).map(({ version }) => version)).toEqual(Array(10).fill(null));
  });
});

describe('The one who asks', () => {
  it('is told what the source of the file throws', async () => {
    const found = await typeOf(await (await photograph()).jpeg().toBuffer());
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('ffd8ff', 'hex');
      throw new Error('the store is away');
    }
    await expect(convert(broken(), found)).rejects.toThrow('the store is away');
  });

  it('may throw a result away unread', async () => {
    const found = await typeOf(await (await photograph()).jpeg().toBuffer());
    const result = await convert(inPieces(await (await photograph()).jpeg().toBuffer()), found);
    if (result.outcome !== 'converted') throw new Error(result.outcome);
    await result.dispose();
    await result.dispose();
    expect((await collect(await convert(inPieces(Buffer.alloc(10)), found))).outcome).toBe('cannot');
  });

  it('leaves the queue when it is aborted', async () => {
    const gate = new Gate(1);
    const leave = await gate.enter();
    const controller = new AbortController();
    const waits = gate.enter(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waits).rejects.toThrow('enough');
    leave();
    leave();
    (await gate.enter())();
  });
});
