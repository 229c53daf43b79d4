import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import { Log } from '../../platform/logging.js';
import { Channel, NOBODY, SWEEPS } from './channel.js';
import { Outbox } from './gateway/outbox.js';
import { Sessions } from './sessions/sessions.js';

/** Days a raw body stays after it was worked: with days instead of instants, never more than 72 hours. */
const BODY_DAYS = 3;
/**
 * Days for which a delivery is recognised when it comes again: Meta repeats for seven. What could not be
 * worked, and messages that have ended, are kept as long, so that a person can look into it.
 */
const MEMORY_DAYS = 8;
/** Sessions looked into per transaction. */
const BATCH = 200;

/** Deletes what has served. Runs also while the channel is off. */
@Injectable()
export class Forget {
  constructor(
    private readonly database: Database,
    private readonly channel: Channel,
    private readonly sessions: Sessions,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** @returns 0: what it finds to delete it deletes in one run */
  @Sweep({ name: SWEEPS.forget, ofReporters: true, every: 600_000 })
  async run(): Promise<0> {
    await this.shredBodies();
    const memory = this.channel.dayBefore(MEMORY_DAYS);
    for (const statement of [
      'delete from wa_seen where day < $1',
      `delete from wa_events where state = 'failed' and day < $1`,
      'delete from wa_outbox where sealed is null and day < $1',
    ]) {
      await this.database.tx(NOBODY, (tx) => tx.query(statement, [memory]));
    }
    await this.endLetters();
    await this.endSessions();
    return 0;
  }

  /**
   * The rows go, and with the last one of a day its key: what is left of the rows on disk cannot be opened
   * any more.
   */
  private async shredBodies(): Promise<void> {
    await this.database.tx(NOBODY, async (tx) => {
      await tx.query(`delete from wa_inbox where state in ('done', 'unrouted') and settled_on <= $1`, [
        this.channel.dayBefore(BODY_DAYS),
      ]);
      await tx.query(`delete from wa_inbox where state = 'failed' and settled_on <= $1`, [
        this.channel.dayBefore(MEMORY_DAYS),
      ]);
      // Not yesterday's: a process whose clock is behind may be storing under it.
      await tx.query(
        'delete from wa_inbox_keys k where day < $1 and not exists (select 1 from wa_inbox i where i.day = k.day)',
        [this.channel.dayBefore(1)],
      );
    });
  }

  private async endLetters(): Promise<void> {
    await this.database.tx(NOBODY, async (tx) => {
      const rows = await tx.query<{ id: string; sealed: Buffer }>(
        // Not those that are held: a confirmed report is never given up, and its receipt neither.
        `select id, sealed from wa_outbox where sealed is not null and state <> 'held' and day < $1
          for update skip locked`,
        [this.channel.today],
      );
      for (const { id, sealed } of rows) {
        const letter = this.outbox.open(id, sealed);
        if (letter && !this.outbox.isExpired(letter)) continue;
        await this.outbox.end(tx, id, letter, 'expired');
        this.log.warning('whatsapp-expired', { day: this.channel.today });
      }
    });
  }

  /** The exact end of a session lies sealed in it; only those of earlier days are looked into. */
  private async endSessions(): Promise<void> {
    for (let after: string | undefined = NIL; after !== undefined;) {
      const from: string = after;
      after = await this.database.tx(NOBODY, (tx) => this.endBatch(tx, from));
    }
  }

  private async endBatch(tx: Tx, after: string): Promise<string | undefined> {
    const rows = await tx.query<{ id: string; sealed: Buffer }>(
      'select id, sealed from wa_sessions where day < $1 and id > $2 order by id limit $3 for update skip locked',
      [this.channel.today, after, BATCH],
    );
    for (const row of rows) if (this.isOver(row)) await this.sessions.drop(tx, row.id);
    return rows.at(-1)?.id;
  }

  private isOver(row: { id: string; sealed: Buffer }): boolean {
    try {
      return this.sessions.isOver(this.sessions.open(row).conversation);
    } catch {
      // Sealed under another key: nobody can ever continue it.
      return true;
    }
  }
}

const NIL = '00000000-0000-0000-0000-000000000000';
