import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { Failure } from './job.js';
import { PIXELS, THUMBNAIL_BYTES, THUMBNAIL_EDGE } from './limits.js';

/** The only reader of libvips that may look at a file of this type. All others are switched off. */
const READERS: Record<string, string> = {
  'image/jpeg': 'VipsForeignLoadJpeg',
  'image/png': 'VipsForeignLoadPng',
  'image/apng': 'VipsForeignLoadPng',
  'image/webp': 'VipsForeignLoadWebp',
  'image/gif': 'VipsForeignLoadNsgif',
  'image/tiff': 'VipsForeignLoadTiff',
  'image/avif': 'VipsForeignLoadHeif',
};
/** Drawings and pictures of a screen: letters stay sharp, so the result stays a PNG. */
const DRAWINGS = ['image/png', 'image/apng', 'image/gif'];
/** Bytes. A larger PNG is a photograph and becomes a JPEG. */
const LARGEST_DRAWING = 4_000_000;
export const QUALITY = 85;
/** Pixels of a JPEG's longer side. The format ends at 65,500, and the mark stands below the picture. */
const TALLEST = 64_000;

export interface Picture {
  type: 'image/jpeg' | 'image/png';
  extension: 'jpg' | 'png';
  bytes: Buffer;
  thumbnail: Buffer;
  /** The file was broken and only a part of it is shown. */
  partial: boolean;
}

/** Every worker thread of libvips costs memory; one conversion is no reason to stop the machine. */
export function prepare(type?: string): void {
  sharp.concurrency(2);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  if (type !== undefined) sharp.unblock({ operation: [READERS[type]!] });
}

export function canRead(type: string): boolean {
  return type in READERS;
}

/**
 * Draws an image anew: upright, in sRGB, without anything but its pixels. Of several frames it takes the
 * first.
 *
 * @throws Failure
 */
export async function draw(bytes: Buffer, type: string): Promise<Picture> {
  try {
    return await drawn(bytes, type, 'error');
  } catch (error) {
    if (error instanceof Failure) throw error;
    // A telephone that lost its line sent the upper part of a photograph. That part is evidence.
    try {
      return { ...(await drawn(bytes, type, 'none')), partial: true };
    } catch (again) {
      throw again instanceof Failure ? again : new Failure('damaged', String(again));
    }
  }
}

async function drawn(bytes: Buffer, type: string, failOn: SharpOptions['failOn']): Promise<Picture> {
  const open = (): Sharp =>
    sharp(bytes, { limitInputPixels: PIXELS, failOn, sequentialRead: true, pages: 1 })
      .autoOrient()
      .toColourspace('srgb');
  const { width, height, hasAlpha } = await sharp(bytes, { limitInputPixels: false, failOn }).metadata();
  if (width * height > PIXELS) throw new Failure('too-large', `${width} x ${height} pixels`);
  if (hasAlpha || DRAWINGS.includes(type)) {
    const png = await open().png({ compressionLevel: 6 }).toBuffer();
    if (hasAlpha || png.length <= LARGEST_DRAWING)
      return {
        type: 'image/png',
        extension: 'png',
        bytes: png,
        thumbnail: await thumbnailOf(png, 'image/png'),
        partial: false,
      };
  }
  // A taller one would have no place for its mark. Orientation may turn the sides.
  const tall = Math.max(width, height) > TALLEST;
  const jpeg = await (tall ? open().resize(TALLEST, TALLEST, { fit: 'inside' }) : open())
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return {
    type: 'image/jpeg',
    extension: 'jpg',
    bytes: jpeg,
    thumbnail: await thumbnailOf(jpeg, 'image/jpeg'),
    partial: false,
  };
}

/**
 * A JPEG of at most 320 pixels and 20 kB.
 *
 * @param picture bytes that this program wrote, never those of a reporter
 */
export async function thumbnailOf(picture: Buffer, type: string): Promise<Buffer> {
  sharp.unblock({ operation: [READERS[type]!] });
  const small = async (edge: number, quality: number): Promise<Buffer> =>
    sharp(picture, { limitInputPixels: PIXELS })
      .resize(edge, edge, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .jpeg({ quality, mozjpeg: true })
      .toBuffer();
  for (const [edge, quality] of [
    [THUMBNAIL_EDGE, 70],
    [THUMBNAIL_EDGE, 50],
    [THUMBNAIL_EDGE, 30],
    [240, 30],
  ] as const) {
    const bytes = await small(edge, quality);
    if (bytes.length <= THUMBNAIL_BYTES) return bytes;
  }
  return small(160, 20);
}

/** A page of a PDF as a JPEG, from pixels without a header. */
export async function jpegOfPixels(pixels: Buffer, width: number, height: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: PIXELS })
    .jpeg({ quality: QUALITY })
    .toBuffer();
}
