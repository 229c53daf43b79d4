/** Which reader of ffmpeg opens a type. A list of other files (HLS, DASH, concat) has none. */
const DEMUXERS: Record<string, string> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/x-m4v': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'audio/mp4': 'mov',
  'audio/x-m4a': 'mov',
  'video/webm': 'matroska',
  'video/matroska': 'matroska',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'video/ogg': 'ogg',
  'application/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/amr': 'amr',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/aiff': 'aiff',
  'video/vnd.avi': 'avi',
  'video/mpeg': 'mpeg',
  'video/MP2P': 'mpeg',
  'video/MP1S': 'mpeg',
  'video/mp2t': 'mpegts',
  'video/x-ms-asf': 'asf',
  'audio/x-ms-asf': 'asf',
  'video/x-flv': 'flv',
};

/** A stream as ffprobe tells it. */
export interface MediaStream {
  codec_type?: string;
  codec_name?: string;
  disposition?: { attached_pic?: number };
}

/** How a file becomes one that a browser plays. */
export interface MediaPlan {
  muxer: string;
  type: string;
  extension: string;
  video: boolean;
  /** Arguments of ffmpeg that choose what is copied and what is encoded anew. */
  codecs: string[];
}

/** Undefined: no file of this type is opened. */
export function demuxerOf(type: string): string | undefined {
  return DEMUXERS[type];
}

/** Sound alone: what is copied into what. Anything else becomes AAC in M4A. */
const SOUND: Record<string, Omit<MediaPlan, 'codecs' | 'video'>> = {
  aac: { muxer: 'mp4', type: 'audio/mp4', extension: 'm4a' },
  mp3: { muxer: 'mp3', type: 'audio/mpeg', extension: 'mp3' },
  opus: { muxer: 'ogg', type: 'audio/ogg', extension: 'ogg' },
  pcm_s16le: { muxer: 'wav', type: 'audio/wav', extension: 'wav' },
  flac: { muxer: 'flac', type: 'audio/flac', extension: 'flac' },
};
const AAC = ['-c:a', 'aac', '-b:a', '96k'];
/**
 * H.264 and HEVC may carry messages between their pictures (SEI): the settings of the encoder, places, times.
 * No player needs them.
 */
const WITHOUT_MESSAGES: Record<string, string[]> = {
  h264: ['-bsf:v', 'filter_units=remove_types=6'],
  hevc: ['-bsf:v', 'filter_units=remove_types=39-40', '-tag:v', 'hvc1'],
};

/** Undefined: there is neither picture nor sound. */
export function planMedia(type: string, streams: readonly MediaStream[]): MediaPlan | undefined {
  const of = (kind: string): string[] =>
    streams
      .filter(({ codec_type, disposition }) => codec_type === kind && !disposition?.attached_pic)
      .map(({ codec_name }) => codec_name ?? 'unknown');
  const [pictures, sounds] = [of('video'), of('audio')];
  if (pictures.length > 0) return planVideo(type, pictures, sounds);
  if (sounds.length === 0) return undefined;
  // A file of sound has one stream; players show no choice of a second.
  const sound = sounds[0]!;
  const copied = SOUND[sound];
  return copied
    ? { ...copied, video: false, codecs: ['-c:a', 'copy', ...options(copied.muxer)] }
    : { ...SOUND.aac!, video: false, codecs: [...AAC, ...options('mp4')] };
}

function planVideo(type: string, pictures: string[], sounds: string[]): MediaPlan {
  const every = (names: string[], known: string[]): boolean => names.every((name) => known.includes(name));
  if (type === 'video/webm' && every(pictures, ['vp8', 'vp9', 'av1'])) {
    // The comments of Vorbis lie in its own header, which WebM copies whole. So it becomes Opus.
    const sound = every(sounds, ['opus']) ? ['-c:a', 'copy'] : ['-c:a', 'libopus', '-b:a', '96k'];
    const codecs = ['-c:v', 'copy', ...sound];
    return { muxer: 'webm', type: 'video/webm', extension: 'webm', video: true, codecs };
  }
  const first = pictures[0]!;
  const same = every(pictures, [first]);
  const picture =
    same && ['h264', 'hevc', 'av1', 'vp9'].includes(first)
      ? ['-c:v', 'copy', ...(WITHOUT_MESSAGES[first] ?? [])]
      : // Half as wide colours need even edges. No more than 1080 lines: time is limited.
        [
          ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p'],
          ...[
            '-vf',
            "scale='min(1920,iw)':'min(1920,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
          ],
          ...WITHOUT_MESSAGES.h264!,
        ];
  const sound = every(sounds, ['aac', 'mp3']) ? ['-c:a', 'copy'] : AAC;
  return {
    muxer: 'mp4',
    type: 'video/mp4',
    extension: 'mp4',
    video: true,
    codecs: [...picture, ...sound, ...options('mp4')],
  };
}

function options(muxer: string): string[] {
  // The index in front: a player begins before it has everything.
  if (muxer === 'mp4') return ['-movflags', '+faststart', '-write_tmcd', '0'];
  if (muxer === 'mp3') return ['-id3v2_version', '0', '-write_id3v1', '0'];
  return [];
}
