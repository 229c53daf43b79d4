import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import type { ShownKey } from '../../../platform/http/current.js';
import { ChannelSeal } from './channel-seal.js';

const secrets = () => ({
  keyEncryption: randomBytes(32),
  pepper: randomBytes(32),
  statsNoise: randomBytes(32),
  session: randomBytes(32),
  inbox: randomBytes(32),
});
const keyOf = (keyId: string, apiKey: string): ShownKey => ({
  actor: { kind: 'channel', keyId, institutionId: 'i', channel: 'phone', permissions: new Set() },
  apiKey,
});

describe('what a channel system seals for itself', () => {
  const own = keyOf('one', 'dak_the-key-of-the-system');
  const installation = secrets();
  const seals = new ChannelSeal(new KeyRing(installation));

  it.each(['LLAMADA-00017', 'á', '😀 y ñ', 'x'.repeat(100)])('opens with the same key: %s', (text) => {
    expect(seals.open(own, seals.seal(own, text))).toBe(text);
  });

  it('opens with no other key, row of a key or installation, nor after a change', () => {
    const sealed = seals.seal(own, 'LLAMADA-00017');
    expect(seals.open(keyOf('one', 'dak_another-key'), sealed)).toBeNull();
    expect(seals.open(keyOf('two', own.apiKey), sealed)).toBeNull();
    // All other secrets of the service do not help without the channel key, nor the channel key without them.
    const other = new ChannelSeal(new KeyRing({ ...installation, pepper: randomBytes(32) }));
    expect(other.open(own, sealed)).toBeNull();
    const changed = Buffer.from(sealed, 'base64url');
    changed[20]! ^= 1;
    for (const no of [changed.toString('base64url'), '', 'x', sealed.slice(0, -2)])
      expect(seals.open(own, no)).toBeNull();
  });

  it('says nothing by being equal', () => {
    expect(seals.seal(own, 'LLAMADA-00017')).not.toBe(seals.seal(own, 'LLAMADA-00017'));
  });
});
