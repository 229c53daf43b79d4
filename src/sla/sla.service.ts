import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Institution } from '../catalogs/catalogs.reader.js';
import type { Priority } from '../catalogs/default-catalog.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database/tx.js';
import { inOrder, summarise, viewOf, type ClockView, type SlaSummary, type StoredClock } from './clock-view.js';
import { METRICS, openClock, verdict, type Metric, type OpenClock } from './deadline.js';
import { SlaClockRow } from './sla.entities.js';
import { SlaSweep, type ClaimSubjects, type SlaListener, type SlaTransition } from './sla.sweep.js';
import { chooseTerm, type SetTerm } from './terms.js';

export type { ClockView, SlaSummary } from './clock-view.js';
export type { SlaTransition } from './sla.sweep.js';

/** What is measured: an id and what decides its terms. This module does not know what a subject is. */
export interface SlaSubject {
  id: string;
  /** Local day on which its clocks start. */
  startedOn: string;
  categoryId: string | null;
  priority: Priority;
}

export interface SubjectClocks {
  clocks: ClockView[];
  summary: SlaSummary;
}

/** Clocks worked out but not yet stored: a case carries their summary in its own row, which must exist first. */
export interface PlannedClocks {
  subjects: Map<string, SubjectClocks>;
  rows: Partial<SlaClockRow>[];
}

/**
 * Starts, stops and reads the clocks of subjects. All methods with a `tx` are steps: the caller holds the row of the
 * subject locked. Lock order everywhere: subject first, its clocks second.
 */
@Injectable()
export class SlaService {
  constructor(
    private readonly clock: Clock,
    private readonly sweeper: SlaSweep,
  ) {}

  /**
   * Works out the clocks of many subjects of one institution. A subject that lies back (a call entered late) may be
   * overdue at once: its stage says so, the sweep records it.
   * @param metrics which clocks; a reopening starts `resolution` only
   */
  async plan(
    tx: Tx,
    institution: Institution,
    subjects: readonly SlaSubject[],
    metrics: readonly Metric[] = METRICS,
  ): Promise<PlannedClocks> {
    const planned = new Map<string, SubjectClocks>();
    const now = this.clock.now();
    const terms = await this.terms(tx, institution.id);
    const open = rememberClocks(institution);
    const rows: Partial<SlaClockRow>[] = [];
    for (const subject of subjects) {
      const clocks = metrics.map((metric) => {
        const { businessDays, source } = chooseTerm(terms, { ...subject, metric, on: subject.startedOn });
        const clock = { ...open(metric, subject.startedOn, businessDays), businessDays, source };
        rows.push({
          id: randomUUID(),
          institutionId: institution.id,
          subjectId: subject.id,
          ...clock,
          state: 'running',
        });
        return viewOf({ ...clock, stoppedAt: null, cancelled: false }, institution.timeZone, now);
      });
      planned.set(subject.id, { clocks, summary: summarise(clocks) });
    }
    return { subjects: planned, rows };
  }

  /** Starts planned clocks, all in one statement. */
  async start(tx: Tx, planned: PlannedClocks): Promise<void> {
    await tx.insert(SlaClockRow, planned.rows);
  }

  /**
   * Stops a clock at an act of staff; nothing happens when it is not running. The verdict follows from `at` and the
   * due day alone. The caller refreshes the summary it keeps.
   * @returns the breach that this stop was the first to record, because no sweep came by in time; else null
   */
  async stop(
    tx: Tx,
    institution: Institution,
    subjectId: string,
    metric: Metric,
    at: Date,
  ): Promise<SlaTransition | null> {
    const [running] = await this.unstopped(tx, subjectId, metric);
    return running ? this.end(tx, running, institution.timeZone, at, false) : null;
  }

  /** Cancels what is still owed, when a subject is merged into another; a clock already late stays breached. */
  async cancelAll(tx: Tx, subjectId: string, at: Date): Promise<void> {
    for (const clock of await this.unstopped(tx, subjectId)) await this.end(tx, clock, clock.timeZone, at, true);
  }

