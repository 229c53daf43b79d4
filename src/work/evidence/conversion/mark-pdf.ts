import { MARK, PAGE_OF_MARK, PDF_BEGINNING } from './cage/pdf-writer.js';

/** Bytes at the beginning and at the end of a PDF that `markPdf` reads. */
export const PDF_HEAD = PDF_BEGINNING.length;
export const PDF_TAIL = 128;

/** Our writer did not write this file. */
export class ForeignPdf extends Error {}

/** Points. */
const [LETTER, SIZE, LEFT, BOTTOM] = [0.6, 7, 8, 6];

/**
 * What is appended to a PDF of our writer so that each page shows a line at its bottom: an update (ISO
 * 32000-1, 7.5.6) that replaces the empty object which all pages draw. The file itself stays as it is.
 *
 * @param ends its first `PDF_HEAD` bytes and its last `PDF_TAIL`
 * @param size bytes of the whole file
 * @throws ForeignPdf
 */
export function pdfMark(ends: { head: Buffer; tail: Buffer }, size: number, text: string): Buffer {
  const end = /\ntrailer\n<< \/Size (\d+) \/Root 1 0 R >>\nstartxref\n(\d+)\n%%EOF\n$/.exec(
    ends.tail.toString('latin1'),
  );
  if (!end || !ends.head.equals(PDF_BEGINNING)) throw new ForeignPdf();
  const [, objects, previous] = end;
  const drawing = drawn(text);
  const object = Buffer.from(
    `${MARK} 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 ${PAGE_OF_MARK} ${SIZE * 3}] ` +
      '/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >> >> >> ' +
      `/Length ${drawing.length} >>\nstream\n${drawing}\nendstream\nendobj\n`,
    'latin1',
  );
  const table =
    `xref\n${MARK} 1\n${String(size).padStart(10, '0')} 00000 n \n` +
    `trailer\n<< /Size ${objects} /Root 1 0 R /Prev ${previous} >>\nstartxref\n${size + object.length}\n%%EOF\n`;
  return Buffer.concat([object, Buffer.from(table, 'latin1')]);
}

/** Black letters on white, so that they can be read on every page. The fonts of every reader know Latin-1. */
function drawn(text: string): string {
  const letters = text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?');
  const width = Math.ceil(letters.length * SIZE * LETTER) + 4;
  const escaped = letters.replace(/[\\()]/g, '\\$&');
  return (
    `1 g ${LEFT - 2} ${BOTTOM - 3} ${width} ${SIZE + 3} re f ` +
    `0 g BT /F ${SIZE} Tf ${LEFT} ${BOTTOM} Td (${escaped}) Tj ET`
  );
}
