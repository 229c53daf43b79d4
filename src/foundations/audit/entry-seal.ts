import { open, seal, type SealContext } from '../../platform/crypto/aead.js';

/**
 * First byte of a plaintext: salt and payload follow as plain bytes. Older entries hold a JSON object
 * instead, which begins with `{`.
 */
const RAW = 2;
const SALT_BYTES = 32;

/** Seals salt and payload of an entry. */
export function sealEntry(key: Buffer, id: string, salt: Buffer, payload: string): Buffer {
  return seal(key, Buffer.concat([Buffer.of(RAW), salt, Buffer.from(payload)]), sealContext(id));
}

/** @throws Error when it does not open or is not an entry */
export function openEntry(key: Buffer, id: string, sealed: Buffer): { salt: Buffer; payload: string } {
  const plain = open(key, sealed, sealContext(id));
  if (plain[0] === RAW) {
    return {
      salt: plain.subarray(1, 1 + SALT_BYTES),
      payload: plain.subarray(1 + SALT_BYTES).toString('utf8'),
    };
  }
  const { salt, payload } = JSON.parse(plain.toString('utf8')) as { salt: string; payload: string };
  return { salt: Buffer.from(salt, 'base64'), payload };
}

/** The place of an entry. The seal is bound to it. */
function sealContext(id: string): SealContext {
  return { table: 'audit_entries', row: id, field: 'sealed' };
}
