import { thumbnailOf } from './image.js';
import { Failure, type Job } from './job.js';
import { OUTPUT_BYTES, PIXELS, THUMBNAIL_EDGE } from './limits.js';
import { demuxerOf, type MediaPlan, type MediaStream, planMedia } from './media-plan.js';
import { emptyWords } from './mp4-words.js';
import { FILE_OF_TOOL, runTool, type ToolResult } from './run-tool.js';
import { Scratch } from './scratch.js';

/** Bytes of what ffprobe tells of a file, however many streams it claims. */
const LONGEST_PROBE = 2 ** 20;
const QUIET = ['-hide_banner', '-v', 'error'];
/** A file that names another file or address opens neither. */
const NO_OTHER_FILES = ['-protocol_whitelist', 'file,pipe,fd'];

export interface Remuxed {
  file: Scratch;
  plan: MediaPlan;
  thumbnail?: Buffer;
  seconds: number;
}

/**
 * Puts sound and pictures into a new container without anything else. What a browser does not play is encoded
 * anew.
 *
 * @throws Failure
 */
export async function remux(job: Job, input: Scratch): Promise<Remuxed> {
  const demuxer = demuxerOf(job.type);
  if (demuxer === undefined) throw new Failure('no-converter');
  const { streams } = await probe(job, input, demuxer);
  const plan = planMedia(job.type, streams);
  if (!plan) throw new Failure('damaged', 'neither picture nor sound');
  const file = Scratch.make(job.scratch);
  const done = await runTool(job, {
    tool: 'ffmpeg',
    args: [
      ...['-nostdin', '-y', ...QUIET, ...NO_OTHER_FILES],
      ...['-threads', '2', '-f', demuxer, '-i', FILE_OF_TOOL[0]],
      // V is pictures that move; v would be the cover of a song as well.
      ...(plan.video ? ['-map', '0:V', '-map', '0:a?'] : ['-map', '0:a:0']),
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
      ...plan.codecs,
      ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact', '-threads', '2'],
      ...['-fs', `${OUTPUT_BYTES}`, '-f', plan.muxer, FILE_OF_TOOL[1]],
    ],
    files: [input, file],
    prints: 1_024,
  });
  if (!done.ok || file.length === 0) throw new Failure('damaged', done.remarks);
  // -fs stops in silence: a result of that length is not whole.
  if (file.length >= OUTPUT_BYTES * 0.99) throw new Failure('too-large');
  if (plan.muxer === 'mp4') emptyWords(file);
  const { seconds } = await probe(job, file, demuxerOf(plan.type)!);
  const thumbnail = plan.video ? await frameOf(job, file, demuxerOf(plan.type)!, seconds) : undefined;
  return { file, plan, seconds, ...(thumbnail ? { thumbnail } : {}) };
}

interface Probe {
  streams: MediaStream[];
  seconds: number;
}

async function probe(job: Job, file: Scratch, demuxer: string): Promise<Probe> {
  const { ok, printed, remarks } = await runTool(job, {
    tool: 'ffprobe',
    args: [
      ...[...QUIET, ...NO_OTHER_FILES, '-f', demuxer, '-of', 'json'],
      ...['-show_entries', 'stream=codec_type,codec_name:stream_disposition=attached_pic:format=duration'],
      FILE_OF_TOOL[0],
    ],
    files: [file],
    prints: LONGEST_PROBE,
  });
  if (!ok) throw new Failure('damaged', remarks);
  const told = JSON.parse(printed.toString()) as { streams?: MediaStream[]; format?: { duration?: string } };
  const seconds = Number(told.format?.duration);
  return {
    streams: told.streams ?? [],
    seconds: Number.isFinite(seconds) ? Math.round(seconds * 10) / 10 : 0,
  };
}

/** A frame from the first tenth, where most films have begun. Undefined when none can be decoded. */
async function frameOf(
  job: Job,
  file: Scratch,
  demuxer: string,
  seconds: number,
): Promise<Buffer | undefined> {
  const frame = async (at: number): Promise<ToolResult> =>
    runTool(job, {
      tool: 'ffmpeg',
      args: [
        ...['-nostdin', ...QUIET, ...NO_OTHER_FILES, '-threads', '1', '-max_pixels', `${PIXELS}`],
        ...['-ss', `${at}`, '-f', demuxer, '-i', FILE_OF_TOOL[0], '-an', '-frames:v', '1'],
        ...['-vf', `scale=${THUMBNAIL_EDGE}:${THUMBNAIL_EDGE}:force_original_aspect_ratio=decrease`],
        ...['-c:v', 'png', '-fflags', '+bitexact', '-f', 'image2pipe', 'pipe:1'],
      ],
      files: [file],
      prints: 2 ** 20,
    });
  let { printed } = await frame(Math.min(seconds / 10, 3));
  if (printed.length === 0) ({ printed } = await frame(0));
  return printed.length > 0 ? thumbnailOf(printed, 'image/png') : undefined;
}
