import { jpegOfPixels, prepare, thumbnailOf } from './image.js';
import { Failure, type Job } from './job.js';
import { DOTS_PER_INCH, PAGE_PIXELS, PAGES } from './limits.js';
import { type PageImage, PdfWriter } from './pdf-writer.js';
import { FILE_OF_TOOL, runTool } from './run-tool.js';
import { Scratch } from './scratch.js';

/** Bytes: two lines for each of at most 301 pages, and the title, however long. */
const LONGEST_INFO = 2 ** 20;
/** Points. Nothing that is printed is smaller or larger; a smaller page would be no pixel wide. */
const [SMALLEST_PAGE, LARGEST_PAGE] = [1, 14_400];

export interface RebuiltPdf {
  file: Scratch;
  thumbnail: Buffer;
  pages: number;
}

/**
 * Takes a PDF apart into images of its pages and makes a new one of them.
 *
 * @throws Failure
 */
export async function rebuildPdf(job: Job, input: Scratch): Promise<RebuiltPdf> {
  prepare();
  const sizes = await pageSizes(job, input);
  const file = Scratch.make(job.scratch);
  const writer = new PdfWriter(file);
  let thumbnail: Buffer | undefined;
  // The tool draws the next page while this one becomes a JPEG.
  let next = rasterPage(job, input, 1, sizes[0]!);
  for (const [at, size] of sizes.entries()) {
    const raster = await next;
    const following = sizes[at + 1];
    if (following) next = rasterPage(job, input, at + 2, following);
    // Its failure is heard when it is awaited; until then it must not end the process.
    next.catch(() => undefined);
    const jpeg = await jpegOfPixels(raster.pixels, raster.width, raster.height);
    writer.add(pageOf(jpeg, raster, size));
    thumbnail ??= await thumbnailOf(jpeg, 'image/jpeg');
  }
  writer.end();
  return { file, thumbnail: thumbnail!, pages: sizes.length };
}

/** Width and height in points, before a page is turned. */
type PageSize = readonly [number, number];

/** @returns one for each page */
async function pageSizes(job: Job, input: Scratch): Promise<PageSize[]> {
  const { ok, printed, remarks } = await runTool(job, {
    tool: 'pdfinfo',
    args: ['-f', '1', '-l', String(PAGES + 1), FILE_OF_TOOL[0]],
    files: [input],
    prints: LONGEST_INFO,
  });
  if (/password/i.test(remarks)) throw new Failure('encrypted');
  if (!ok) throw new Failure('damaged', remarks);
  const text = printed.toString('latin1');
  const count = Number(/^Pages:\s+(\d+)$/m.exec(text)?.[1] ?? 0);
  if (count > PAGES) throw new Failure('too-large', `${count} pages`);
  const sizes = [...text.matchAll(/^Page\s+\d+ size:\s+([\d.]+) x ([\d.]+) pts/gm)].map(
    ([, width, height]) => [inRange(Number(width)), inRange(Number(height))] as const,
  );
  if (count === 0 || sizes.length !== count) throw new Failure('damaged', 'no pages');
  return sizes;
}

function inRange(points: number): number {
  return Math.min(Math.max(points, SMALLEST_PAGE), LARGEST_PAGE);
}

interface Raster {
  width: number;
  height: number;
  /** Three bytes each. */
  pixels: Buffer;
}

async function rasterPage(
  job: Job,
  input: Scratch,
  page: number,
  [width, height]: PageSize,
): Promise<Raster> {
  const scale = Math.min(DOTS_PER_INCH / 72, Math.sqrt(PAGE_PIXELS / (width * height)));
  // The longer edge in pixels: whatever the page says of itself, the tool draws no more.
  const edge = Math.max(1, Math.round(Math.max(width, height) * scale));
  const { printed, remarks } = await runTool(job, {
    tool: 'pdftoppm',
    args: ['-f', `${page}`, '-l', `${page}`, '-cropbox', '-scale-to', `${edge}`, FILE_OF_TOOL[0]],
    files: [input],
    prints: 3 * PAGE_PIXELS * 1.1 + 100,
  });
  // The bytes of the image itself: its header may not be decoded by a library, it is a line of three numbers.
  const header = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(printed.subarray(0, 40).toString('latin1'));
  const [drawnWidth, drawnHeight] = [Number(header?.[1]), Number(header?.[2])];
  const pixels = printed.subarray(header?.[0].length ?? 0);
  if (!header || pixels.length !== drawnWidth * drawnHeight * 3)
    throw new Failure('damaged', `page ${page}: ${remarks}`);
  return { width: drawnWidth, height: drawnHeight, pixels };
}

/** The page has the size of the old one, and the direction in which it was drawn. */
function pageOf(jpeg: Buffer, { width, height }: Raster, [points, otherPoints]: PageSize): PageImage {
  const longer = Math.max(points, otherPoints);
  const perPixel = longer / Math.max(width, height);
  return { jpeg, width, height, shownWidth: width * perPixel, shownHeight: height * perPixel };
}
