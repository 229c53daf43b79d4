import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { claim } from '../../../platform/jobs/claims.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { firstAnswer } from '../../../work/intake/acknowledgement.js';
import { TEXTS } from '../bot/texts.js';
import { CADENCE, NOBODY, SWEEPS } from '../channel.js';
import { Outbox, type HeldReceipt } from '../gateway/outbox.js';
import { Submissions, type Opened } from './submissions.js';

interface Marked {
  ticket: Buffer;
  sealed: Buffer;
}

/**
 * Releases receipts: tells people their folio and access code. A held receipt asks whether its submission was
 * opened, not the other way round: nothing of the case knows whom to tell. All that were opened meanwhile go
 * together, at a cadence that no opening moves. One whose report still waits is held for as long as that
 * takes.
 */
@Injectable()
export class SendReceipts {
  constructor(
    private readonly database: Database,
    private readonly submissions: Submissions,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** @returns marks of opened cases that have served */
  @Sweep({ name: SWEEPS.confirm, ofReporters: true, every: CADENCE, steady: true, wakes: [SWEEPS.send] })
  async run(): Promise<number> {
    // Before the held rows are read: those of these were committed before their cases could be opened.
    const marked = await this.database.tx(NOBODY, (tx) =>
      tx.query<Marked>('select ticket, sealed from wa_opened'),
    );
    if (marked.length === 0) return 0;
    const served = await this.database.tx(NOBODY, (tx) => this.release(tx, marked));
    // Not in the transaction that releases: it would end a row of the case's and change one that names an
    // address.
    if (served.length > 0) {
      await this.database.tx(NOBODY, (tx) =>
        tx.query('delete from wa_opened where ticket = any($1::bytea[])', [served]),
      );
    }
    return served.length;
  }

  /** @returns tickets for which no receipt waits any more */
  private async release(tx: Tx, marked: readonly Marked[]): Promise<Buffer[]> {
    // Without it a second worker would find the receipts gone, and end the marks before this one has
    // committed.
    if (!(await claim(tx, SWEEPS.confirm))) return [];
    const rows = await tx.query<{ id: string; sealed: Buffer }>(
      `select id, sealed from wa_outbox where state = 'held' order by random()`,
    );
    const left = new Map(marked.map((mark) => [mark.ticket.toString('hex'), mark]));
    const served: Buffer[] = [];
    let unread = 0;
    for (const { id, sealed } of rows) {
      try {
        const held = this.outbox.openHeld(id, sealed);
        const ticket = this.submissions.ticket(held.submissionId);
        const mark = left.get(ticket);
        if (!mark) continue;
        left.delete(ticket);
        const body = receiptText(held, this.submissions.opened(ticket, mark.sealed));
        await this.outbox.release(tx, id, held.address, { kind: 'text', body });
        served.push(mark.ticket);
      } catch (error) {
        unread += 1;
        this.log.faultWithoutTime('whatsapp-receipt-failed', error);
      }
    }
    // A mark without a receipt was served by a run that died. Unless there is one that cannot be read: it may
    // be that one's.
    return unread > 0 ? served : [...served, ...[...left.values()].map(({ ticket }) => ticket)];
  }
}

function receiptText(held: HeldReceipt, { folio = held.folio, dueOn }: Opened): string {
  return TEXTS.receipt(folio, held.accessCode, dueOn === undefined ? undefined : firstAnswer('es', dueOn));
}
