import { createHash, randomBytes } from 'node:crypto';

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

/** SHA-256 of a token, all that is stored: 256 random bits need neither salt nor a slow hash (ASVS 5.0 §6.5.2). */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
