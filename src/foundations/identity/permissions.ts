import type { Channel } from '../catalogs/channels.js';

/**
 * What each role may do. `test/permissions.ts` holds the expected matrix, written by hand. Tests compare it
 * with this table, with the routes and with the OpenAPI document. Change both tables on purpose.
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
  /** Takes reports by phone, and follows them for callers with folio and code. Sees no case afterwards. */
  operator: ['reports.create', 'phone.calls', 'phone.follow_up'],
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
  /** Keeps catalogues, calendars and accounts. Sees no case content. */
  admin: ['admin.catalogs', 'admin.accounts', 'admin.channels', 'admin.menu', 'approvals.read'],
} as const satisfies Readonly<Record<Role, readonly string[]>>;
export type Permission = (typeof TABLE)[Role][number];
export const PERMISSIONS: Readonly<Record<Role, readonly string[]>> = TABLE;

/** What a channel key may do besides filing reports. Its channel decides. */
const OF_CHANNELS = {
  web: ['channel.references'],
  whatsapp: ['channel.references'],
  phone: ['channel.references', 'channel.ivr'],
} as const satisfies Readonly<Record<Channel, readonly string[]>>;
export type ChannelPermission = (typeof OF_CHANNELS)[Channel][number];

export function permissionsOfChannel(channel: string): ReadonlySet<string> {
  return new Set(OF_CHANNELS[channel as Channel] ?? []);
}

/**
 * Roles that see every area of their institution. Investigators and area heads see only the areas they hold.
 */
const WHOLE_INSTITUTION: readonly Role[] = ['triage', 'auditor'];
const OWN_AREAS: readonly Role[] = ['investigator', 'area_head'];

export function permissionsOf(roles: readonly string[]): ReadonlySet<string> {
  return new Set(roles.flatMap((role) => PERMISSIONS[role as Role] ?? []));
}

/** Each role here cannot be held together with any of the roles in its list. */
const APART: readonly (readonly [Role, readonly Role[]])[] = [
  // The admin could give itself any role that it lacks, so it sees neither cases nor exact figures.
  ['admin', ['triage', 'investigator', 'area_head', 'auditor', 'transparency']],
  // A role that sees the whole institution must not get the powers of an area over all of it. Also, nobody
  // may audit the own desk.
  ['triage', ['investigator', 'area_head', 'auditor']],
  ['auditor', ['investigator', 'area_head']],
];

/** Tells whether one account may hold these roles together. */
export function compatible(roles: readonly string[]): boolean {
  return !APART.some(([one, others]) => roles.includes(one) && others.some((other) => roles.includes(other)));
}

/**
 * Tells whether an account with these roles works in areas. Without an area such an account would see no
 * case, and nobody would know why.
 */
export function needsAreas(roles: readonly string[]): boolean {
  return roles.some((role) => OWN_AREAS.includes(role as Role));
}

/** Returns the row-level security reach of an account: '*', the ids of its areas, or nothing. */
export function areasOf(roles: readonly string[], areaIds: readonly string[]): '*' | readonly string[] {
  if (roles.some((role) => WHOLE_INSTITUTION.includes(role as Role))) return '*';
  return roles.some((role) => OWN_AREAS.includes(role as Role)) ? areaIds : [];
}
