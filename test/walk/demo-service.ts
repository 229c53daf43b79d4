import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The service as a process of its own, which can be started again at another time. */
export class DemoService {
  /** Is told when the service ends by itself. */
  onEnd: (why: string) => void = () => undefined;
  private child?: ChildProcess;
  private port = '0';
  private stopped = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly project: string,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  /** @returns its address, as soon as it listens @throws Error with what it said when it ended before */
  async start(say: (line: string) => void, clockStart?: Date): Promise<string> {
    const { port } = this;
    const child = spawn(process.execPath, [join(this.project, 'scripts/run.mjs'), 'main'], {
      cwd: this.project,
      env: {
        ...process.env,
        ENV_FILE: '/dev/null',
        HOST: '127.0.0.1',
        PORT: port,
        ...this.variables,
        ...(clockStart ? { CLOCK_START: clockStart.toISOString() } : {}),
        // So it looks after this process as after npm, and ends when it is gone.
        npm_lifecycle_script: 'exec node scripts/run.mjs main',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const problems: string[] = [];
    createInterface({ input: child.stderr! }).on('line', (line) => {
      problems.push(line);
      console.error(line);
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) =>
        reject(new Error(`The service ended with ${code}. ${problems.join(' ')}`)),
      );
      createInterface({ input: child.stdout! }).on('line', (line) => {
        say(line);
        const [, found] = /Denuncia Abierta\s+(http:\S+)/.exec(line) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    child.once('exit', (code) => {
      if (this.child === child) this.onEnd(`The service ended with ${code}.`);
    });
    this.port = new URL(url).port;
    return url;
  }

  /** Ends it and starts it with its clock at `at`. One restart after the other. */
  async restart(at: Date): Promise<void> {
    const work = this.turn.then(async () => {
      if (this.stopped) return;
      await this.end();
      if (!this.stopped) await this.start(() => undefined, at);
    });
    this.turn = work.catch(() => undefined);
    await work;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.end();
    await this.turn;
    await this.end();
  }

  private async end(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}
