import type { Answer, Harness, Receipt } from '../setup/harness.js';

/** What the tests read of a file of a case, or of a refusal. */
export interface EvidenceBody {
  id: string;
  number: number;
  kind: string;
  state: string;
  stateLabel: string;
  stateText: string;
  source: string;
  receivedOn: string;
  name: string | null;
  caption: string | null;
  size: number;
  sha256: string;
  seconds: number | null;
  pages: number | null;
  copy: { type: string; size: number; sha256: string } | null;
  thumbnail: string | null;
  code: string;
  detail: string;
  errors?: { field: string; code: string }[];
}

/** A file as a browser sends it. */
export interface SentFile {
  bytes: Buffer;
  name?: string;
  caption?: string;
}

/** A recording: so many seconds of silence, as a WAV of 8 kHz. */
export function recording(seconds = 1): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + 8000 * seconds, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(8000 * seconds, 40);
  return Buffer.concat([header, Buffer.alloc(8000 * seconds, 0x80)]);
}

export function formOf({ bytes, name = 'foto.jpg', caption }: SentFile): FormData {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)]), name);
  if (caption !== undefined) form.set('caption', caption);
  return form;
}

/** Sends and reads evidence as people do, over HTTP. */
export class EvidenceWork {
  constructor(private readonly h: Harness) {}

  async asReporter(receipt: Receipt, file: SentFile): Promise<Answer<EvidenceBody>> {
    const token = await this.h.trackingToken(receipt);
    return this.h.call<EvidenceBody>('POST', '/tracking/evidence', { token, body: formOf(file) });
  }

  async asStaff(email: string, folio: string, file: SentFile): Promise<Answer<EvidenceBody>> {
    return this.h.as<EvidenceBody>(email, 'POST', `/cases/${folio}/evidence`, formOf(file));
  }

  async list(email: string, folio: string): Promise<EvidenceBody[]> {
    const { status, body } = await this.h.as<EvidenceBody[]>(email, 'GET', `/cases/${folio}/evidence`);
    if (status !== 200) throw new Error(`list answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }
}
