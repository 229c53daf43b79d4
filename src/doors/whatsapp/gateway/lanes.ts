import { Injectable } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Log } from '../../../platform/logging.js';
import { Channel, NOBODY } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { WaEventRow } from '../whatsapp.entities.js';
import { writerOf } from './incoming.js';
import type { Overflow, PersonalEvent } from './webhook-events.js';

/** What lies sealed in a row until the bot has answered it. */
type Kept = (PersonalEvent | Overflow) & {
  /**
   * Base64 of the lane in which answers wait to somebody without a draft. All that wait in a row have the
   * same, so that their answers keep their order over several turns and workers. A row of an older version
   * has none.
   */
  answers?: string;
};

interface Waiting {
  id: string;
  sealed: Buffer;
}

/**
 * Lanes in a run. The next run sees what came meanwhile, and two runs later everybody had a turn.
 */
const LANES = 100;
/**
 * Of them those that wait for the first turns; the others are drawn from all, so that nobody waits for ever.
 */
const FIRST = 50;

/**
 * Tries before an event is put aside. At one try a second it covers a fault of some minutes; after that the
 * person has written again, and what blocks one sender must not block them for ever.
 */
const TRIES = 300;

/** Messages that wait for the bot: one lane per sender, in the order of their arrival. */
@Injectable()
export class Lanes {
  constructor(
    private readonly database: Database,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly log: Log,
  ) {}

  /** Appends events to their lanes. The caller holds the claim under which lanes grow. */
  async append(tx: Tx, events: readonly (PersonalEvent | Overflow)[]): Promise<void> {
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
   * Lanes in which something waits, in the order in which to work them. A lane begins at its first turn
   * whenever it was empty: who writes a first message goes before the fiftieth of somebody else.
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
   * Step: the first event of a lane, locked. None when another worker has it: then the lane is theirs. The
   * row is the one that the transaction deletes, so that the lock tells nothing more (ADR 0014).
   */
  async head(tx: Tx, lane: Buffer): Promise<Waiting | undefined> {
    const [row] = await tx.query<Waiting>(
      // Not the first that is not locked: that would be the second of the lane.
      `select id, sealed from wa_events
        where id = (select id from wa_events where lane = $1 and state = 'new' order by turn limit 1) for update skip locked`,
      [lane],
    );
    return row;
  }

  /** @throws Error when it was sealed under another key */
  open({ id, sealed }: Waiting): { event: PersonalEvent | Overflow; answers: Buffer } {
    const { answers, ...event } = this.keys.open<Kept>('wa_events', id, sealed);
    return {
      // JSON keeps an instant as text.
      event: 'timestamp' in event ? { ...event, timestamp: new Date(event.timestamp!) } : event,
      answers: answers === undefined ? randomBytes(32) : Buffer.from(answers, 'base64'),
    };
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query('delete from wa_events where id = $1', [id]);
  }

  /**
   * Counts a failed try; after the last one the event is put aside, so that the lane goes on. It is kept for
   * days for a person to look into, and in clear it must not say so long who wrote.
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

  /** The last event of each lane that is not empty. */
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
      // Sealed under another key: what comes behind it can be answered all the same.
      return randomBytes(32).toString('base64');
    }
  }
}
