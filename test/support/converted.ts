import type { Conversion, ConvertedFile } from '../../src/work/evidence/conversion/convert.js';
import { convert } from '../../src/work/evidence/conversion/convert.js';
import { typeOf } from '../../src/work/evidence/conversion/type-of.js';
import { CANARY } from './hostile/canary.js';

/** A result with its bytes read. */
export type Collected = Omit<ConvertedFile, 'bytes' | 'dispose'> & { bytes: Buffer };

/** In pieces, as a store gives it. */
export async function* inPieces(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(
  conversion: Conversion,
): Promise<Collected | Exclude<Conversion, ConvertedFile>> {
  if (conversion.outcome !== 'converted') return conversion;
  const { bytes, dispose: _, ...told } = conversion;
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return { ...told, bytes: Buffer.concat(pieces) };
}

/** From bytes to bytes, as the service would do it. */
export async function converted(bytes: Buffer): Promise<Collected | Exclude<Conversion, ConvertedFile>> {
  return collect(await convert(inPieces(bytes), await typeOf(bytes.subarray(0, 65_536))));
}

/** @throws when it was not converted, with the reason */
export async function mustConvert(bytes: Buffer): Promise<Collected> {
  const result = await converted(bytes);
  if (result.outcome !== 'converted') throw new Error(JSON.stringify(result));
  return result;
}

/**
 * The parts of a file by name, and with them everything that is not allowed in a result: `canary`, or a part
 * that keeps words. Empty when the file is clean.
 */
export function leftovers(bytes: Buffer, type: string): string[] {
  const found = bytes.includes(CANARY) ? ['canary'] : [];
  switch (type) {
    case 'image/jpeg':
      return [...found, ...jpegParts(bytes).filter((part) => !JPEG_PARTS.includes(part))];
    case 'image/png':
      return [...found, ...pngParts(bytes).filter((part) => !PNG_PARTS.includes(part))];
    case 'video/mp4':
    case 'audio/mp4':
      return [
        ...found,
        ...mp4Parts(bytes).filter((part) => /udta|meta|uuid|ilst|chap|tmcd|xyz|loci/.test(part)),
      ];
    case 'application/pdf':
      return [...found, ...pdfWords(bytes).filter((word) => !PDF_WORDS.includes(word))];
    default:
      return found;
  }
}

/** JFIF, tables, frames, scans. Not among them: Exif, XMP, ICC, IPTC, Adobe, comments, trailing bytes. */
const JPEG_PARTS = ['e0', 'db', 'c0', 'c2', 'c4', 'da', 'dd'];

function jpegParts(bytes: Buffer): string[] {
  const parts: string[] = [];
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) return [...parts, `no marker at ${at}`];
    const mark = bytes[at + 1]!;
    if (mark === 0xd9) return at + 2 === bytes.length ? parts : [...parts, 'trailing bytes'];
    parts.push(mark.toString(16));
    at += 2 + bytes.readUInt16BE(at + 2);
    // Behind a scan stand its data, in which 0xff is followed by 0 or a restart.
    if (mark === 0xda)
      while (!(bytes[at] === 0xff && bytes[at + 1] !== 0 && (bytes[at + 1]! & 0xf8) !== 0xd0)) at++;
  }
}

const PNG_PARTS = ['IHDR', 'PLTE', 'tRNS', 'pHYs', 'IDAT', 'IEND'];

function pngParts(bytes: Buffer): string[] {
  const parts: string[] = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12)
    parts.push(bytes.toString('latin1', at + 4, at + 8));
  return parts;
}

function mp4Parts(bytes: Buffer, from = 0, to = bytes.length): string[] {
  const parts: string[] = [];
  for (let at = from; at + 8 <= to;) {
    const [length, name] = [bytes.readUInt32BE(at), bytes.toString('latin1', at + 4, at + 8)];
    parts.push(name);
    if (/^(moov|trak|mdia|minf|stbl|edts|dinf)$/.test(name))
      parts.push(...mp4Parts(bytes, at + 8, at + length));
    if (length < 8) break;
    at += length;
  }
  return parts;
}

const PDF_WORDS = [
  ...['BitsPerComponent', 'Catalog', 'ColorSpace', 'Contents', 'Count', 'DCTDecode', 'DeviceRGB', 'Filter'],
  ...['Height', 'I', 'Image', 'Kids', 'Length', 'MediaBox', 'Page', 'Pages', 'Parent', 'Resources', 'Root'],
  ...['Size', 'Subtype', 'Type', 'Width', 'XObject', 'M', 'Form', 'BBox'],
];

/** Names of a PDF without its images: with them every word by chance would be one. */
function pdfWords(bytes: Buffer): string[] {
  const text = bytes.toString('latin1').replace(/\nstream\n\xff\xd8[^]*?\nendstream/g, '');
  return [...text.matchAll(/\/([A-Za-z]+)/g)].map(([, word]) => word!);
}
