import type { Server, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/**
 * Watches the requests of an application from now on.
 * @returns what ends them: no new connection, requests under way are answered, then every connection is cut. It comes
 * before Nest's own shutdown, which would first wait for the collector to run dry while reports still come in.
 *
 * The cut is needed because Node counts a connection on which nothing was asked yet, such as browsers open ahead, as
 * busy: `server.close` would wait for its headers for a minute.
 */
export function drainOf(app: NestFastifyApplication): () => Promise<void> {
  const server = app.getHttpServer() as Server;
  const open = new Set<ServerResponse>();
  let idle: (() => void) | undefined;
  server.on('request', (_request, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (open.size === 0) idle?.();
    });
  });
  return async () => {
    const closed = app.getHttpAdapter().getInstance().close();
    if (open.size > 0) await new Promise<void>((resolve) => (idle = resolve));
    server.closeAllConnections();
    await closed;
  };
}
