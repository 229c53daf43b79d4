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
 * Business days that every year must keep. Ordinary years have about 250. With 180 in each year, there can be
 * no 366 days in a row without a business day. After 366 such days the count of a term stops with an error,
 * and no report could be opened.
 */
const MIN_BUSINESS_DAYS = 180;

/**
 * The calendar of an institution. A clock keeps the days it was opened with. A change counts only for clocks
 * that are opened later, never silently for a running clock.
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
   * Adds closures. A day that is already closed stays as it is, so that somebody can send a list again.
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

/**
 * Refuses past days: closing a past day would change how late earlier answers were. Also refuses repeated
 * days.
 */
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
