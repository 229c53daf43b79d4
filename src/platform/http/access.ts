import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../actor.js';
import { OwnedBy, type RouteOwner } from './route-owner.js';

export const ACCESS = 'denuncia:access';

/** Who may call a route. A route without one of the five decorators below is refused, and the build fails. */
export type Access =
  | { kind: 'permission'; permission: string }
  | { kind: 'reporter' }
  | { kind: 'signed-in' }
  | { kind: 'channel'; permission: string; files: boolean }
  | { kind: 'public'; credentials: 'ignored' | 'optional' };

/**
 * Documents a token of staff, which a tool may also get by itself. Makes the decorators anew for each route,
 * because such a decorator remembers where it was used.
 */
function byStaff(): (MethodDecorator & ClassDecorator)[] {
  return [ApiSecurity('staffSignIn'), ApiBearerAuth('staff')];
}

/**
 * Requires a staff account with a permission of `foundations/identity/permissions.ts`. Also documents the
 * security in OpenAPI.
 */
export function Requires(permission: string): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'permission', permission } satisfies Access),
    ...byStaff(),
    ApiExtension('x-permission', permission),
  );
}

/**
 * Allows any signed-in staff account. With `duringPasswordChange` it also allows an account that must first
 * change its password.
 */
export function SignedIn(options: { duringPasswordChange?: boolean } = {}): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'signed-in' } satisfies Access),
    SetMetadata(DURING_PASSWORD_CHANGE, options.duringPasswordChange ?? false),
    ...byStaff(),
    ApiExtension('x-permission', 'signed-in'),
  );
}

export const DURING_PASSWORD_CHANGE = 'denuncia:during-password-change';

/** Allows the holder of folio and access code, with a tracking token. */
export function ForReporter(): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'reporter' } satisfies Access),
    ApiBearerAuth('tracking'),
    ApiExtension('x-permission', 'reporter'),
    OwnedBy('reporters'),
  );
}

/**
 * Requires a channel key with a permission of `foundations/identity/permissions.ts`. What a channel system
 * does is an act of a reporter.
 * @param options.files the route files a report: other requests must not hold it up
 */
export function ForChannel(permission: string, { files = false } = {}): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'channel', permission, files } satisfies Access),
    ApiSecurity('channelKey'),
    ApiExtension('x-permission', permission),
    OwnedBy('reporters'),
  );
}

/**
 * Opens a route to everybody. With `optional`, credentials are checked when a client sends them (a wrong
 * credential is 401, never "anonymous"), and the handler decides by the actor.
 * @param owner `staff` only for what no reporter needs: signing in, statistics, probes
 */
export function Public(
  credentials: 'ignored' | 'optional' = 'ignored',
  owner: RouteOwner = 'reporters',
): MethodDecorator {
  const open = [
    SetMetadata(ACCESS, { kind: 'public', credentials } satisfies Access),
    ApiExtension('x-permission', 'public'),
    OwnedBy(owner),
  ];
  if (credentials === 'ignored') return applyDecorators(...open);
  return applyDecorators(...open, ApiSecurity({}), ApiSecurity('channelKey'), ...byStaff());
}

export interface ActorRequest extends FastifyRequest {
  actor?: Actor;
  rawBody?: Buffer;
}
