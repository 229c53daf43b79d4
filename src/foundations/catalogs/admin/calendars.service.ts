import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { invalidField } from '../../../platform/http/validation.js';
import { AuditService } from '../../audit/audit.service.js';
import { businessDaysBetween, nonWorkingDays, type CalendarRule } from '../business-calendar.js';
import { CalendarClosureRow, InstitutionRow } from '../catalog.entities.js';
import { CatalogsReader } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';
import type { AddClosures, ChangeCalendar } from './calendar-requests.js';
import { lockInstitution } from './institution-lock.js';
import type { AdminCalendar, Closure } from './views.js';

/**
 * Business days a year must keep. Ordinary years have about 250; with 180 left in each, no stretch without
 * any can reach the 366 days at which counting a term is given up and no report could be opened.
 */
const MIN_BUSINESS_DAYS = 180;

/**
 * The calendar of an institution. Clocks keep the days they were opened with: a change counts for those
 * opened later, never silently for one that runs.
 */
@Injectable()
export class CalendarsService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @param year absent = the current one in the institution's zone */
  async year(actor: StaffActor, year?: number): Promise<AdminCalendar> {
    return this.database.tx(actor, async (tx) => {
      const { institution } = await this.catalogs.snapshot(tx, actor.institutionId);
      const shown = year ?? Number(this.clock.today(institution.timeZone).slice(0, 4));
      return this.view(tx, actor.institutionId, institution.calendar.rule, shown);
    });
  }

  async change(actor: StaffActor, { rule }: ChangeCalendar): Promise<AdminCalendar> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone, calendarRule } = await lockInstitution(tx, institutionId);
      if (rule !== undefined && rule !== calendarRule) {
        await tx.manager.update(InstitutionRow, { id: institutionId }, { calendarRule: rule });
        await this.audit.record(tx, {
          event: 'CALENDAR_RULE_CHANGED',
          about: institutionId,
          payload: { from: calendarRule, to: rule },
        });
      }
      const year = Number(this.clock.today(timeZone).slice(0, 4));
      return this.view(tx, institutionId, rule ?? calendarRule, year);
    });
  }

  /**
   * Adds closures; a day already closed stays as it is, so that a list can be sent again.
   * @returns the closures on the given days
   * @throws CALENDAR_TOO_CLOSED, InvalidRequest for a past or repeated day
   */
  async addClosures(actor: StaffActor, { days }: AddClosures): Promise<Closure[]> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone, calendarRule } = await lockInstitution(tx, institutionId);
      assertDays(days, this.clock.today(timeZone));
      const wanted = new Set(days.map(({ day }) => day));
      const live = await this.live(tx, institutionId);
      const known = new Set(live.map(({ day }) => day));
      const added = days
        .filter(({ day }) => !known.has(day))
        .map(({ day, label }) => ({ id: randomUUID(), day, label }));
      const closures = [...live, ...added].sort((a, b) => (a.day < b.day ? -1 : 1));
      assertWorkable(calendarRule, closures, wanted);
      if (added.length > 0) {
        const createdAt = this.clock.now();
        const rows = added.map((closure) => ({ ...closure, institutionId, createdAt }));
        await tx.insert(CalendarClosureRow, rows);
        await this.audit.record(tx, {
          event: 'CLOSURES_ADDED',
          about: institutionId,
          payload: { closures: added },
        });
      }
      return closures.filter(({ day }) => wanted.has(day));
    });
  }

  /** @throws CLOSURE_UNKNOWN, CLOSURE_PAST */
  async withdrawClosure(actor: StaffActor, id: string): Promise<void> {
    const { institutionId } = actor;
    await this.database.tx(actor, async (tx) => {
      const { timeZone } = await lockInstitution(tx, institutionId);
      const closure = (await this.live(tx, institutionId)).find((one) => one.id === id);
      if (!closure) throw catalogErrors.closureUnknown();
      if (closure.day < this.clock.today(timeZone)) throw catalogErrors.closurePast();
      await tx.manager.update(CalendarClosureRow, { id, institutionId }, { withdrawnAt: this.clock.now() });
      await this.audit.record(tx, {
        event: 'CLOSURE_WITHDRAWN',
        about: institutionId,
        payload: { ...closure },
      });
    });
  }

  private async live(tx: Tx, institutionId: string): Promise<Closure[]> {
    return tx.query<Closure>(
      `select id, day::text as day, label from calendar_closures
        where institution_id = $1 and withdrawn_at is null order by day`,
      [institutionId],
    );
  }

  private async view(
    tx: Tx,
    institutionId: string,
    rule: CalendarRule,
    year: number,
  ): Promise<AdminCalendar> {
    const all = await this.live(tx, institutionId);
    const closures = all.filter(({ day }) => day.startsWith(`${year}-`));
    const legal = nonWorkingDays({ rule, closures: new Set() }, year);
    const named = new Set(legal.map(({ day }) => day));
    const own = closures.filter(({ day }) => !named.has(day)).map(({ day, label }) => ({ day, label }));
    return {
      rule,
      year,
      closures,
      nonWorkingDays: [...legal, ...own].sort((a, b) => (a.day < b.day ? -1 : 1)),
    };
  }
}

/** Closing a day that is over would change how late yesterday's answers were. */
function assertDays(days: readonly { day: string }[], today: string): void {
  const seen = new Set<string>();
  days.forEach(({ day }, index) => {
    const field = `days.${index}.day`;
    if (day < today) {
      throw invalidField(
        field,
        'PAST_DAY',
        'Ese día ya pasó: lo que contó como hábil sigue contando así.',
        'This day is past: what counted as a business day keeps counting so.',
      );
    }
    if (seen.has(day))
      throw invalidField(field, 'REPEATED', 'Este día está repetido.', 'This day is repeated.');
    seen.add(day);
  });
}

function assertWorkable(rule: CalendarRule, closures: readonly Closure[], added: ReadonlySet<string>): void {
  const calendar = { rule, closures: new Set(closures.map(({ day }) => day)) };
  for (const year of new Set([...added].map((day) => Number(day.slice(0, 4))))) {
    const left = businessDaysBetween(calendar, `${year - 1}-12-31`, `${year}-12-31`);
    if (left < MIN_BUSINESS_DAYS) throw catalogErrors.calendarTooClosed(year);
  }
}
