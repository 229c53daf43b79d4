import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database, type PoolName } from '../../../platform/database/database.js';
import { Credentials, type CredentialResolver, type Resolved } from '../../../platform/http/access.guard.js';
import { unauthenticated } from '../../../platform/http/credentials-refused.js';
import { permissionsOfChannel } from '../permissions.js';

/**
 * Hashes a channel key with HMAC under the pepper. A key set by hand may be easy to guess, and a copy of the
 * table alone must not be enough to try guesses.
 */
export function channelKeyHash(keys: KeyRing, key: string): Buffer {
  return keys.hash('channel-key', key);
}

/**
 * Checks `X-Api-Key` of channel systems. The key is read with every request, so that a revoked key stops at
 * once.
 */
@Injectable()
export class ChannelCredentials implements CredentialResolver, OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly credentials: Credentials,
  ) {}

  onModuleInit(): void {
    this.credentials.register(this);
  }

  async resolve({ apiKey }: { apiKey?: string }, pool: PoolName): Promise<Resolved | null> {
    if (apiKey === undefined) return null;
    const key = (
      await this.database.definer<{ id: string; institution_id: string; channel: string }>(
        'auth_channel_key',
        [channelKeyHash(this.keys, apiKey)],
        pool,
      )
    )[0];
    if (!key) throw unauthenticated('key');
    const { id: keyId, institution_id: institutionId, channel } = key;
    const permissions = permissionsOfChannel(channel);
    return { actor: { kind: 'channel', keyId, institutionId, channel, permissions } };
  }
}
