import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../actor.js';
import { OwnedBy, type RouteOwner } from './route-owner.js';

export const ACCESS = 'denuncia:access';

/** Who may call a route. A route without one of the four decorators below is refused and fails the build. */
export type Access =
  | { kind: 'permission'; permission: string }
  | { kind: 'reporter' }
  | { kind: 'signed-in' }
  | { kind: 'public'; credentials: 'ignored' | 'optional' };

/**
 * A token of staff, which a tool may also get by itself. Made anew for each route: such a decorator remembers
 * where it was.
 */
function byStaff(): (MethodDecorator & ClassDecorator)[] {
  return [ApiSecurity('staffSignIn'), ApiBearerAuth('staff')];
}

/**
 * Requires a staff account with a permission of `foundations/identity/permissions.ts`; also documents the
 * security in OpenAPI.
 */
export function Requires(permission: string): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'permission', permission } satisfies Access),
    ...byStaff(),
    ApiExtension('x-permission', permission),
  );
}

/** Any signed-in staff account, also one that must change its password first when `duringPasswordChange`. */
export function SignedIn(options: { duringPasswordChange?: boolean } = {}): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'signed-in' } satisfies Access),
    SetMetadata(DURING_PASSWORD_CHANGE, options.duringPasswordChange ?? false),
    ...byStaff(),
    ApiExtension('x-permission', 'signed-in'),
  );
}

export const DURING_PASSWORD_CHANGE = 'denuncia:during-password-change';

/** The holder of folio and access code, with a tracking token. */
export function ForReporter(): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'reporter' } satisfies Access),
    ApiBearerAuth('tracking'),
    ApiExtension('x-permission', 'reporter'),
    OwnedBy('reporters'),
  );
}

/**
 * Open to everybody. With `optional` credentials are checked when sent (a wrong one is 401, never
 * "anonymous") and the handler decides by the actor.
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
