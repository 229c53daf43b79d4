import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CatalogsReader } from '../catalogs/catalogs.reader.js';
import { system } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import type { Tx } from '../platform/database/tx.js';
import { Sweeper } from '../platform/jobs/sweeper.js';
import { SlaService, type SlaTransition } from '../sla/sla.service.js';
import { CaseStore } from './case-store.js';
import { Correspondence } from './correspondence.service.js';

const MINUTE = 60_000;

/** What time alone does to cases: archives resolved ones, ends unanswered questions, shows warnings and breaches. */
@Injectable()
export class CaseSweeps implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly sla: SlaService,
    private readonly store: CaseStore,
    private readonly correspondence: Correspondence,
    private readonly sweeper: Sweeper,
  ) {}

  onModuleInit(): void {
    this.sla.claimSubjectsWith((tx, ids) => this.claim(tx, ids));
    this.sla.onTransition((tx, _institution, event) => this.showTransition(tx, event));
    this.sweeper.register({ name: 'archive-resolved', every: MINUTE, run: () => this.archiveResolved() });
    this.sweeper.register({ name: 'expire-questions', every: MINUTE, run: () => this.expireQuestions() });
  }

  /** Closes resolved cases whose ten business days are over. */
  async archiveResolved(): Promise<number> {
    return this.everywhere('archive', async (tx, today) => {
      const [due] = await tx.query<{ id: string }>(
        `select id from cases where status = 'resolved' and close_on < $1 limit 1 for update skip locked`,
        [today],
      );
      if (!due) return false;
      const locked = await this.store.lock(tx, { id: due.id });
      this.store.move(locked, 'archive');
      await this.store.append(tx, locked, { kind: 'archived', author: 'system', visible: true });
      await this.store.record(tx, locked, 'CASE_ARCHIVED', {});
      await this.store.save(tx, locked);
      return true;
    });
  }

  /** Ends information requests whose term is over without an answer. */
  async expireQuestions(): Promise<number> {
    return this.everywhere('questions', async (tx, today) => {
      const [due] = await tx.query<{ id: string; case_id: string }>(
        `select r.id, r.case_id from information_requests r join cases c on c.id = r.case_id
          where r.state = 'open' and r.due_on < $1 limit 1 for update of c skip locked`,
        [today],
      );
      if (!due) return false;
      await this.correspondence.expire(tx, await this.store.lock(tx, { id: due.case_id }), due.id);
      return true;
    });
  }

  /** Locks the rows of these cases that nobody else works on; the SLA sweep leaves the others for its next turn. */
  private async claim(tx: Tx, ids: string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>('select id from cases where id = any($1) for update skip locked', [
      ids,
    ]);
    return rows.map((row) => row.id);
  }

  private async showTransition(tx: Tx, event: SlaTransition): Promise<void> {
    const locked = await this.store.lock(tx, { id: event.subjectId });
    await this.store.showDeadline(tx, locked, event);
    await this.store.save(tx, locked);
  }

  /** Runs `turn` per institution, each in its own transaction, until it finds nothing or a fair share is done. */
  private async everywhere(name: string, turn: (tx: Tx, today: string) => Promise<boolean>): Promise<number> {
    let worked = 0;
    for (const institution of await this.catalogs.institutions()) {
      for (let n = 0; n < 100; n++) {
        const today = this.clock.today(institution.timeZone);
        if (!(await this.database.tx(system(name, institution.id), (tx) => turn(tx, today)))) break;
        worked += 1;
      }
    }
    return worked;
  }
}
