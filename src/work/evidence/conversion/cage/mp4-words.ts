import { readSync, writeSync } from 'node:fs';
import type { Scratch } from './scratch.js';

/** Bytes of a box that says how long it is and what: 8, or 16 with a long length. */
const HEAD = 8;

/**
 * ffmpeg writes an empty list of words (`moov/udta`) into every MP4. It becomes free space, so that the test
 * of a result is simple: no MP4 of ours has one.
 */
export function emptyWords(file: Scratch): void {
  for (const top of boxes(file, 0, file.length))
    if (top.type === 'moov')
      for (const { type, start, end } of boxes(file, top.content, top.end))
        if (type === 'udta') {
          const empty = Buffer.alloc(end - start - 4);
          empty.write('free', 'latin1');
          writeSync(file.fd, empty, 0, empty.length, start + 4);
        }
}

interface Box {
  type: string;
  start: number;
  content: number;
  end: number;
}

function* boxes(file: Scratch, from: number, to: number): Generator<Box> {
  const head = Buffer.alloc(2 * HEAD);
  for (let start = from; start + HEAD <= to;) {
    readSync(file.fd, head, 0, head.length, start);
    const short = head.readUInt32BE(0);
    const long = short === 1;
    // 0: it goes on to the end of the file.
    const length = long ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - start : short;
    if (length < HEAD) return;
    yield {
      type: head.toString('latin1', 4, 8),
      start,
      content: start + (long ? 2 * HEAD : HEAD),
      end: start + length,
    };
    start += length;
  }
}
