import { once } from 'node:events';

/** Ends the process that keeps the PostgreSQL of the run, and waits until it has cleaned up. */
export default async function globalTeardown(): Promise<void> {
  const server = globalThis.testServer;
  if (server?.exitCode !== null) return;
  const exit = once(server, 'exit');
  server.stdin?.end();
  await exit;
}
