import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { SealContext } from './aead.js';

/**
 * Sealed files: AES-256-GCM in frames, so that a file of any length is sealed and opened with the memory of
 * one frame. The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as the file format age
 * uses it (C2SP `age`): the nonce of a frame is its number and a flag of the last frame. A key seals one file
 * only, so no nonce comes twice. A frame that is missing, moved or of another file does not open, and neither
 * does a file that ends early.
 *
 * Frame = ciphertext ‖ tag(16). Every frame but the last holds 64 KiB.
 *
 * The content is followed by zeros up to a step, so that the length of a file tells little of its content.
 * The caller keeps the true length, sealed, and gives it to `openFile`.
 */
/** Version of this format. It is bound into every frame. */
const VERSION = 1;
const FRAME = 64 * 1024;
const TAG = 16;
/** Steps are an eighth of the power of two below the length: at most an eighth of a file is padding. */
const STEPS_PER_POWER = 3;

/** The file is not what was sealed: a byte, a frame or its end differs, or the key does. */
export class SealedFileBroken extends Error {
  constructor() {
    super('a sealed file does not open');
    this.name = 'SealedFileBroken';
  }
}

/** Returns the length with padding: the next step. Files of less than one frame fill it. */
export function paddedLength(length: number): number {
  if (length <= FRAME) return FRAME;
  const step = 2 ** (Math.floor(Math.log2(length)) - STEPS_PER_POWER);
  return Math.ceil(length / step) * step;
}

/** Returns the number of bytes that a file with this many bytes of content has. */
export function sealedLength(length: number): number {
  return paddedLength(length) + framesOf(length) * TAG;
}

function framesOf(length: number): number {
  return Math.ceil(paddedLength(length) / FRAME);
}

function nonceOf(frame: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(frame, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function aadOf({ table, row, field, keyVersion = 1 }: SealContext): Buffer {
  return Buffer.from(`file|${VERSION}|${table}|${row}|${field}|${keyVersion}`);
}

/**
 * Seals content as it comes.
 * @param key 32 random bytes that seal nothing else
 */
export async function* sealFile(
  key: Buffer,
  content: AsyncIterable<Uint8Array>,
  context: SealContext,
): AsyncGenerator<Buffer> {
  const aad = aadOf(context);
  let frame = 0;
  const sealFrame = (plaintext: Buffer, last: boolean): Buffer[] => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(frame, last));
    frame += 1;
    cipher.setAAD(aad);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return [ciphertext, cipher.getAuthTag()];
  };
  // One buffer for all frames: what is sealed is a buffer of its own.
  const held = Buffer.allocUnsafe(FRAME);
  let filled = 0;
  let length = 0;
  for await (const piece of content) {
    length += piece.length;
    for (let at = 0; at < piece.length;) {
      // A full frame waits for the next byte: it may be the last.
      if (filled === FRAME) {
        yield* sealFrame(held, false);
        filled = 0;
      }
      const part = piece.subarray(at, at + FRAME - filled);
      held.set(part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  for (let left = filled + paddedLength(length) - length; left > 0;) {
    const size = Math.min(left, FRAME);
    held.fill(0, filled, size);
    left -= size;
    filled = 0;
    yield* sealFrame(held.subarray(0, size), left === 0);
  }
  held.fill(0);
}

/** Bytes of a file or of its content: the first one, and the one after the last. */
export interface ByteRange {
  from: number;
  to: number;
}

/** Returns where the frames of a part of the content lie in the sealed file. */
export function sealedRange({ from, to }: ByteRange, length: number): ByteRange {
  const first = Math.floor(from / FRAME);
  const end = Math.ceil(to / FRAME);
  return { from: offsetOf(first), to: Math.min(offsetOf(end), sealedLength(length)) };
}

function offsetOf(frame: number): number {
  return frame * (FRAME + TAG);
}

/**
 * Opens a part of a sealed file. Each frame is checked before anything of it comes out.
 * @param sealed the bytes of the file in `sealedRange(range, length)`
 * @param content.length true length of the content
 * @throws SealedFileBroken
 */
export async function* openFile(
  key: Buffer,
  sealed: AsyncIterable<Uint8Array>,
  content: { context: SealContext; length: number; range: ByteRange },
): AsyncGenerator<Buffer> {
  const { context, length, range } = content;
  const aad = aadOf(context);
  const frames = framesOf(length);
  let frame = Math.floor(range.from / FRAME);
  const end = Math.ceil(range.to / FRAME);
  const take = (bytes: Buffer): Buffer => {
    const plaintext = openFrame(key, bytes, { aad, frame, last: frame === frames - 1 });
    const start = frame * FRAME;
    frame += 1;
    return plaintext.subarray(Math.max(0, range.from - start), Math.max(0, range.to - start));
  };
  let held = Buffer.alloc(0);
  for await (const piece of sealed) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    while (frame < end && held.length >= sizeOf(frame, length)) {
      const size = sizeOf(frame, length);
      yield take(held.subarray(0, size));
      held = held.subarray(size);
    }
  }
  if (frame < end) throw new SealedFileBroken();
}

/** Bytes of a sealed frame. */
function sizeOf(frame: number, length: number): number {
  return Math.min(FRAME, paddedLength(length) - frame * FRAME) + TAG;
}

function openFrame(
  key: Buffer,
  bytes: Buffer,
  { aad, frame, last }: { aad: Buffer; frame: number; last: boolean },
): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(frame, last), { authTagLength: TAG });
  decipher.setAAD(aad);
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - TAG)), decipher.final()]);
  } catch {
    throw new SealedFileBroken();
  }
}
