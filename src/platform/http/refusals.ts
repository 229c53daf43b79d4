import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StaffActor } from '../actor.js';
import type { ActorRequest } from './access.js';
import type { ProblemReply } from './problem.filter.js';
import { isReporterRoute, REPORTER_TOKEN } from './reporter-routes.js';

/** A request that was refused and belongs into the audit trail. */
export type Refusal = RefusedStaff | RefusedCredential;

/** Somebody signed in who asked for what the account may not do, or for a thing that is not in its reach. */
export interface RefusedStaff {
  kind: 'staff';
  actor: StaffActor;
  method: string;
  /** Template, without what stands in the path. */
  route: string;
  code: string;
  permission?: string;
  /** What stood in the path: a folio, an id. */
  asked: Record<string, string>;
}

/** A token or channel key that is none. */
export interface RefusedCredential {
  kind: 'bearer' | 'api-key';
  method: string;
  route: string;
}

/** Tells of refused requests whoever writes them down. */
@Injectable()
export class Refusals {
  private readonly listeners: ((refusal: Refusal) => void)[] = [];

  onRefusal(listener: (refusal: Refusal) => void): void {
    this.listeners.push(listener);
  }

  /** Watches the answers of a server. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      const refusal = refusalOf(request, reply as FastifyReply & ProblemReply);
      if (refusal) for (const listener of this.listeners) listener(refusal);
      done();
    });
  }
}

function refusalOf(request: ActorRequest, reply: FastifyReply & ProblemReply): Refusal | null {
  const { actor, method } = request;
  const route = request.routeOptions.url;
  const { statusCode: status, problemCode: code = '', refusedPermission: permission } = reply;
  // No route, nobody asked for a thing of ours.
  if (route === undefined) return null;
  if (actor?.kind === 'staff' && (status === 403 || status === 404)) {
    const asked = { ...(request.params as Record<string, string>) };
    return { kind: 'staff', actor, method, route, code, permission, asked };
  }
  if (status !== 401 || actor) return null;
  if (request.headers['x-api-key'] !== undefined) return { kind: 'api-key', method, route };
  const { authorization } = request.headers;
  // What a reporter sends is no matter of the trail.
  if (authorization === undefined || isReporterRoute(route) || authorization.includes(REPORTER_TOKEN)) return null;
  return { kind: 'bearer', method, route };
}
