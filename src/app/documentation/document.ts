import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { dump } from 'js-yaml';
import { KeptBytes, sendKept } from '../../platform/http/kept-bytes.js';
import { OF_REPORTERS } from '../../platform/http/route-owner.js';
import { onePerTick } from '../../platform/one-per-tick.js';
import type { PublicMemory } from '../../platform/public-memory.js';
import { liveDocument, type Circumstances } from './live.js';

/** Most bytes of all kept versions of the document. */
const ROOM = 32 * 1024 * 1024;

const FORMS = [
  {
    path: '/openapi.json',
    type: 'application/json; charset=utf-8',
    write: (it: OpenAPIObject) => JSON.stringify(it),
  },
  { path: '/openapi.yaml', type: 'application/yaml; charset=utf-8', write: (it: OpenAPIObject) => dump(it) },
] as const;

/**
 * Serve the document at `/openapi.json` and `/openapi.yaml` (RFC 9512). Write it once for all requests within
 * a second.
 * @param describe gives the committed document
 * @param circumstances what is true of the service now, and for the caller
 */
export function serveDocument(
  server: FastifyInstance,
  memory: PublicMemory,
  describe: () => OpenAPIObject,
  circumstances: {
    now: (request: FastifyRequest) => Pick<Circumstances, 'today' | 'prefix'>;
    values: () => Promise<Circumstances['values']>;
  },
): void {
  let committed: OpenAPIObject | undefined;
  const shelf = memory.shelf<KeptBytes>(ROOM, (bytes, name) => 2 * (bytes.size + name.length));
  for (const { path, type, write } of FORMS) {
    server.get(path, OF_REPORTERS, async (request, reply) => {
      const now = circumstances.now(request);
      const here = { ...now, values: await circumstances.values() };
      const bytes = await shelf.get(`${path} ${JSON.stringify(here)}`, () =>
        onePerTick(() => {
          committed ??= describe();
          return new KeptBytes(Buffer.from(write(liveDocument(committed, here))), true);
        }),
      );
      void reply.type(type).header('Cache-Control', 'no-cache');
      return reply.send(await sendKept(bytes, request, reply));
    });
  }
}
