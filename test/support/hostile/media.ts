import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../remove-folder.js';
import { CANARY } from './canary.js';

/** Pictures and a tone, three seconds unless told otherwise. */
const PICTURES = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25'];
const TONE = ['-f', 'lavfi', '-i', 'sine=frequency=440'];
const TAGS = ['title', 'artist', 'comment', 'location', 'encoder', 'creation_time'].flatMap((name) => [
  '-metadata',
  `${name}=${{ location: '+19.4326-099.1332/', creation_time: '2026-11-28T12:00:00Z' }[name] ?? CANARY}`,
]);
const NAMED = ['-metadata:s', `handler_name=${CANARY}`, '-metadata:s', `title=${CANARY}`];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** Films and sound as telephones and programs write them, full of words. ffmpeg makes them. */
export const HOSTILE_MEDIA = [
  {
    name: 'telefono.mp4',
    args: [...PICTURES, ...TONE, ...H264, '-c:a', 'aac', ...NAMED, '-metadata:s:v:0', 'rotate=90'],
    becomes: 'video/mp4',
  },
  {
    name: 'iphone.mov',
    args: [...PICTURES, ...TONE, ...H264, '-c:a', 'aac', ...NAMED],
    becomes: 'video/mp4',
  },
  {
    name: 'viejo.3gp',
    args: ['-f', 'lavfi', '-i', 'testsrc2=size=176x144', ...TONE, '-c:v', 'h263', '-c:a', 'aac'],
    becomes: 'video/mp4',
  },
  {
    name: 'navegador.webm',
    args: [...PICTURES, ...TONE, '-c:v', 'libvpx', '-c:a', 'libvorbis', ...NAMED],
    becomes: 'video/webm',
  },
  {
    name: 'pelicula.mkv',
    args: [...PICTURES, ...TONE, ...H264, '-c:a', 'libopus', ...NAMED],
    becomes: 'video/mp4',
  },
  { name: 'camara.avi', args: [...PICTURES, ...TONE, '-c:v', 'mpeg4', '-c:a', 'mp3'], becomes: 'video/mp4' },
  { name: 'nota.ogg', args: [...TONE, '-c:a', 'libopus'], becomes: 'audio/ogg' },
  { name: 'vorbis.ogg', args: [...TONE, '-c:a', 'libvorbis'], becomes: 'audio/mp4' },
  { name: 'cancion.mp3', args: [...TONE, '-c:a', 'libmp3lame', '-write_id3v1', '1'], becomes: 'audio/mpeg' },
  { name: 'nota.m4a', args: [...TONE, '-c:a', 'aac', ...NAMED], becomes: 'audio/mp4' },
  {
    name: 'grabadora.wav',
    args: [...TONE, '-c:a', 'pcm_s16le', '-write_bext', '1', '-metadata', `description=${CANARY}`],
    becomes: 'audio/wav',
  },
  { name: 'grabadora.flac', args: [...TONE, '-c:a', 'flac'], becomes: 'audio/flac' },
] as const;

/** Writes a film or a sound with words wherever its container keeps some. */
export function mediaFile(name: string, args: readonly string[], seconds = 3): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'denuncia-media-'));
  try {
    const file = join(folder, name);
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, ...TAGS, '-t', String(seconds), file]);
    return name.endsWith('.mp4') ? withWords(readFileSync(file)) : readFileSync(file);
  } finally {
    removeFolder(folder);
  }
}

/** What ffmpeg does not write: the name of the compressor, and boxes of nobody at the end. */
function withWords(film: Buffer): Buffer {
  const written = Buffer.from(film);
  const entry = written.indexOf('avc1', written.indexOf('stsd'));
  // 46 bytes into a sample entry: the length of a name, and the name.
  written[entry + 46] = CANARY.length;
  written.write(CANARY, entry + 47, 'latin1');
  // Turned by 90 degrees, as a telephone that is held upright writes it: the matrix of the first track.
  const matrix = written.indexOf('tkhd') + 44;
  for (const [at, value] of [0, 0x10000, 0, -0x10000, 0, 0, 240 << 16, 0, 0x40000000].entries())
    written.writeInt32BE(value, matrix + at * 4);
  const box = (type: string, content: string): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + content.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, Buffer.from(content, 'latin1')]);
  };
  const xmp = '\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac';
  return Buffer.concat([written, box('uuid', `${xmp}<x>${CANARY}</x>`), box('free', CANARY)]);
}

/** A film that takes long to be encoded anew. */
export function longFilm(): Buffer {
  const args = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25', '-c:v', 'mpeg4', '-q:v', '2'];
  return mediaFile('larga.avi', args, 60);
}
