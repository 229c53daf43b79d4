import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { convert } from '../../src/work/evidence/conversion/convert.js';
import { PDF_HEAD, PDF_TAIL, pdfMark } from '../../src/work/evidence/conversion/mark-pdf.js';
import { confinement } from '../../src/work/evidence/conversion/sandbox.js';
import { findTools } from '../../src/work/evidence/conversion/tools.js';
import { typeOf } from '../../src/work/evidence/conversion/type-of.js';
import { type Collected, converted, inPieces, leftovers, mustConvert } from '../support/converted.js';
import { alive, descendants } from '../support/descendants.js';
import { HOSTILE_FILES } from '../support/hostile-files.js';
import { CANARY } from '../support/hostile/canary.js';
import { photograph } from '../support/hostile/images.js';
import { HOSTILE_MEDIA, longFilm, mediaFile } from '../support/hostile/media.js';
import { armedPdf, pagesPdf } from '../support/hostile/pdfs.js';
import { removeFolder } from '../support/remove-folder.js';
import { until } from '../support/until.js';

let office: boolean;
beforeAll(async () => {
  const versions = new Map((await findTools()).map(({ name, version }) => [name, version]));
  for (const name of ['ffmpeg', 'ffprobe', 'pdftoppm', 'pdfinfo', 'bwrap', 'exiftool'])
    expect(versions.get(name)).toMatch(/\d/);
  office = versions.get('soffice') !== null;
});

/** Groups of exiftool that tell how a file is built, and single tags that do the same. */
const STRUCTURE =
  /^(ExifTool|System|File|JFIF|PNG|PDF|Track\d+|Composite|RIFF|MPEG|FLAC|Opus|Vorbis|Matroska|QuickTime|Ogg|PNG-pHYs)$/;
const WORDS =
  /author|creator|producer|comment|title|artist|gps|location|serial|make$|model|software|description|copyright|encoder|vendor.?name/i;

/** The same in every file of our own ffmpeg. It tells no version. */
const CONSTANTS =
  /^(.+=Lav[cf]( lib\w+)?|HandlerDescription=(Video|Sound)Handler|SampleGroupDescription=.*18 bytes.*|CopyrightFlag=\w+)$/;

/** Tags in which somebody could be named. */
function tagsOf({ bytes, extension }: { bytes: Buffer; extension: string }): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'denuncia-exif-'));
  try {
    const file = join(folder, `a.${extension}`);
    writeFileSync(file, bytes);
    const told = execFileSync('exiftool', ['-j', '-G1', '-a', '-u', '-ee', file], { maxBuffer: 2 ** 26 });
    const tags = Object.entries((JSON.parse(told.toString()) as Record<string, unknown>[])[0]!);
    return tags
      .filter(([tag]) => tag !== 'SourceFile')
      .filter(([tag, value]) => !CONSTANTS.test(`${tag.split(':')[1]}=${String(value)}`))
      .filter(([tag, value]) => {
        const [group, name] = tag.split(':') as [string, string];
        if (/date$/i.test(name) && group !== 'System') return !/^0000:00:00/.test(String(value));
        return !STRUCTURE.test(group) || (group !== 'ExifTool' && WORDS.test(name));
      })
      .map(([tag, value]) => `${tag}=${String(value)}`);
  } finally {
    removeFolder(folder);
  }
}

function expectClean(result: Collected): void {
  expect(leftovers(result.bytes, result.type)).toEqual([]);
  expect(tagsOf(result)).toEqual([]);
  if (!result.thumbnail) return;
  expect(leftovers(result.thumbnail, 'image/jpeg')).toEqual([]);
  expect(tagsOf({ bytes: result.thumbnail, extension: 'jpg' })).toEqual([]);
  expect(result.thumbnail.length).toBeLessThanOrEqual(20_000);
}

