import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { system, type Actor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Refusals, type Refusal } from '../../platform/http/refusals.js';
import { Sweep, type Installation, type Owner } from '../../platform/jobs/sweep.js';
import { Limits, windowNumber, type Limit } from '../../platform/limits.js';
import { Log } from '../../platform/logging.js';
import { AuditService, type AuditFact } from '../audit/audit.service.js';
import type { OmissionSource } from './identity.entities.js';

/**
 * The largest number of entries in a quarter of an hour, for each account, and for strangers for each kind of
 * refusal. This is enough to see that somebody tries doors, and too few to flood the trail. When one account
 * or kind reaches its cap, the others still have room. The windows are fixed, so that every process counts in
 * the same window.
 */
const CAP: Limit = { points: 20, seconds: 900, fixed: true };
/** Milliseconds between two looks at the refusals that were only counted. */
const EVERY = 60_000;

/** A refusal to be written into the trail. */
export interface Denial {
  /** The actor of the transaction. It decides actor and institution of the entry. */
  actor: Actor;
  source: OmissionSource;
  /** Id of the account concerned. Absent for strangers, who share one cap for each source. */
  accountId?: string;
  fact: AuditFact;
  /** Write this refusal even above the cap: it says that an address is slowed down from now on. */
  always?: boolean;
}

interface Omission {
  id: string;
  account_id: string | null;
  source: OmissionSource;
  swallowed: number;
}

/** Refusals above a cap in one window that are not stored yet. */
interface Swallowed {
  denial: Denial;
  window: number;
  count: number;
}

/** The largest number of writes at once. More would take the connections that reports need. */
const AT_ONCE = 20;
/** Milliseconds after which the counts are stored. */
const STORE_AFTER = 5_000;

/**
 * Writes refusals into the audit trail. Each refusal has its own transaction after the answer, so that the
 * time of the answer shows nothing of it. Refusals above the cap are only counted: first in memory for some
 * seconds, then in a row. So a flood does not cost one statement for each refusal. When the window is over,
 * one entry tells how many there were.
 */
@Injectable()
export class Denials implements OnModuleInit, OnModuleDestroy {
  private readonly pending = new Set<Promise<void>>();
  private readonly swallowed = new Map<string, Swallowed>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly refusals: Refusals,
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly limits: Limits,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.refusals.onRefusal((refusal) => this.write(denialOf(refusal)));
  }

  async onModuleDestroy(): Promise<void> {
    await this.settled();
  }

  /** Writes one refusal in the background. */
  write(denial: Denial): void {
    const above = this.swallowed.get(keyOf(denial));
    const full = above?.window === windowNumber(CAP.seconds) || this.pending.size >= AT_ONCE;
    if (full && !denial.always) this.swallow(denial);
    else this.track(this.record(denial));
  }

  /** Resolves when every refusal so far is written, or counted in a row. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
    await this.store();
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.log.fault('denial-not-recorded', error))
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  /**
   * Writes an entry for each window that is over and has counted refusals.
   * @param now of the machine, by which the windows run
   * @returns entries written
   */
  @Sweep({ name: 'refusals-omitted', every: EVERY, per: 'institution, with installation' })
  async summarise({ id }: Owner | Installation, now = new Date()): Promise<number> {
    const actor: Actor = id === null ? { kind: 'nobody' } : system('audit', id);
    return this.database.tx(actor, (tx) => this.tell(tx, now));
  }

  private async tell(tx: Tx, now: Date): Promise<number> {
    const omitted = await tx.query<Omission>(
      `with over as (
         select id from audit_omissions where until <= $1 for update skip locked),
       gone as (
         delete from audit_omissions o using over where o.id = over.id returning o.id, o.account_id, o.source, o.swallowed)
       select * from gone`,
      [now],
    );
    await this.audit.recordMany(
      tx,
      omitted.map(({ account_id: accountId, source, swallowed }) => ({
        event: 'REFUSALS_OMITTED',
        about: accountId ?? undefined,
        payload: { source, accountId, swallowed },
      })),
    );
    return omitted.length;
  }

  private async record(denial: Denial): Promise<void> {
    const room = await this.limits.take('denial-audit', keyOf(denial), CAP);
    if (room.allowed || denial.always)
      await this.database.tx(denial.actor, (tx) => this.audit.record(tx, denial.fact));
    else this.swallow(denial);
  }

  private swallow(denial: Denial): void {
    const window = windowNumber(CAP.seconds);
    const key = keyOf(denial);
    const known = this.swallowed.get(key);
    if (known?.window === window) known.count += 1;
    else {
      if (known) this.track(this.storeOne(known));
      this.swallowed.set(key, { denial, window, count: 1 });
    }
    this.timer ??= setTimeout(() => this.track(this.store()), STORE_AFTER).unref();
  }

  /** Stores the counts so far. An entry of the map stays until its window ends. */
  private async store(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const window = windowNumber(CAP.seconds);
    for (const [key, one] of [...this.swallowed]) {
      await this.storeOne(one);
      if (one.window !== window && one.count === 0) this.swallowed.delete(key);
    }
  }

  private async storeOne(one: Swallowed): Promise<void> {
    const { denial, window, count } = one;
    if (count === 0) return;
    const institutionId = 'institutionId' in denial.actor ? denial.actor.institutionId : null;
    const until = new Date((window + 1) * CAP.seconds * 1000);
    one.count -= count;
    const writing = this.database.tx(denial.actor, (tx) =>
      tx.query(
        `insert into audit_omissions (id, institution_id, account_id, source, until, swallowed) values ($1, $2, $3, $4, $5, $6)
         on conflict (source, until, coalesce(account_id, '00000000-0000-0000-0000-000000000000'))
         do update set swallowed = audit_omissions.swallowed + excluded.swallowed`,
        [randomUUID(), institutionId, denial.accountId ?? null, denial.source, until, count],
      ),
    );
    try {
      await writing;
    } catch (error) {
      one.count += count;
      throw error;
    }
  }
}

/** Returns the key of the cap against which a refusal counts. */
function keyOf({ source, accountId }: Denial): string {
  return `${source}|${accountId ?? '*'}`;
}

function denialOf(refusal: Refusal): Denial {
  const { method, route } = refusal;
  if (refusal.kind !== 'staff') {
    const fact: AuditFact = {
      event: 'CREDENTIAL_REFUSED',
      payload: { credential: refusal.kind, method, route },
    };
    return { actor: { kind: 'nobody' }, source: refusal.kind, fact };
  }
  const { actor, code, permission, asked } = refusal;
  return {
    actor,
    source: 'account',
    accountId: actor.accountId,
    fact: { event: 'ACCESS_DENIED', payload: { code, permission, method, route, asked } },
  };
}
