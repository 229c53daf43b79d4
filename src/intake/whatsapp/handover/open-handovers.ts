import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { newFolio } from '../../../cases/folio.js';
import { system } from '../../../platform/actor.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import { Sweeper, WAKE } from '../../../platform/jobs/sweeper.js';
import { Log } from '../../../platform/logging.js';
import { IntakeService, type Received } from '../../intake.service.js';
import { Channel, NOBODY, SWEEPS } from '../channel.js';
import { Pace } from '../pace.js';
import { Handovers, type Handed, type Opened } from '../talk/handovers.js';

/** As many as one batch of intake. */
const BATCH = 64;

interface Row {
  id: string;
  sealed: Buffer;
  attempts: number;
}

/**
 * Opens the cases of confirmed reports, in a transaction that touches nothing of any sender. The case and the mark on
 * its handover commit together, so that a repetition at any instant opens no second case. A confirmed report is never
 * given up: what cannot be opened is tried again for as long as it takes, under an alarm.
 */
@Injectable()
export class OpenHandovers implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly channel: Channel,
    private readonly handovers: Handovers,
    private readonly intake: IntakeService,
    private readonly pace: Pace,
    private readonly sweeper: Sweeper,
    private readonly log: Log,
  ) {}

  // Also while the channel is off: what was confirmed before becomes a case.
  onModuleInit(): void {
    this.sweeper.register({ name: SWEEPS.open, every: 5_000, run: () => this.run() });
  }

  /** @returns cases opened */
  async run(): Promise<number> {
    if ((await this.institutions()).length === 0) return 0;
    await delay(randomInt(this.pace.handoverDelayMs + 1));
    let opened = 0;
    for (const institutionId of await this.institutions()) opened += await this.serve(institutionId);
    return opened;
  }

  private async serve(institutionId: string): Promise<number> {
    const ids = await this.waiting(institutionId);
    try {
      return await this.open(institutionId, ids);
    } catch (error) {
      this.log.fault('whatsapp-handovers-failed', error);
    }
    // One report that cannot be opened must not hold up the others.
    let opened = 0;
    for (const id of ids) {
      try {
        opened += await this.open(institutionId, [id]);
      } catch (error) {
        this.log.fault('whatsapp-handover-failed', error);
        await this.database.tx(NOBODY, (tx) => this.countTry(tx, id));
      }
    }
    return opened;
  }

  private async open(institutionId: string, ids: readonly string[]): Promise<number> {
    return this.database.tx(system('intake', institutionId), async (tx) => {
      const rows = await tx.query<Row>(
        `select id, sealed, attempts from wa_handovers where id = any($1) and state = 'waiting' for update skip locked`,
        [ids],
      );
      if (rows.length === 0) return 0;
      const handed = await this.withFreeFolios(
        tx,
        rows.map(({ id, sealed }) => this.handovers.open<Handed>(id, sealed)),
      );
      const results = await this.intake.receiveStep(
        tx,
        institutionId,
        handed.map(({ report, folio, accessCode }) => ({
          report,
          channel: 'whatsapp',
          actor: NOBODY,
          credentials: { folio, accessCode },
        })),
      );
      let opened = 0;
      for (const [index, row] of rows.entries()) {
        if (await this.settle(tx, row, handed[index]!, results[index]!)) opened += 1;
      }
      await tx.query(WAKE, [SWEEPS.confirm]);
      return opened;
    });
  }

  private async settle(tx: Tx, row: Row, { folio, redrawn }: Drawn, result: Received): Promise<boolean> {
    if ('refusal' in result) {
      await this.countTry(tx, row.id);
      // At its first, second, fourth, eighth … try: loud enough, and the log stays readable.
      const tries = row.attempts + 1;
      const code = result.refusal instanceof DomainError ? result.refusal.code : 'ERROR';
      if ((tries & row.attempts) === 0) this.log.warning('whatsapp-report-refused', { code, day: this.channel.today });
      return false;
    }
    const dueOn = result.receipt.deadlines.find(({ metric }) => metric === 'first_response')?.dueOn;
    const opened: Opened = { ...(redrawn ? { folio } : {}), ...(dueOn === undefined ? {} : { dueOn }) };
    await tx.query(`update wa_handovers set state = 'opened', sealed = $2 where id = $1`, [
      row.id,
      this.handovers.seal(row.id, opened),
    ]);
    return true;
  }

  /**
   * A taken folio belongs to another report, never to this one, whose case and mark commit together: a new one is
   * drawn, and the receipt names that.
   */
  private async withFreeFolios(tx: Tx, handed: Handed[]): Promise<Drawn[]> {
    const rows = await tx.query<{ folio: string }>('select folio from cases where folio = any($1)', [
      handed.map(({ folio }) => folio),
    ]);
    const taken = new Set(rows.map(({ folio }) => folio));
    return handed.map((one) => {
      if (!taken.has(one.folio)) return { ...one, redrawn: false };
      const [prefix, year] = one.folio.split('-');
      return { ...one, folio: newFolio(prefix!, Number(year)), redrawn: true };
    });
  }

  private async countTry(tx: Tx, id: string): Promise<void> {
    await tx.query(`update wa_handovers set attempts = attempts + 1 where id = $1 and state = 'waiting'`, [id]);
  }

  private async institutions(): Promise<string[]> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ id: string }>(`select distinct institution_id as id from wa_handovers where state = 'waiting'`),
    );
    return rows.map(({ id }) => id);
  }

  /** Fresh ones first, so that refused ones hide nobody; among them in the order of random ids, not of arrival. */
  private async waiting(institutionId: string): Promise<string[]> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ id: string }>(
        `select id from wa_handovers where state = 'waiting' and institution_id = $1 order by attempts, id limit $2`,
        [institutionId, BATCH],
      ),
    );
    return rows.map(({ id }) => id);
  }
}

type Drawn = Handed & { redrawn: boolean };
