import { Injectable } from '@nestjs/common';
import { system } from '../../platform/actor.js';
import { Clock, startOfDay } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import type { DueRows } from '../../platform/jobs/due-rows.js';
import { Sweep, type Owner } from '../../platform/jobs/sweep.js';
import type { Metric } from './deadline.js';
import { ClaimSubjects, ClockMarked, type ClockMark } from './events.js';

/**
 * Days end only once a day, but a call entered late may be overdue at once. One minute is soon enough to tell
 * this.
 */
const EVERY = 60_000;
/**
 * Clocks per turn. The limit keeps the transaction short, and with it the time for which its subjects are
 * locked.
 */
const LIMIT = 200;

/**
 * Records warnings and breaches of running clocks. What is due follows from the stored days and the injected
 * clock. So a worker that was down for weeks records the same breaches, only later. A mark that a wrong clock
 * made is taken back when its day lies in the future again. Any number of workers may run this sweep at once.
 */
@Injectable()
export class SlaSweep {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /** Returns the subjects of an institution with clocks that need a mark. */
  @Sweep({ name: 'sla', ofReporters: true, every: EVERY, per: 'institution', batch: LIMIT, share: LIMIT })
  dueSubjects(owner: Owner): DueRows<DueSubject> {
    const actor = system('sla', owner.id);
    return {
      page: (after) => this.database.tx(actor, (tx) => this.due(tx, owner, after)),
      work: (subjects) => this.database.tx(actor, (tx) => this.record(tx, owner, subjects)),
    };
  }

  private async record(tx: Tx, { timeZone }: Owner, due: readonly DueSubject[]): Promise<number> {
    const locked = await this.events.ask(
      tx,
      ClaimSubjects,
      due.map(({ id }) => id),
    );
    if (locked.length === 0) return 0;

    // Store only the day: see `CaseStore.recordDeadlineEvent`.
    const recorded = startOfDay(this.clock.now(), timeZone);
    const today = this.clock.today(timeZone);
    const marks = [
      ...(await tx.query<ClockMark>(CORRECT, [locked, today])),
      ...(await tx.query<ClockMark>(BREACH, [locked, recorded, today])),
      ...(await tx.query<ClockMark>(WARN, [locked, recorded, today])),
    ];
    for (const event of marks) await this.events.tell(tx, ClockMarked, event);
    return marks.length;
  }

  /**
   * Reads the candidate subjects without a lock. Once they are locked, the conditions of the updates decide.
   */
  private async due(tx: Tx, { id, timeZone }: Owner, after: DueSubject | undefined): Promise<DueSubject[]> {
    const behind = after
      ? [after.last.next, after.last.subjectId, after.last.metric]
      : ['-infinity', NO_SUBJECT, ''];
    const clocks = await tx.query<DueClock>(DUE, [id, this.clock.today(timeZone), ...behind, LIMIT]);
    const last = clocks.at(-1);
    return last
      ? [...new Set(clocks.map(({ subjectId }) => subjectId))].map((subject) => ({ id: subject, last }))
      : [];
  }
}

interface DueClock {
  subjectId: string;
  metric: Metric;
  /** The day by which the clock stands in the index. */
  next: string;
}

interface DueSubject {
  id: string;
  /** The last clock of the page. The next page begins after it. */
  last: DueClock;
}

const NO_SUBJECT = '00000000-0000-0000-0000-000000000000';

/**
 * Exactly the expression of the index `sla_clocks_next`. PostgreSQL uses the index only when the text is the
 * same.
 */
const NEXT = 'case when warned_at is null then warn_on else due_on end';

/** Marks that contradict their days. A small index finds each kind. */
const NOT_YET_OVER = `state = 'breached' and stopped_at is null and due_on >= $2`;
const NOT_YET_NEAR = `state = 'running' and warned_at is not null and warn_on > $2`;

/**
 * Reads what the index holds up to today. So the cost depends on what is due and not on what is open. When a
 * clock has its warning and its last day has come, there is nothing to record until that day is over.
 */
const DUE = `
  (select subject_id as "subjectId", metric, (${NEXT})::text as next from sla_clocks
    where institution_id = $1 and state = 'running' and (${NEXT}) <= $2 and (warned_at is null or due_on < $2)
      and (${NEXT}, subject_id, metric) > ($3::date, $4::uuid, $5::text)
    order by ${NEXT}, subject_id, metric limit $6)
  union all ${[NOT_YET_OVER, NOT_YET_NEAR]
    .map(
      (contradicted) => `
  (select subject_id, metric, due_on::text from sla_clocks
    where institution_id = $1 and ${contradicted} and (due_on, subject_id, metric) > ($3::date, $4::uuid, $5::text)
    order by due_on, subject_id, metric limit $6)`,
    )
    .join(' union all ')}
   order by next, "subjectId", metric limit $6`;

const RETURNED = `subject_id as "subjectId", metric, due_on::text as "dueOn"`;

const CORRECT = `
  with changed as (
    update sla_clocks set state = 'running', breached_at = null, warned_at = case when warn_on <= $2 then warned_at end
     where subject_id = any($1::uuid[]) and (${NOT_YET_OVER} or ${NOT_YET_NEAR})
    returning subject_id, metric, due_on)
  select 'corrected' as kind, ${RETURNED} from changed order by due_on, subject_id, metric`;

/**
 * A clock that never had a warning is breached without a warning. Two notices at once would say the same
 * thing twice.
 */
const BREACH = `
  with changed as (
    update sla_clocks set state = 'breached', breached_at = $2
     where subject_id = any($1::uuid[]) and state = 'running' and due_on < $3
    returning subject_id, metric, due_on)
  select 'breached' as kind, ${RETURNED} from changed order by due_on, subject_id, metric`;

const WARN = `
  with changed as (
    update sla_clocks set warned_at = $2
     where subject_id = any($1::uuid[]) and state = 'running' and warned_at is null and warn_on <= $3 and due_on >= $3
    returning subject_id, metric, due_on)
  select 'warning' as kind, ${RETURNED} from changed order by due_on, subject_id, metric`;
