/**
 * What each role may do. `test/permissions.ts` holds the expected matrix by hand and is compared with this
 * table, with the routes and with the OpenAPI document; change both on purpose.
 */
export const ROLES = [
  'operator',
  'triage',
  'investigator',
  'area_head',
  'auditor',
  'transparency',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];

const TABLE = {
  /** Takes reports by phone on behalf of callers; sees no case afterwards. */
  operator: ['reports.create'],
  /** Mesa de control. */
  triage: [
    'cases.read',
    'cases.triage',
    'cases.assign',
    'cases.transfer',
    'cases.ask',
    'cases.write',
    'cases.close',
  ],
  investigator: [
    'cases.read',
    'cases.investigate',
    'cases.ask',
    'cases.write',
    'cases.close',
    'cases.conclude',
  ],
  area_head: [
    'cases.read',
    'cases.audit',
    'cases.assign',
    'cases.transfer',
    'cases.investigate',
    'cases.ask',
    'cases.write',
    'cases.close',
    'cases.conclude',
    'cases.reopen',
    'stats.read',
    'approvals.read',
    'approvals.decide',
  ],
  auditor: [
    'audit.read',
    'cases.read',
    'cases.audit',
    'cases.reopen',
    'stats.read',
    'approvals.read',
    'approvals.decide',
  ],
  transparency: ['stats.read', 'stats.release'],
  /** Catalogues, calendars, accounts; sees no case content. */
  admin: ['admin.catalogs', 'admin.accounts', 'admin.channels', 'approvals.read'],
} as const satisfies Readonly<Record<Role, readonly string[]>>;
export type Permission = (typeof TABLE)[Role][number];
export const PERMISSIONS: Readonly<Record<Role, readonly string[]>> = TABLE;

/** Roles that see every area of their institution; investigators and area heads see the areas they hold. */
const WHOLE_INSTITUTION: readonly Role[] = ['triage', 'auditor'];
const OWN_AREAS: readonly Role[] = ['investigator', 'area_head'];

export function permissionsOf(roles: readonly string[]): ReadonlySet<string> {
  return new Set(roles.flatMap((role) => PERMISSIONS[role as Role] ?? []));
}

/** Roles that no account holds together with one of the others of its line. */
const APART: readonly (readonly [Role, readonly Role[]])[] = [
  // Who keeps accounts would give itself whatever it lacks, so it sees neither cases nor exact figures.
  ['admin', ['triage', 'investigator', 'area_head', 'auditor', 'transparency']],
  // Who sees the whole institution must not gain the powers of an area over all of it; and nobody audits the
  // own desk.
  ['triage', ['investigator', 'area_head', 'auditor']],
  ['auditor', ['investigator', 'area_head']],
];

/** Whether one account may hold these roles together. */
export function compatible(roles: readonly string[]): boolean {
  return !APART.some(([one, others]) => roles.includes(one) && others.some((other) => roles.includes(other)));
}

/**
 * Whether an account with these roles works in areas: without one it would see no case and nobody would know
 * why.
 */
export function needsAreas(roles: readonly string[]): boolean {
  return roles.some((role) => OWN_AREAS.includes(role as Role));
}

/** The row-level security reach of an account: '*', the ids of its areas, or nothing. */
export function areasOf(roles: readonly string[], areaIds: readonly string[]): '*' | readonly string[] {
  if (roles.some((role) => WHOLE_INSTITUTION.includes(role as Role))) return '*';
  return roles.some((role) => OWN_AREAS.includes(role as Role)) ? areaIds : [];
}
