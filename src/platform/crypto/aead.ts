import { createCipheriv, createDecipheriv } from 'node:crypto';
import { random } from './random.js';

const VERSION = 1;
const NONCE = 12;
const TAG = 16;

/**
 * Where a ciphertext belongs. The context is bound as AAD: a ciphertext that is moved to another row, field
 * or key version no longer opens.
 */
export interface SealContext {
  table: string;
  row: string;
  field: string;
  /** Version of the key-encryption key or data key in use. It is 1 until a rotation. */
  keyVersion?: number;
}

function aad(context: SealContext): Buffer {
  return Buffer.from(`${context.table}|${context.row}|${context.field}|${context.keyVersion ?? 1}`);
}

/**
 * Encrypts with AES-256-GCM and a random nonce. Blob = version(1) ‖ nonce(12) ‖ ciphertext ‖ tag(16).
 * @param key 32 bytes
 */
export function seal(key: Buffer, plaintext: Buffer | string, context: SealContext): Buffer {
  const nonce = random(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(aad(context));
  const body = Buffer.concat([
    typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext),
    cipher.final(),
  ]);
  return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.getAuthTag()]);
}

/**
 * Opens a blob made by `seal`.
 * @throws Error when the key, the context or any byte differs
 */
export function open(key: Buffer, blob: Buffer, context: SealContext): Buffer {
  if (blob.length < 1 + NONCE + TAG || blob[0] !== VERSION)
    throw new Error('not a sealed blob of a known version');
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(1, 1 + NONCE), { authTagLength: TAG });
  decipher.setAAD(aad(context));
  decipher.setAuthTag(blob.subarray(blob.length - TAG));
  return Buffer.concat([decipher.update(blob.subarray(1 + NONCE, blob.length - TAG)), decipher.final()]);
}

export function sealJson(key: Buffer, value: unknown, context: SealContext): Buffer {
  return seal(key, JSON.stringify(value), context);
}

export function openJson<T>(key: Buffer, blob: Buffer, context: SealContext): T {
  return JSON.parse(open(key, blob, context).toString('utf8')) as T;
}

/**
 * Seals like `sealJson`, but pads with spaces to a multiple of `block` bytes. So the length of the stored
 * blob does not tell an empty value from a filled one. JSON ignores trailing spaces.
 * @param least bytes of the shortest, a multiple of `block`
 */
export function sealPaddedJson(
  key: Buffer,
  value: unknown,
  context: SealContext,
  block = 512,
  least = block,
): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const length = Math.max(least, Math.ceil(text.length / block) * block);
  return seal(key, Buffer.concat([text, Buffer.alloc(length - text.length, 0x20)]), context);
}
