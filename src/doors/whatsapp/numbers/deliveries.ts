import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { system } from '../../../platform/actor.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Channel } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import type { WhatsAppNumber } from './whatsapp-number.js';

/** A count is shown in steps of this many. */
const STEP = 50;

/** Roughly how many messages of a number were delivered in this month. */
export interface RoughCount {
  /** Up to yesterday, in steps of 50. */
  about: number;
  told: boolean;
}

interface Row {
  number: string;
  day: string;
  before: number;
  onDay: number;
  told: boolean;
}

/**
 * Counts the messages of each number that Meta delivered in a month, because Meta charges those beyond its
 * free tier. A message is counted in memory, and written at fixed times with all others of its number: beside
 * the rows of a person the count would tell to which institution they write. What a process has not written
 * is lost when it is killed.
 *
 * The exact count must not be shown. Whoever looks at it before and after would see that somebody wrote. In
 * fixed steps it tells as much: whoever sends messages of their own until the step comes knows how many
 * others sent. So what is shown ends yesterday, and each day rounds at another place that nobody can know.
 * One message more or less then changes it with a chance of one in fifty.
 */
@Injectable()
export class Deliveries implements BeforeApplicationShutdown {
  private pending = new Map<string, { number: WhatsAppNumber; messages: number }>();

  constructor(
    private readonly database: Database,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
  ) {}

  /** Count delivered messages in memory. To be called when they are known for good. */
  note(number: WhatsAppNumber, messages = 1): void {
    const known = this.pending.get(number.id)?.messages ?? 0;
    this.pending.set(number.id, { number, messages: known + messages });
  }

  async beforeApplicationShutdown(): Promise<void> {
    // A process that ends must end, also without its database. The figure is rough.
    await this.write().catch(() => undefined);
  }

  /** Write what was counted, each number in a transaction of its own. @throws the last failure */
  async write(): Promise<void> {
    const pending = [...this.pending.values()];
    this.pending = new Map();
    let failure: { error: unknown } | undefined;
    for (const { number, messages } of pending) {
      try {
        await this.database.tx(system('whatsapp', number.institutionId), (tx) =>
          this.add(tx, number, messages),
        );
      } catch (error) {
        this.note(number, messages);
        failure = { error };
      }
    }
    if (failure) throw failure.error;
  }

  private async add(tx: Tx, { id, institutionId }: WhatsAppNumber, messages: number): Promise<void> {
    await tx.query(
      `insert into wa_deliveries as d (number, month, institution_id, day, on_day) values ($1, $2, $3, $4, $5)
       on conflict (number, month) do update set day = greatest(d.day, excluded.day),
         before = d.before + case when d.day < excluded.day then d.on_day else 0 end,
         on_day = excluded.on_day + case when d.day < excluded.day then 0 else d.on_day end`,
      [id, this.month, institutionId, this.channel.today, messages],
    );
  }

  /** Step: the figures of a month are of use in that month only. */
  async forget(tx: Tx, institutionId: string): Promise<void> {
    await tx.query('delete from wa_deliveries where institution_id = $1 and month < $2', [
      institutionId,
      this.month,
    ]);
  }

  /** Step: what may be told of the numbers of an institution. */
  async rough(tx: Tx, institutionId: string): Promise<{ of(number: string): RoughCount }> {
    const rows = await tx.query<Row>(
      `select number, day::text, before, on_day as "onDay", told from wa_deliveries where month = $1 and institution_id = $2`,
      [this.month, institutionId],
    );
    const known = new Map(rows.map((row) => [row.number, row]));
    return {
      of: (number) => {
        const row = known.get(number);
        return row ? { about: this.about(row), told: row.told } : { about: 0, told: false };
      },
    };
  }

  /** Step: note that administrators were told in this month. */
  async noteTold(tx: Tx, number: string): Promise<void> {
    await tx.query('update wa_deliveries set told = true where number = $1 and month = $2', [
      number,
      this.month,
    ]);
  }

  /** The first UTC day of this month. */
  private get month(): string {
    return `${this.channel.today.slice(0, 7)}-01`;
  }

  private about({ number, day, before, onDay }: Row): number {
    const { today } = this.channel;
    const untilYesterday = day < today ? before + onDay : before;
    const place = this.keys.place(`${number}|${today}`, STEP);
    return Math.floor((untilYesterday + place) / STEP) * STEP;
  }
}
