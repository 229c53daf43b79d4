import { Injectable } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Log } from '../../../platform/logging.js';
import type { OutgoingMessage } from '../bot/messages.js';
import { Channel } from '../channel.js';
import { ENVIRONMENT } from '../numbers/whatsapp-number.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { WaOutboxRow } from '../whatsapp.entities.js';
import type { ReplyAddress } from './sender.js';
import type { Routed, StatusEvent } from './webhook-events.js';

/** The receiver of a message. The lane is random and keeps the messages to one person in order. */
export interface Recipient {
  lane: Buffer;
  address: ReplyAddress;
}

/**
 * The sealed content of a row until the message has left. Instants are milliseconds of the service's clock.
 */
export interface Letter {
  address: ReplyAddress;
  message: OutgoingMessage;
  writtenAt: number;
  /** Whether it holds folio and access code. Sending a receipt twice is harmless; losing it is not. */
  receipt: boolean;
  /**
   * Whether it belongs to a confirmed report. Its row is then deleted at the end, because the row lies beside
   * a case and Meta knows its id.
   */
  vanishes?: boolean;
  attempts: number;
  /** Earliest instant of the next try. */
  notBefore?: number;
  /** When a process took the letter to send it. */
  takenAt?: number;
}

/** The sealed content of a held row: a receipt that waits for its case. */
export interface HeldReceipt {
  address: ReplyAddress;
  submissionId: string;
  folio: string;
  accessCode: string;
}

/** Milliseconds for which a letter may live after it could go, with the access code in it. */
const LIFE_MS = 24 * 3600_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TABLE = 'wa_outbox';

/** Messages to people, from the transaction that decides them until Graph has accepted them. */
@Injectable()
export class Outbox {
  constructor(
    private readonly clock: Clock,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly log: Log,
  ) {}

  /**
   * Step: put messages behind those that wait in the same lane. Another transaction that puts messages into
   * this lane waits or fails meanwhile.
   */
  async put(tx: Tx, { lane, address }: Recipient, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const [row] = await tx.query<{ last: number }>(
      'select coalesce(max(turn), 0)::int as last from wa_outbox where lane = $1',
      [lane],
    );
    const letters = messages.map((message) => this.letter(address, message));
    await tx.insert(WaOutboxRow, this.rows(lane, row!.last, letters));
  }

  /**
   * Step of the confirmation: put its messages and, behind them, the held receipt. The lane is used for
   * nothing else.
   */
  async putConfirmed(
    tx: Tx,
    address: ReplyAddress,
    messages: readonly OutgoingMessage[],
    held: Omit<HeldReceipt, 'address'>,
  ): Promise<void> {
    const lane = randomBytes(32);
    const letters = messages.map((message) => ({ ...this.letter(address, message), vanishes: true }));
    const id = randomUUID();
    const sealed = this.keys.seal(TABLE, id, { address, ...held } satisfies HeldReceipt);
    await tx.insert(WaOutboxRow, [
      ...this.rows(lane, 0, letters),
      { id, lane, turn: letters.length + 1, state: 'held', day: this.channel.today, sealed },
    ]);
  }

  /** @throws Error when it was sealed under another key */
  openHeld(id: string, sealed: Buffer): HeldReceipt {
    const { handoverId, ...held } = this.keys.open<HeldReceipt & { handoverId?: string }>(TABLE, id, sealed);
    // Rows of an older version use the first name of this field.
    return handoverId === undefined ? held : { ...held, submissionId: handoverId };
  }

  /** Step: release a held receipt. Its 24 hours begin now. */
  async release(tx: Tx, id: string, address: ReplyAddress, message: OutgoingMessage): Promise<void> {
    const letter: Letter = { ...this.letter(address, message), receipt: true, vanishes: true };
    await tx.query(
      `update wa_outbox set state = 'waiting', day = $2, sealed = $3 where id = $1 and state = 'held'`,
      [id, this.channel.today, this.seal(id, letter)],
    );
  }

  /**
   * Step: note what Meta reports about messages. A status also proves that a message without an answer did go
   * out. Such a message is not sent again. A status of another number says nothing.
   */
  async takeStatuses(tx: Tx, statuses: readonly Routed<StatusEvent>[]): Promise<void> {
    // Every transaction uses the same order, so that two transactions never wait for each other.
    const known = statuses.filter(({ opaque, status }) => status !== 'other' && UUID.test(opaque ?? ''));
    for (const { opaque, number, status, errorCode } of known.sort((a, b) =>
      a.opaque! < b.opaque! ? -1 : 1,
    )) {
      const state = status === 'sent' || status === 'failed' ? status : 'delivered';
      const [row] = await tx.query<{ state: string; sealed: Buffer | null }>(
        'select state, sealed from wa_outbox where id = $1 for update',
        [opaque],
      );
      const letter = row?.sealed ? this.open(opaque!, row.sealed) : undefined;
      if (letter && numberOf(letter) !== number) continue;
      const counts = row && REPLACED[state].some((less) => less === row.state);
      if (counts && row.sealed) await this.end(tx, opaque!, letter, state);
      else if (counts) await tx.query('update wa_outbox set state = $2 where id = $1', [opaque, state]);
      // Log a failure also without a row: the row of a receipt is deleted when Graph accepts the receipt.
      if (state === 'failed' && (counts || !row)) {
        this.log.warning('whatsapp-undelivered', { code: errorCode ?? 0, day: this.channel.today });
      }
    }
  }

  /**
   * Step: end a message and destroy its content. Delete the row when it belongs to a confirmed report or
   * cannot be read. Do nothing when a status has already ended the message.
   */
  async end(
    tx: Tx,
    id: string,
    letter: Letter | undefined,
    state: Exclude<WaOutboxRow['state'], Open>,
  ): Promise<void> {
    if (!letter || letter.vanishes) {
      await tx.query('delete from wa_outbox where id = $1 and sealed is not null', [id]);
      return;
    }
    await tx.query(
      `update wa_outbox set state = $2, lane = null, turn = null, sealed = null where id = $1 and sealed is not null`,
      [id, state],
    );
  }

  isExpired(letter: Letter): boolean {
    return letter.writtenAt + LIFE_MS <= this.clock.now().getTime();
  }

  seal(id: string, letter: Letter): Buffer {
    return this.keys.seal(TABLE, id, letter);
  }

  /** Undefined when it was sealed under another key. */
  open(id: string, sealed: Buffer): Letter | undefined {
    try {
      return this.keys.open<Letter>(TABLE, id, sealed);
    } catch {
      return undefined;
    }
  }

  private letter(address: ReplyAddress, message: OutgoingMessage): Letter {
    return { address, message, writtenAt: this.clock.now().getTime(), receipt: false, attempts: 0 };
  }

  private rows(lane: Buffer, last: number, letters: readonly Letter[]): Partial<WaOutboxRow>[] {
    return letters.map((letter, index) => {
      const id = randomUUID();
      const turn = last + index + 1;
      return { id, lane, turn, state: 'waiting', day: this.channel.today, sealed: this.seal(id, letter) };
    });
  }
}

/** Id of the number that a letter goes out from. */
export function numberOf({ address }: Letter): string {
  return address.from ?? ENVIRONMENT;
}

type Open = 'held' | 'waiting' | 'sending';

/**
 * The states that a status may replace. Statuses come in any order and more than once, and each replaces only
 * a lower state.
 */
const REPLACED = {
  sent: ['waiting', 'sending', 'unknown'],
  delivered: ['waiting', 'sending', 'unknown', 'sent'],
  failed: ['waiting', 'sending', 'unknown', 'sent'],
} as const;
