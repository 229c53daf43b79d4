import { Injectable } from '@nestjs/common';
import type { SealContext } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';

/** What a number speaks to Meta with. Never in an answer, a log line, a metric or the trail. */
export interface Credentials {
  accessToken: string;
  /** The app's secret, with which Meta signs. */
  appSecret: string;
  /** The secret before the last change. It is still valid until somebody ends it. */
  previousAppSecret?: string;
  /** What Meta shows when it verifies the webhook. */
  verifyToken: string;
}

/**
 * Sealed credentials have a multiple of this many bytes. So a row does not show whether there are two
 * secrets.
 */
const BLOCK = 2048;

/**
 * Seals the credentials of numbers under the key-encryption key, as the keys of cases are. A change of the
 * key of drafts must not end the connection of a number.
 */
@Injectable()
export class SealedCredentials {
  constructor(private readonly ring: KeyRing) {}

  /** @param id of the number */
  seal(id: string, credentials: Credentials): Buffer {
    const text = Buffer.from(JSON.stringify(credentials));
    const room = Math.ceil(text.length / BLOCK) * BLOCK - text.length;
    return this.ring.wrap(Buffer.concat([text, Buffer.alloc(room, 0x20)]), contextOf(id));
  }

  /** @throws Error when they were sealed under another key, or for another number */
  open(id: string, sealed: Buffer): Credentials {
    return JSON.parse(this.ring.unwrap(sealed, contextOf(id)).toString('utf8')) as Credentials;
  }
}

function contextOf(id: string): SealContext {
  return { table: 'wa_numbers', row: id, field: 'sealed' };
}
