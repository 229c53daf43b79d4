const MARK = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** The class {000C1084-…} of a Windows installer, as its root entry holds it. */
const INSTALLER = Buffer.from('84100c0000000000c000000000000046', 'hex');

const DOC = { type: 'application/msword', extension: 'doc' };
const XLS = { type: 'application/vnd.ms-excel', extension: 'xls' };
const PPT = { type: 'application/vnd.ms-powerpoint', extension: 'ppt' };

/** What it is, in the words of `FoundType`. */
export interface CompoundFile {
  type: string;
  extension: string;
  kind: 'document' | 'other';
  executable: boolean;
}

/** Streams by which programs know their own file. */
const STREAMS: readonly [string, { type: string; extension: string }][] = [
  ['WordDocument', DOC],
  ['Workbook', XLS],
  ['Book', XLS],
  ['PowerPoint Document', PPT],
  // A docx, xlsx or pptx with a password lies in such a stream. LibreOffice says that it is encrypted.
  ['EncryptedPackage', { type: 'application/msword', extension: 'doc' }],
];
/** What the first sector begins with, when the list of streams lies behind the head. */
const FIRST_SECTOR: readonly [string, { type: string; extension: string }][] = [
  ['eca5', DOC],
  ['0908', XLS],
  ['a0461df0', PPT],
  ['006e1ef0', PPT],
  ['0f00e803', PPT],
];

/**
 * The old Office formats and Windows installers share one container. The names of its streams tell them
 * apart. Undefined when the bytes are no such container.
 */
export function compoundType(head: Buffer): CompoundFile | undefined {
  if (!head.subarray(0, MARK.length).equals(MARK)) return undefined;
  if (head.includes(INSTALLER))
    return { type: 'application/x-msi', extension: 'msi', kind: 'other', executable: true };
  const sector = head.subarray(512, 516).toString('hex');
  const found =
    STREAMS.find(([name]) => head.includes(Buffer.from(`${name}\0`, 'utf16le'))) ??
    FIRST_SECTOR.find(([mark]) => sector.startsWith(mark));
  return found
    ? { ...found[1], kind: 'document', executable: false }
    : { type: 'application/x-cfb', extension: 'bin', kind: 'other', executable: false };
}
