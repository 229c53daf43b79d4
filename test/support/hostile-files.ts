import { CANARY } from './hostile/canary.js';
import { photograph, pixelBomb, talkativeJpeg, talkativePng } from './hostile/images.js';
import { armedPdf, lockedPdf, pagesPdf } from './hostile/pdfs.js';
import { wordDocument, zip, zipBomb } from './hostile/zip.js';

/** A file as somebody might send it, made by code: none of them lies in the repository. */
export interface HostileFile {
  /** The name that its sender gives it, which may lie. */
  name: string;
  bytes: () => Buffer | Promise<Buffer>;
  type: string;
  executable?: true;
  /** What becomes of it where every tool is there: the type of the result, or why there is none. */
  becomes: string | { reason: string };
  /** Tools of Debian that it needs. Without them the outcome is `tool-missing`. */
  needs?: 'poppler' | 'office';
}

const text = (content: string): Buffer => Buffer.from(content, 'latin1');
const NO_CONVERTER = { reason: 'no-converter' };

/** In two halves: a scanner must not take this source away. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const SCRIPT = `<script>alert("${CANARY}")</script>`;

/** Without films and sound: those are made by ffmpeg, in `hostile/media.ts`. */
export const HOSTILE_FILES: readonly HostileFile[] = [
  { name: 'camara.jpg', bytes: talkativeJpeg, type: 'image/jpeg', becomes: 'image/jpeg' },
  { name: 'pantalla.png', bytes: talkativePng, type: 'image/png', becomes: 'image/png' },
  { name: 'bomba.png', bytes: pixelBomb, type: 'image/png', becomes: { reason: 'too-large' } },
  {
    name: 'cortada.jpg',
    bytes: async () => {
      const whole = await (await photograph(1_200, 900)).jpeg().toBuffer();
      return whole.subarray(0, Math.floor(whole.length / 2));
    },
    type: 'image/jpeg',
    becomes: 'image/jpeg',
  },
  {
    name: 'archivo-dentro.jpg',
    bytes: async () =>
      Buffer.concat([
        await (await photograph()).jpeg().toBuffer(),
        zip([{ name: 'a.exe', bytes: text(`MZ${CANARY}`) }]),
      ]),
    type: 'image/jpeg',
    becomes: 'image/jpeg',
  },
  {
    name: 'guion.gif',
    bytes: () => text(`GIF89a=1;alert("${CANARY}")//`),
    type: 'image/gif',
    becomes: { reason: 'damaged' },
  },
  // Some readers of PDF look further than its beginning; the cage does not.
  {
    name: 'pdf-detras.pdf',
    bytes: async () => Buffer.concat([text('GIF89a'), armedPdf()]),
    type: 'image/gif',
    becomes: { reason: 'damaged' },
  },
  {
    name: 'foto.jpg',
    bytes: () => text('MZ\x90\0\x03\0\0\0\x04'),
    type: 'application/vnd.microsoft.portable-executable',
    executable: true,
    becomes: NO_CONVERTER,
  },
  {
    name: 'foto.png',
    bytes: () => text('\x7fELF\x02\x01\x01\0'),
    type: 'application/x-elf',
    executable: true,
    becomes: NO_CONVERTER,
  },
  {
    name: 'nota.txt',
    bytes: () => text('#!/bin/sh\nrm -rf /\n'),
    type: 'text/x-script',
    executable: true,
    becomes: NO_CONVERTER,
  },
  { name: 'eicar.com', bytes: () => text(EICAR), type: 'text/plain', becomes: NO_CONVERTER },
  {
    name: 'vacio.jpg',
    bytes: () => Buffer.alloc(0),
    type: 'application/octet-stream',
    becomes: NO_CONVERTER,
  },
  {
    name: 'dibujo.svg',
    bytes: () => text(`<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`),
    type: 'text/plain',
    becomes: NO_CONVERTER,
  },
  {
    name: 'pagina.html',
    bytes: () => text(`<!doctype html>${SCRIPT}`),
    type: 'text/plain',
    becomes: NO_CONVERTER,
  },
  {
    name: 'dibujo.xml.png',
    bytes: () => text(`<?xml version="1.0"?><svg>${SCRIPT}</svg>`),
    type: 'text/plain',
    becomes: NO_CONVERTER,
  },
  {
    name: 'lista.m3u8',
    bytes: () => text('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
    type: 'text/plain',
    becomes: NO_CONVERTER,
  },
  {
    name: 'lista.ffconcat',
    bytes: () => text("ffconcat version 1.0\nfile '/etc/passwd'\n"),
    type: 'text/plain',
    becomes: NO_CONVERTER,
  },
  { name: 'bomba.zip', bytes: zipBomb, type: 'application/zip', becomes: NO_CONVERTER },
  {
    name: 'armado.pdf',
    bytes: armedPdf,
    type: 'application/pdf',
    becomes: 'application/pdf',
    needs: 'poppler',
  },
  {
    name: 'hojas.pdf',
    bytes: () => pagesPdf(301),
    type: 'application/pdf',
    becomes: { reason: 'too-large' },
    needs: 'poppler',
  },
  {
    name: 'sabana.pdf',
    bytes: () => pagesPdf(1, [14_400, 14_400]),
    type: 'application/pdf',
    becomes: 'application/pdf',
    needs: 'poppler',
  },
  {
    name: 'cerrado.pdf',
    bytes: lockedPdf,
    type: 'application/pdf',
    becomes: { reason: 'encrypted' },
    needs: 'poppler',
  },
  {
    name: 'roto.pdf',
    bytes: () => text('%PDF-1.7\nnada'),
    type: 'application/pdf',
    becomes: { reason: 'damaged' },
    needs: 'poppler',
  },
  {
    name: 'carta.docx',
    bytes: () => wordDocument({ macro: false }),
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    becomes: 'application/pdf',
    needs: 'office',
  },
  {
    name: 'macros.docx',
    bytes: () => wordDocument({ macro: true }),
    type: 'application/vnd.ms-word.document.macroenabled.12',
    becomes: 'application/pdf',
    needs: 'office',
  },
];
