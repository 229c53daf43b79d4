import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { CANARY } from './canary.js';
import { zip } from './zip.js';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Something to see, which no compressor makes small. */
export async function photograph(width = 640, height = 480): Promise<Sharp> {
  const noise = sharp(randomBytes(64 * 48 * 3), { raw: { width: 64, height: 48, channels: 3 } });
  const pixels = await noise.resize(width, height).raw().toBuffer();
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A chunk of a PNG. */
function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([latin(name), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

/** A few hundred kilobytes that want 1.6 thousand million pixels. */
export function pixelBomb(): Buffer {
  const edge = 40_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge);
  header.writeUInt32BE(edge, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((edge / 8 + 1) * edge), { level: 9 });
  return Buffer.concat([PNG, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

/** Every chunk in which a PNG keeps words, and bytes behind its end. */
export async function talkativePng(): Promise<Buffer> {
  const png = await (await photograph()).png().toBuffer();
  const headerEnd = 8 + 25;
  const words = deflateSync(latin(CANARY));
  const extra = [
    chunk('tEXt', latin(`Author\0${CANARY}`)),
    chunk('zTXt', Buffer.concat([latin('Comment\0\0'), words])),
    chunk('iTXt', latin(`XML:com.adobe.xmp\0\0\0\0\0<x>${CANARY}</x>`)),
    chunk('eXIf', tiff()),
    chunk('iCCP', Buffer.concat([latin(`${CANARY}\0\0`), deflateSync(await displayProfile())])),
    chunk('tIME', Buffer.from([7, 234, 11, 28, 12, 0, 0])),
  ];
  return Buffer.concat([png.subarray(0, headerEnd), ...extra, png.subarray(headerEnd), latin(CANARY)]);
}

async function displayProfile(): Promise<Buffer> {
  const image = await (await photograph(8, 8)).withIccProfile('p3').png().toBuffer();
  return (await sharp(image).metadata()).icc!;
}

/** A segment of a JPEG. */
function segment(mark: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, mark, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** Place, serial number, thumbnail, XMP, IPTC, colour profile, comment, and an archive behind the end. */
export async function talkativeJpeg(): Promise<Buffer> {
  const jpeg = await (await photograph()).withIccProfile('p3').jpeg({ quality: 90 }).toBuffer();
  const extra = [
    segment(0xe1, Buffer.concat([latin('Exif\0\0'), tiff()])),
    segment(
      0xe1,
      latin(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">${CANARY}</x:xmpmeta>`),
    ),
    segment(
      0xed,
      Buffer.concat([
        latin('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x11\x1c\x02\x50\0\x0c'),
        latin(CANARY),
        Buffer.alloc(1),
      ]),
    ),
    segment(0xef, latin(CANARY)),
    segment(0xfe, latin(CANARY)),
  ];
  return Buffer.concat([
    jpeg.subarray(0, 2),
    ...extra,
    jpeg.subarray(2),
    zip([{ name: `${CANARY}.txt`, bytes: latin(CANARY) }]),
  ]);
}

type Entry = readonly [tag: number, type: number, count: number, value: Buffer | number];

/** A TIFF structure as cameras write it: maker, serial number, place, turned by 90 degrees, a thumbnail. */
function tiff(): Buffer {
  const text = (value: string): Buffer => latin(`${value}\0`);
  const serial = text(`SN-${CANARY}`);
  const maker = text(CANARY);
  const place = Buffer.alloc(24);
  for (const [at, value] of [19, 1, 25, 1, 57, 1].entries()) place.writeUInt32LE(value, at * 4);
  const thumbnail = Buffer.concat([
    Buffer.from('ffd8ffe0', 'hex'),
    latin(CANARY),
    Buffer.from('ffd9', 'hex'),
  ]);
  const parts: Buffer[] = [latin('II*\0\x08\0\0\0')];
  const directory = (start: number, entries: readonly Entry[], next: number): Buffer => {
    const table = Buffer.alloc(2 + entries.length * 12 + 4);
    table.writeUInt16LE(entries.length);
    const behind: Buffer[] = [];
    let free = start + table.length;
    for (const [at, [tag, type, count, value]] of entries.entries()) {
      const offset = 2 + at * 12;
      table.writeUInt16LE(tag, offset);
      table.writeUInt16LE(type, offset + 2);
      table.writeUInt32LE(count, offset + 4);
      table.writeUInt32LE(typeof value === 'number' ? value : free, offset + 8);
      if (typeof value === 'number') continue;
      behind.push(value);
      free += value.length;
    }
    table.writeUInt32LE(next, table.length - 4);
    return Buffer.concat([table, ...behind]);
  };
  // Each directory has a place of its own, far enough from the next.
  const [exifAt, gpsAt, smallAt] = [256, 512, 768];
  const at = (start: number, bytes: Buffer): void => {
    const whole = Buffer.concat(parts);
    parts.splice(0, parts.length, whole, Buffer.alloc(start - whole.length), bytes);
  };
  at(
    8,
    directory(
      8,
      [
        [0x010f, 2, maker.length, maker],
        [0x0112, 3, 1, 6],
        [0x8769, 4, 1, exifAt],
        [0x8825, 4, 1, gpsAt],
      ],
      smallAt,
    ),
  );
  at(exifAt, directory(exifAt, [[0xa431, 2, serial.length, serial]], 0));
  at(
    gpsAt,
    directory(
      gpsAt,
      [
        [0x0001, 2, 2, 0x4e],
        [0x0002, 5, 3, place],
      ],
      0,
    ),
  );
  at(
    smallAt,
    directory(
      smallAt,
      [
        [0x0103, 3, 1, 6],
        [0x0201, 4, 1, 1_024],
        [0x0202, 4, 1, thumbnail.length],
      ],
      0,
    ),
  );
  at(1_024, thumbnail);
  return Buffer.concat(parts);
}
