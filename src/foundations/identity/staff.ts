import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Actor, StaffActor } from '../../platform/actor.js';
import type { Database } from '../../platform/database/database.js';
import { unauthenticated } from '../../platform/http/credentials-refused.js';
import { actorOf } from '../../platform/http/current.js';

/** A staff account in one session, as the guard finds it. */
export interface SessionActor extends StaffActor {
  sessionId: string;
}

/**
 * The staff account of a request, with its session. @throws DomainError UNAUTHENTICATED for any other actor
 */
export const CurrentSession = createParamDecorator((_: unknown, context: ExecutionContext): SessionActor => {
  const actor = actorOf(context);
  if (actor.kind === 'staff' && 'sessionId' in actor && typeof actor.sessionId === 'string') {
    return { ...actor, sessionId: actor.sessionId };
  }
  throw unauthenticated('session');
});

/**
 * Returns a staff account that acts on its own behalf, before or without a session. It reaches the accounts
 * of its institution and no case.
 * @throws DomainError UNAUTHENTICATED when there is no such account
 */
export async function onOwnBehalf(
  database: Database,
  accountId: string,
  institutionId: string,
): Promise<StaffActor> {
  const [person] = await database.definer<{ name: string; email: string }>('auth_person', [accountId]);
  if (!person) throw unauthenticated('session');
  return { kind: 'staff', accountId, ...person, institutionId, areas: [], permissions: new Set() };
}

/**
 * Returns the institution whose rows an actor works on. @throws Error for nobody, who has no institution:
 * this is a fault of the program
 */
export function institutionOf(actor: Actor): string {
  if (actor.kind === 'nobody') throw new Error('this step needs an actor with an institution');
  return actor.institutionId;
}
