import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ChannelSeal } from '../../foundations/identity/channels/channel-seal.js';
import { DomainError } from '../../platform/errors.js';
import type { ShownKey } from '../../platform/http/current.js';
import type { Language } from '../../platform/http/language.js';
import { folioDigits } from '../../work/cases/folio-digits.js';
import type { Report } from '../../work/intake/admission.js';
import { Collector } from '../../work/intake/collector.js';
import { OncePerKey } from '../../work/intake/once-per-key.js';
import type { IntakeReceipt } from '../../work/intake/report.receipt.js';
import { trackingDenied } from '../tracking/errors.js';
import { withoutNulls } from '../reports/without-nulls.js';
import { ivrErrors } from './errors.js';
import type { IvrReportRequest } from './ivr.requests.js';
import { IvrSessions } from './ivr-sessions.js';
import { keyed, typedMode } from './typed.js';

/** Milliseconds that a filed report waits for its session. */
const PATIENCE = 2_000;

/** A report that was filed, and a session of it while its code is the first one. */
export interface Filed {
  receipt: IntakeReceipt & { folioDigits: string };
  session: { token: string; expiresAt: Date } | null;
  /** The code of the receipt opens nothing any more: the caller has another one. */
  exchanged: boolean;
}

/**
 * Files reports whose account is a voice. The case is open before anything is recorded: what is acknowledged
 * is stored, and a call that breaks off loses only what was not said.
 */
@Injectable()
export class IvrReports {
  constructor(
    private readonly collector: Collector,
    private readonly once: OncePerKey,
    private readonly seals: ChannelSeal,
    private readonly sessions: IvrSessions,
  ) {}

  /**
   * @param idempotencyKey of the call: a repeat gives the same receipt
   * @throws InvalidRequest, IDEMPOTENCY_MISMATCH, IDEMPOTENCY_IN_PROGRESS and what intake refuses
   */
  async file(
    key: ShownKey,
    body: IvrReportRequest,
    language: Language,
    idempotencyKey: string | undefined,
  ): Promise<Filed> {
    if (idempotencyKey === undefined) throw ivrErrors.keyMissing();
    const { institutionId, keyId } = key.actor;
    const report = this.reportOf(key, withoutNulls(body) as IvrReportRequest, language);
    const repeatable = { scope: `${institutionId}|${keyId}|ivr`, key: idempotencyKey, request: body };
    const receipt = await this.once.run(repeatable, (idempotency) =>
      this.collector.submit(institutionId, { report, channel: 'phone', actor: key.actor, idempotency }),
    );
    const opened = await this.sessionOf(key, receipt, language);
    return {
      receipt: { ...receipt, folioDigits: folioDigits(receipt.folio) },
      session: opened === 'exchanged' ? null : opened,
      exchanged: opened === 'exchanged',
    };
  }

  private reportOf(
    key: ShownKey,
    { mode: typed, phone, privacyNotice, externalReference }: IvrReportRequest,
    language: Language,
  ): Report {
    const mode = typedMode(typed);
    if (mode === null) throw ivrErrors.mode();
    if (mode === 'anonymous' && phone !== undefined) throw ivrErrors.phoneOfAnonymous();
    return {
      mode,
      voice: true,
      language,
      ...(phone === undefined ? {} : { reporter: { phone: keyed(phone) } }),
      ...(privacyNotice === undefined ? {} : { privacyNotice }),
      ...(externalReference === undefined
        ? {}
        : { sealedReference: this.seals.seal(key, externalReference) }),
    };
  }

  /**
   * Null when the code was exchanged since: a repeat tells the first one, which opens nothing any more. Null
   * also when it takes too long: the receipt is read at once, and the caller can come in with it.
   */
  private async sessionOf(
    { actor }: ShownKey,
    { folio, accessCode }: IntakeReceipt,
    language: Language,
  ): Promise<Filed['session'] | 'exchanged'> {
    const opened = this.sessions.openWith(actor, { folio, accessCode }, language).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === trackingDenied().code) return 'exchanged' as const;
      // The report is filed: nothing that fails here may keep its receipt back.
      return null;
    });
    return Promise.race([opened, delay(PATIENCE, null, { ref: false })]);
  }
}
