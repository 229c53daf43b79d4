import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Waits for the end of a process that takes part in the embedded server. */
export interface Guard {
  /** Ends the guard, after the process has left the server in order. */
  dismiss(): void;
}

/**
 * Start a shell that waits for this process to end. A process that was killed cannot stop the database. The
 * shell notices that the pipe between them has closed and runs `after-death.js`, which stops a server that
 * nobody uses any more.
 *
 * The guard is a shell and not Node, because it waits as long as the service runs and takes only 1 MB. The
 * shell has a session of its own, so a kill of the whole process group does not reach it.
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
  // Without a shell there is no guard. The next start then adopts the database, as after a crash.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  // The guard must not keep this process running.
  shell.unref();
  (shell.stdin as Socket).unref();
  return { dismiss: () => void shell.kill('SIGKILL') };
}
