import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { KeyRing } from '../../../platform/crypto/keyring.js';

/** Prefixes tell the two tokens apart and let secret scanners find a leaked one. */
export const ACCESS_PREFIX = 'das_';
export const REFRESH_PREFIX = 'dar_';

export interface TokenPair {
  access: string;
  refresh: string;
}

/** Two opaque tokens of 256 random bits each. */
export function newTokens(): TokenPair {
  return {
    access: ACCESS_PREFIX + randomBytes(32).toString('base64url'),
    refresh: REFRESH_PREFIX + randomBytes(32).toString('base64url'),
  };
}

/**
 * The pair that follows a refresh token: HMAC-SHA-256 under the session key. It can be given again to who
 * repeats an exchange, though only hashes are stored; who holds an old token but not the key cannot work it
 * out.
 */
export function nextTokens(keys: KeyRing, refreshToken: string): TokenPair {
  const next = (label: string): string =>
    createHmac('sha256', keys.session).update(label).update('\0').update(refreshToken).digest('base64url');
  return {
    access: ACCESS_PREFIX + next('refresh/access'),
    refresh: REFRESH_PREFIX + next('refresh/refresh'),
  };
}

/**
 * SHA-256 of a token, all that is stored: 256 random bits need neither salt nor a slow hash (ASVS 5.0
 * §6.5.2).
 */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
