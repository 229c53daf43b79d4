import { fileTypeFromBuffer } from 'file-type';
import { compoundType } from './compound-file.js';
import { executableType } from './executables.js';

/** What a handler may expect of a file. `other` is shown to nobody. */
export type EvidenceKind = 'image' | 'audio' | 'video' | 'pdf' | 'document' | 'other';

export interface FoundType {
  /** IANA media type, from the content alone. */
  type: string;
  /** Without a dot. */
  extension: string;
  kind: EvidenceKind;
  /** A machine would run it: a program, a script with `#!`, an installer, a shortcut. */
  executable: boolean;
}

const UNKNOWN: FoundType = {
  type: 'application/octet-stream',
  extension: 'bin',
  kind: 'other',
  executable: false,
};
/** SVG, HTML and XML are text too: a browser must never be told that they are more. */
const TEXT: FoundType = { type: 'text/plain', extension: 'txt', kind: 'other', executable: false };
const TIFF: FoundType = { type: 'image/tiff', extension: 'tif', kind: 'image', executable: false };
const PDF: FoundType = { type: 'application/pdf', extension: 'pdf', kind: 'pdf', executable: false };

/** Office documents besides those of `compound-file.ts`. */
const DOCUMENTS =
  /^application\/(rtf|vnd\.openxmlformats-officedocument\..+|vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)|vnd\.ms-(word|excel|powerpoint)\..+\.macroenabled\.12)$/i;
/** What file-type names that a system would run or install. */
const PROGRAMS =
  /^application\/(x-msdownload|x-elf|x-mach-binary|java-vm|java-archive|vnd\.android\.package-archive|x-deb|x-rpm|x\.ms\.shortcut|x\.apple\.alias|wasm|x-ms-regedit|vnd\.ms-htmlhelp|x-google-chrome-extension|x-xpinstall)$/i;

/**
 * The type of a file by what it begins with. A file that is two things at once is the one it begins with.
 * Names and headers of the sender are never asked.
 *
 * @param head the first 64 KiB or the whole file. Old Office files need more than the first KiB.
 * @returns for any bytes; it does not throw
 */
export async function typeOf(head: Buffer): Promise<FoundType> {
  const program = executableType(head);
  if (program) return { ...program, kind: 'other', executable: true };
  if (beginsLikePdf(head)) return PDF;
  const compound = compoundType(head);
  if (compound) return compound;
  // To file-type the mark of UTF-16 is the beginning of sound.
  if (/^(fffe|feff)$/.test(head.subarray(0, 2).toString('hex')) && isText(head)) return TEXT;
  const found = await fromLibrary(head);
  // The tags of a TIFF may lie at its end, where file-type does not find them in a head.
  if (!found && /^(49492a00|4d4d002a)/.test(head.subarray(0, 4).toString('hex'))) return TIFF;
  if (!found) return isText(head) ? TEXT : UNKNOWN;
  if (PROGRAMS.test(found.mime))
    return { type: found.mime, extension: found.ext, kind: 'other', executable: true };
  if (/^text\/|xml$/.test(found.mime)) return TEXT;
  // file-type forgives bytes before the mark of a PDF; beginsLikePdf has the say.
  if (found.mime === PDF.type) return UNKNOWN;
  return { type: plain(found.mime), extension: found.ext, kind: kindOf(found.mime), executable: false };
}

function kindOf(mime: string): EvidenceKind {
  if (DOCUMENTS.test(mime)) return 'document';
  if (mime === 'application/ogg') return 'audio';
  const family = mime.slice(0, mime.indexOf('/'));
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'other';
}

/** Parameters like `; codecs=opus` say nothing that a handler needs. */
function plain(mime: string): string {
  return mime.split(';')[0]!.trim();
}

async function fromLibrary(head: Buffer): Promise<{ mime: string; ext: string } | undefined> {
  try {
    return await fileTypeFromBuffer(head);
  } catch {
    // It parses boxes and archives; a hostile length in them may break it.
    return undefined;
  }
}

/**
 * Readers look for `%PDF-` within 1024 bytes, whatever stands before it. Those bytes could be another file:
 * so only blanks and a byte order mark are forgiven.
 */
function beginsLikePdf(head: Buffer): boolean {
  return /^(\xef\xbb\xbf)?[\s\0]{0,1024}%PDF-/.test(head.subarray(0, 1_040).toString('latin1'));
}

/** Text: UTF-8 or marked UTF-16, without control characters. The last character may be cut off. */
function isText(head: Buffer): boolean {
  if (head.length === 0) return false;
  const utf16 = head.subarray(0, 2).toString('latin1');
  const encoding = utf16 === '\xff\xfe' ? 'utf-16le' : utf16 === '\xfe\xff' ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    return !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}
