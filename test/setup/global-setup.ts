import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

declare global {
  /** For the teardown; Jest runs both in one process. */
  var testServer: ChildProcess | undefined;
}

/**
 * One PostgreSQL for the whole run; `TEST_SUPERUSER_URL` tells the workers where it is.
 *
 * Jest loads this file as CommonJS and could not load our ES modules from here. So they are compiled to dist,
 * which the tests that start real processes need anyway, and the server is kept by a process of its own.
 */
export default async function globalSetup(_global: unknown, { rootDir }: { rootDir: string }): Promise<void> {
  execFileSync(process.execPath, [resolve(rootDir, 'scripts/build.mjs'), '--tools'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const server = spawn(
    process.execPath,
    ['--enable-source-maps', resolve(rootDir, 'dist/test/setup/test-server.js')],
    {
      // Ctrl-C must not reach it: it stops PostgreSQL when its input closes.
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: server.stdout });
  const url = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    once(server, 'exit').then(() => undefined),
  ]);
  if (url === undefined)
    throw new Error('The PostgreSQL of the tests did not start; the reason stands above.');
  globalThis.testServer = server;
  process.env.TEST_SUPERUSER_URL = url;
}
