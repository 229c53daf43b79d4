import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database/database.js';
import { Credentials } from '../platform/http/access.guard.js';
import { Limits, type Limit } from '../platform/limits.js';
import { Log } from '../platform/logging.js';

/** Entries per account: enough to see somebody trying doors, too few to flood the trail with. */
const AUDITED: Limit = { points: 20, seconds: 900 };

/** Writes refused permissions into the audit trail, in a transaction of their own. */
@Injectable()
export class Denials implements OnModuleInit, OnModuleDestroy {
  private readonly pending = new Set<Promise<void>>();

  constructor(
    private readonly credentials: Credentials,
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly limits: Limits,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.credentials.onDenial((actor, permission) => {
      const writing = this.record(actor, permission)
        .catch((error: unknown) => this.log.fault('denial-not-recorded', error))
        .finally(() => this.pending.delete(writing));
      this.pending.add(writing);
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.settled();
  }

  /** Resolves when every denial so far is written. */
  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  private async record(actor: Actor, permission: string): Promise<void> {
    if (actor.kind !== 'staff') return;
    const room = await this.limits.take('denial-audit', actor.accountId, AUDITED);
    const capped = room.used === AUDITED.points + 1;
    if (!room.allowed && !capped) return;
    // From here on denials of this account are no longer written, until the window ends.
    const payload = { permission, furtherEntriesOmitted: capped || undefined };
    await this.database.tx(actor, (tx) => this.audit.record(tx, { event: 'ACCESS_DENIED', payload }));
  }
}
