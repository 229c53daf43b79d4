import { Injectable } from '@nestjs/common';
import type { ReporterActor } from '../../platform/actor.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { DomainError } from '../../platform/errors.js';
import { accessCodeFrom, parseFolio } from '../../work/cases/folio.js';
import { alreadyExchanged } from './errors.js';
import { ExchangeAccessCode } from './exchange.js';
import { TrackingTokens, type TokenHolder } from './tracking-tokens.js';
import { TrackingService } from './tracking.service.js';

export interface FolioAndCode {
  folio: string;
  accessCode: string;
}

/**
 * The exchange of an access code during a call. The new code is derived from the token of the call: a repeat
 * gives the same one, because the line may drop before it was read.
 */
@Injectable()
export class RepeatableExchange {
  constructor(
    private readonly codes: ExchangeAccessCode,
    private readonly tracking: TrackingService,
    private readonly tokens: TrackingTokens,
    private readonly keys: KeyRing,
  ) {}

  /**
   * @param actor the reporter, with whoever acts for them
   * @param held what the token holds, with the folio as it was typed
   * @param token the token itself, which is the secret
   * @returns null when the code was exchanged by other means: the token opens nothing any more
   * @throws TOO_MANY_EXCHANGES
   */
  async run(
    actor: ReporterActor,
    held: TokenHolder & { folio: string },
    token: string,
  ): Promise<FolioAndCode | null> {
    const accessCode = accessCodeFrom(this.keys.derive('phone-exchange', token));
    if (await this.tokens.actorOf(held)) {
      try {
        const { folio } = await this.codes.exchange(actor, accessCode);
        return { folio, accessCode };
      } catch (error) {
        // A repeat at the same time was faster, and made the same code.
        if (!(error instanceof DomainError) || error.code !== alreadyExchanged().code) throw error;
      }
    }
    return this.made(held, accessCode);
  }

  /** The code that this token made before, or null. */
  private async made(
    held: TokenHolder & { folio: string },
    accessCode: string,
  ): Promise<FolioAndCode | null> {
    const folio = parseFolio(held.folio)!;
    try {
      await this.tracking.check({ folio, accessCode }, held.institutionId);
    } catch (error) {
      if (error instanceof DomainError && error.status < 500) return null;
      throw error;
    }
    return { folio, accessCode };
  }
}
