import { createRequire } from 'node:module';
import sharp from 'sharp';
import { canRead, prepare, QUALITY } from './image.js';
import { Failure, type Job } from './job.js';
import { MARKED_PIXELS } from './limits.js';

/** Servers have no fonts. This one comes with the service, and is read by its path. */
const FONT = '@fontsource/dejavu-mono/files/dejavu-mono-latin-400-normal.woff';
const FAMILY = 'DejaVu Sans Mono';
/** Width of a letter, as a part of its height in pixels. */
const LETTER = 0.602;
/** Pixels. A narrower picture gets white beside it: the mark must be read. */
const NARROWEST = 400;
/** From this width on the mark is one line. */
const WIDE = 1_000;
/** Pixels of a letter's height. */
const [SMALLEST, LARGEST] = [9, 40];

/**
 * Writes the mark below a picture, on white, so that it hides nothing of it.
 *
 * @param picture bytes that a conversion wrote, never those of a reporter
 * @param words of the mark; a line each where the picture is narrow
 * @throws Failure
 */
export async function markPicture({ type }: Job, picture: Buffer, words: readonly string[]): Promise<Buffer> {
  if (!canRead(type)) throw new Failure('no-converter');
  prepare(type);
  const { width, height } = await sharp(picture, { limitInputPixels: MARKED_PIXELS }).metadata();
  const whole = Math.max(width, NARROWEST);
  const lines = whole >= WIDE ? [words.join(' · ')] : words;
  const longest = Math.max(...lines.map((line) => line.length));
  const fitting = Math.floor((whole * 0.96) / (longest * LETTER));
  const size = Math.min(Math.max(fitting, SMALLEST), LARGEST, Math.max(SMALLEST, Math.round(whole / 60)));
  const { data, info } = await labelOf(lines, size);
  const margin = Math.ceil(size / 2);
  const marked = sharp(picture, { limitInputPixels: MARKED_PIXELS })
    .extend({ right: whole - width, bottom: info.height + 2 * margin, background: '#fff' })
    .composite([
      {
        input: data,
        raw: { width: info.width, height: info.height, channels: info.channels },
        left: margin,
        top: height + margin,
      },
    ]);
  return type === 'image/png'
    ? marked.png({ compressionLevel: 6 }).toBuffer()
    : marked.jpeg({ quality: QUALITY }).toBuffer();
}

/** Black letters on white, as pixels. */
function labelOf(lines: readonly string[], size: number) {
  const fontfile = createRequire(import.meta.url).resolve(FONT);
  // At 72 dots to the inch a point is a pixel.
  const text = { text: lines.map(escaped).join('\n'), font: `${FAMILY} ${size}`, fontfile, dpi: 72 };
  return sharp({ text }).negate().raw().toBuffer({ resolveWithObject: true });
}

/** The library reads markup. */
function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
