import { areasOf, type Role } from '../permissions.js';

/**
 * The areas in which an act lets an account see cases: '*' is the whole institution, otherwise the codes of
 * the areas.
 */
export type Concerned = '*' | readonly string[];

/** The part of an account that decides what it sees. */
export interface Standing {
  roles: readonly string[];
  /** Codes of areas. */
  areas: readonly string[];
  active: boolean;
}

/** A person who may be the second person. */
export interface Approver {
  id: string;
  roles: readonly string[];
  /** Codes of areas. */
  areas: readonly string[];
}

const SEES_CASES: readonly Role[] = ['triage', 'investigator', 'area_head', 'auditor'];
/** Roles that may be the second person. */
export const APPROVERS: readonly Role[] = ['auditor', 'area_head'];

function seesCases(roles: readonly string[]): boolean {
  return roles.some((role) => SEES_CASES.includes(role as Role));
}

/** Returns where an account of this standing sees cases; null = nowhere. */
export function reachOf({ roles, areas, active }: Standing): Concerned | null {
  return active && seesCases(roles) ? areasOf(roles, areas) : null;
}

/**
 * Returns what an act lets an account see that it did not see before. null = nothing more, so one person is
 * enough. A new role counts even when the areas stay the same, because it brings other powers over the cases
 * there.
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
 * Returns the people who may agree: auditors, and heads who hold every area concerned. The second person
 * hands over the one-time password, and the password must not open anything that this person cannot already
 * see. When nobody may agree, the request waits, or the operator of the machine answers. Otherwise an
 * administrator could deactivate everybody who would say no.
 * @param candidates active auditors and heads of the institution
 * @param apart who asked, and the account concerned
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

/** Returns the people whom an act concerns: all auditors, and the heads of the areas. */
export function concernedPeople(candidates: readonly Approver[], concerned: Concerned): Approver[] {
  return candidates.filter(
    ({ roles, areas }) =>
      roles.includes('auditor') || concerned === '*' || areas.some((area) => concerned.includes(area)),
  );
}

/** Tells whether an act reaches no further than the request asked. */
export function within(reach: Concerned | null, asked: Concerned): boolean {
  return reach === null || asked === '*' || covers(asked, reach);
}

/** Returns the standing of an account from the view that people see. */
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
