import { typedName } from '../../platform/typed-text.js';
import { typeOf, type FoundType } from './conversion/type-of.js';
import { evidenceErrors } from './errors.js';
import { LIMITS } from './limits.js';

/** Bytes of the beginning from which the type is found. */
export const HEAD = 64 * 1024;
/** Characters of a name that are kept, its ending among them. */
const MAX_NAME = 200;

/** How many bytes a file has. A form tells its own length, which is that of its file and some more. */
export interface Expected {
  least: number;
  most: number;
}

/** A file that comes in. */
export interface Incoming {
  bytes: AsyncIterable<Buffer>;
  /** The name that the sender gave it, as it was sent. */
  name?: string;
  /** Bytes that the sender told before the first one. */
  expected?: Expected;
  /** What it must be, by its content. Absent: anything but a program. */
  only?: readonly FoundType['kind'][];
  /** Called when all bytes were read. @returns the caption, if there is one */
  caption: () => Promise<string | undefined>;
}

/** One line without path and hidden signs. A long name keeps its ending. */
export function nameOf(given = ''): string | undefined {
  const name = typedName(given.replaceAll('\0', '').split(/[/\\]/).at(-1)!);
  const letters = [...name];
  if (letters.length <= MAX_NAME) return name || undefined;
  return [...letters.slice(0, MAX_NAME - 20), '…', ...letters.slice(-19)].join('');
}

/**
 * Reads the beginning of a file. `rest` gives all of it, the beginning among it. `close` ends a file of which
 * the rest is not wanted.
 */
async function beginning(
  bytes: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; rest: AsyncIterable<Buffer>; close: () => Promise<void> }> {
  const pieces = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let ended = false;
  while (!ended && head.length < HEAD) {
    const { value, done } = await pieces.next();
    if (done) ended = true;
    else head = Buffer.concat([head, value]);
  }
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      yield head;
      while (!ended) {
        const { value, done } = await pieces.next();
        if (done) ended = true;
        else yield value;
      }
    } finally {
      if (!ended) await pieces.return?.();
    }
  }
  const close = async (): Promise<void> => {
    if (!ended) await pieces.return?.();
  };
  return { head, rest: rest(), close };
}

/**
 * Looks at a file that begins to come. Refuses a program before anything of it is stored.
 * @param only what it must be
 * @returns what it is, and all of its bytes; reading them throws EVIDENCE_TOO_LARGE
 * @throws EVIDENCE_EMPTY, EVIDENCE_EXECUTABLE, EVIDENCE_NO_RECORDING
 */
export async function examined(
  bytes: AsyncIterable<Buffer>,
  only?: readonly FoundType['kind'][],
): Promise<Omit<FoundType, 'executable'> & { bytes: AsyncIterable<Buffer> }> {
  const { head, rest, close } = await beginning(bytes);
  const { executable, ...found } = await typeOf(head);
  const wanted = only === undefined || only.includes(found.kind);
  if (head.length > 0 && !executable && wanted) return { ...found, bytes: limited(rest) };
  await close();
  if (head.length === 0) throw evidenceErrors.empty();
  throw executable ? evidenceErrors.executable() : evidenceErrors.noRecording();
}

/** Ends a file that is too large while it comes. @throws EVIDENCE_TOO_LARGE */
async function* limited(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > LIMITS.fileBytes) throw evidenceErrors.tooLarge();
    yield piece;
  }
}
