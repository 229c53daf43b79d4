import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService, type AuditFact } from '../audit/audit.service.js';
import type { OmissionSource } from '../audit/audit.entities.js';
import { system, type Actor } from '../platform/actor.js';
import { Database } from '../platform/database/database.js';
import type { Tx } from '../platform/database/tx.js';
import { Refusals, type Refusal } from '../platform/http/refusals.js';
import { Sweeper } from '../platform/jobs/sweeper.js';
import { Limits, windowNumber, type Limit } from '../platform/limits.js';
import { Log } from '../platform/logging.js';

/**
 * Entries per account, and of strangers per kind of refusal, in a quarter of an hour: enough to see somebody trying doors, too few
 * to flood the trail with. What one account or kind fills leaves room for the others. The windows are fixed, so that
 * every process counts into the same one.
 */
const CAP: Limit = { points: 20, seconds: 900, fixed: true };
/** Milliseconds between two looks at what was swallowed. */
const EVERY = 60_000;

/** A refusal to be written down. */
export interface Denial {
  /** In whose transaction: decides actor and institution of the entry. */
  actor: Actor;
  source: OmissionSource;
  /** Of the account concerned; absent for strangers, who share one cap per source. */
  accountId?: string;
  fact: AuditFact;
  /** Written whatever the cap says: the lock of an account. */
  always?: boolean;
}

interface Omission {
  id: string;
  account_id: string | null;
  source: OmissionSource;
  swallowed: number;
}

/**
 * Writes refusals into the audit trail, each in a transaction of its own and after the answer, so that nothing of it shows in the
 * time of the answer. Above the cap they are counted, and when the window is over an entry says how many there were.
 */
@Injectable()
export class Denials implements OnModuleInit, OnModuleDestroy {
  private readonly pending = new Set<Promise<void>>();

  constructor(
    private readonly refusals: Refusals,
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly limits: Limits,
    private readonly sweeper: Sweeper,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.refusals.onRefusal((refusal) => this.write(denialOf(refusal)));
    this.sweeper.register({ name: 'refusals-omitted', every: EVERY, run: () => this.summarise(new Date()) });
  }

  async onModuleDestroy(): Promise<void> {
    await this.settled();
  }

  /** Writes one down in the background. */
  write(denial: Denial): void {
    const writing = this.record(denial)
      .catch((error: unknown) => this.log.fault('denial-not-recorded', error))
      .finally(() => this.pending.delete(writing));
    this.pending.add(writing);
  }

  /** Resolves when every denial so far is written. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  /**
   * Writes an entry for each window that is over and swallowed something.
   * @param now of the machine, by which the windows run
   * @returns entries written
   */
  async summarise(now: Date): Promise<number> {
    const institutions = await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query<{ id: string }>('select id from institutions'),
    );
    const actors: Actor[] = [{ kind: 'nobody' }, ...institutions.map(({ id }) => system('audit', id))];
    let written = 0;
    for (const actor of actors) written += await this.database.tx(actor, (tx) => this.tell(tx, now));
    return written;
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

  private async record({ actor, source, accountId, fact, always }: Denial): Promise<void> {
    const room = await this.limits.take('denial-audit', `${source}|${accountId ?? '*'}`, CAP);
    await this.database.tx(actor, (tx) =>
      room.allowed || always ? this.audit.record(tx, fact) : this.swallow(tx, source, accountId),
    );
  }

  private async swallow(tx: Tx, source: OmissionSource, accountId: string | undefined): Promise<void> {
    const institutionId = 'institutionId' in tx.actor ? tx.actor.institutionId : null;
    const until = new Date((windowNumber(CAP.seconds) + 1) * CAP.seconds * 1000);
    await tx.query(
      `insert into audit_omissions (id, institution_id, account_id, source, until, swallowed) values ($1, $2, $3, $4, $5, 1)
       on conflict (source, until, coalesce(account_id, '00000000-0000-0000-0000-000000000000'))
       do update set swallowed = audit_omissions.swallowed + 1`,
      [randomUUID(), institutionId, accountId ?? null, source, until],
    );
  }
}

function denialOf(refusal: Refusal): Denial {
  const { method, route } = refusal;
  if (refusal.kind !== 'staff') {
    const fact = { event: 'CREDENTIAL_REFUSED', payload: { credential: refusal.kind, method, route } };
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
