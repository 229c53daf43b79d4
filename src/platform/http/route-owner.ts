import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** How tokens of reporters begin. What is done with one never goes into a log or the audit trail of staff. */
export const REPORTER_TOKEN = 'dat_';

/**
 * Whose a route is. `reporters`: filing, following, a messenger, and what a web form reads before anything is
 * filed. Of its requests no line carries a time, and no measure moves with a single one.
 */
export type RouteOwner = 'reporters' | 'staff';

declare module 'fastify' {
  interface FastifyContextConfig {
    owner?: RouteOwner;
  }
}

/** Whose a route is; the decorators of access say it for every route that is open to others than staff. */
export function OwnedBy(owner: RouteOwner): MethodDecorator {
  return RouteConfig({ owner });
}

/** The same for a route that is no method of a controller. */
export const OF_REPORTERS = { config: { owner: 'reporters' } } as const;

/**
 * Whose a request is. `nobody`: no route has that path and method. Such a request may be a reporter's who
 * mistyped, in more ways than can be told by looking at the path, so of none of them stays method, path or
 * time. `*` answers the question that a browser asks before it sends.
 */
export function ownerOf(request: Pick<FastifyRequest, 'routeOptions'>): RouteOwner | 'nobody' {
  const { url, config } = request.routeOptions ?? {};
  if (!url?.startsWith('/')) return 'nobody';
  return config?.owner ?? 'staff';
}
