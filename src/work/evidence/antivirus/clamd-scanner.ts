import { unavailable, verdictOf, versionOf } from './clamd-answer.js';
import { ClamdConnection, ClamdFailed, type ClamdAddress, type ClamdTimes } from './clamd-connection.js';
import type { Scanner, ScannerState, Verdict } from './scanner.js';

const TIMES: ClamdTimes = { idle: 30_000, whole: 5 * 60_000 };

/** Milliseconds for which a look at the signatures counts. freshclam changes them some times a day. */
const LOOK_LIFE = 5 * 60_000;

/**
 * The test file on which the makers of antivirus programs agreed. It does nothing. It is put together here,
 * so that no antivirus program finds it in this source.
 */
export const testFile = (): Buffer =>
  Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-'));

/**
 * Asks clamd (ClamAV) whether a file is harmful. Every doubt ends in `unavailable`: only a whole `OK` to a
 * whole file, from a clamd that finds the test file, is `clean`.
 */
export class ClamdScanner implements Scanner {
  /** Until when, by the clock of the process, the last look counts. */
  private trustedUntil = -Infinity;

  constructor(
    private readonly address: ClamdAddress,
    private readonly times: ClamdTimes = TIMES,
  ) {}

  async scan(bytes: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<Verdict> {
    if (this.trustedUntil < performance.now()) {
      const looked = await this.look(signal);
      if (looked.verdict !== 'found')
        return looked.verdict === 'clean' ? unavailable('no-signatures') : looked;
      this.trustedUntil = performance.now() + LOOK_LIFE;
    }
    const verdict = await this.examine(bytes, signal);
    // It may have been started anew since, with other signatures or with none.
    if (verdict.verdict === 'unavailable') this.trustedUntil = -Infinity;
    return verdict;
  }

  /** Looks anew, each time. */
  async state(): Promise<ScannerState> {
    try {
      const version = versionOf(await new ClamdConnection(this.address, this.times).ask('VERSION'));
      const { verdict } = await this.look();
      if (verdict === 'unavailable') return { state: 'away', ...version };
      return { state: verdict === 'found' ? 'ready' : 'no signatures', ...version };
    } catch (error) {
      if (error instanceof ClamdFailed) return { state: 'away' };
      throw error;
    }
  }

  /** Lets clamd examine the test file. A version alone proves nothing: signatures of one's own have none. */
  private look(signal?: AbortSignal): Promise<Verdict> {
    return this.examine(once(testFile()), signal);
  }

  private async examine(bytes: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<Verdict> {
    try {
      return verdictOf(await new ClamdConnection(this.address, this.times, signal).ask('INSTREAM', bytes));
    } catch (error) {
      if (error instanceof ClamdFailed) return unavailable(error.reason);
      throw error;
    }
  }
}

/** The state of the scanner of this configuration, for a page or a command of operators. */
export async function scannerState(address: ClamdAddress | undefined): Promise<ScannerState> {
  return address
    ? new ClamdScanner(address, { idle: 10_000, whole: 20_000 }).state()
    : { state: 'not configured' };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
