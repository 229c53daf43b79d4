import { createHmac } from 'node:crypto';

/**
 * Separates these commitments from every other HMAC. It never changes (test vectors in `commitment.spec.ts`).
 */
const DOMAIN = Buffer.from('denuncias/audit/v1\0');

/**
 * Writes JSON with keys sorted at every level, in UTF-8, without spaces. One payload always gives the same
 * bytes. `JSON.stringify(o, keys)` does not work here, because a key list also drops nested keys.
 * @throws Error for values JSON cannot carry exactly (undefined members are left out)
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error('not a JSON number');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>;
    // Every report runs this code. Plain strings are faster than lists of strings.
    let members = '';
    for (const key of Object.keys(record).sort()) {
      if (record[key] === undefined) continue;
      members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(record[key])}`;
    }
    return `{${members}}`;
  }
  throw new Error(`not a JSON value: ${typeof value}`);
}

/**
 * Makes a salted commitment to a payload: the 32 bytes that the public log will hold. Without the salt nobody
 * can open or guess it. With the salt anybody can check the payload.
 * @param salt 32 random bytes
 */
export function commit(salt: Buffer, payload: string): Buffer {
  return createHmac('sha256', salt).update(DOMAIN).update(payload).digest();
}
