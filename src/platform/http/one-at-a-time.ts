import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Requests that a client sends over one connection without waiting for the answers (RFC 9112, section 9.3.2) are worked one after the
 * other. Their answers leave in that order anyway; worked all at once, two such connections kept everybody else waiting.
 */
export function oneAtATime(server: FastifyInstance): void {
  const last = new WeakMap<Socket, Promise<void>>();
  server.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const { socket } = request.raw;
    const before = last.get(socket);
    last.set(socket, new Promise((resolve) => reply.raw.once('close', resolve)));
    if (before) void before.then(done);
    else done();
  });
}
