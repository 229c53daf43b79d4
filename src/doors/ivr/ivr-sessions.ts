import { Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { ChannelActor, ReporterActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import { DomainError } from '../../platform/errors.js';
import type { Language } from '../../platform/http/language.js';
import { Limits } from '../../platform/limits.js';
import { SlowLine } from '../../platform/slow-line.js';
import { Waits } from '../../platform/waits.js';
import { parseFolioDigits } from '../../work/cases/folio-digits.js';
import { parseAccessCode, parseFolio } from '../../work/cases/folio.js';
import { tooManyTries, trackingDenied } from '../tracking/errors.js';
import { RepeatableExchange, type FolioAndCode } from '../tracking/repeatable-exchange.js';
import { TrackingTokens, type TokenHolder } from '../tracking/tracking-tokens.js';
import { TrackingService, type TrackingInput } from '../tracking/tracking.service.js';
import { ivrErrors } from './errors.js';
import { IvrTokens, type IvrSession } from './ivr-tokens.js';
import { keyed } from './typed.js';

/**
 * Wrong codes of one channel key in a quarter of an hour, over all folios. Callers who mistype are few; a
 * stolen key tries many folios.
 */
const WRONG = { points: 60, seconds: 900, fixed: true } as const;
/**
 * The line of a key that sent too many. Its callers go on, more slowly: whoever steals a key must not shut
 * out those who call.
 */
const AFTER_GUESSES = { wait: 1_500, pause: 500, perKey: 20, places: 100, lines: 'each' } as const;

/** An open session, and the reporter who acts in it. */
export interface OpenSession {
  session: IvrSession;
  reporter: ReporterActor;
}

/**
 * Sessions of callers who follow a report by a voice menu: folio and access code open one, as they open
 * tracking, with the same check, limits and refusal. Nothing is stored of it.
 */
@Injectable()
export class IvrSessions {
  private readonly afterGuesses: SlowLine;

  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly tracking: TrackingService,
    private readonly reporters: TrackingTokens,
    private readonly tokens: IvrTokens,
    private readonly codes: RepeatableExchange,
    private readonly limits: Limits,
    waits: Waits,
  ) {
    this.afterGuesses = new SlowLine(AFTER_GUESSES, waits);
  }

  /**
   * Open a session with what the caller typed.
   * @throws InvalidRequest for what cannot be a folio or a code: it is no guess. TRACKING_DENIED, the same
   *   for an unknown folio, a wrong code and a case of another institution. TOO_MANY_ATTEMPTS
   */
  async open(
    actor: ChannelActor,
    typed: TrackingInput,
    language: Language,
  ): Promise<{ token: string; expiresAt: Date }> {
    const input = inOrder(typed);
    const folio = await this.folioOf(actor, input.folio);
    const accessCode = parseAccessCode(keyed(input.accessCode));
    if (accessCode === null) throw ivrErrors.codeForm();
    const holder = await this.check(actor, { folio, accessCode });
    return this.tokens.issue({ ...holder, folio, keyId: actor.keyId, language });
  }

  /**
   * Open a session with a receipt that was just given. It is no guess: the limits of the key do not count.
   * @throws TRACKING_DENIED when the code was exchanged since
   */
  async openWith(
    actor: ChannelActor,
    receipt: TrackingInput,
    language: Language,
  ): Promise<{ token: string; expiresAt: Date }> {
    const holder = await this.tracking.check(receipt, actor.institutionId);
    return this.tokens.issue({ ...holder, folio: receipt.folio, keyId: actor.keyId, language });
  }

  /**
   * The folio of what was typed: fifteen digits, or the folio with its letters where a program sends it.
   * @throws InvalidRequest when a digit is wrong
   */
  async folioOf(actor: ChannelActor, typed: string): Promise<string> {
    const { institution } = await this.catalogOf(actor);
    const folio = parseFolioDigits(keyed(typed), institution.prefix) ?? parseFolio(typed);
    if (folio === null) throw ivrErrors.folioForm();
    return folio;
  }

  /** The catalogues of the institution of a key. */
  catalogOf(actor: ChannelActor): Promise<CatalogSnapshot> {
    return this.database.tx(actor, (tx) => this.catalogs.snapshot(tx, actor.institutionId));
  }

  /** @throws IVR_SESSION_OVER, the same for whatever is wrong with the token */
  async resume(actor: ChannelActor, token: string | undefined): Promise<OpenSession> {
    const session = this.held(actor, token);
    if (!(await this.reporters.actorOf(session))) throw ivrErrors.sessionOver();
    return { session, reporter: reporterOf(session) };
  }

  /**
   * Exchange the access code. A repeat with the same token gives the same code, for as long as the token
   * lives.
   * @throws IVR_SESSION_OVER, TOO_MANY_EXCHANGES
   */
  async exchange(
    actor: ChannelActor,
    token: string | undefined,
  ): Promise<FolioAndCode & { language: Language }> {
    const session = this.held(actor, token);
    const exchanged = await this.codes.run(reporterOf(session), session, token!);
    if (!exchanged) throw ivrErrors.sessionOver();
    return { ...exchanged, language: session.language };
  }

  private held(actor: ChannelActor, token: string | undefined): IvrSession {
    const session = this.tokens.read(actor, token);
    if (!session) throw ivrErrors.sessionOver();
    return session;
  }

  private async check({ keyId, institutionId }: ChannelActor, input: TrackingInput): Promise<TokenHolder> {
    const { retryAfter } = await this.limits.peek('ivr-key', keyId, WRONG);
    const turn = async (): Promise<TokenHolder> => {
      try {
        return await this.tracking.check(input, institutionId);
      } catch (error) {
        if (!isDenied(error)) throw error;
        if (retryAfter > 0) throw tooManyTries(retryAfter);
        await this.limits.penalize('ivr-key', keyId, WRONG);
        throw error;
      }
    };
    if (retryAfter === 0) return turn();
    return this.afterGuesses.run(keyId, turn, () => tooManyTries(retryAfter));
  }
}

/** Whoever types the code first and the folio second is understood: they differ in length. */
function inOrder({ folio, accessCode }: TrackingInput): TrackingInput {
  const swapped = digitsOf(folio) === 16 && digitsOf(accessCode) === 15;
  return swapped ? { folio: accessCode, accessCode: folio } : { folio, accessCode };
}

/** Digits of what was typed; a folio with letters has fewer. */
function digitsOf(typed: string): number {
  return keyed(typed).replace(/[\s-]/g, '').length;
}

function isDenied(error: unknown): boolean {
  return error instanceof DomainError && error.code === trackingDenied().code;
}

function reporterOf({ institutionId, caseId, generation, keyId }: IvrSession): ReporterActor {
  return {
    kind: 'reporter',
    institutionId,
    caseId,
    codeGeneration: generation,
    machine: { keyId, kind: 'ivr' },
  };
}
