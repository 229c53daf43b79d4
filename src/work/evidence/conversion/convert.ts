import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { AnswerReader, ChildEnded, NeverReady, NoAnswer } from './answer.js';
import type { Answer, Job, Reason, ToolName, Way } from './cage/job.js';
import { AT_ONCE, DELIVERY, LIMITS } from './cage/limits.js';
import { isSeen } from './cage-command.js';
import { demuxerOf } from './cage/media-plan.js';
import { reasonOfEnd, wasKilled } from './cage/signals.js';
import { Gate } from './gate.js';
import { findCage, kill, start } from './sandbox.js';
import { pathOfTool } from './tools.js';
import type { FoundType } from './type-of.js';

export interface ConvertedFile {
  outcome: 'converted';
  /** Media type and extension (without a dot) of the new file. They may differ from those of the old one. */
  type: string;
  extension: string;
  /** The program that read the hostile bytes. */
  tool: string;
  /** Bytes that follow. */
  length: number;
  /**
   * The new file, to be read once and within ten minutes. It throws `ChildEnded` when the child ends before
   * its end, `NotReadInTime`, or the reason of the signal: what was stored until then is to be thrown away.
   */
  bytes: AsyncIterable<Buffer>;
  /** A JPEG of at most 320 pixels and 20 kB. */
  thumbnail?: Buffer;
  pages?: number;
  /** Duration. */
  seconds?: number;
  /** The image was broken; what could be decoded of it is shown. */
  partial?: boolean;
  /** Ends the child. Needed when `bytes` is not read to its end; harmless at any time. */
  dispose(): Promise<void>;
}

/** The reader of the result was too slow. */
export class NotReadInTime extends Error {}

export type Conversion =
  | ConvertedFile
  | { outcome: 'tool-missing'; tool: string }
  | { outcome: 'cannot'; reason: Reason }
  /**
   * The child or its tool was ended from outside, as when the machine has no memory left, or did not get
   * enough processor time. Another try may help. `reason`: what to say when none does.
   */
  | { outcome: 'killed'; reason: 'memory' | 'time' };

const IMAGES = ['jpeg', 'png', 'apng', 'webp', 'gif', 'tiff', 'avif'].map((name) => `image/${name}`);
const TOOLS: Record<Way, ToolName[]> = {
  image: [],
  heic: ['heif-convert'],
  pdf: ['pdfinfo', 'pdftoppm'],
  media: ['ffprobe', 'ffmpeg'],
  office: ['soffice', 'pdfinfo', 'pdftoppm'],
  mark: [],
};
/**
 * heif-convert and LibreOffice choose their formats by the names of files. Files have names only in a scratch
 * that ends with its child.
 */
const NAMED: readonly Way[] = ['heic', 'office'];
/** A download shall not wait behind the films that are converted. */
const gates = { conversion: new Gate(AT_ONCE), mark: new Gate(AT_ONCE) };

/**
 * Makes a file that can be opened safely out of one that somebody sent. All of it happens in a child in a
 * cage (`sandbox.ts`); this process decodes nothing. At most `AT_ONCE` children run, others wait.
 *
 * @param input the file. It is read to its end only when there is a way for its type.
 * @param found what `typeOf` said of it
 * @throws what `input` throws, and the reason of the signal when it is aborted
 */
