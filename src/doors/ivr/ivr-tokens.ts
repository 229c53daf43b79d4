import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ChannelActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { openJson, sealJson } from '../../platform/crypto/aead.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import type { Language } from '../../platform/http/language.js';
import type { TokenHolder } from '../tracking/tracking-tokens.js';

/** Long enough to hear the state and leave a message; too short for the next call. */
const LIFE_MS = 10 * 60_000;
const PREFIX = 'dai_';
const CONTEXT = { table: 'ivr', row: 'token', field: 'token' };

/** The header with the token. */
export const IVR_TOKEN = 'Ivr-Token';

/** What a token holds, sealed. */
export interface IvrSession extends TokenHolder {
  /** As the service writes it. */
  folio: string;
  /** The channel key that opened it. */
  keyId: string;
  language: Language;
  expires: number;
}

/**
 * Tokens of voice menus. They are sealed, not stored: nothing that is stored tells that somebody called. A
 * token works with the channel key that opened it only, for ten minutes.
 */
@Injectable()
export class IvrTokens {
  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  issue(session: Omit<IvrSession, 'expires'>): { token: string; expiresAt: Date } {
    const expiresAt = new Date(this.clock.now().getTime() + LIFE_MS);
    const held = { ...session, expires: expiresAt.getTime(), nonce: randomUUID() };
    return { token: PREFIX + sealJson(this.keys.session, held, CONTEXT).toString('base64url'), expiresAt };
  }

  /** What a token of this key holds; null when it is forged, too old, or of another key. */
  read({ keyId }: ChannelActor, token: string | undefined): IvrSession | null {
    const held = token === undefined ? null : this.opened(token);
    return held && held.keyId === keyId && held.expires > this.clock.now().getTime() ? held : null;
  }

  /** The language of a call, also when its token does not work any more; null for what is no token. */
  languageOf(token: unknown): Language | null {
    return typeof token === 'string' ? (this.opened(token)?.language ?? null) : null;
  }

  private opened(token: string): IvrSession | null {
    if (!token.startsWith(PREFIX)) return null;
    try {
      return openJson(this.keys.session, Buffer.from(token.slice(PREFIX.length), 'base64url'), CONTEXT);
    } catch {
      return null;
    }
  }
}
