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
 * Releases receipts: people get their folio and access code. A held receipt looks for its opened submission.
 * The case cannot look for its receipt, because the case does not know the sender. All receipts of the
 * submissions opened meanwhile go together, at a fixed cadence. A receipt is held as long as its report
 * waits.
 */
@Injectable()
export class SendReceipts {
  constructor(
    private readonly database: Database,
    private readonly submissions: Submissions,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** @returns number of marks of opened cases that are no longer needed */
  @Sweep({ name: SWEEPS.confirm, ofReporters: true, every: CADENCE, steady: true, wakes: [SWEEPS.send] })
  async run(): Promise<number> {
    // Read the marks before the held rows: the held row of a mark was committed before its case could be
    // opened.
    const marked = await this.database.tx(NOBODY, (tx) =>
      tx.query<Marked>('select ticket, sealed from wa_opened'),
    );
    if (marked.length === 0) return 0;
    const served = await this.database.tx(NOBODY, (tx) => this.release(tx, marked));
    // Delete the marks in a second transaction. One transaction must not end a row of the case and change a
    // row with an address.
    if (served.length > 0) {
      await this.database.tx(NOBODY, (tx) =>
        tx.query('delete from wa_opened where ticket = any($1::bytea[])', [served]),
      );
    }
    return served.length;
  }

  /** @returns tickets for which no receipt waits any more */
  private async release(tx: Tx, marked: readonly Marked[]): Promise<Buffer[]> {
    // Take the claim: without it a second worker would find no receipts and delete the marks before this
    // worker has committed.
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
    // A run that died has released the receipt of a mark that has no receipt now. If a receipt cannot be
    // read, keep these marks, because one of them may belong to it.
    return unread > 0 ? served : [...served, ...[...left.values()].map(({ ticket }) => ticket)];
  }
}

function receiptText(held: HeldReceipt, { folio = held.folio, dueOn }: Opened): string {
  return TEXTS.receipt(folio, held.accessCode, dueOn === undefined ? undefined : firstAnswer('es', dueOn));
}
