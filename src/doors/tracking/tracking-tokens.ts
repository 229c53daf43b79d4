import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ReporterActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { openJson, sealJson } from '../../platform/crypto/aead.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { Database } from '../../platform/database/database.js';
import { Credentials, type CredentialResolver, type Resolved } from '../../platform/http/access.guard.js';
import { unauthenticated } from '../../platform/http/credentials-refused.js';
import { REPORTER_TOKEN } from '../../platform/http/route-owner.js';

const LIFE_MS = 30 * 60_000;
const CONTEXT = { table: 'tracking', row: 'token', field: 'token' };

/** The case that a token belongs to, and the generation of its access code. */
export interface TokenHolder {
  caseId: string;
  institutionId: string;
  /** Generation of the access code. A later code ends the token. */
  generation: number;
}

export interface IssuedToken {
  token: string;
  expiresAt: Date;
}

/**
 * Tracking tokens. They are sealed, not stored (ADR 0004). A token is valid for half an hour, but not longer
 * than its access code.
 */
@Injectable()
export class TrackingTokens implements CredentialResolver, OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private readonly credentials: Credentials,
  ) {}

  onModuleInit(): void {
    this.credentials.register(this);
  }

  issue({ caseId, institutionId, generation }: TokenHolder): IssuedToken {
    const expiresAt = new Date(this.clock.now().getTime() + LIFE_MS);
    const content = { caseId, institutionId, generation, expires: expiresAt.getTime(), nonce: randomUUID() };
    return {
      token: REPORTER_TOKEN + sealJson(this.keys.session, content, CONTEXT).toString('base64url'),
      expiresAt,
    };
  }

  /**
   * Turn a tracking token into an actor; null when the credential is no tracking token.
   * @throws UNAUTHENTICATED, the same for one that is forged, too old, or of a code that was exchanged
   */
  async resolve({ bearer }: { bearer?: string }): Promise<Resolved | null> {
    if (!bearer?.startsWith(REPORTER_TOKEN)) return null;
    let token: TokenHolder & { expires: number };
    try {
      token = openJson(
        this.keys.session,
        Buffer.from(bearer.slice(REPORTER_TOKEN.length), 'base64url'),
        CONTEXT,
      );
    } catch {
      throw unauthenticated('tracking');
    }
    if (token.expires <= this.clock.now().getTime()) throw unauthenticated('tracking');
    const actor = await this.actorOf(token);
    if (!actor) throw unauthenticated('tracking');
    return { actor };
  }

  /** The reporter of a case. Null when the access code of that generation was exchanged. */
  async actorOf({
    caseId,
    generation,
  }: Pick<TokenHolder, 'caseId' | 'generation'>): Promise<ReporterActor | null> {
    const [current] = await this.database.definer<{ institution_id: string }>('auth_tracking_token', [
      caseId,
      generation,
    ]);
    if (!current) return null;
    return {
      kind: 'reporter',
      institutionId: current.institution_id,
      caseId,
      codeGeneration: generation,
    };
  }
}
