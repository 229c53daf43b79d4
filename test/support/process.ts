import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Milliseconds within which a process must say something; far beyond what any machine needs. */
const PATIENCE = 120_000;

export type Env = Record<string, string>;

const running = new Set<Running>();

/** A process of this project as an operator starts it, with nothing in its environment but what is given. */
export class Running {
  /** Standard output and standard error as they came. */
  output = '';
  stdout = '';
  stderr = '';
  readonly startedAt = performance.now();
  private readonly ended: Promise<number | null>;
  private heard: () => void = () => undefined;

  private constructor(private readonly child: ChildProcess) {
    running.add(this);
    child.stdout?.on('data', (chunk: Buffer) => this.hear('stdout', chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.hear('stderr', chunk));
    this.ended = once(child, 'close').then(([code]: unknown[]) => {
      running.delete(this);
      this.heard();
      return code as number | null;
    });
  }

  /** `node scripts/run.mjs <entry> <args>`, as the scripts of package.json do it. */
  static start(entry: string, env: Env = {}, args: string[] = []): Running {
    return Running.program(
      process.execPath,
      [join(ROOT, 'scripts/run.mjs'), ...entry.split(' '), ...args],
      env,
    );
  }

  /** `npm run <script> -- <args>`, as an operator types it. */
  static npm(script: string, env: Env = {}, args: string[] = []): Running {
    return Running.program('npm', ['run', script, ...(args.length > 0 ? ['--', ...args] : [])], env);
  }

  /** Any program, in the folder of the project. */
  static program(program: string, args: string[], env: Env = {}): Running {
    const { PATH = '', HOME = '' } = process.env;
    return new Running(
      spawn(program, args, {
        cwd: ROOT,
        // No file of variables that a developer keeps in the folder of the project.
        env: { PATH, HOME, HOST: '127.0.0.1', PORT: '0', ENV_FILE: '/dev/null', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for a line. @throws when the process ends first */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + PATIENCE;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (!running.has(this)) throw new Error(`ended without saying ${pattern}:\n${this.output}`);
      if (performance.now() > end) throw new Error(`did not say ${pattern}:\n${this.output}`);
      await new Promise<void>((resolve) => {
        this.heard = resolve;
        setTimeout(resolve, 1_000).unref();
      });
    }
  }

  /** The address it listens on, and the milliseconds from its start until then. */
  async listens(): Promise<{ url: string; ms: number }> {
    const [, url] = await this.says(/(?:Denuncia Abierta {2}|listens on )(http:\/\/127\.0\.0\.1:\d+)/);
    return { url: url!, ms: Math.round(performance.now() - this.startedAt) };
  }

  /** Waits for its end. @returns the exit code, null after a signal that nothing handled */
  exit(): Promise<number | null> {
    return this.ended;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }

  private hear(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.output += chunk.toString();
    this[stream] += chunk.toString();
    this.heard();
  }
}

/** Runs a command to its end. */
export async function runToEnd(
  entry: string,
  env: Env = {},
  args: string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = Running.start(entry, env, args);
  const code = await command.exit();
  return { code, stdout: command.stdout.trim(), stderr: command.stderr.trim() };
}

/** What a start that is refused tells: its lines on standard error. @throws when it was not refused */
export async function refusal(entry: string, env: Env = {}, args: string[] = []): Promise<string[]> {
  const { code, stdout, stderr } = await runToEnd(entry, env, args);
  if (code !== 1) throw new Error(`${entry} ended with ${code}:\n${stdout}\n${stderr}`);
  return stderr.split('\n');
}

/** Ends what a failed test left running. */
export async function endAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop('SIGKILL')));
}
