import { Injectable } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY } from '../channel.js';
import type { Sender } from '../meta/sender.js';
import type { AliasMove, MessageEvent } from '../meta/webhook-events.js';
import { WaEventRow } from '../whatsapp.entities.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';

/** What a person did: to be answered, or to be known by from now on. */
export type PersonalEvent = MessageEvent | AliasMove;

/**
 * Tries before an event is put aside. At one try a second it covers a fault of some minutes; after that the person
 * has written again, and what blocks one sender must not block them for ever.
 */
const TRIES = 300;

/** Messages that wait for the bot: one lane per sender, in the order of their arrival. */
@Injectable()
export class Events {
  constructor(
    private readonly database: Database,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly log: Log,
  ) {}

  /** Appends events to their lanes. The caller holds the claim under which lanes grow. */
  async append(tx: Tx, events: readonly PersonalEvent[]): Promise<void> {
    if (events.length === 0) return;
    const placed = events.map((event) => ({ event, lane: this.laneOf(event) }));
    const last = await this.lastTurns(
      tx,
      placed.map(({ lane }) => lane),
    );
    const rows = placed.map(({ event, lane }) => {
      const name = lane.toString('hex');
      const turn = (last.get(name) ?? 0) + 1;
      last.set(name, turn);
      const id = randomUUID();
      return { id, lane, turn, day: this.channel.today, sealed: this.keys.seal('wa_events', id, event) };
    });
    await tx.insert(WaEventRow, rows);
  }

  /** Lanes in which something waits. */
  async lanes(): Promise<Buffer[]> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ lane: Buffer }>(
        // In any order, so that lanes whose event fails do not hide the others.
        `select lane from (select distinct lane from wa_events where state = 'new') as open order by random() limit 200`,
      ),
    );
    return rows.map(({ lane }) => lane);
  }

  /** The first event of a lane. The caller holds the claim of the talk. */
  async head(tx: Tx, lane: Buffer): Promise<{ id: string; sealed: Buffer } | undefined> {
    const [row] = await tx.query<{ id: string; sealed: Buffer }>(
      `select id, sealed from wa_events where lane = $1 and state = 'new' order by turn limit 1`,
      [lane],
    );
    return row;
  }

  /** @throws Error when it was sealed under another key */
  open({ id, sealed }: { id: string; sealed: Buffer }): PersonalEvent {
    const event = this.keys.open<PersonalEvent>('wa_events', id, sealed);
    // JSON keeps an instant as text.
    return event.timestamp === undefined ? event : { ...event, timestamp: new Date(event.timestamp) };
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query('delete from wa_events where id = $1', [id]);
  }

  /**
   * Counts a failed try; after the last one the event is put aside, so that the lane goes on. It is kept for days for a
   * person to look into, and in clear it must not say so long who wrote.
   */
  async fail(id: string): Promise<void> {
    const [row] = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ state: string }>(
        `with changed as (
           update wa_events set attempts = attempts + 1,
                  state = case when attempts + 1 >= $2 then 'failed' else state end,
                  lane = case when attempts + 1 >= $2 then $3 else lane end
            where id = $1 returning state)
         select state from changed`,
        [id, TRIES, randomBytes(32)],
      ),
    );
    if (row?.state === 'failed') this.log.warning('whatsapp-event-put-aside', { day: this.channel.today });
  }

  laneOf(event: PersonalEvent): Buffer {
    const sender: Sender = event.kind === 'message' ? event.sender : event.from;
    // The parser gives no event without an identifier.
    return this.keys.aliases(sender)[0]!;
  }

  private async lastTurns(tx: Tx, lanes: Buffer[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ lane: Buffer; last: number }>(
      'select lane, max(turn) as last from wa_events where lane = any($1::bytea[]) group by lane',
      [lanes],
    );
    return new Map(rows.map(({ lane, last }) => [lane.toString('hex'), last]));
  }
}
