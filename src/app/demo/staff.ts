import { areasOf, permissionsOf } from '../../foundations/identity/permissions.js';
import { system, type StaffActor } from '../../platform/actor.js';
import type { Database } from '../../platform/database/database.js';
import type { DemoInstitution } from './institutions.js';

export interface DemoStaff {
  desk: StaffActor;
  investigator: StaffActor;
  head: StaffActor;
  admin: StaffActor;
}

/** The demo accounts of an institution as actors, so that the demo works cases with the real commands. */
export async function staffOf(
  database: Database,
  institutionId: string,
  demo: DemoInstitution,
): Promise<DemoStaff> {
  const rows = await database.tx(system('demo', institutionId), (tx) =>
    tx.query<{ id: string; name: string; email: string; roles: string[]; areas: string[] }>(
      `select a.id, a.name, a.email, a.roles, array(select aa.area_id from account_areas aa where aa.account_id = a.id) as areas from accounts a`,
    ),
  );
  const actor = (user: string): StaffActor => {
    const row = rows.find((account) => account.email === `${user}@${demo.domain}`)!;
    return {
      kind: 'staff',
      accountId: row.id,
      name: row.name,
      email: row.email,
      institutionId,
      areas: areasOf(row.roles, row.areas),
      permissions: permissionsOf(row.roles),
    };
  };
  return {
    desk: actor('mesa'),
    investigator: actor('investigador'),
    head: actor('titular'),
    admin: actor('admin'),
  };
}
