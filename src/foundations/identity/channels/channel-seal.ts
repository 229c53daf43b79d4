import { Injectable } from '@nestjs/common';
import { open, seal, type SealContext } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import type { ShownKey } from '../../../platform/http/current.js';

/**
 * Seals what a channel system wants to read again later. The key comes out of the channel key itself, of
 * which the service stores a digest only. So neither staff, nor another channel system, nor whoever holds the
 * database with all secrets of the service can read it. What was sealed with a key is lost with that key.
 */
@Injectable()
export class ChannelSeal {
  constructor(private readonly ring: KeyRing) {}

  /** @returns base64url */
  seal(key: ShownKey, text: string): string {
    return seal(this.keyOf(key), text, contextOf(key)).toString('base64url');
  }

  /** @returns null for what another key sealed, and for what was changed */
  open(key: ShownKey, sealed: string): string | null {
    try {
      return open(this.keyOf(key), Buffer.from(sealed, 'base64url'), contextOf(key)).toString('utf8');
    } catch {
      return null;
    }
  }

  private keyOf({ apiKey }: ShownKey): Buffer {
    return this.ring.derive('channel-seal', apiKey);
  }
}

function contextOf({ actor }: ShownKey): SealContext {
  return { table: 'channel_keys', row: actor.keyId, field: 'external_reference' };
}
