import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ClamdAddress } from '../../src/work/evidence/antivirus/clamd-connection.js';
import { testFile } from '../../src/work/evidence/antivirus/clamd-scanner.js';

/**
 * What happens to a file instead of an examination. The test file of the look at the signatures is smaller
 * than `AFTER`, so that only `no-signatures` concerns it.
 */
export type ClamdFault =
  /** Takes all and says nothing. */
  | 'silent'
  /** Takes no more bytes. */
  | 'stuck'
  /** Ends the connection in the middle of the file. */
  | 'cut'
  /** Ends the connection after the file. */
  | 'empty'
  /** Says `OK` in the middle of the file. */
  | 'early'
  /** Says `OK` without its end. */
  | 'half'
  | 'garbage'
  | 'flood'
  | 'error'
  | 'limits'
  | 'no-signatures';

/** Bytes of a file after which a fault in its middle happens. */
const AFTER = 1000;
const VERSION = 'ClamAV 1.4.6';

/** clamd as far as this service uses it: one command per connection, in the form with a zero byte. */
export class ClamdStandin {
  fault?: ClamdFault;
  /** Bytes of one stream that it takes, `StreamMaxLength`. */
  maxLength = 110 * 1024 * 1024;
  /** What follows the version of the program; blank without official signatures. */
  database = '/27812/Sat Nov 28 09:26:11 2026';
  /** What it finds: the name by the bytes. */
  readonly signatures = new Map([[testFile().toString(), 'Eicar-Test-Signature']]);
  /** SHA-256 of each file that came whole, the test file left out. */
  readonly examined: string[] = [];
  /** Files of more bytes get no answer. */
  holdsAbove = Infinity;
  /** How many files wait for an answer for ever. */
  held = 0;
  /** How many files it still cuts off before it examines the next one. */
  cuts = 0;
  /** How often it was asked to examine the test file. */
  looks = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly address: ClamdAddress,
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket.on('error', () => undefined));
      socket.once('close', () => this.sockets.delete(socket));
      void this.serve(socket).catch(() => socket.destroy());
    });
  }

  /** @param path of a Unix socket; without it a port of 127.0.0.1 */
  static async start(path?: string): Promise<ClamdStandin> {
    if (path) rmSync(path, { force: true });
    const server = createServer();
    await once(path ? server.listen(path) : server.listen(0, '127.0.0.1'), 'listening');
    const { port } = (path ? {} : server.address()) as AddressInfo;
    return new ClamdStandin(server, path ? { path } : { host: '127.0.0.1', port });
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(socket: Socket): Promise<void> {
    const reader = new Reader(socket);
    const command = await reader.until(0);
    if (command === 'zVERSION') socket.end(`${VERSION}${this.database}\0`);
    else if (command === 'zINSTREAM') await this.examine(socket, reader);
    else socket.end('UNKNOWN COMMAND\0');
  }

  private async examine(socket: Socket, reader: Reader): Promise<void> {
    const pieces: Buffer[] = [];
    let size = 0;
    for (;;) {
      const length = (await reader.take(4)).readUInt32BE();
      if (length === 0) break;
      size += length;
      if (size > this.maxLength) return void socket.end('INSTREAM size limit exceeded. ERROR\0');
      pieces.push(await reader.take(length));
      if (size > AFTER && this.failInTheMiddle(socket)) return;
    }
    this.answer(socket, Buffer.concat(pieces));
  }

  private failInTheMiddle(socket: Socket): boolean {
    if (this.fault === 'stuck') socket.pause();
    else if (this.fault === 'cut' || this.cuts-- > 0) socket.resetAndDestroy();
    else if (this.fault === 'early') socket.end('stream: OK\0');
    else return false;
    return true;
  }

  private answer(socket: Socket, file: Buffer): void {
    if (file.length > this.holdsAbove) {
      this.held++;
      return;
    }
    const isTest = file.equals(testFile());
    if (isTest) this.looks++;
    else this.examined.push(createHash('sha256').update(file).digest('hex'));
    const answers: Partial<Record<ClamdFault, string>> = {
      empty: '',
      half: 'stream: OK',
      garbage: 'I am a mail server\0',
      flood: 'x'.repeat(100_000),
      error: "stream: Can't allocate memory ERROR\0",
      limits: 'stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND\0',
    };
    if (this.fault === 'no-signatures') return void socket.end('stream: OK\0');
    if (!isTest && this.fault === 'silent') return;
    if (!isTest && this.fault) return void socket.end(answers[this.fault] ?? '');
    const found = [...this.signatures].find(([bytes]) => file.includes(bytes));
    socket.end(found ? `stream: ${found[1]} FOUND\0` : 'stream: OK\0');
  }
}

/** Reads a connection in the portions of the protocol. */
class Reader {
  private rest = Buffer.alloc(0);
  private readonly pieces: AsyncIterator<Buffer>;

  constructor(socket: Socket) {
    this.pieces = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  async until(end: number): Promise<string> {
    while (!this.rest.includes(end)) await this.more();
    const at = this.rest.indexOf(end);
    const text = this.rest.subarray(0, at).toString();
    this.rest = this.rest.subarray(at + 1);
    return text;
  }

  async take(length: number): Promise<Buffer> {
    while (this.rest.length < length) await this.more();
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }

  private async more(): Promise<void> {
    const { value, done } = await this.pieces.next();
    if (done) throw new Error('the connection ended');
    this.rest = Buffer.concat([this.rest, value as Buffer]);
  }
}
