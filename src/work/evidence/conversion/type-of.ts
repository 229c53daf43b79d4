import { fileTypeFromBuffer } from 'file-type';

export type EvidenceKind = 'image' | 'audio' | 'video' | 'pdf' | 'document' | 'other';

export interface FoundType {
  type: string;
  extension: string;
  kind: EvidenceKind;
  executable: boolean;
}

export async function typeOf(head: Buffer): Promise<FoundType> {
  const found = await fileTypeFromBuffer(head);
  const type = found?.mime ?? 'application/octet-stream';
  const executable =
    ['exe', 'elf', 'macho', 'lnk', 'class', 'dex'].includes(found?.ext ?? '') ||
    head.subarray(0, 2).toString() === '#!';
  const kind = type.startsWith('image/') ? 'image' : type === 'application/pdf' ? 'pdf' : 'other';
  return { type, extension: found?.ext ?? 'bin', kind, executable };
}
