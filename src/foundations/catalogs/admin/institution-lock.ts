import type { Tx } from '../../../platform/database/tx.js';
import type { CalendarRule } from '../business-calendar.js';
import { catalogErrors } from '../errors.js';

export interface LockedInstitution {
  timeZone: string;
  calendarRule: CalendarRule;
  fallbackAreaId: string | null;
}

/**
 * Locks the institution, so that one administrator at a time changes its catalogues. This keeps rules across
 * rows true: one fallback area that never ends, no calendar without business days. The lock does not hold up
 * intake, which only refers to the row.
 */
export async function lockInstitution(tx: Tx, institutionId: string): Promise<LockedInstitution> {
  const [row] = await tx.query<LockedInstitution>(
    `select time_zone as "timeZone", calendar_rule as "calendarRule", fallback_area_id as "fallbackAreaId"
       from institutions where id = $1 for no key update`,
    [institutionId],
  );
  if (!row) throw catalogErrors.institutionUnknown();
  return row;
}
