import { areasOf, type Role } from '../permissions.js';

/** Areas in which an act lets an account see cases: all of the institution, or these codes. */
export type Concerned = '*' | readonly string[];

/** An account as far as it matters to who sees what. */
export interface Standing {
  roles: readonly string[];
  /** Codes. */
  areas: readonly string[];
  active: boolean;
}

/** Somebody who may be the second person. */
export interface Approver {
  id: string;
  roles: readonly string[];
  /** Codes. */
  areas: readonly string[];
}

const SEES_CASES: readonly Role[] = ['triage', 'investigator', 'area_head', 'auditor'];
/** Roles that may be the second person. */
export const APPROVERS: readonly Role[] = ['auditor', 'area_head'];

function seesCases(roles: readonly string[]): boolean {
  return roles.some((role) => SEES_CASES.includes(role as Role));
}

/** Where an account of this standing sees cases; null = nowhere. */
export function reachOf({ roles, areas, active }: Standing): Concerned | null {
  return active && seesCases(roles) ? areasOf(roles, areas) : null;
}

/**
 * What an act lets an account see that it did not see before; null = nothing, and one person is enough.
 * Another role counts although the areas stay the same: it brings other powers over the cases there.
 * @param before null = there was no such account
 */
export function gained(before: Standing | null, after: Standing): Concerned | null {
  const reach = reachOf(after);
  if (reach === null) return null;
  const old = before && reachOf(before);
  const newRole = after.roles.some(
    (role) => SEES_CASES.includes(role as Role) && !before?.roles.includes(role),
  );
  if (!old || newRole) return reach;
  if (reach === '*' || old === '*') return null;
  const more = reach.filter((area) => !old.includes(area));
  return more.length > 0 ? more : null;
}

/**
 * Who may agree: auditors, and heads who hold every area concerned, so that the one-time password which the
 * second person hands over opens nothing that this person does not see anyway. Where there is none of these
 * the request waits, or the operator of the machine answers: an administrator could else deactivate whoever
 * would say no.
 * @param candidates active auditors and heads of the institution
 * @param apart whoever asked, and the account concerned
 */
export function eligible(
  candidates: readonly Approver[],
  concerned: Concerned,
  apart: readonly (string | null)[],
): Approver[] {
  return candidates.filter(
    ({ id, roles, areas }) => !apart.includes(id) && (roles.includes('auditor') || covers(areas, concerned)),
  );
}

/** Whom an act concerns: all auditors, and the heads of the areas. */
export function concernedPeople(candidates: readonly Approver[], concerned: Concerned): Approver[] {
  return candidates.filter(
    ({ roles, areas }) =>
      roles.includes('auditor') || concerned === '*' || areas.some((area) => concerned.includes(area)),
  );
}

/** Whether an act reaches no further than what was asked. */
export function within(reach: Concerned | null, asked: Concerned): boolean {
  return reach === null || asked === '*' || covers(asked, reach);
}

/** An account as people see it, by its codes. */
export function standingOf(view: {
  roles: readonly string[];
  areas: readonly { code: string }[];
  active: boolean;
}): Standing {
  return { ...view, areas: view.areas.map(({ code }) => code) };
}

function covers(areas: readonly string[], concerned: Concerned): boolean {
  return concerned !== '*' && concerned.every((area) => areas.includes(area));
}
