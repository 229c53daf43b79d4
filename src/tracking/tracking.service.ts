import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { accessDigest, folioHash } from '../cases/access-code.js';
import { parseAccessCode, parseFolio } from '../cases/folio.js';
import type { ReporterActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { openJson, sealJson } from '../platform/crypto/aead.js';
import { KeyRing } from '../platform/crypto/keyring.js';
import { Database } from '../platform/database/database.js';
import { DomainError } from '../platform/errors.js';
import { Credentials, unauthenticated, type CredentialResolver, type Resolved } from '../platform/http/access.guard.js';
import { Limits } from '../platform/limits.js';
import { Semaphore } from '../platform/semaphore.js';

const LIFE_MS = 30 * 60_000;
const PREFIX = 'dat_';
const PLACE = { table: 'tracking', row: 'token', field: 'token' };

/** OWASP's minimum of 2026: the digest it protects is already keyed with the pepper. */
export const ARGON2 = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Wrong tries per folio in a quarter of an hour, and of everybody per minute. Guessing 10^16 codes stays hopeless. */
const PER_FOLIO = { points: 10, seconds: 900 };
const OVERALL = { points: 300, seconds: 60 };
/** A right code is still let in while its folio is under attack, but only after this wait. */
const PENALTY_MS = 2_000;

/**
 * The reporter's key: folio + access code open a token of half an hour. The token is sealed, not stored: no row, no
 * time, no trace of a visit but the audit entry with its day.
 */
@Injectable()
export class TrackingService implements CredentialResolver, OnModuleInit {
  /** argon2 takes 19 MiB and 20 ms each: two at a time keep memory and intake safe. */
  private readonly slots = new Semaphore(2);
  private readonly waiting = new Semaphore(64);
  private dummy?: string;

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
    const folio = parseFolio(input.folio) ?? '';
    const code = parseAccessCode(input.accessCode) ?? '';
    const key = this.keys.hash('tracking-limit', folio).toString('hex').slice(0, 40);
    const own = await this.limits.peek('tracking', key, PER_FOLIO);
    const all = await this.limits.peek('tracking-all', 'all', OVERALL);
    const limited = !own.allowed || !all.allowed;
    if (limited) {
      // Under attack the right code still works, slowly; the number of those waiting is bounded.
      if (!this.waiting.tryEnter()) throw tooMany(all.allowed ? own.retryAfter : all.retryAfter);
      try {
        await new Promise((resolve) => setTimeout(resolve, PENALTY_MS));
      } finally {
        this.waiting.leave();
      }
    }
    const found = await this.check(folio, code);
    if (!found) {
      if (limited) throw tooMany(own.allowed ? all.retryAfter : own.retryAfter);
      await this.limits.take('tracking', key, PER_FOLIO);
      await this.limits.take('tracking-all', 'all', OVERALL);
      throw new DomainError('TRACKING_DENIED', 401, {
        es: 'El folio y la clave no coinciden. Revisa los 16 dígitos y el folio completo.',
        en: 'Folio and access code do not match. Check the 16 digits and the whole folio.',
      });
    }
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

  private async check(folio: string, code: string): Promise<{ caseId: string; institutionId: string } | null> {
    const digest = accessDigest(this.keys, folio, code);
    const [row] = await this.database.definer<{
      case_id: string;
      institution_id: string;
      digest: string;
      hardened: boolean;
    }>('auth_tracking', [folioHash(this.keys, folio)]);
    const argonMatches = await this.slots.run(async () => {
      this.dummy ??= await hash('no such code', ARGON2);
      return verify(row?.hardened ? row.digest : this.dummy, digest);
    });
    if (!row) return null;
    const matches = row.hardened ? argonMatches : safeEqual(row.digest, digest);
    return matches ? { caseId: row.case_id, institutionId: row.institution_id } : null;
  }
}

function safeEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function tooMany(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_ATTEMPTS',
    429,
    {
      es: 'Hubo demasiados intentos con este folio. Espera un momento y revisa tu clave antes de repetir.',
      en: 'There were too many attempts with this folio. Wait a moment and check your code before trying again.',
    },
    { retryAfter },
  );
}
