import { crc32, deflateRawSync } from 'node:zlib';
import { CANARY } from './canary.js';

export interface ZipEntry {
  name: string;
  bytes: Buffer;
}

/** A ZIP archive as Office writes it. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, place, Buffer.from(name)]));
    files.push(file);
    at += file.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, listed, Buffer.from('PK\x05\x06'), end]);
}

/** 200 kB that become 200 MB. */
export function zipBomb(): Buffer {
  return zip([{ name: 'a.txt', bytes: Buffer.alloc(200_000_000) }]);
}

const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const PLAIN = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const WITH_MACROS = 'application/vnd.ms-word.document.macroEnabled';

/** A document of Word: one paragraph, an author, a picture from another place; with macros if asked. */
export function wordDocument({ macro }: { macro: boolean }): Buffer {
  const xml = (text: string): Buffer => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
  const main = `${macro ? WITH_MACROS : PLAIN}.main+xml`;
  const entries: ZipEntry[] = [
    {
      name: '[Content_Types].xml',
      bytes: xml(
        `<Types xmlns="${TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
          `<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>` +
          `<Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
      ),
    },
    {
      name: '_rels/.rels',
      bytes: xml(
        `<Relationships xmlns="${RELATIONS}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>`,
      ),
    },
    {
      name: 'word/document.xml',
      bytes: xml(
        `<w:document xmlns:w="${WORD}"><!-- ${CANARY} --><w:body><w:p><w:r><w:t>Hola</w:t></w:r></w:p></w:body></w:document>`,
      ),
    },
    {
      name: 'docProps/core.xml',
      bytes: xml(`<c xmlns="urn:x"><creator>${CANARY}</creator></c>`),
    },
  ];
  if (macro) entries.push({ name: 'word/vbaProject.bin', bytes: Buffer.from(`Sub AutoOpen() ${CANARY}`) });
  return zip(entries);
}
