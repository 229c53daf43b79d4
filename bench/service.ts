import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { round } from './load.js';
import type { BenchServer } from './server.js';

/** Connections of the general pool of each measured service. */
export const POOL = 10;
const PASSWORD = 'contraseña de medición';
const KEY = 'bench-key-000000000000000';

export interface Served {
  child: ChildProcess;
  port: number;
}

/** A checkout of the program with its own data. */
export class Site {
  private readonly children: ChildProcess[] = [];
  /** More variables for what is started from now on. */
  env: NodeJS.ProcessEnv = {};
  /** The database server, when it is known. Until then the service starts its own. */
  server: BenchServer | undefined;

  /** @param root folder of the checkout */
  constructor(
    readonly root: string,
    readonly dataDir: string,
  ) {}

  serve(entry: string, ...args: string[]): Promise<Served> {
    return this.spawned(
      [join(this.root, 'scripts/run.mjs'), entry, ...args],
      /Denuncia Abierta\s.*?http:\/\/127\.0\.0\.1:(\d+)/,
    );
  }

  /** @param ready what it says when it is ready, with its port */
  spawned(command: string[], ready: RegExp): Promise<Served> {
    const child = spawn(process.execPath, command, {
      cwd: this.root,
      env: {
        ...process.env,
        ...this.server?.env,
        ...this.env,
        DATA_DIR: this.dataDir,
        PORT: '0',
        DEMO_PASSWORD: PASSWORD,
        DEMO_CHANNEL_KEY: KEY,
        LOG_LEVEL: 'error',
        DATABASE_POOL: String(POOL),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.push(child);
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${command[1] ?? command[0]} ended with ${code}`)));
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const found = ready.exec(line);
        if (found) resolve({ child, port: Number(found[1]) });
      });
    });
  }

  async close(): Promise<void> {
    for (const child of this.children) await stop(child);
    await this.server?.close();
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const start = performance.now();
  const value = await work();
  return { value, seconds: round((performance.now() - start) / 1000) };
}

/** @returns value of `Authorization` */
export async function signIn(port: number, email = 'mesa@conavi.demo'): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/auth/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  return `Bearer ${((await response.json()) as { accessToken: string }).accessToken}`;
}
