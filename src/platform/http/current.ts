import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Actor, ChannelActor, ReporterActor, StaffActor } from '../actor.js';
import { forbidden } from './access.guard.js';
import type { ActorRequest } from './access.js';
import { unauthenticated } from './credentials-refused.js';

/** The actor that the guard found, or `nobody` on a route that is open to everybody. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor =>
  actorOf(context),
);

/**
 * The staff account that the guard allowed. @throws DomainError FORBIDDEN for a credential of another kind
 */
export const CurrentStaff = createParamDecorator((_: unknown, context: ExecutionContext): StaffActor =>
  staffOf(context),
);

/** The holder of folio and access code. @throws DomainError UNAUTHENTICATED for anybody else */
export const CurrentReporter = createParamDecorator((_: unknown, context: ExecutionContext): ReporterActor =>
  reporterOf(context),
);

/** The channel system that the guard allowed, with the key that it showed. */
export const CurrentChannel = createParamDecorator((_: unknown, context: ExecutionContext): ShownKey =>
  channelOf(context),
);

/** The same on a route that others may call as well: undefined for everybody else. */
export const ShownChannelKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): ShownKey | undefined =>
    actorOf(context).kind === 'channel' ? channelOf(context) : undefined,
);

/** A channel system, and the key as it was sent: what it seals for itself opens with this key only. */
export interface ShownKey {
  actor: ChannelActor;
  apiKey: string;
}

export function actorOf(context: ExecutionContext): Actor {
  return context.switchToHttp().getRequest<ActorRequest>().actor ?? { kind: 'nobody' };
}

/** @throws DomainError FORBIDDEN for a credential of another kind */
export function staffOf(context: ExecutionContext): StaffActor {
  const actor = actorOf(context);
  if (actor.kind !== 'staff') throw forbidden();
  return actor;
}

/** @throws DomainError UNAUTHENTICATED for anybody but a reporter */
export function reporterOf(context: ExecutionContext): ReporterActor {
  const actor = actorOf(context);
  if (actor.kind !== 'reporter') throw unauthenticated('reporter');
  return actor;
}

/** @throws DomainError FORBIDDEN for a credential of another kind */
export function channelOf(context: ExecutionContext): ShownKey {
  const actor = actorOf(context);
  const apiKey = context.switchToHttp().getRequest<ActorRequest>().headers['x-api-key'];
  if (actor.kind !== 'channel' || typeof apiKey !== 'string') throw forbidden();
  return { actor, apiKey };
}
