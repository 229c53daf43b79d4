import { createServer, request as forward, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * A proxy that shows a service under a path and tells it so, as nginx does with `location /denuncias/ {
 * proxy_pass …/; }`.
 */
export async function underPath(target: string, prefix: string): Promise<{ url: string; close: () => void }> {
  const server: Server = createServer((incoming, answer) => {
    const path = incoming.url!.startsWith(`${prefix}/`) ? incoming.url!.slice(prefix.length) : undefined;
    if (path === undefined) {
      answer.writeHead(404).end('outside of the service');
      return;
    }
    const headers = { ...incoming.headers, 'x-forwarded-prefix': prefix };
    const outgoing = forward(new URL(path, target), { method: incoming.method, headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
