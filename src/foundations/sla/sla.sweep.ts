import { Injectable, type OnModuleInit } from '@nestjs/common';
import { system } from '../../platform/actor.js';
import { Clock, startOfDay } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { oneByOne } from '../../platform/jobs/one-by-one.js';
import { Sweeper } from '../../platform/jobs/sweeper.js';
import { Log } from '../../platform/logging.js';
import { CatalogsReader, type InstitutionSummary } from '../catalogs/catalogs.reader.js';
import type { Metric } from './deadline.js';
import { ClaimSubjects, ClockMarked, type SlaTransition } from './events.js';

/** Days end once a day, but a call entered late may be overdue at once: a minute is soon enough to tell. */
const EVERY = 60_000;
/** Clocks per turn: keeps the transaction, and the time its subjects stay locked, short. */
const LIMIT = 200;

/**
 * Records warnings and breaches of running clocks. What is due follows from stored days and the injected clock, so that a
 * worker that was down for weeks records the same breaches, only later. Marks that a wrong clock made are taken back when their days
 * lie ahead again. Any number of workers may run it at once.
 */
@Injectable()
export class SlaSweep implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly clock: Clock,
    private readonly events: Events,
    private readonly sweeper: Sweeper,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.sweeper.register({ name: 'sla', every: EVERY, run: () => this.run() });
  }

  /** One turn in every institution, each in its own transaction. @returns transitions recorded */
  async run(): Promise<number> {
    let count = 0;
    for (const institution of await this.catalogs.institutions()) {
      try {
        count += await this.inTransaction(institution, (tx) => this.turn(tx, institution));
      } catch (error) {
        this.log.fault('sla-turn-failed', error);
        count += await this.bySubject(institution);
      }
    }
    return count;
  }

  /** After a failed turn: one subject that cannot be worked must not silence the breaches of all others. */
  private async bySubject(institution: InstitutionSummary): Promise<number> {
    const tried = new Set<string>();
    return oneByOne<DueClock>({
      page: (after) => this.inTransaction(institution, (tx) => this.due(tx, institution, { after })),
      work: async ({ subjectId }) => {
        if (tried.has(subjectId)) return 0;
        tried.add(subjectId);
        return this.inTransaction(institution, (tx) => this.turn(tx, institution, subjectId));
      },
      failed: (error) => this.log.fault('sla-subject-failed', error),
    });
  }

  private async turn(tx: Tx, { id, timeZone }: InstitutionSummary, only?: string): Promise<number> {
    const due = subjectsOf(await this.due(tx, { id, timeZone }, { only }));
    if (due.length === 0) return 0;
    const locked = await this.events.ask(tx, ClaimSubjects, due);
    if (locked.length === 0) return 0;

    // The day only: see `CaseStore.showDeadline`.
    const recorded = startOfDay(this.clock.now(), timeZone);
    const today = this.clock.today(timeZone);
    const transitions = [
      ...(await tx.query<SlaTransition>(CORRECT, [locked, today])),
      ...(await tx.query<SlaTransition>(BREACH, [locked, recorded, today])),
      ...(await tx.query<SlaTransition>(WARN, [locked, recorded, today])),
    ];
    for (const event of transitions) await this.events.tell(tx, ClockMarked, event);
    return transitions.length;
  }

  /** Clocks to look at, read without a lock: the guarded updates decide once their subjects are locked. */
  private async due(
    tx: Tx,
    { id, timeZone }: Pick<InstitutionSummary, 'id' | 'timeZone'>,
    { only = null, after }: { only?: string | null; after?: DueClock },
  ): Promise<DueClock[]> {
    const behind = [after?.next ?? '-infinity', after?.subjectId ?? NO_SUBJECT, after?.metric ?? ''];
    return tx.query<DueClock>(DUE, [id, this.clock.today(timeZone), only, ...behind, LIMIT]);
  }

  private async inTransaction<T>({ id }: InstitutionSummary, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.tx(system('sla', id), work);
  }
}

interface DueClock {
  subjectId: string;
  metric: Metric;
  /** Day of its place in the index. */
  next: string;
}

const NO_SUBJECT = '00000000-0000-0000-0000-000000000000';

function subjectsOf(clocks: readonly DueClock[]): string[] {
  return [...new Set(clocks.map(({ subjectId }) => subjectId))];
}

/** The expression of `sla_clocks_next`, word for word: only so is the index used. */
const NEXT = 'case when warned_at is null then warn_on else due_on end';

const ONLY = `($3::uuid is null or subject_id = $3)`;
/** Marks that contradict their days, each found by a small index. */
const NOT_YET_OVER = `state = 'breached' and stopped_at is null and due_on >= $2`;
const NOT_YET_NEAR = `state = 'running' and warned_at is not null and warn_on > $2`;

/**
 * Reads what the index holds up to today, so that the cost follows what is due and not what is open. Of a clock that was
 * warned of and whose last day has come nothing is to be told until the day is over.
 */
const DUE = `
  (select subject_id as "subjectId", metric, (${NEXT})::text as next from sla_clocks
    where institution_id = $1 and state = 'running' and (${NEXT}) <= $2 and (warned_at is null or due_on < $2)
      and ${ONLY} and (${NEXT}, subject_id, metric) > ($4::date, $5::uuid, $6::text)
    order by ${NEXT}, subject_id, metric limit $7)
  union all ${[NOT_YET_OVER, NOT_YET_NEAR]
    .map(
      (contradicted) => `
  (select subject_id, metric, due_on::text from sla_clocks
    where institution_id = $1 and ${contradicted} and ${ONLY} and (due_on, subject_id, metric) > ($4::date, $5::uuid, $6::text)
    order by due_on, subject_id, metric limit $7)`,
    )
    .join(' union all ')}
   order by next, "subjectId", metric limit $7`;

const RETURNED = `subject_id as "subjectId", metric, due_on::text as "dueOn"`;

const CORRECT = `
  with changed as (
    update sla_clocks set state = 'running', breached_at = null, warned_at = case when warn_on <= $2 then warned_at end
     where subject_id = any($1::uuid[]) and (${NOT_YET_OVER} or ${NOT_YET_NEAR})
    returning subject_id, metric, due_on)
  select 'corrected' as kind, ${RETURNED} from changed order by due_on, subject_id, metric`;

/** A clock that was never warned breaches without a warning: two notices at once would say one thing twice. */
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