  /** All clocks of a subject, ended ones included, in the order of METRICS. */
  async ofSubject(tx: Tx, institution: Pick<Institution, 'timeZone'>, subjectId: string): Promise<ClockView[]> {
    const rows = await tx.query<StoredClock>(
      `select metric, started_on::text as "startedOn", due_on::text as "dueOn", warn_on::text as "warnOn",
              business_days as "businessDays", source, stopped_at as "stoppedAt", state = 'cancelled' as cancelled
         from sla_clocks where subject_id = $1`,
      [subjectId],
    );
    const now = this.clock.now();
    return rows.map((row) => viewOf(row, institution.timeZone, now)).sort(inOrder);
  }

  async summary(tx: Tx, institution: Pick<Institution, 'timeZone'>, subjectId: string): Promise<SlaSummary> {
    return summarise(await this.ofSubject(tx, institution, subjectId));
  }

  /** Registered once by the module that owns the subjects: locks their rows FOR UPDATE SKIP LOCKED, gives the locked ids. */
  claimSubjectsWith(lock: ClaimSubjects): void {
    this.sweeper.claimSubjectsWith(lock);
  }

  /** Listeners run in the transaction that records the transition, exactly once for each. */
  onTransition(listener: SlaListener): void {
    this.sweeper.onTransition(listener);
  }

  /** Records what fell due in all institutions; see `SlaSweep`. */
  async sweep(): Promise<number> {
    return this.sweeper.run();
  }

  private async terms(tx: Tx, institutionId: string): Promise<SetTerm[]> {
    return tx.query<SetTerm>(
      `select id, metric, category_id as "categoryId", priority, business_days as "businessDays", source,
              valid_from::text as "validFrom", valid_to::text as "validTo",
              (extract(epoch from created_at) * 1000)::float8 as "createdAt"
         from sla_terms where institution_id = $1`,
      [institutionId],
    );
  }

  private async unstopped(tx: Tx, subjectId: string, metric?: Metric): Promise<UnstoppedClock[]> {
    return tx.query<UnstoppedClock>(
      `select c.id, c.subject_id as "subjectId", c.metric, c.due_on::text as "dueOn", c.state,
              i.time_zone as "timeZone"
         from sla_clocks c join institutions i on i.id = c.institution_id
        where c.subject_id = $1 and ($2::text is null or c.metric = $2)
          and (c.state = 'running' or (c.state = 'breached' and c.stopped_at is null))
        order by c.id for no key update of c`,
      [subjectId, metric ?? null],
    );
  }

  private async end(
    tx: Tx,
    clock: UnstoppedClock,
    timeZone: string,
    at: Date,
    cancelled: boolean,
  ): Promise<SlaTransition | null> {
    const { id, subjectId, metric, dueOn } = clock;
    const state = verdict({ dueOn, timeZone, stoppedAt: at, cancelled, now: at });
    await tx.query(
      `update sla_clocks set state = $2, stopped_at = $3,
              breached_at = case when $2 = 'breached' then coalesce(breached_at, $3) else breached_at end
        where id = $1`,
      [id, state, at],
    );
    const unseen = state === 'breached' && clock.state === 'running';
    return unseen ? { kind: 'breached', subjectId, metric, dueOn } : null;
  }
}

interface UnstoppedClock {
  id: string;
  subjectId: string;
  metric: Metric;
  dueOn: string;
  state: 'running' | 'breached';
  timeZone: string;
}

/** Reports of one batch start on the same few days under the same few terms: count each term once. */
function rememberClocks({ calendar }: Institution): (m: Metric, startedOn: string, businessDays: number) => OpenClock {
  const known = new Map<string, OpenClock>();
  return (metric, startedOn, businessDays) => {
    const key = `${startedOn} ${businessDays}`;
    const found = known.get(key) ?? openClock({ metric, startedOn, businessDays, calendar });
    known.set(key, found);
    return { ...found, metric };
  };
}
