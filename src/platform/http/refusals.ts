import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StaffActor } from '../actor.js';
import type { ActorRequest } from './access.js';
import type { ProblemReply } from './problem.filter.js';
import { ownerOf, REPORTER_TOKEN } from './route-owner.js';

/** A refused request that belongs into the audit trail. */
export type Refusal = RefusedStaff | RefusedCredential;

/** A signed-in person asked for something that the account may not do, or that is outside its reach. */
export interface RefusedStaff {
  kind: 'staff';
  actor: StaffActor;
  method: string;
  /** Template of the route, without the values of the path. */
  route: string;
  code: string;
  permission?: string;
  /** The values of the path, such as a folio or an id. */
  asked: Record<string, string>;
}

/** A token or channel key that is not valid. */
export interface RefusedCredential {
  kind: 'bearer' | 'api-key';
  method: string;
  route: string;
}

/** Tells listeners about refused requests. The listeners write them down. */
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

/** Folios and ids. Any other text in the path may be a name or a secret, so it is not kept. */
const NAMEABLE =
  /^([A-Za-z]{2,5}-\d{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

function nameable(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, NAMEABLE.test(value) ? value : 'malformed']),
  );
}

function refusalOf(request: ActorRequest, reply: FastifyReply & ProblemReply): Refusal | null {
  const { actor, method } = request;
  const route = request.routeOptions.url;
  const { statusCode: status, problemCode: code = '', refusedPermission: permission } = reply;
  // No route matched, so this request is not ours.
  if (route === undefined) return null;
  // What an operator looks for during a call is an act of the caller: the trail keeps no time of it.
  if (status === 404 && ownerOf(request) === 'reporters') return null;
  if (actor?.kind === 'staff' && (status === 403 || status === 404)) {
    const asked = nameable(request.params as Record<string, string>);
    return { kind: 'staff', actor, method, route, code, permission, asked };
  }
  if (status !== 401) return null;
  // The key is valid and was tried on a route that takes no key. A wrong access code that a channel system
  // sent is an act of its reporter: the trail keeps no time of it.
  if (actor?.kind === 'channel')
    return code === 'UNAUTHENTICATED' ? { kind: 'api-key', method, route } : null;
  if (actor || route.includes('/tracking/')) return null;
  if (request.headers['x-api-key'] !== undefined) return { kind: 'api-key', method, route };
  const { authorization } = request.headers;
  // The trail does not record what a reporter sends.
  if (
    authorization === undefined ||
    ownerOf(request) === 'reporters' ||
    authorization.includes(REPORTER_TOKEN)
  )
    return null;
  return { kind: 'bearer', method, route };
}
