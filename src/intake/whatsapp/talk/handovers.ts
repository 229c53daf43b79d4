import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../platform/database/tx.js';
import { WAKE } from '../../../platform/jobs/sweeper.js';
import { Channel, SWEEPS } from '../channel.js';
import type { ReportDraft } from '../conversation/conversation-state.js';
import { WaHandoverRow } from '../whatsapp.entities.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';

/** What the case is opened with. */
export interface Handed {
  report: ReportDraft;
  folio: string;
  accessCode: string;
}

/** What the opening adds to the receipt. */
export interface Opened {
  /** When the drawn one was taken by another case. */
  folio?: string;
  /** Last day for a first answer. */
  dueOn?: string;
}

/** Confirmed reports between the conversation and the case. A row tells nothing of its sender, sealed or not. */
@Injectable()
export class Handovers {
  constructor(
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
  ) {}

  /** Step: hands a confirmed report over. @returns the id by which its session asks for it */
  async hand(tx: Tx, institutionId: string, handed: Handed): Promise<string> {
    const id = randomUUID();
    await tx.insert(WaHandoverRow, [
      {
        id,
        institutionId,
        state: 'waiting',
        day: this.channel.today,
        sealed: this.keys.seal('wa_handovers', id, handed),
      },
    ]);
    await tx.query(WAKE, [SWEEPS.open]);
    return id;
  }

  /** @throws Error when it was sealed under another key */
  open<T extends Handed | Opened>(id: string, sealed: Buffer): T {
    return this.keys.open<T>('wa_handovers', id, sealed);
  }

  seal(id: string, opened: Opened): Buffer {
    return this.keys.seal('wa_handovers', id, opened);
  }
}
