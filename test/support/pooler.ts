import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/**
 * Stands between a client and PostgreSQL as a transaction pooler does, in the one respect that the service
 * looks at: the process id told at connecting is the pooler's own and not that of the server process.
 */
export async function standInPooler(databaseUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [client, upstream].forEach((other) => other.destroy()));
    }
    client.pipe(upstream);
    let greeting: Buffer | null = Buffer.alloc(0);
    upstream.on('data', (data) => {
      if (greeting === null) {
        client.write(data);
        return;
      }
      greeting = Buffer.concat([greeting, data]);
      const at = keyData(greeting);
      if (at === null) return;
      if (at >= 0) greeting.writeInt32BE(greeting.readInt32BE(at + 5) ^ 0x40000000, at + 5);
      client.write(greeting);
      // The login is answered in several parts: the key data comes with the last of them.
      greeting = at >= 0 ? null : Buffer.alloc(0);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.toString(),
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Where BackendKeyData begins; -1 when these whole messages hold none, null when the last one is not whole
 * yet.
 */
function keyData(messages: Buffer): number | null {
  let at = 0;
  while (at + 5 <= messages.length) {
    if (messages[at] === 0x4b) return at + 13 <= messages.length ? at : null;
    at += 1 + messages.readInt32BE(at + 1);
  }
  return at === messages.length ? -1 : null;
}
