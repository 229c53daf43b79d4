import { createHmac, hkdfSync } from 'node:crypto';
import { open, seal, type SealContext } from './aead.js';
import { random } from './random.js';

/**
 * The secrets of an installation, 32 bytes each. They are in the environment or in files, never in the
 * database.
 */
export interface Secrets {
  /** Wraps the data keys of cases and institutions. */
  keyEncryption: Buffer;
  /** Key of every keyed hash: access codes, folio hashes, channel keys, limits. */
  pepper: Buffer;
  /** Master key for the noise of public statistics. */
  statsNoise: Buffer;
  /** Seals tracking tokens and the drafts of conversations. */
  session: Buffer;
  /** Wraps the daily keys of the raw inbox. */
  inbox: Buffer;
}

/**
 * Wraps and opens data keys. Today the key-encryption key comes from the environment or a file. Later a KMS
 * or a Vault transit engine can replace this class, with the same two methods.
 */
export class KeyRing {
  constructor(private readonly secrets: Secrets) {}

  /** Makes a new random data key of 32 bytes. */
  newKey(): Buffer {
    return random(32);
  }

  wrap(key: Buffer, context: SealContext): Buffer {
    return seal(this.secrets.keyEncryption, key, context);
  }

  unwrap(wrapped: Buffer, context: SealContext): Buffer {
    return open(this.secrets.keyEncryption, wrapped, context);
  }

  /** Computes HMAC-SHA-256 under the pepper. The label separates different uses. */
  hash(label: string, value: string | Buffer): Buffer {
    return createHmac('sha256', this.secrets.pepper).update(label).update('\0').update(value).digest();
  }

  /** Derives a key for one purpose and input: HKDF-SHA-256 of the pepper (RFC 5869). */
  derive(label: string, input: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.secrets.pepper, input, label, 32));
  }

  get session(): Buffer {
    return this.secrets.session;
  }

  get inbox(): Buffer {
    return this.secrets.inbox;
  }

  get statsNoise(): Buffer {
    return this.secrets.statsNoise;
  }

  /**
   * Returns a value that only this set of secrets gives. The database stores the value once, and every start
   * compares it.
   */
  check(name: keyof Secrets): Buffer {
    return createHmac('sha256', this.secrets[name]).update(`key-check/${name}`).digest();
  }
}
