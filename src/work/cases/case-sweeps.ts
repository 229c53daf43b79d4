import { Injectable } from '@nestjs/common';
import { ClaimSubjects, ClockMarked, type ClockMark } from '../../foundations/sla/events.js';
import { system } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Answers, On } from '../../platform/events.js';
import type { DueRows } from '../../platform/jobs/due-rows.js';
import { Sweep, type Owner } from '../../platform/jobs/sweep.js';
import { CaseStore } from './case-store.js';
import { Correspondence } from './correspondence.service.js';
import type { LockedCase } from './locked-case.js';
import { CaseMoves } from './moves/case-moves.js';

const MINUTE = 60_000;
/** Rows of one page, and the share of an institution in one run. */
const PAGE = 100;
const NO_ROW = '00000000-0000-0000-0000-000000000000';

/**
 * Changes that time alone makes to cases: archive resolved cases, end unanswered questions, show warnings and
 * breaches.
 */
@Injectable()
export class CaseSweeps {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly store: CaseStore,
    private readonly moves: CaseMoves,
    private readonly correspondence: Correspondence,
  ) {}

  /** Archive resolved cases after their ten business days. */
  @Sweep({ name: 'archive-resolved', every: MINUTE, per: 'institution', share: PAGE })
  archiveResolved(owner: Owner): DueRows<DueRow> {
    return this.dueIn(owner, {
      actor: 'archive',
      page: `select id, close_on::text as day from cases
              where status = 'resolved' and close_on < $1 and (close_on, id) > ($2::date, $3::uuid)
              order by close_on, id limit $4`,
      claim: `select id as "caseId" from cases where id = $1 and status = 'resolved' and close_on < $2
                 for update skip locked`,
      work: (tx, locked) => this.moves.makeByTime(tx, locked, 'archive'),
    });
  }

  /**
   * Correct list urgencies that contradict the days of the clocks, because they were saved under a wrong
   * system clock. Leaves to the sweep of the deadlines what that sweep is about to record or correct.
   */
  @Sweep({ name: 'correct-marks', every: 10 * MINUTE, per: 'institution', share: PAGE })
  correctMarks(owner: Owner): DueRows<DueRow> {
    return this.dueIn(owner, {
      actor: 'marks',
      page: MISMARKED,
      claim: `select id as "caseId" from cases where id = $1 and $2::date is not null for update skip locked`,
      work: async (tx, locked) => {
        // Another worker or an act of staff may have corrected the case since the page was read.
        if (this.store.isMarkedRight(locked)) return;
        this.store.append(tx, locked, { kind: 'deadline_corrected', author: 'system', visible: false });
        this.store.record(locked, 'DEADLINE_CORRECTED', {});
        this.store.save(tx, locked);
      },
    });
  }

  /** End information requests whose term is over without an answer. */
  @Sweep({ name: 'expire-questions', every: MINUTE, per: 'institution', share: PAGE })
  expireQuestions(owner: Owner): DueRows<DueRow> {
    return this.dueIn(owner, {
      actor: 'questions',
      page: `select id, due_on::text as day from information_requests
              where state = 'open' and due_on < $1 and (due_on, id) > ($2::date, $3::uuid)
              order by due_on, id limit $4`,
      claim: `select c.id as "caseId" from information_requests r join cases c on c.id = r.case_id
               where r.id = $1 and r.state = 'open' and r.due_on < $2 for update of c skip locked`,
      work: (tx, locked, requestId) => this.correspondence.expire(tx, locked, requestId),
    });
  }

  /** Lock those of the cases that nobody else works on. The SLA sweep leaves the others for its next turn. */
  @Answers(ClaimSubjects)
  async claim(tx: Tx, ids: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      'select id from cases where id = any($1) for update skip locked',
      [ids],
    );
    return rows.map((row) => row.id);
  }

  @On(ClockMarked)
  async showMark(tx: Tx, event: ClockMark): Promise<void> {
    const locked = await this.store.lock(tx, { id: event.subjectId });
    await this.store.recordDeadlineEvent(tx, locked, event);
    this.store.save(tx, locked);
  }

  private dueIn({ id, timeZone }: Owner, duty: Duty): DueRows<DueRow> {
    const actor = system(duty.actor, id);
    const today = this.clock.today(timeZone);
    return {
      page: (after) =>
        this.database.tx(actor, (tx) =>
          tx.query<DueRow>(duty.page, [today, after?.day ?? '-infinity', after?.id ?? NO_ROW, PAGE]),
        ),
      work: ([row]) =>
        this.database.tx(actor, async (tx) => {
          const [claimed] = await tx.query<{ caseId: string }>(duty.claim, [row!.id, today]);
          if (!claimed) return 0;
          await duty.work(tx, await this.store.lock(tx, { id: claimed.caseId }), row!.id);
          return 1;
        }),
    };
  }
}

const CLOCK = 'select from sla_clocks k where k.subject_id = c.id and k.stopped_at is null';

/**
 * Open cases whose list urgency contradicts the days of their clocks on the day $1, after day $2 and id $3.
 * Each branch reads a range of an index. The ranges of the first three branches are empty as long as no
 * system clock was wrong. The last two branches read the cases and clocks with a warning.
 */
const MISMARKED = `
  select id, day::text from (
    select c.id, c.next_due_on as day from cases c
     where c.urgency = 0 and c.next_due_on >= $1 and not exists (${CLOCK} and k.state = 'breached' and k.due_on >= $1)
    union all
    select c.id, c.next_due_on from cases c
     where c.urgency = 1 and c.next_due_on < $1 and not exists (${CLOCK} and k.state = 'running' and k.due_on < $1)
    union all
    select c.id, c.next_due_on from cases c
     where c.urgency = 2 and c.next_due_on < $1 and not exists (${CLOCK} and k.state = 'running' and k.due_on < $1)
    union all
    select c.id, c.next_due_on from cases c
     where c.urgency = 1 and c.next_due_on >= $1 and not exists (${CLOCK} and k.state <> 'cancelled' and k.warn_on <= $1)
       and not exists (${CLOCK} and k.state = 'running' and k.warned_at is not null and k.warn_on > $1)
    union all
    select c.id, c.next_due_on from sla_clocks k join cases c on c.id = k.subject_id
     where k.state = 'running' and k.warned_at is not null and k.warn_on <= $1 and k.due_on >= $1 and c.urgency = 2
  ) as mismarked
   where (day, id) > ($2::date, $3::uuid) group by day, id order by day, id limit $4`;

/** What is due in one institution, and what to do with each row. */
interface Duty {
  /** Name of the system actor in trails. */
  actor: string;
  /** Rows due before the day $1, after day $2 and id $3, at most $4. Without a lock. */
  page: string;
  /**
   * Lock the case of the row $1, if the row is still due before the day $2 and nobody else works on the case.
   */
  claim: string;
  work(tx: Tx, locked: LockedCase, rowId: string): Promise<void>;
}

interface DueRow {
  id: string;
  /** Day since when the row is due. */
  day: string;
}