export async function convert(
  input: AsyncIterable<Buffer>,
  found: FoundType,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Conversion> {
  const way = wayOf(found);
  if (way === undefined) return { outcome: 'cannot', reason: 'no-converter' };
  return inCage(way, found, input, signal);
}

/**
 * Writes words below a picture that `convert` made.
 *
 * @param words a line each where the picture is narrow
 * @throws what `input` throws, and the reason of the signal when it is aborted
 */
export function mark(
  input: AsyncIterable<Buffer>,
  of: { type: string; extension: string },
  words: readonly string[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<Conversion> {
  async function* marked(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${JSON.stringify(words)}\n`);
    yield* input;
  }
  return inCage('mark', of, marked(), signal);
}

async function inCage(
  way: Way,
  { type, extension }: { type: string; extension: string },
  input: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<Conversion> {
  const missing = await missingFor(way);
  if (missing !== undefined) return { outcome: 'tool-missing', tool: missing };
  const leave = await gates[way === 'mark' ? 'mark' : 'conversion'].enter(signal);
  try {
    const cage = await findCage();
    signal?.throwIfAborted();
    const job: Job = { way, type, extension, scratch: cage.scratch, tools: await toolsOf(way) };
    const child = start(cage, job, LIMITS[way]);
    child.once('exit', leave);
    child.once('error', leave);
    return await new Run(child, way, signal).convert(input);
  } catch (error) {
    leave();
    throw error;
  }
}

/** The tool without which a file waits. Looked for each time anew. */
export async function missingTool(found: FoundType): Promise<string | undefined> {
  const way = wayOf(found);
  return way === undefined ? undefined : missingFor(way);
}

async function missingFor(way: Way): Promise<string | undefined> {
  const tools = await toolsOf(way);
  const absent = TOOLS[way].find((tool) => tools[tool] === undefined);
  if (absent !== undefined || TOOLS[way].length === 0) return absent;
  const cage = await findCage();
  if (NAMED.includes(way) && cage.confinement === 'limits') return 'bwrap';
  return TOOLS[way].find((tool) => !isSeen(cage, tools[tool]!));
}

async function toolsOf(way: Way): Promise<Job['tools']> {
  const paths = await Promise.all(TOOLS[way].map(pathOfTool));
  return Object.fromEntries(TOOLS[way].map((tool, n) => [tool, paths[n]]));
}

function wayOf({ kind, type, executable }: FoundType): Way | undefined {
  if (executable) return undefined;
  if (IMAGES.includes(type)) return 'image';
  if (/^image\/hei[cf](-sequence)?$/.test(type)) return 'heic';
  if (kind === 'pdf') return 'pdf';
  if (kind === 'document') return 'office';
  return demuxerOf(type) === undefined ? undefined : 'media';
}

/** One child from its start to its end. */
class Run {
  /** Why we ended it. */
  private ended: Reason | 'aborted' | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly gone: Promise<unknown>;
  private isGone = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly way: Way,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.gone = once(child, 'close').catch(() => undefined);
    signal?.addEventListener('abort', this.abort);
    void this.gone.then(() => {
      this.isGone = true;
      clearTimeout(this.timer);
      signal?.removeEventListener('abort', this.abort);
    });
  }

  private readonly abort = (): void => this.end('aborted');

  private end(reason: Reason | 'aborted'): void {
    this.ended ??= reason;
    kill(this.child);
    // What nobody reads would keep the child from being closed.
    this.child.stdout!.destroy();
  }

  private endIn(seconds: number): void {
    clearTimeout(this.timer);
    if (this.isGone) return;
    this.timer = setTimeout(() => this.end('time'), seconds * 1_000);
  }

  async convert(input: AsyncIterable<Buffer>): Promise<Conversion> {
    const reader = new AnswerReader(this.child.stdout! as AsyncIterable<Buffer>);
    let begun;
    try {
      [begun] = await Promise.all([reader.begin(), this.feed(input)]);
    } catch (error) {
      if (error instanceof NoAnswer) return await this.withoutAnswer(error);
      this.end('damaged');
      await this.gone;
      this.signal?.throwIfAborted();
      throw error;
    }
    const { told, thumbnail } = begun;
    if (told.outcome !== 'converted') {
      await this.stop();
      if (told.outcome === 'tool-missing') return told;
      const { reason } = told;
      return reason === 'killed' ? { outcome: 'killed', reason: 'memory' } : { outcome: 'cannot', reason };
    }
    return this.result(told, thumbnail, reader);
  }

  /** The time of the child begins when it has everything. Until then the sender is slow, not the child. */
  private async feed(input: AsyncIterable<Buffer>): Promise<void> {
    const { input: most, wall } = LIMITS[this.way];
    const stdin = this.child.stdin!;
    // A child that answers before the end closes its side; its answer tells why.
    stdin.on('error', () => undefined);
    let length = 0;
    for await (const chunk of input) {
      length += chunk.length;
      if (length > most) return this.end('too-large');
      if (!stdin.writable) break;
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain').catch(() => undefined), this.gone]);
    }
    stdin.end();
    this.endIn(wall);
  }

  /** We ended it, a limit ended it, somebody else ended it, or the file broke it. */
  private async withoutAnswer(error: NoAnswer): Promise<Conversion> {
    // Its exit code tells the reason; a cage passes it on a moment later.
    if (error instanceof ChildEnded) await Promise.race([this.gone, delay(2_000, undefined, { ref: false })]);
    await this.stop();
    this.signal?.throwIfAborted();
    // Time on the clock says more of the machine than of the file. Processor time ends it by a signal.
    if (this.ended === 'time') return { outcome: 'killed', reason: 'time' };
    if (this.ended === 'too-large') return { outcome: 'cannot', reason: this.ended };
    if (!(error instanceof ChildEnded)) return { outcome: 'cannot', reason: 'damaged' };
    // A cage that is killed while it is made may say 1.
    if (error instanceof NeverReady) return { outcome: 'killed', reason: 'memory' };
    const { exitCode, signalCode } = this.child;
    // The child tells whatever a file does to it, so a bare 1 comes from the cage: of one that was ended.
    const end = exitCode === 1 ? 'SIGKILL' : (signalCode ?? exitCode ?? 0);
    return wasKilled(end)
      ? { outcome: 'killed', reason: 'memory' }
      : { outcome: 'cannot', reason: reasonOfEnd(end) };
  }

  private result(
    told: Extract<Answer, { outcome: 'converted' }>,
    thumbnail: Buffer | undefined,
    reader: AnswerReader,
  ): ConvertedFile {
    this.endIn(DELIVERY.seconds);
    const stop = (): Promise<void> => this.stop();
    const check = (): void => {
      this.signal?.throwIfAborted();
      if (this.ended === 'time') throw new NotReadInTime('a result was not read in time');
    };
    async function* bytes(): AsyncGenerator<Buffer> {
      try {
        yield* reader.file(told.length);
      } catch (error) {
        check();
        throw error;
      } finally {
        await stop();
      }
    }
    const { thumbnail: _, ...known } = told;
    return { ...known, bytes: bytes(), ...(thumbnail ? { thumbnail } : {}), dispose: stop };
  }

  private async stop(reason: Reason = 'damaged'): Promise<void> {
    this.end(reason);
    await this.gone;
  }
}
