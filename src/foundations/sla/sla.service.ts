import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import type { Institution } from '../catalogs/catalogs.reader.js';
import type { Priority } from '../catalogs/priorities.js';
import { inOrder, summarise, viewOf, type ClockView, type SlaSummary, type StoredClock } from './clock-view.js';
import { METRICS, openClock, verdict, type Metric } from './deadline.js';
import type { SlaTransition } from './events.js';
import { SlaClockRow } from './sla.entities.js';
import { chooseTerm, type SetTerm } from './terms.js';

export type { ClockView, SlaSummary } from './clock-view.js';
export type { SetTerm } from './terms.js';

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
 * Starts, stops and reads the clocks of subjects. All methods with a `tx` are steps: who changes clocks holds the row of the
 * subject locked. Lock order everywhere: subject first, its clocks second.
 */
@Injectable()
export class SlaService {
  constructor(private readonly clock: Clock) {}

  /**
   * Works out the clocks of many new subjects of one institution. A subject that lies back (a call entered late) may be
   * overdue at once: its stage says so, the sweep records it.
   * @param terms see `terms`
   */
  plan(institution: Institution, terms: readonly SetTerm[], subjects: readonly SlaSubject[]): PlannedClocks {
    const now = this.clock.now();
    // Reports of one batch begin on the same few days under the same few terms: count each only once.
    const known = new Map<string, SubjectClocks>();
    const planned: PlannedClocks = { subjects: new Map(), rows: [] };
    for (const subject of subjects) {
      const key = `${subject.startedOn} ${subject.priority} ${subject.categoryId}`;
      const clocks = known.get(key) ?? openClocks(institution, terms, subject, METRICS, now);
      known.set(key, clocks);
      planned.subjects.set(subject.id, clocks);
      planned.rows.push(...rowsOf(institution, subject, clocks, 1));
    }
    return planned;
  }

  /** Starts planned clocks, all in one statement. */
  async start(tx: Tx, planned: PlannedClocks): Promise<void> {
    await tx.insert(SlaClockRow, planned.rows);
  }

  /** Starts one more round of a clock that ended, when a subject is taken up again. */
  async restart(tx: Tx, institution: Institution, subject: SlaSubject, metric: Metric): Promise<void> {
    if ((await this.unstopped(tx, subject.id, metric)).length > 0) throw new Error('a clock that runs cannot restart');
    const [last] = await tx.query<{ round: number }>(
      'select max(round) as round from sla_clocks where subject_id = $1 and metric = $2',
      [subject.id, metric],
    );
    const terms = await this.terms(tx, institution.id);
    const clocks = openClocks(institution, terms, subject, [metric], this.clock.now());
    await tx.insert(SlaClockRow, rowsOf(institution, subject, clocks, (last?.round ?? 0) + 1));
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
    return running ? this.end(tx, running, institution.timeZone, at) : null;
  }

  /** All clocks of a subject, ended ones included, in the order of METRICS, the rounds of each in theirs. */
  async ofSubject(tx: Tx, institution: Pick<Institution, 'timeZone'>, subjectId: string): Promise<ClockView[]> {
    const rows = await tx.prepared<StoredClock>(
      `select metric, started_on::text as "startedOn", due_on::text as "dueOn", warn_on::text as "warnOn",
              business_days as "businessDays", source, stopped_at as "stoppedAt", state = 'cancelled' as cancelled
         from sla_clocks where subject_id = $1 order by round`,
      [subjectId],
    );
    const now = this.clock.now();
    return rows.map((row) => viewOf(row, institution.timeZone, now)).sort(inOrder);
  }

  async summary(tx: Tx, institution: Pick<Institution, 'timeZone'>, subjectId: string): Promise<SlaSummary> {
    return summarise(await this.ofSubject(tx, institution, subjectId));
  }

  /** The terms an institution set; where it set none the default holds. */
  async terms(tx: Tx, institutionId: string): Promise<SetTerm[]> {
    return tx.prepared<SetTerm>(
      `select id, metric, category_id as "categoryId", priority, business_days as "businessDays", source,
              valid_from::text as "validFrom", valid_to::text as "validTo",
              (extract(epoch from created_at) * 1000)::float8 as "createdAt"
         from sla_terms where institution_id = $1`,
      [institutionId],
    );
  }

  private async unstopped(tx: Tx, subjectId: string, metric: Metric): Promise<UnstoppedClock[]> {
    return tx.query<UnstoppedClock>(
      `select subject_id as "subjectId", metric, round, due_on::text as "dueOn", state from sla_clocks
        where subject_id = $1 and metric = $2 and (state = 'running' or (state = 'breached' and stopped_at is null))
        order by round for no key update`,
      [subjectId, metric],
    );
  }

  private async end(tx: Tx, clock: UnstoppedClock, timeZone: string, at: Date): Promise<SlaTransition | null> {
    const { subjectId, metric, round, dueOn } = clock;
    const state = verdict({ dueOn, timeZone, stoppedAt: at, now: at });
    await tx.query(
      `update sla_clocks set state = $4, stopped_at = $5,
              breached_at = case when $4 = 'breached' then coalesce(breached_at, $5) else breached_at end
        where subject_id = $1 and metric = $2 and round = $3`,
      [subjectId, metric, round, state, at],
    );
    const unseen = state === 'breached' && clock.state === 'running';
    return unseen ? { kind: 'breached', subjectId, metric, dueOn } : null;
  }
}

interface UnstoppedClock {
  subjectId: string;
  metric: Metric;
  round: number;
  dueOn: string;
  state: 'running' | 'breached';
}

function openClocks(
  { calendar, timeZone }: Institution,
  terms: readonly SetTerm[],
  { startedOn, categoryId, priority }: SlaSubject,
  metrics: readonly Metric[],
  now: Date,
): SubjectClocks {
  const clocks = metrics.map((metric) => {
    const { businessDays, source } = chooseTerm(terms, { metric, categoryId, priority, on: startedOn });
    const clock = { ...openClock({ metric, startedOn, businessDays, calendar }), businessDays, source };
    return viewOf({ ...clock, stoppedAt: null, cancelled: false }, timeZone, now);
  });
  return { clocks, summary: summarise(clocks) };
}

function rowsOf(
  institution: Institution,
  subject: SlaSubject,
  { clocks }: SubjectClocks,
  round: number,
): Partial<SlaClockRow>[] {
  return clocks.map(({ metric, businessDays, source, startedOn, warnOn, dueOn }) => ({
    subjectId: subject.id,
    metric,
    round,
    institutionId: institution.id,
    businessDays,
    source,
    startedOn,
    warnOn,
    dueOn,
    state: 'running',
  }));
}
