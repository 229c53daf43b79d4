import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HttpServer } from './http-server.js';

/**
 * Returns the function that ends the requests of an application. It accepts no new connection, answers the
 * requests at work, and then cuts every connection. It must run before Nest's own shutdown: Nest would first
 * wait for the collector to finish, while reports still come in.
 *
 * The cut is needed because of connections without a request yet, which browsers open in advance. Node counts
 * such a connection as busy, and `server.close` would wait a minute for its headers.
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
