import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HttpServer } from './http-server.js';

/**
 * What ends the requests of an application: no new connection, those at work are answered, then every
 * connection is cut. It comes before Nest's own shutdown, which would first wait for the collector to run dry
 * while reports still come in.
 *
 * The cut is needed because Node counts a connection on which nothing was asked yet, such as browsers open
 * ahead, as busy: `server.close` would wait for its headers for a minute.
 */
export function drainOf(app: NestFastifyApplication): () => Promise<void> {
  const server = app.getHttpServer() as HttpServer;
  return async () => {
    const closed = app.getHttpAdapter().getInstance().close();
    await server.finish();
    server.closeAllConnections();
    await closed;
  };
}
