import type { Scratch } from './scratch.js';

/** One page: a JPEG in RGB, and the size at which it is shown. */
export interface PageImage {
  jpeg: Buffer;
  /** Pixels. */
  width: number;
  height: number;
  /** Points, 72 to the inch. */
  shownWidth: number;
  shownHeight: number;
}

/** The comment of four high bytes tells programs that the file is not text. */
const PDF_HEADER = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1');
/** Number of the object that a mark replaces. */
export const MARK = 3;
const EMPTY_MARK = '<< /Type /XObject /Subtype /Form /BBox [0 0 0 0] /Length 0 >>';
/** Points. A mark is drawn for a page of this width, and scaled to each page. */
export const PAGE_OF_MARK = 600;

/** How each file of the writer begins. */
export const PDF_BEGINNING = Buffer.concat([PDF_HEADER, Buffer.from(`${MARK} 0 obj\n${EMPTY_MARK}\n`)]);

/**
 * Writes a PDF whose pages are images, page by page, so that never more than one is in memory.
 *
 * It has a catalogue, pages and images and nothing else: no script, field, attachment, title, date or
 * identifier. The same pages give the same bytes. Each page also draws object 3, which is empty: whoever
 * downloads the file gets a mark there (`mark-pdf.ts`).
 */
export class PdfWriter {
  /** Where each object begins; its number is its place here plus one. */
  private readonly offsets: number[] = [];
  private readonly pages: number[] = [];
  private at = 0;

  constructor(private readonly to: Scratch) {
    this.put(PDF_HEADER);
    // The catalogue and the list of pages are written last, when the pages are known.
    this.offsets.push(0, 0);
    this.object(EMPTY_MARK, Buffer.alloc(0));
  }

  add({ jpeg, width, height, shownWidth, shownHeight }: PageImage): void {
    const image = this.object(
      `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB ` +
        `/BitsPerComponent 8 /Filter /DCTDecode /Length ${jpeg.length} >>`,
      jpeg,
    );
    const [x, y] = [shownWidth.toFixed(2), shownHeight.toFixed(2)];
    const scale = (shownWidth / PAGE_OF_MARK).toFixed(4);
    const drawing = Buffer.from(`q ${x} 0 0 ${y} 0 0 cm /I Do Q ${scale} 0 0 ${scale} 0 0 cm /M Do`);
    const content = this.object(`<< /Length ${drawing.length} >>`, drawing);
    this.pages.push(
      this.object(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${x} ${y}] /Contents ${content} 0 R ` +
          `/Resources << /XObject << /I ${image} 0 R /M ${MARK} 0 R >> >> >>`,
      ),
    );
  }

  end(): void {
    this.begin(1);
    this.put('<< /Type /Catalog /Pages 2 0 R >>\nendobj\n');
    this.begin(2);
    const kids = this.pages.map((number) => `${number} 0 R`).join(' ');
    this.put(`<< /Type /Pages /Count ${this.pages.length} /Kids [${kids}] >>\nendobj\n`);
    const start = this.at;
    const lines = this.offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
    const count = this.offsets.length + 1;
    this.put(`xref\n0 ${count}\n0000000000 65535 f \n${lines.join('')}`);
    this.put(`trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
  }

  /** @returns the number of the object */
  private object(dictionary: string, stream?: Buffer): number {
    const number = this.offsets.push(0);
    this.begin(number);
    this.put(`${dictionary}\n`);
    if (stream) {
      this.put('stream\n');
      this.put(stream);
      this.put('\nendstream\n');
    }
    this.put('endobj\n');
    return number;
  }

  private begin(number: number): void {
    this.offsets[number - 1] = this.at;
    this.put(`${number} 0 obj\n`);
  }

  private put(bytes: string | Buffer): void {
    const written = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.to.write(written);
    this.at += written.length;
  }
}
