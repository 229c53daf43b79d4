import type { KeyRing } from '../../../platform/crypto/keyring.js';

/** Digest by which a folio is found before anybody is authenticated. Its table contains no folio in clear. */
export function folioHash(ring: KeyRing, folio: string): Buffer {
  return ring.hash('folio', folio);
}

/**
 * The keyed digest of an access code, in hex. Useless without the pepper. A sweep hardens it further to
 * argon2id of this digest, because 53 bits alone are not enough against an attacker with both pepper and dump
 * (ASVS 6.5.2).
 * @param code the 16 digits
 */
export function accessDigest(ring: KeyRing, folio: string, code: string): string {
  return ring.hash('access-code', `${folio}|${code}`).toString('hex');
}
