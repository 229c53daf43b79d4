import { Injectable } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY } from '../channel.js';
import { ENVIRONMENT } from '../numbers/whatsapp-number.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { WaEventRow } from '../whatsapp.entities.js';
import { writerOf } from './incoming.js';
import type { Overflow, PersonalEvent, Routed } from './webhook-events.js';

/** The sealed content of a row until the bot has answered it. */
type Kept = (PersonalEvent | Overflow) & {
  /** Absent in rows of when the environment named the only number. */
  number?: string;
  /**
   * Base64 of the lane in which the answers to a person without a draft wait. All events that wait in one
   * lane have the same value, so that their answers keep their order over several turns and workers. A row of
   * an older version has none.
   */
  answers?: string;
};

interface Waiting {
  id: string;
  sealed: Buffer;
}

/** Lanes in a run. The next run includes lanes that came meanwhile. Two runs later everybody had a turn. */
const LANES = 100;
/**
 * Of these lanes, this many are taken by their place in the queue, lowest first turn first. The others are
 * drawn at random from all lanes, so that nobody waits for ever.
 */
const FIRST = 50;

/**
 * Tries before an event is put aside. With one try a second this covers a fault of some minutes. After that
 * the person has written again, and one event must not block a sender for ever.
 */
const TRIES = 300;

/** Messages that wait for the bot, in one lane per sender and in their order of arrival. */
@Injectable()
export class Lanes {
  constructor(
    private readonly database: Database,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly log: Log,
  ) {}

  /** Append events to their lanes. The caller holds the claim that is needed to append. */
  async append(tx: Tx, events: readonly Routed<PersonalEvent | Overflow>[]): Promise<void> {
    if (events.length === 0) return;
    const placed = events.map((event) => ({ event, lane: this.keys.alias(writerOf(event)) }));
    const tails = await this.tails(
      tx,
      placed.map(({ lane }) => lane),
    );
    const rows = placed.map(({ event, lane }) => {
      const name = lane.toString('hex');
      const { turn: last, answers } = tails.get(name) ?? {
        turn: 0,
        answers: randomBytes(32).toString('base64'),
      };
      const turn = last + 1;
      tails.set(name, { turn, answers });
      const id = randomUUID();
      const sealed = this.keys.seal('wa_events', id, { ...event, answers } satisfies Kept);
      return { id, lane, turn, day: this.channel.today, sealed };
    });
    await tx.insert(WaEventRow, rows);
  }

  /**
   * Lanes in which something waits, in the order in which to work them. An empty lane starts at turn 1 again.
   * So a person's first message goes before the fiftieth message of another.
   */
  async waiting(): Promise<Buffer[]> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ lane: Buffer }>(
        `select lane from (
           select lane, row_number() over (order by min(turn), random()) as rank
             from wa_events where state = 'new' group by lane) as open
          order by least(rank, $1), random() limit $2`,
        [FIRST + 1, LANES],
      ),
    );
    return rows.map(({ lane }) => lane);
  }

  /**
   * Step: the first event of a lane, locked. Undefined when another worker has locked it: that worker then
   * has the whole lane. The transaction locks the row that it deletes, so the lock tells nothing more (ADR
   * 0014).
   */
  async head(tx: Tx, lane: Buffer): Promise<Waiting | undefined> {
    const [row] = await tx.query<Waiting>(
      // Do not take the first row that is not locked: this would be the second event of the lane.
      `select id, sealed from wa_events
        where id = (select id from wa_events where lane = $1 and state = 'new' order by turn limit 1) for update skip locked`,
      [lane],
    );
    return row;
  }

  /** @throws Error when it was sealed under another key */
  open({ id, sealed }: Waiting): { event: Routed<PersonalEvent | Overflow>; answers: Buffer } {
    const { answers, number = ENVIRONMENT, ...event } = this.keys.open<Kept>('wa_events', id, sealed);
    return {
      // JSON holds an instant as text.
      event: { ...event, number, ...('timestamp' in event ? { timestamp: new Date(event.timestamp!) } : {}) },
      answers: answers === undefined ? randomBytes(32) : Buffer.from(answers, 'base64'),
    };
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query('delete from wa_events where id = $1', [id]);
  }

  /**
   * Step: put an event aside for which nothing can be done. It is kept like one whose tries are used up, and
   * shows no more than that.
   */
  async putAside(tx: Tx, id: string): Promise<void> {
    await tx.query(`update wa_events set state = 'failed', lane = $2 where id = $1`, [id, randomBytes(32)]);
  }

  /**
   * Count a failed try. After the last try put the event aside, so that the lane goes on. The event is kept
   * for some days, so that a person can look into it. It gets a random lane, so that the row does not show in
   * clear for so long who wrote.
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

  /** Turn and answer lane of the last event of each lane that is not empty. */
  private async tails(tx: Tx, lanes: Buffer[]): Promise<Map<string, { turn: number; answers: string }>> {
    const rows = await tx.query<Waiting & { lane: Buffer; turn: number }>(
      `select lane, turn, id, sealed
         from (select distinct unnest($1::bytea[]) as wanted) as lanes
        cross join lateral (select lane, turn, id, sealed from wa_events where lane = wanted order by turn desc limit 1) as last`,
      [lanes],
    );
    return new Map(
      rows.map(({ lane, turn, ...row }) => [lane.toString('hex'), { turn, answers: this.answersOf(row) }]),
    );
  }

  private answersOf(row: Waiting): string {
    try {
      return this.open(row).answers.toString('base64');
    } catch {
      // Sealed under another key. The events behind it can still be answered, so start a new lane for
      // answers.
      return randomBytes(32).toString('base64');
    }
  }
}
