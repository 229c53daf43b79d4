import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../platform/database/tx.js';
import type { ConfirmedReport } from '../bot/draft.js';
import { Channel } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { WaOpenedRow, WaSubmissionRow } from '../whatsapp.entities.js';

/** What is needed to open the case. */
export interface Submission {
  report: ConfirmedReport;
  folio: string;
  accessCode: string;
}

/** What the opening adds to the receipt. */
export interface Opened {
  /** The new folio, when another case had taken the drawn one. */
  folio?: string;
  /** Last day for the first response. */
  dueOn?: string;
}

/** Rows are sealed under the first name of their table. So rows that waited during an upgrade still open. */
const SEALED_AS = 'wa_handovers';

/**
 * Confirmed reports on their way from the conversation to the case. Neither their rows nor the marks for the
 * receipt hold anything about a sender, sealed or not. The transaction that confirms and the one that opens
 * never write the same row.
 */
@Injectable()
export class Submissions {
  constructor(
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
  ) {}

  /** Step of the confirmation. @returns the id that the receipt carries, sealed */
  async submit(tx: Tx, institutionId: string, submission: Submission): Promise<string> {
    const id = randomUUID();
    const sealed = this.keys.seal(SEALED_AS, id, submission);
    await tx.insert(WaSubmissionRow, [{ id, institutionId, day: this.channel.today, sealed }]);
    return id;
  }

  /** @throws Error when it was sealed under another key */
  open(id: string, sealed: Buffer): Submission {
    return this.keys.open<Submission>(SEALED_AS, id, sealed);
  }

  /**
   * Step of the opening: end submissions and leave a mark with the data for each receipt. Only the holder of
   * the pepper can find the mark.
   */
  async settle(tx: Tx, opened: readonly { id: string; facts: Opened }[]): Promise<void> {
    if (opened.length === 0) return;
    await tx.query('delete from wa_submissions where id = any($1)', [opened.map(({ id }) => id)]);
    await tx.insert(
      WaOpenedRow,
      opened.map(({ id, facts }) => {
        const ticket = this.keys.ticket(id);
        return { ticket, sealed: this.keys.seal('wa_opened', ticket.toString('hex'), facts) };
      }),
    );
  }

  /** The name under which the receipt of a submission finds its mark. */
  ticket(id: string): string {
    return this.keys.ticket(id).toString('hex');
  }

  /** @throws Error when it was sealed under another key */
  opened(ticket: string, sealed: Buffer): Opened {
    return this.keys.open<Opened>('wa_opened', ticket, sealed);
  }
}
