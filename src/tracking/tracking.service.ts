import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { accessDigest, folioHash } from '../cases/access-code.js';
import { parseAccessCode, parseFolio } from '../cases/folio.js';
import { evenOut, inTurn, type Check } from '../identity/passwords/passwords.js';
import type { ReporterActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { openJson, sealJson } from '../platform/crypto/aead.js';
import { KeyRing } from '../platform/crypto/keyring.js';
import { Database } from '../platform/database/database.js';
import { DomainError } from '../platform/errors.js';
import { Credentials, unauthenticated, type CredentialResolver, type Resolved } from '../platform/http/access.guard.js';
import { Limits, OVERALL } from '../platform/limits.js';
import { Semaphore } from '../platform/semaphore.js';

const LIFE_MS = 30 * 60_000;
const PREFIX = 'dat_';
const PLACE = { table: 'tracking', row: 'token', field: 'token' };

/** Wrong tries per folio in a quarter of an hour, and of everybody per minute: guessing one of 10^16 codes stays hopeless. */
const PER_FOLIO = { points: 10, seconds: 900 };
const OF_ALL = { points: 300, seconds: 60 };
/** A right code is let in while its folio is under attack, but only after this wait. */
const PENALTY_MS = 1_500;
/**
 * Callers of one process who may wait so at once, for one folio and in all. After the wait they are checked in one line,
 * one at a time and some 40 a second, so that the last of them has waited some seven seconds and half of what this
 * process can check stays for everybody else. To keep the right one out an attacker must hold this line full all the time.
 */
const WAITING_PER_FOLIO = 100;
const WAITING = 200;

interface Found {
  caseId: string;
  institutionId: string;
}

/**
 * The reporter's key: folio + access code open a token of half an hour. The token is sealed, not stored: of a visit stays
 * the audit entry with its day. Of wrong tries a counter stays for up to an hour after its window, under a keyed hash.
 */
@Injectable()
export class TrackingService implements CredentialResolver, OnModuleInit {
  private readonly waiting = new Semaphore(WAITING);
  private readonly line = new Semaphore(1);
  private readonly perFolio = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly credentials: Credentials,
  ) {}

  onModuleInit(): void {
    this.credentials.register(this);
  }

  /**
   * Checks folio and access code with exactly one argon2, also for unknown folios and codes not yet hardened.
   * @throws TRACKING_DENIED (the same for an unknown folio and a wrong code), TOO_MANY_ATTEMPTS
   */
  async open(input: { folio: string; accessCode: string }): Promise<{ token: string; expiresAt: Date }> {
    const began = performance.now();
    const folio = parseFolio(input.folio) ?? '';
    const code = parseAccessCode(input.accessCode) ?? '';
    // Texts that are no folio do not share one window: the tries of one caller must not send all others away.
    const tried = folio === '' ? input.folio : folio;
    const retryAfter = await this.limited(tried);
    // Checking and counting within one turn: parallel guesses gain at most one try each.
    const look = (): Promise<Found | null> =>
      inTurn(async (check) => {
        const right = await this.check(check, folio, code);
        if (!right && retryAfter === 0) {
          await this.limits.penalize('tracking', tried, PER_FOLIO);
          // A text that is no folio can be nobody's: it must not use up what all reporters share.
          if (folio !== '') await this.limits.penalize('tracking', OVERALL, OF_ALL);
        }
        return right;
      });
    const found = retryAfter > 0 ? await this.afterWaiting(tried, retryAfter, look) : await look();
    if (!found) {
      await evenOut(began);
      throw retryAfter > 0 ? tooMany(retryAfter) : denied();
    }
    // The right code ends the count of typing errors; under attack it must not give the attacker a new allowance.
    if (retryAfter === 0) await this.limits.reset('tracking', tried);
    const expires = new Date(this.clock.now().getTime() + LIFE_MS);
    const sealed = sealJson(this.keys.session, { ...found, expires: expires.getTime(), nonce: randomUUID() }, PLACE);
    return { token: PREFIX + sealed.toString('base64url'), expiresAt: expires };
  }

  /** A tracking token as actor; null when the credential is not one. */
  async resolve({ bearer }: { bearer?: string }): Promise<Resolved | null> {
    if (!bearer?.startsWith(PREFIX)) return null;
    let token: { caseId: string; institutionId: string; expires: number };
    try {
      token = openJson(this.keys.session, Buffer.from(bearer.slice(PREFIX.length), 'base64url'), PLACE);
    } catch {
      throw unauthenticated();
    }
    if (token.expires <= this.clock.now().getTime()) throw unauthenticated();
    const actor: ReporterActor = { kind: 'reporter', institutionId: token.institutionId, caseId: token.caseId };
    return { actor };
  }

  /**
   * Seconds until this folio may be tried freely again; 0 = now. When everybody together tries too much, only folios with
   * wrong tries of their own wait: the others are no part of it.
   */
  private async limited(tried: string): Promise<number> {
    const own = await this.limits.peek('tracking', tried, PER_FOLIO);
    if (!own.allowed || own.used === 0) return own.retryAfter;
    return (await this.limits.peek('tracking', OVERALL, OF_ALL)).retryAfter;
  }

  /** Under attack: waits, then looks in one line with all who wait. Who finds no place is refused after the same wait. */
  private async afterWaiting<T>(tried: string, retryAfter: number, look: () => Promise<T>): Promise<T> {
    const waiting = this.perFolio.get(tried) ?? 0;
    const placed = waiting < WAITING_PER_FOLIO && this.waiting.tryEnter();
    if (placed) this.perFolio.set(tried, waiting + 1);
    try {
      await new Promise((resolve) => setTimeout(resolve, PENALTY_MS));
      if (!placed) throw tooMany(retryAfter);
      return await this.line.run(look);
    } finally {
      if (placed) {
        this.waiting.leave();
        const left = this.perFolio.get(tried)! - 1;
        if (left === 0) this.perFolio.delete(tried);
        else this.perFolio.set(tried, left);
      }
    }
  }

  private async check(argon2: Check, folio: string, code: string): Promise<Found | null> {
    const digest = accessDigest(this.keys, folio, code);
    const [row] = await this.database.definer<{
      case_id: string;
      institution_id: string;
      digest: string;
      hardened: boolean;
    }>('auth_tracking', [folioHash(this.keys, folio)]);
    const hardenedRight = await argon2(row?.hardened ? row.digest : null, digest);
    const freshRight = row !== undefined && !row.hardened && safeEqual(row.digest, digest);
    return row && (hardenedRight || freshRight) ? { caseId: row.case_id, institutionId: row.institution_id } : null;
  }
}

function safeEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function denied(): DomainError {
  return new DomainError('TRACKING_DENIED', 401, {
    es: 'El folio y la clave no coinciden. Revisa los 16 dígitos y el folio completo.',
    en: 'Folio and access code do not match. Check the 16 digits and the whole folio.',
  });
}

function tooMany(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_ATTEMPTS',
    429,
    {
      es: 'Hubo demasiados intentos. Espera un momento y revisa folio y clave antes de repetir.',
      en: 'There were too many attempts. Wait a moment and check folio and code before trying again.',
    },
    { retryAfter },
  );
}
