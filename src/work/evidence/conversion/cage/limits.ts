import type { Way } from './job.js';

const MiB = 2 ** 20;

/** What one conversion may use. */
export interface Limits {
  /** Bytes that a reporter may have sent. */
  input: number;
  /**
   * Seconds from the last byte of the input to the first of the answer: more than `cpu`, because a conversion
   * shares its processors with others and waits for them.
   */
  wall: number;
  /** Seconds of processor time of each process. */
  cpu: number;
  /**
   * Bytes that each process may write to in memory (RLIMIT_DATA). RLIMIT_AS would count what Node only
   * reserves, which is more than a gigabyte. Node 24 begins with 590 MiB of it that it does not touch.
   */
  data: number;
  /** Somebody waits for it. Everything else works when nothing else has to. */
  awaited?: true;
}

/** Numbers that were measured stand in ADR 0041. */
export const LIMITS: Record<Way, Limits> = {
  image: { input: 64 * MiB, wall: 90, cpu: 30, data: 1_536 * MiB },
  heic: { input: 64 * MiB, wall: 180, cpu: 60, data: 1_536 * MiB },
  pdf: { input: 128 * MiB, wall: 360, cpu: 120, data: 1_536 * MiB },
  media: { input: 256 * MiB, wall: 1_800, cpu: 900, data: 1_536 * MiB },
  // LibreOffice is the largest of the programs.
  office: { input: 64 * MiB, wall: 540, cpu: 180, data: 2_048 * MiB },
  mark: { input: 256 * MiB, wall: 60, cpu: 60, data: 1_536 * MiB, awaited: true },
};

/** Bytes that any file of the child may have, and so the result (RLIMIT_FSIZE). */
export const OUTPUT_BYTES = 384 * MiB;
/** Bytes of all files in the private scratch: an input and a result. */
export const SCRATCH_BYTES = 640 * MiB;
/** Processes and threads. Node has 11, sharp and ffmpeg a few for each core, LibreOffice about 20. */
export const PROCESSES = 128;
/** Seconds that a result may wait to be read, and take to be read. */
export const DELIVERY = { seconds: 600 };
/** Conversions at once in this process, and marks beside them. Each may use the memory above. */
export const AT_ONCE = 2;

/** Pixels of an image, as told by its header before it is decoded. A bomb tells the truth there. */
export const PIXELS = 50e6;
/** Of a picture that is marked. An image that was turned or cut is never larger than what came. */
export const MARKED_PIXELS = PIXELS;
/** Pixels of one page of a PDF. A3 at 150 dpi has 4.3 million; what is larger gets fewer dots per inch. */
export const PAGE_PIXELS = 16e6;
export const PAGES = 300;
export const DOTS_PER_INCH = 150;

export const THUMBNAIL_EDGE = 320;
export const THUMBNAIL_BYTES = 20_000;
