import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';

/**
 * Prefix of tokens of reporters. An act with such a token never goes into a log or the audit trail of staff.
 */
export const REPORTER_TOKEN = 'dat_';

/**
 * Who a route is for. `reporters`: filing, following, a messenger, and what a web form reads before a report
 * is filed. No line about such a request has a time, and no single request changes a measure.
 */
export type RouteOwner = 'reporters' | 'staff';

declare module 'fastify' {
  interface FastifyContextConfig {
    owner?: RouteOwner;
  }
}

/** Sets who a route is for. The access decorators do this for every route that is not only for staff. */
export function OwnedBy(owner: RouteOwner): MethodDecorator {
  return routeConfig({ owner });
}

/** Adds to the configuration of a route. Nest's own decorator would replace what another decorator set. */
export function routeConfig(part: FastifyContextConfig): MethodDecorator {
  return (target, key, descriptor) => {
    const known = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as object;
    RouteConfig({ ...known, ...part })(target, key, descriptor);
  };
}

/** The same setting for a route that is not a method of a controller. */
export const OF_REPORTERS = { config: { owner: 'reporters' } } as const;

/**
 * Tells whose a request is. `nobody`: no route has this path and method. Such a request may come from a
 * reporter who mistyped the path, and the path does not tell this reliably. So method, path and time of such
 * a request are never kept. The route `*` answers the question that a browser asks before it sends a request.
 */
export function ownerOf(request: Pick<FastifyRequest, 'routeOptions'>): RouteOwner | 'nobody' {
  const { url, config } = request.routeOptions ?? {};
  if (!url?.startsWith('/')) return 'nobody';
  return config?.owner ?? 'staff';
}
