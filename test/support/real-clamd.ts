import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClamdScanner, testFile } from '../../src/work/evidence/antivirus/clamd-scanner.js';
import { removeFolder } from './remove-folder.js';
import { until } from './until.js';

/** A text that is harmful by our own signature, wherever it stands in a file. */
export const MARK = Buffer.from('DENUNCIA-MARK-4711');

/** clamd of Debian on a Unix socket, with two signatures of our own: its package brings none. */
export class RealClamd {
  readonly folder = mkdtempSync(join(tmpdir(), 'denuncia-real-clamd-'));
  readonly path = join(this.folder, 'clamd.ctl');
  /** Where clamd keeps a file while it examines it. */
  readonly temporary = join(this.folder, 'tmp');
  private readonly signatures = join(this.folder, 'signatures');
  private process?: ChildProcess;

  constructor() {
    for (const folder of [this.signatures, this.temporary]) mkdirSync(folder);
    chmodSync(this.folder, 0o755);
    const eicar = testFile();
    const md5 = createHash('md5').update(eicar).digest('hex');
    writeFileSync(join(this.signatures, 'own.hdb'), `${md5}:${eicar.length}:Eicar-Test\n`);
    writeFileSync(join(this.signatures, 'own.ndb'), `Mark-Test:0:*:${MARK.toString('hex')}\n`);
  }

  /** @param lines of clamd.conf, beside those that `docs/operations.md` names */
  async start(lines: readonly string[] = []): Promise<void> {
    // A clamd that was killed leaves what it examined.
    for (const left of readdirSync(this.temporary)) rmSync(join(this.temporary, left));
    const file = join(this.folder, 'clamd.conf');
    const ours = [
      `LocalSocket ${this.path}`,
      `DatabaseDirectory ${this.signatures}`,
      `TemporaryDirectory ${this.temporary}`,
      `LogFile ${join(this.folder, 'log')}`,
      'Foreground yes',
      'AlertExceedsMax yes',
    ];
    const stream = lines.some((line) => line.startsWith('StreamMaxLength')) ? [] : ['StreamMaxLength 110M'];
    writeFileSync(file, `${[...ours, ...stream, ...lines].join('\n')}\n`);
    this.process = spawn('clamd', ['-c', file], { stdio: 'ignore' });
    const scanner = new ClamdScanner({ path: this.path });
    await until(
      () => scanner.state(),
      ({ state }) => state === 'ready',
    );
  }

  signal(name: NodeJS.Signals): void {
    this.process!.kill(name);
  }

  async stop(): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    removeFolder(this.folder);
  }
}
