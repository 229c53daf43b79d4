import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import { WAKE } from '../../../platform/jobs/sweeper.js';
import { Log } from '../../../platform/logging.js';
import { Channel, SWEEPS } from '../channel.js';
import { lockAll, outboxLock } from '../locks.js';
import type { ReplyAddress } from '../meta/sender.js';
import type { StatusEvent } from '../meta/webhook-events.js';
import { WaOutboxRow } from '../whatsapp.entities.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import type { OutgoingMessage } from '../meta/outgoing.js';

/** To whom: the lane keeps the messages to one person in order. */
export interface Recipient {
  lane: Buffer;
  address: ReplyAddress;
}

/** What lies sealed in a row until the message has left. Instants are milliseconds of the service's clock. */
export interface Letter {
  address: ReplyAddress;
  message: OutgoingMessage;
  writtenAt: number;
  /** Folio and access code: sending them twice is harmless, losing them is not. */
  receipt: boolean;
  attempts: number;
  /** Not to be tried before. */
  notBefore?: number;
  /** A process took it to send it. */
  takenAt?: number;
}

/** Whatever happens, a letter and the access code in it live no longer. */
const LIFE_MS = 24 * 3600_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Messages to people, from the transaction that decides them until Graph has taken them. */
@Injectable()
export class Outbox {
  constructor(
    private readonly clock: Clock,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly log: Log,
  ) {}

  /** Step: puts messages behind those that wait for the same person. */
  async put(tx: Tx, to: Recipient, messages: readonly OutgoingMessage[], receipt = false): Promise<void> {
    if (messages.length === 0) return;
    await lockAll(tx, [outboxLock(to.lane)]);
    const [row] = await tx.query<{ last: number }>(
      'select coalesce(max(turn), 0)::int as last from wa_outbox where lane = $1',
      [to.lane],
    );
    const writtenAt = this.clock.now().getTime();
    const rows = messages.map((message, index): Partial<WaOutboxRow> => {
      const id = randomUUID();
      const letter: Letter = { address: to.address, message, writtenAt, receipt, attempts: 0 };
      const turn = row!.last + index + 1;
      return { id, lane: to.lane, turn, state: 'waiting', day: this.channel.today, sealed: this.seal(id, letter) };
    });
    await tx.insert(WaOutboxRow, rows);
    await tx.query(WAKE, [SWEEPS.send]);
  }

  /**
   * Step: what Meta says became of messages. Also the proof that one whose answer never came did go out: then it is not
   * sent again.
   */
  async takeStatuses(tx: Tx, statuses: readonly StatusEvent[]): Promise<void> {
    // In one order for everybody, so that two transactions never wait for each other.
    const known = statuses.filter(({ opaque, status }) => status !== 'other' && UUID.test(opaque ?? ''));
    for (const { opaque, status, errorCode } of known.sort((a, b) => (a.opaque! < b.opaque! ? -1 : 1))) {
      const state = status === 'sent' || status === 'failed' ? status : 'delivered';
      const changed = await tx.query(
        `with changed as (
           update wa_outbox set state = $2, lane = null, turn = null, sealed = null
            where id = $1 and state = any($3) returning 1)
         select 1 from changed`,
        [opaque, state, REPLACED[state]],
      );
      if (state === 'failed' && changed.length > 0) {
        this.log.warning('whatsapp-undelivered', { code: errorCode ?? 0, day: this.channel.today });
      }
    }
  }

  /** Step: ends a message, whose content is destroyed. Nothing happens when a status was faster. */
  async end(tx: Tx, id: string, state: 'sent' | 'failed' | 'unknown' | 'expired'): Promise<void> {
    await tx.query(
      `update wa_outbox set state = $2, lane = null, turn = null, sealed = null where id = $1 and sealed is not null`,
      [id, state],
    );
  }

  isExpired(letter: Letter): boolean {
    return letter.writtenAt + LIFE_MS <= this.clock.now().getTime();
  }

  seal(id: string, letter: Letter): Buffer {
    return this.keys.seal('wa_outbox', id, letter);
  }

  /** Undefined when it was sealed under another key. */
  open(id: string, sealed: Buffer): Letter | undefined {
    try {
      return this.keys.open<Letter>('wa_outbox', id, sealed);
    } catch {
      return undefined;
    }
  }
}

/** Statuses come in any order, and more than once: each replaces only what is less. */
const REPLACED = {
  sent: ['waiting', 'sending', 'unknown'],
  delivered: ['waiting', 'sending', 'unknown', 'sent'],
  failed: ['waiting', 'sending', 'unknown', 'sent'],
} as const;
