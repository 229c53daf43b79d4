import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import type { Institution } from '../catalogs/catalogs.reader.js';
import type { Priority } from '../catalogs/priorities.js';
import { summarise, viewOf, type ClockView, type SlaSummary } from './clock-view.js';
import { METRICS, openClock, type Metric } from './deadline.js';
import { HeldClocks, type ClockState } from './held-clocks.js';
import { SlaClockRow } from './sla.entities.js';
import { chooseTerm, type SetTerm } from './terms.js';

export type { ClockView, SlaSummary } from './clock-view.js';
export type { SetTerm } from './terms.js';

/**
 * What is measured: an id, and the facts that decide its terms. This module does not know what a subject is.
 */
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

/**
 * Clocks that are computed but not yet stored. A case holds their summary in its own row, and that row must
 * exist before the clocks are stored.
 */
export interface PlannedClocks {
  subjects: Map<string, SubjectClocks>;
  rows: Partial<SlaClockRow>[];
}

/**
 * Starts, stops and reads the clocks of subjects. All methods with a `tx` are steps. Code that changes clocks
 * must hold the lock on the row of the subject. The lock order is the same everywhere: first the subject,
 * then its clocks.
 */
@Injectable()
export class SlaService {
  constructor(private readonly clock: Clock) {}

  /**
   * Computes the clocks of many new subjects of one institution. A subject that starts in the past (a call
   * entered late) may be overdue at once. Its stage says so, and the sweep records it.
   * @param terms see `terms`
   */
  plan(institution: Institution, terms: readonly SetTerm[], subjects: readonly SlaSubject[]): PlannedClocks {
    const now = this.clock.now();
    // Reports of one batch start on the same few days under the same few terms. Compute each combination only
    // once.
    const known = new Map<string, SubjectClocks>();
    const planned: PlannedClocks = { subjects: new Map(), rows: [] };
    for (const subject of subjects) {
      const key = `${subject.startedOn} ${subject.priority} ${subject.categoryId}`;
      const clocks = known.get(key) ?? openClocks(institution, terms, subject, { metrics: METRICS, now });
      known.set(key, clocks);
      planned.subjects.set(subject.id, clocks);
      planned.rows.push(...rowsOf(institution, subject, clocks, 1));
    }
    return planned;
  }

  /** Stores and so starts planned clocks, all in one statement. */
  async start(tx: Tx, planned: PlannedClocks): Promise<void> {
    await tx.insert(SlaClockRow, planned.rows);
  }

  /** Starts another round of an ended clock, when a subject is reopened. */
  async restart(
    tx: Tx,
    held: HeldClocks,
    { institution, subject, metric }: { institution: Institution; subject: SlaSubject; metric: Metric },
  ): Promise<void> {
    const round = held.nextRound(metric);
    const terms = await this.terms(tx, institution.id);
    const planned = openClocks(institution, terms, subject, {
      metrics: [metric],
      now: this.clock.now(),
    });
    const [row] = rowsOf(institution, subject, planned, round);
    const [{ stage: _stage, ...clock }] = planned.clocks as [ClockView];
    held.start({ ...clock, round, state: 'running' }, row!);
  }

  /** Writes the stopped and the started clocks, in one statement each. */
  async save(tx: Tx, held: HeldClocks): Promise<void> {
    const { stopped, started } = held.changes;
    await Promise.all([
      stopped.length > 0 &&
        tx.prepared(STOP, [
          held.subjectId,
          JSON.stringify(
            stopped.map(({ metric, round, state, stoppedAt }) => ({ metric, round, state, at: stoppedAt })),
          ),
        ]),
      tx.insert(SlaClockRow, [...started]),
    ]);
  }

  /**
   * Returns all clocks of a subject, including ended clocks, in the order of METRICS. The rounds of each
   * metric are in order, too.
   */
  async ofSubject(
    tx: Tx,
    institution: Pick<Institution, 'timeZone'>,
    subjectId: string,
  ): Promise<ClockView[]> {
    const held = new HeldClocks(
      subjectId,
      await this.stored(tx, '$1::uuid', subjectId),
      institution.timeZone,
    );
    return held.views(this.clock.now());
  }

  /**
   * Returns the clocks of a subject as they are stored, for `HeldClocks`.
   * @param id SQL with one parameter that gives the id of the subject, so that the same round trip can look
   *   up the id
   */
  stored(tx: Tx, id: string, value: string): Promise<ClockState[]> {
    return tx.prepared<ClockState>(
      `select metric, started_on::text as "startedOn", due_on::text as "dueOn", warn_on::text as "warnOn",
              business_days as "businessDays", source, stopped_at as "stoppedAt", state, round
         from sla_clocks where subject_id = (${id}) order by round`,
      [value],
    );
  }

  /** Returns the terms that an institution set. Where it set none, the default counts. */
  async terms(tx: Tx, institutionId: string): Promise<SetTerm[]> {
    return tx.prepared<SetTerm>(
      `select id, metric, category_id as "categoryId", priority, business_days as "businessDays", source,
              valid_from::text as "validFrom", valid_to::text as "validTo",
              (extract(epoch from created_at) * 1000)::float8 as "createdAt"
         from sla_terms where institution_id = $1`,
      [institutionId],
    );
  }
}

/** $1 subject, $2 the clocks as JSON. */
const STOP = `
  update sla_clocks k set state = s.state, stopped_at = s.at,
         breached_at = case when s.state = 'breached' then coalesce(k.breached_at, s.at) else k.breached_at end
    from json_to_recordset($2::json) as s (metric text, round smallint, state text, at timestamptz)
   where k.subject_id = $1 and k.metric = s.metric and k.round = s.round`;

function openClocks(
  { calendar, timeZone }: Institution,
  terms: readonly SetTerm[],
  { startedOn, categoryId, priority }: SlaSubject,
  { metrics, now }: { metrics: readonly Metric[]; now: Date },
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
