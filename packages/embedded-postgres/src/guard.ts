import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Waits beside a process that takes part in the embedded server. */
export interface Guard {
  /** Ends it, after the process has left the server in order. */
  dismiss(): void;
}

/**
 * Starts a shell that waits for this process to end. A process that was killed cannot stop the database: the
 * shell notices that the pipe between them has closed, and runs `after-death.js`, which stops what nobody
 * uses any more.
 *
 * A shell and not Node, because it waits as long as the service runs and takes 1 MB. It has a session of its
 * own, so that what kills the process with its whole group leaves the shell to do its work.
 */
export function postGuard(dataDir: string): Guard {
  const program = fileURLToPath(new URL('./after-death.js', import.meta.url));
  const { PATH } = process.env;
  const shell = spawn('/bin/sh', ['-c', 'read _; exec "$@"', 'sh', process.execPath, program, dataDir], {
    cwd: '/',
    env: { PATH },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is no guard, and the next start adopts the database as it would after a crash.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  // It must not keep this process running.
  shell.unref();
  (shell.stdin as Socket).unref();
  return { dismiss: () => void shell.kill('SIGKILL') };
}
