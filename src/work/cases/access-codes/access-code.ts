import type { KeyRing } from '../../../platform/crypto/keyring.js';

/** What a folio is found by before anybody is authenticated: no folio in clear in that table. */
export function folioHash(ring: KeyRing, folio: string): Buffer {
  return ring.hash('folio', folio);
}

/**
 * The keyed digest of an access code, in hex. Useless without the pepper; a sweep hardens it further to
 * argon2id of this digest, since 53 bits alone would fall to an attacker who has pepper and dump (ASVS
 * 6.5.2).
 * @param code the 16 digits
 */
export function accessDigest(ring: KeyRing, folio: string, code: string): string {
  return ring.hash('access-code', `${folio}|${code}`).toString('hex');
}
