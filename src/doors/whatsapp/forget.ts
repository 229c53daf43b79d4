import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import { Log } from '../../platform/logging.js';
import { Channel, NOBODY, SWEEPS } from './channel.js';
import { filesOf } from './bot/engine.js';
import { Files } from './files/files.js';
import { Outbox } from './gateway/outbox.js';
import { Sessions, type Conversation } from './sessions/sessions.js';

/**
 * Days for which a raw body stays after it was worked. Only days are stored, not instants, so this is never
 * more than 72 hours.
 */
const BODY_DAYS = 3;
/**
 * Days for which a repeated delivery is recognised: Meta repeats for seven days. Failed deliveries and ended
 * messages are kept equally long, so that a person can look into them.
 */
const MEMORY_DAYS = 8;
/**
 * Days for which a file stays that nothing names: longer than any draft lives. A session under another key
 * leaves such files, and a crash between a case that has its file and the end of the row.
 */
const FILE_DAYS = 4;
/** Days after which it goes even while a report is stuck on its way. */
const LAST_FILE_DAY = 30;
/** Sessions checked per transaction. */
const BATCH = 200;

/** Deletes rows that are no longer needed. Runs also while the channel is off. */
@Injectable()
export class Forget {
  constructor(
    private readonly database: Database,
    private readonly channel: Channel,
    private readonly sessions: Sessions,
    private readonly files: Files,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** @returns 0: one run deletes everything that it finds */
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
    const removed = await this.database.tx(NOBODY, (tx) =>
      this.files.dropForgotten(tx, this.channel.dayBefore(FILE_DAYS), this.channel.dayBefore(LAST_FILE_DAY)),
    );
    removed();
    return 0;
  }

  /**
   * Delete the rows, and with the last row of a day also its key. Remains of the rows on disk can then not be
   * opened any more.
   */
  private async shredBodies(): Promise<void> {
    await this.database.tx(NOBODY, async (tx) => {
      await tx.query(`delete from wa_inbox where state in ('done', 'unrouted') and settled_on <= $1`, [
        this.channel.dayBefore(BODY_DAYS),
      ]);
      await tx.query(`delete from wa_inbox where state = 'failed' and settled_on <= $1`, [
        this.channel.dayBefore(MEMORY_DAYS),
      ]);
      // Keep yesterday's key: a process whose clock is behind may still store rows under it.
      await tx.query(
        'delete from wa_inbox_keys k where day < $1 and not exists (select 1 from wa_inbox i where i.day = k.day)',
        [this.channel.dayBefore(1)],
      );
    });
  }

  private async endLetters(): Promise<void> {
    await this.database.tx(NOBODY, async (tx) => {
      const rows = await tx.query<{ id: string; sealed: Buffer }>(
        // Not the held rows: a confirmed report is never given up, and neither is its receipt.
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

  /**
   * End the sessions whose time is over. The exact end of a session lies sealed in its row. So only the
   * sessions of earlier days are opened.
   */
  private async endSessions(): Promise<void> {
    for (let after: string | undefined = NIL; after !== undefined;) {
      const from: string = after;
      const { last, removed } = await this.database.tx(NOBODY, (tx) => this.endBatch(tx, from));
      removed();
      after = last;
    }
  }

  private async endBatch(tx: Tx, after: string): Promise<{ last: string | undefined; removed: () => void }> {
    const rows = await tx.query<{ id: string; sealed: Buffer }>(
      'select id, sealed from wa_sessions where day < $1 and id > $2 order by id limit $3 for update skip locked',
      [this.channel.today, after, BATCH],
    );
    const files: string[] = [];
    for (const row of rows) {
      const conversation = this.openable(row);
      if (conversation && !this.sessions.isOver(conversation)) continue;
      await this.sessions.drop(tx, row.id);
      files.push(...filesOf(conversation?.state));
    }
    return { last: rows.at(-1)?.id, removed: await this.files.drop(tx, files) };
  }

  /** Undefined when it was sealed under another key: nobody can ever continue this session. */
  private openable(row: { id: string; sealed: Buffer }): Conversation | undefined {
    try {
      return this.sessions.open(row).conversation;
    } catch {
      return undefined;
    }
  }
}

const NIL = '00000000-0000-0000-0000-000000000000';