describe('On Debian', () => {
  it('the cage is that of bubblewrap', async () => {
    expect(await confinement()).toBe('bubblewrap');
  });

  it.each(HOSTILE_FILES)('$name becomes what it may become', async ({ bytes, becomes, needs }) => {
    const result = await converted(await bytes());
    if (needs === 'office' && !office) expect(result).toEqual({ outcome: 'tool-missing', tool: 'soffice' });
    else if (typeof becomes !== 'string') expect(result).toEqual({ outcome: 'cannot', ...becomes });
    else {
      if (result.outcome !== 'converted') throw new Error(JSON.stringify(result));
      expect(result.type).toBe(becomes);
      expectClean(result);
    }
  });

  it('nothing of an armed PDF is in the new one, and the same pages give the same bytes', async () => {
    const [one, other] = [await mustConvert(armedPdf()), await mustConvert(armedPdf())];
    expect(one).toMatchObject({ pages: 1, tool: 'pdftoppm' });
    expect(one.bytes.equals(other.bytes)).toBe(true);
  });

  it('every page of a PDF is there, in its size', async () => {
    const { pages, bytes, thumbnail } = await mustConvert(pagesPdf(20, [842, 595]));
    expect(pages).toBe(20);
    expect(bytes.toString('latin1')).toMatch(/\/Count 20 /);
    expect(bytes.toString('latin1')).toMatch(/\/MediaBox \[0 0 84[12]\.\d+ 59[45]\.\d+\]/);
    expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 320 });
  });

  it('a PDF shows its mark at the bottom of each page, whatever its size, to programs that are not ours', async () => {
    for (const size of [
      [595, 842],
      [842, 595],
      [200, 90],
      [2400, 3400],
    ] as const) {
      const { bytes } = await mustConvert(pagesPdf(3, size));
      const ends = { head: bytes.subarray(0, PDF_HEAD), tail: bytes.subarray(-PDF_TAIL) };
      const words = 'CNV-2026-7K3M-Q9TZ-4 · prueba 3 · investigador@conavi.demo';
      const marked = Buffer.concat([bytes, pdfMark(ends, bytes.length, words)]);
      const folder = mkdtempSync(join(tmpdir(), 'denuncia-mark-'));
      try {
        writeFileSync(join(folder, 'a.pdf'), marked);
        const text = execFileSync('pdftotext', ['-layout', join(folder, 'a.pdf'), '-']).toString();
        expect(
          text
            .split('\f')
            .slice(0, 3)
            .map((page) => page.trim()),
        ).toEqual([words, words, words]);
        execFileSync('pdftoppm', ['-r', '72', '-png', join(folder, 'a.pdf'), join(folder, 'p')]);
        const page = sharp(join(folder, 'p-2.png'));
        const { width, height } = await page.metadata();
        const bottom = {
          left: 0,
          top: Math.floor(height - width / 25),
          width,
          height: Math.floor(width / 25),
        };
        const { channels } = await page.clone().extract(bottom).greyscale().stats();
        expect(channels[0]!.min).toBeLessThan(width < 300 ? 200 : 100);
        expect(leftovers(bytes, 'application/pdf')).toEqual([]);
      } finally {
        removeFolder(folder);
      }
    }
  });

  it.each(HOSTILE_MEDIA)('$name is put into a new container', async ({ name, args, becomes }) => {
    const bytes = mediaFile(name, args);
    if (!/avi$|3gp$/.test(name)) expect(bytes.includes(CANARY)).toBe(true);
    const result = await mustConvert(bytes);
    expect(result.type).toBe(becomes);
    expect(result.tool).toBe('ffmpeg');
    expect(Math.abs(result.seconds! - 3)).toBeLessThan(0.3);
    expect(result.thumbnail !== undefined).toBe(becomes.startsWith('video/'));
    expectClean(result);
    // The settings of the encoder, as x264 writes them between its pictures.
    expect(result.bytes.includes('x264 - core')).toBe(false);
  });

  it('a photograph of an iPhone becomes a JPEG', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-heic-'));
    const jpeg = await (
      await photograph()
    )
      .withExif({ IFD0: { Artist: CANARY } })
      .jpeg()
      .toBuffer();
    writeFileSync(join(folder, 'a.jpg'), jpeg);
    execFileSync('heif-enc', ['-o', join(folder, 'a.heic'), join(folder, 'a.jpg')], { stdio: 'ignore' });
    const heic = readFileSync(join(folder, 'a.heic'));
    removeFolder(folder);
    expect(heic.includes(CANARY)).toBe(true);
    const result = await mustConvert(heic);
    expect(result).toMatchObject({ type: 'image/jpeg', tool: 'heif-convert' });
    expectClean(result);
  });

  it('a film keeps its rotation', async () => {
    const [{ args }] = HOSTILE_MEDIA;
    const { thumbnail } = await mustConvert(mediaFile('telefono.mp4', args));
    expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 240, height: 320 });
  });

  it('a film without its index, or cut off before it, is damaged', async () => {
    const whole = mediaFile('telefono.mp4', HOSTILE_MEDIA[0].args);
    expect(await converted(whole.subarray(0, 20_000))).toEqual({ outcome: 'cannot', reason: 'damaged' });
  });
});

describe('While a film is encoded', () => {
  const film = longFilm();

  it('an abort ends ffmpeg', async () => {
    const controller = new AbortController();
    const known = new Set(descendants(process.pid).map(({ pid }) => pid));
    const running = convert(inPieces(film), await typeOf(film.subarray(0, 65_536)), controller);
    running.catch(() => undefined);
    const started = (await withFfmpeg(process.pid)).filter(({ pid }) => !known.has(pid));
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await until(
      async () => alive(started).length,
      (living) => living === 0,
    );
  });

  it('a kill of the service ends ffmpeg', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-film-'));
    writeFileSync(join(folder, 'film'), film);
    const program = JSON.stringify(resolve('dist/src/work/evidence/conversion/convert.js'));
    const found = JSON.stringify(await typeOf(film.subarray(0, 65_536)));
    const script = `import { createReadStream } from 'node:fs'; import { convert } from ${program};
      await convert(createReadStream('${folder}/film'), ${found});`;
    const service = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const started = await withFfmpeg(service.pid!);
    service.kill('SIGKILL');
    await once(service, 'exit');
    await until(
      async () => alive(started).length,
      (living) => living === 0,
    );
    removeFolder(folder);
  });

  const withFfmpeg = async (pid: number): ReturnType<typeof seen> =>
    until(
      async () => seen(pid),
      (all) => all.some(({ name }) => name === 'ffmpeg'),
    );
  const seen = async (pid: number): Promise<ReturnType<typeof descendants>> => descendants(pid);
});
