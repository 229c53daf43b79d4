import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { AuditFaults } from '../../foundations/audit/faults.js';
import { TrailReader, type TrailOwner } from '../../foundations/audit/trail.reader.js';
import { system, type Actor } from '../../platform/actor.js';
import { Clock, dayBefore, localDay } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Sweep, type Installation, type Owner } from '../../platform/jobs/sweep.js';
import { TrailCheck } from '../../work/cases/trail-check.js';
import { TrailTotal, type Total } from './trail-totals.js';

const EVERY = 3600_000;
/**
 * A day counts as over this long after its end. By then a transaction of its last second has committed or
 * failed.
 */
const GRACE_MS = 10 * 60_000;
/** Number of cases, or of entries of an institution, per transaction. */
const PAGE = 200;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** What the previous verification recorded. */
interface Verified extends Total {
  upTo: string;
}

/**
 * Verify the whole trail once a day. Compares every entry with its commitment and its columns. Compares every
 * stored ciphertext with the entries that vouch for it. Compares the number and digest of all entries until
 * the day of the previous verification with those that it recorded. Reads all entries in one pass, with four
 * statements for every 200 cases.
 */
@Injectable()
export class VerifyTrail {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly trail: TrailReader,
    private readonly checks: TrailCheck,
    private readonly faults: AuditFaults,
    private readonly clock: Clock,
  ) {}

  /** Verify the trail, unless the last verification already covers yesterday. @returns 0: one run does all */
  @Sweep({ name: 'verify-trail', every: EVERY, per: 'institution, with installation' })
  async run(owner: Owner | Installation): Promise<0> {
    await this.verify(owner);
    return 0;
  }

  private async verify(owner: TrailOwner): Promise<void> {
    const { id, timeZone } = owner;
    const actor: Actor = id === null ? { kind: 'nobody' } : system('audit', id);
    const upTo = dayBefore(localDay(new Date(this.clock.now().getTime() - GRACE_MS), timeZone));
    const last = await this.database.tx(actor, (tx) => this.lastOf(tx, owner));
    if (last && last.upTo >= upTo) return;
    const totals = [new TrailTotal(upTo), new TrailTotal(last?.upTo ?? upTo)] as const;
    if (id !== null) {
      for (let after: string | undefined = NO_ID; after !== undefined;) {
        const from: string = after;
        const look = (tx: Tx) => this.casesAfter(tx, { id, timeZone }, from, totals);
        after = await this.database.tx(actor, look, { snapshot: true });
      }
    }
    for (let after: string | undefined = NO_ID; after !== undefined;) {
      const from: string = after;
      after = await this.database.tx(actor, (tx) => this.entriesAfter(tx, owner, from, totals));
    }
    await this.database.tx(actor, async (tx) => {
      // Another worker may have finished in the meantime.
      const latest = await this.lastOf(tx, owner);
      if (latest && latest.upTo >= upTo) return;
      const before = totals[1].total;
      const changed = last && (before.entries !== last.entries || before.digest !== last.digest);
      if (changed) await this.faults.report(tx, id, this.clock.today(timeZone), [{ fault: 'past' }]);
      await this.audit.record(tx, {
        event: 'AUDIT_VERIFIED',
        payload: { upTo, ...totals[0].total, previous: last?.upTo, pastChanged: changed || undefined },
      });
    });
  }

  /** The last verification whose own trail entry has no fault. */
  private async lastOf(tx: Tx, owner: TrailOwner): Promise<Verified | undefined> {
    const found = await this.trail.ofInstitution(tx, owner, { event: 'AUDIT_VERIFIED', limit: 10 });
    return found.find(({ fault }) => fault === null)?.data as unknown as Verified | undefined;
  }

  /** @returns id of the last case looked at; undefined at the end */
  private async casesAfter(
    tx: Tx,
    institution: { id: string; timeZone: string },
    after: string,
    totals: readonly TrailTotal[],
  ): Promise<string | undefined> {
    const today = this.clock.today(institution.timeZone);
    const { entries, last } = await this.checks.checkNext(tx, institution, { after, limit: PAGE, today });
    for (const entry of entries) for (const total of totals) total.add(entry);
    return last;
  }

  private async entriesAfter(
    tx: Tx,
    owner: TrailOwner,
    after: string,
    totals: readonly TrailTotal[],
  ): Promise<string | undefined> {
    const entries = await this.trail.page(tx, owner, after, PAGE);
    for (const entry of entries) for (const total of totals) total.add(entry);
    const found = entries.flatMap(({ id: entryId, fault }) => (fault ? [{ entryId, fault }] : []));
    await this.faults.report(tx, owner.id, this.clock.today(owner.timeZone), found);
    return entries.at(-1)?.id;
  }
}
