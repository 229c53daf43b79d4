import { Injectable } from '@nestjs/common';
import { TrailReader } from '../../foundations/audit/trail.reader.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import type { ByteRange } from '../../platform/crypto/sealed-file.js';
import type { Tx } from '../../platform/database/tx.js';
import { CaseReads, type FoundCase } from '../cases/case-reads.js';

const EVENT = 'EVIDENCE_OPENED';
/** Milliseconds. A player that seeks asks for a hundred parts of one recording. */
const SITTING = 3_600_000;

/** What the trail says of a copy that was opened. */
interface Opened {
  /** Id of the file. */
  evidence: string;
  number: number;
  /** Of the copy. */
  sha256: string;
}

/** Says in the trail who opened which copy. */
@Injectable()
export class Openings {
  constructor(
    private readonly reads: CaseReads,
    private readonly trail: TrailReader,
    private readonly clock: Clock,
  ) {}

  /**
   * Step: records that bytes of a copy leave. A part with the first byte is an opening, each time. Another
   * part belongs to the opening before it, when the trail has one of the same account and the same copy
   * within the last hour. So no byte leaves without an entry, and no entry counts for longer than an hour.
   */
  async record(
    tx: Tx,
    found: FoundCase,
    opened: Opened,
    by: { actor: StaffActor; part: ByteRange },
  ): Promise<void> {
    if (by.part.from > 0 && (await this.isOpen(tx, found, opened, by.actor))) return;
    this.reads.record(tx, found, EVENT, { ...opened });
  }

  private async isOpen(
    tx: Tx,
    found: FoundCase,
    { evidence, sha256 }: Opened,
    { accountId: account }: StaffActor,
  ): Promise<boolean> {
    const { row, keys, catalog } = found;
    const subject = { caseId: row.id, auditKey: keys.audit, zone: catalog.institution.timeZone };
    const since = new Date(this.clock.now().getTime() - SITTING);
    const own = await this.trail.actsOf(tx, subject, { account, event: EVENT, since });
    return own.some(
      ({ data, fault }) => fault === null && data.evidence === evidence && data.sha256 === sha256,
    );
  }
}
