import { CANARY } from './canary.js';

/** Puts objects into a PDF: the first one is the catalogue. `extra` goes into the trailer. */
function pdf(objects: readonly string[], extra = ''): Buffer {
  let text = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${extra} >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

const stream = (data: string, dictionary = ''): string =>
  `<< /Length ${data.length} ${dictionary} >>\nstream\n${data}\nendstream`;

/** Every page shows the same lines. */
export function pagesPdf(count: number, [width, height]: readonly [number, number] = [595, 842]): Buffer {
  const kids = Array.from({ length: count }, (_, at) => `${at + 5} 0 R`).join(' ');
  const lines = Array.from(
    { length: 40 },
    (_, at) => `1 0 0 1 60 ${780 - at * 18} Tm (Renglon ${at} de la hoja) Tj`,
  );
  const drawing = `BT /F 12 Tf ${lines.join('\n')} ET`;
  return pdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${count} /Kids [${kids}] /MediaBox [0 0 ${width} ${height}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    stream(drawing),
    ...Array<string>(count).fill(
      '<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 3 0 R >> >> >>',
    ),
  ]);
}

/** Script, action at opening, attachment, program, form that is sent, author, XMP, an identifier. */
export function armedPdf(): Buffer {
  return pdf(
    [
      '<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R /AA << /WC 5 0 R >> /Metadata 9 0 R ' +
        '/Names << /JavaScript << /Names [(a) 5 0 R] >> /EmbeddedFiles << /Names [(a.txt) 7 0 R] >> >> ' +
        '/AcroForm << /Fields [10 0 R] >> >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 300 200] >>',
      '<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [6 0 R 10 0 R] >>',
      stream('1 0 0 rg 20 20 200 100 re f'),
      `<< /S /JavaScript /JS (app.alert("${CANARY}")) >>`,
      `<< /Type /Annot /Subtype /Link /Rect [0 0 300 200] /A << /S /Launch /F (${CANARY}.exe) >> >>`,
      '<< /Type /Filespec /F (a.txt) /EF << /F 8 0 R >> >>',
      stream(CANARY, '/Type /EmbeddedFile'),
      stream(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${CANARY}</x:xmpmeta>`, '/Type /Metadata /Subtype /XML'),
      '<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /Rect [5 5 50 15] ' +
        `/A << /S /SubmitForm /F (http://127.0.0.1/${CANARY}) >> >>`,
      `<< /Author (${CANARY}) /CreationDate (D:20261128120000) >>`,
    ],
    '/Info 11 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]',
  );
}

/** Nobody knows its password. */
export function lockedPdf(): Buffer {
  const secret = '5a'.repeat(32);
  return pdf(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 300 200] >>',
      '<< /Type /Page /Parent 2 0 R >>',
      `<< /Filter /Standard /V 1 /R 2 /O <${secret}> /U <${secret}> /P -4 >>`,
    ],
    '/Encrypt 4 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]',
  );
}
