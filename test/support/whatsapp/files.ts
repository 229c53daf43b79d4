import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PROJECT } from './project.js';

/** Bytes, or so many zeros: a film of more than 100 MB needs no memory. */
export type Content = Buffer | { zeros: number };

export interface SentFile {
  content: Content;
  mimeType: string;
  filename?: string;
}

/**
 * Under this name a part of a message carries its file. JSON leaves it out, so it never travels in a webhook.
 */
export const FILE = Symbol('file');

const SAMPLES = {
  image: { name: 'photo.jpg', mimeType: 'image/jpeg' },
  audio: { name: 'voice.ogg', mimeType: 'audio/ogg; codecs=opus' },
  video: { name: 'film.mp4', mimeType: 'video/mp4' },
  document: { name: 'document.pdf', mimeType: 'application/pdf' },
  sticker: { name: 'sticker.webp', mimeType: 'image/webp' },
} as const;

export type FileKind = keyof typeof SAMPLES;

const CHUNK = 64 * 1024;
const read = new Map<FileKind, Buffer>();

/**
 * A small real file of a kind.
 * @param note makes it differ from others where its format has room for it: in an album no two are alike
 */
export function sample(kind: FileKind, note: string): SentFile {
  const { name, mimeType } = SAMPLES[kind];
  const bytes = read.get(kind) ?? readFileSync(join(PROJECT, 'test/fixtures/whatsapp/media', name));
  read.set(kind, bytes);
  return { content: marked(kind, bytes, note), mimeType };
}

/** The same picture, film or document with a note inside. A sound or a sticker stays as it is. */
function marked(kind: FileKind, bytes: Buffer, note: string): Buffer {
  const text = Buffer.from(note, 'latin1');
  const size = Buffer.alloc(4);
  switch (kind) {
    case 'image': {
      // A comment segment behind the first marker.
      size.writeUInt16BE(text.length + 2);
      const comment = Buffer.concat([Buffer.from([0xff, 0xfe]), size.subarray(0, 2), text]);
      return Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]);
    }
    case 'video':
      size.writeUInt32BE(text.length + 8);
      return Buffer.concat([bytes, size, Buffer.from('free'), text]);
    case 'document':
      return Buffer.concat([bytes, Buffer.from('% '), text, Buffer.from('\n')]);
    default:
      return bytes;
  }
}

export function sizeOf(content: Content): number {
  return Buffer.isBuffer(content) ? content.length : content.zeros;
}

export function sha256Of(content: Content): Buffer {
  const hash = createHash('sha256');
  for (const chunk of chunksOf(content)) hash.update(chunk);
  return hash.digest();
}

export function streamOf(content: Content): Readable {
  return Readable.from(chunksOf(content), { objectMode: false });
}

function* chunksOf(content: Content): Generator<Buffer> {
  const zeros = Buffer.alloc(CHUNK);
  for (let at = 0; at < sizeOf(content); at += CHUNK) {
    const end = Math.min(at + CHUNK, sizeOf(content));
    yield Buffer.isBuffer(content) ? content.subarray(at, end) : zeros.subarray(0, end - at);
  }
}

/** Every object in a body that carries a file, with its file. */
export function filesIn(value: unknown): { part: Record<string, unknown>; file: SentFile }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(filesIn);
  const file = (value as { [FILE]?: SentFile })[FILE];
  return file === undefined ? inner : [{ part: value as Record<string, unknown>, file }, ...inner];
}
