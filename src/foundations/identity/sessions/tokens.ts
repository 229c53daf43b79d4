import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { KeyRing } from '../../../platform/crypto/keyring.js';

/** The prefixes tell the two tokens apart, and secret scanners can find a leaked token by them. */
export const ACCESS_PREFIX = 'das_';
export const REFRESH_PREFIX = 'dar_';

export interface TokenPair {
  access: string;
  refresh: string;
}

/** Makes two opaque tokens of 256 random bits each. */
export function newTokens(): TokenPair {
  return {
    access: ACCESS_PREFIX + randomBytes(32).toString('base64url'),
    refresh: REFRESH_PREFIX + randomBytes(32).toString('base64url'),
  };
}

/**
 * Makes the pair that follows a refresh token: HMAC-SHA-256 under the session key. So a client that repeats
 * an exchange can get the same pair again, although only hashes are stored. Somebody with an old token but
 * without the key cannot compute the pair.
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
 * SHA-256 of a token. Only this hash is stored: 256 random bits need neither salt nor a slow hash (ASVS 5.0
 * §6.5.2).
 */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
