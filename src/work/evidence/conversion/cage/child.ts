/**
 * The program in the cage, a process for each conversion. `convert.ts` starts it: the job comes as its only
 * argument, the file through standard input, the answer leaves through standard output. It knows no more of
 * the service than what lies in this folder.
 */
import { Socket } from 'node:net';
import { once } from 'node:events';
import { draw, prepare } from './image.js';
import { type Answer, type Converted, Failure, type Job, READY, ToolMissing } from './job.js';
import { markPicture } from './mark.js';
import { remux } from './media.js';
import { jpegOfHeic, printDocument } from './named.js';
import { rebuildPdf } from './pdf.js';
import { Scratch } from './scratch.js';

/** A pipe that nobody writes to. It closes when the service ends, however it ends. */
const LIFELINE = 3;

type Result = Omit<Converted, 'outcome' | 'length' | 'thumbnail'> & {
  bytes: Buffer | Scratch;
  thumbnail?: Buffer;
};

async function work(job: Job, input: Scratch): Promise<Result> {
  switch (job.way) {
    case 'image': {
      prepare(job.type);
      const { partial, ...picture } = await draw(input.read(), job.type);
      return { ...picture, tool: 'sharp', ...(partial ? { partial } : {}) };
    }
    case 'heic': {
      const jpeg = await jpegOfHeic(job, input);
      prepare('image/jpeg');
      const { partial: _, ...picture } = await draw(jpeg, 'image/jpeg');
      return { ...picture, tool: 'heif-convert' };
    }
    case 'office':
    case 'pdf': {
      const source = job.way === 'office' ? await printDocument(job, input) : input;
      const { file, thumbnail, pages } = await rebuildPdf(job, source);
      const tool = job.way === 'office' ? 'soffice' : 'pdftoppm';
      return { type: 'application/pdf', extension: 'pdf', tool, bytes: file, thumbnail, pages };
    }
    case 'mark': {
      const { words, picture } = markedInput(input.read());
      const { type, extension } = job;
      return { type, extension, tool: 'sharp', bytes: await markPicture(job, picture, words) };
    }
    case 'media': {
      prepare();
      const { file, plan, thumbnail, seconds } = await remux(job, input);
      const { type, extension } = plan;
      return { type, extension, tool: 'ffmpeg', bytes: file, seconds, ...(thumbnail ? { thumbnail } : {}) };
    }
  }
}

/** Words and picture. The words are no argument: every user of the machine may read those. */
function markedInput(input: Buffer): { words: string[]; picture: Buffer } {
  const end = input.indexOf('\n');
  return {
    words: JSON.parse(input.subarray(0, end).toString()) as string[],
    picture: input.subarray(end + 1),
  };
}

async function receive(job: Job): Promise<Scratch> {
  const input = Scratch.make(job.scratch);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) input.write(chunk);
  return input;
}

async function say(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

async function answer(told: Answer): Promise<void> {
  await say(Buffer.from(`${JSON.stringify(told)}\n`));
}

function endWithTheService(): void {
  const lifeline = new Socket({ fd: LIFELINE, readable: true });
  // The tools are of the same group. Where the cage is a namespace the kernel ends them as well.
  lifeline.once('close', () => {
    process.kill(0, 'SIGKILL');
    // The first process of a namespace cannot be killed from inside.
    process.exit(1);
  });
  lifeline.on('error', () => undefined);
  lifeline.resume();
}

/** What an error is to the reporter's file. */
function answerTo(error: unknown): Answer {
  if (error instanceof Failure) return { outcome: 'cannot', reason: error.reason };
  if (error instanceof ToolMissing) return { outcome: 'tool-missing', tool: error.tool };
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EFBIG') return { outcome: 'cannot', reason: 'too-large' };
  if (code === 'ENOMEM' || code === 'ERR_MEMORY_ALLOCATION_FAILED' || /alloc/i.test(String(error)))
    return { outcome: 'cannot', reason: 'memory' };
  return { outcome: 'cannot', reason: 'damaged' };
}

async function main(): Promise<void> {
  endWithTheService();
  const job = JSON.parse(process.argv[2]!) as Job | { probe: true };
  // Loads sharp as well: a cage in which it does not start is none.
  if ('probe' in job) prepare('image/png');
  // Before the first byte of the file: whatever ended a child that has not said it, the file did not.
  await say(Buffer.from(READY));
  if ('probe' in job) return;
  try {
    const { bytes, thumbnail, ...told } = await work(job, await receive(job));
    await answer({ outcome: 'converted', ...told, length: bytes.length, thumbnail: thumbnail?.length ?? 0 });
    if (thumbnail) await say(thumbnail);
    if (Buffer.isBuffer(bytes)) await say(bytes);
    else for (const piece of bytes.pieces()) await say(piece);
  } catch (error) {
    await answer(answerTo(error));
  }
}

await main();
// The lifeline would keep the process. What was written leaves before it ends.
process.stdout.end(() => process.exit(0));
