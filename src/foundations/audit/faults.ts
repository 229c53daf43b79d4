import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Gauge } from 'prom-client';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events, EventType } from '../../platform/events.js';
import { Log } from '../../platform/logging.js';
import { RouteMetrics } from '../../platform/metrics.js';
import type { Fault } from './audit.entities.js';

/** A disagreement in the trail, or between the trail and what it describes. */
export interface FoundFault {
  fault: Fault;
  caseId?: string;
  entryId?: string;
}

/**
 * New faults, told in the transaction that found them. A null institution means the trail of the
 * installation.
 */
export const TrailFaultsFound = new EventType<{
  institutionId: string | null;
  faults: readonly FoundFault[];
}>('trail-faults-found', 'required');

/**
 * Notes what is wrong with the trail. Notes each fault once, counts the faults in a metric, and tells them to
 * the listeners.
 */
@Injectable()
export class AuditFaults implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly events: Events,
    private readonly metrics: RouteMetrics,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    const count = (): Promise<number> => this.count();
    new Gauge({
      name: 'audit_trail_faults',
      help: 'Entries, cases and institutions whose audit trail did not verify; anything above zero needs a look',
      registers: [this.metrics.registry],
      async collect() {
        this.set(await count());
      },
    });
  }

  /** @param today local day of the institution */
  async report(
    tx: Tx,
    institutionId: string | null,
    today: string,
    faults: readonly FoundFault[],
  ): Promise<void> {
    if (faults.length === 0) return;
    const fresh: FoundFault[] = [];
    for (const found of faults) {
      const rows = await tx.query(
        `with noted as (
           insert into audit_faults (id, institution_id, case_id, entry_id, fault, found_on)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning 1)
         select 1 from noted`,
        [randomUUID(), institutionId, found.caseId ?? null, found.entryId ?? null, found.fault, today],
      );
      if (rows.length > 0) fresh.push(found);
    }
    if (fresh.length === 0) return;
    this.log.warning('audit-trail-broken', { code: fresh[0]!.fault, count: fresh.length });
    await this.events.tell(tx, TrailFaultsFound, { institutionId, faults: fresh });
  }

  /** Returns NaN while the database does not answer, because zero would say that all is well. */
  private async count(): Promise<number> {
    try {
      const [row] = await this.database.tx({ kind: 'nobody' }, (tx) =>
        tx.query<{ n: number }>('select audit_fault_count()::int as n'),
      );
      return row!.n;
    } catch {
      return NaN;
    }
  }
}
