import { type Answer, type Converted, READY } from './cage/job.js';
import { OUTPUT_BYTES } from './cage/limits.js';
import { typeOf } from './type-of.js';

/** Bytes of the line that tells. */
const LONGEST_LINE = 4_096;
const LONGEST_THUMBNAIL = 65_536;
/** What a conversion may give, by the first bytes of the file. */
const RESULTS: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'application/pdf': 'pdf',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
};
const REASONS = ['too-large', 'damaged', 'encrypted', 'no-converter', 'time', 'memory', 'killed'];
/** file-type has other names for some of what ffmpeg writes. */
const ALSO: Record<string, string[]> = {
  'audio/mp4': ['audio/x-m4a', 'video/mp4'],
  'video/mp4': ['video/x-m4v'],
};

/** What the child said was not an answer: a hostile file may have taken it over. */
export class NoAnswer extends Error {}
/** The child ended before it had said everything. */
export class ChildEnded extends NoAnswer {}
/** It ended before it would have read the file. */
export class NeverReady extends ChildEnded {}

/**
 * The answer of a child, of which nothing is believed. A child that a file took over can say only what is one
 * of our answers, within our sizes.
 */
export class AnswerReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);

  constructor(output: AsyncIterable<Buffer>) {
    this.chunks = output[Symbol.asyncIterator]();
  }

  /**
   * @returns what the child tells, the thumbnail, and the beginning of the file checked for its type
   * @throws NoAnswer
   */
  async begin(): Promise<{ told: Answer; thumbnail?: Buffer }> {
    await this.ready();
    const told = checked(await this.line());
    if (told.outcome !== 'converted') return { told };
    const thumbnail = told.thumbnail > 0 ? await this.take(told.thumbnail) : undefined;
    if (thumbnail && (await typeOf(thumbnail)).type !== 'image/jpeg') throw new NoAnswer('thumbnail');
    while (this.held.length < Math.min(told.length, 4_100)) await this.more();
    const { type } = await typeOf(this.held);
    if (type !== told.type && !ALSO[told.type]?.includes(type))
      throw new NoAnswer(`${type} for ${told.type}`);
    return { told, ...(thumbnail ? { thumbnail } : {}) };
  }

  /** The file, as long as it was announced. Throws when the child ends before. */
  async *file(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.held.length === 0) await this.more();
      const piece = this.held.subarray(0, left);
      this.held = this.held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  private async ready(): Promise<void> {
    try {
      if ((await this.take(READY.length)).toString() !== READY) throw new NoAnswer('not ready');
    } catch (error) {
      throw error instanceof ChildEnded ? new NeverReady(error.message) : error;
    }
  }

  private async line(): Promise<string> {
    for (;;) {
      const end = this.held.indexOf('\n');
      if (end >= 0) return (await this.take(end + 1)).toString();
      if (this.held.length > LONGEST_LINE) throw new NoAnswer('no line');
      await this.more();
    }
  }

  private async take(length: number): Promise<Buffer> {
    while (this.held.length < length) await this.more();
    const taken = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return taken;
  }

  private async more(): Promise<void> {
    const { done, value } = await this.chunks.next().catch(() => ({ done: true, value: undefined }));
    if (done || value === undefined) throw new ChildEnded('the child ended');
    this.held = this.held.length === 0 ? value : Buffer.concat([this.held, value]);
  }
}

function checked(line: string): Answer {
  const told = parsed(line);
  switch (told.outcome) {
    case 'cannot':
      if (!REASONS.includes(told.reason)) throw new NoAnswer('reason');
      return { outcome: 'cannot', reason: told.reason };
    case 'tool-missing':
      if (!isTool(told.tool)) throw new NoAnswer('tool');
      return { outcome: 'tool-missing', tool: told.tool };
    case 'converted':
      return checkedResult(told);
    default:
      throw new NoAnswer('outcome');
  }
}

function isTool(name: unknown): boolean {
  return typeof name === 'string' && /^[a-z-]{1,20}$/.test(name);
}

function parsed(line: string): Answer {
  let told: unknown;
  try {
    told = JSON.parse(line);
  } catch {
    throw new NoAnswer('no JSON');
  }
  if (typeof told !== 'object' || told === null) throw new NoAnswer('no object');
  return told as Answer;
}

function checkedResult({
  type,
  extension,
  tool,
  length,
  thumbnail,
  pages,
  seconds,
  partial,
}: Converted): Converted {
  const whole = (value: unknown, most: number): boolean =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;
  if (!Object.hasOwn(RESULTS, type) || RESULTS[type] !== extension) throw new NoAnswer('type');
  if (!whole(length, OUTPUT_BYTES) || length === 0) throw new NoAnswer('length');
  if (!whole(thumbnail, LONGEST_THUMBNAIL)) throw new NoAnswer('thumbnail');
  if (!isTool(tool)) throw new NoAnswer('tool');
  if (pages !== undefined && !whole(pages, 10_000)) throw new NoAnswer('pages');
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds >= 0 && seconds < 1e7))
    throw new NoAnswer('seconds');
  return {
    ...{ outcome: 'converted', type, extension, tool, length, thumbnail },
    ...(pages === undefined ? {} : { pages }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(partial === true ? { partial } : {}),
  };
}
