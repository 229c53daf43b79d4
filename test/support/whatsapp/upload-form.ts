import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { SentFile } from './files.js';

/** What came in a form: its fields, and its file. */
export interface UploadForm {
  fields: Record<string, string>;
  file?: SentFile;
}

/** Reads the form of `POST /{phone-number-id}/media`. @throws Error when it is none */
export async function readForm({ headers }: IncomingMessage, body: Buffer): Promise<UploadForm> {
  const form: UploadForm = { fields: {} };
  await new Promise<void>((resolve, reject) => {
    const busboy = new Busboy({ headers: headers as BusboyHeaders });
    busboy.on('field', (name, value) => {
      form.fields[name] = value;
    });
    busboy.on('file', (name, stream, filename, _encoding, mimeType) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (name === 'file') form.file = { content: Buffer.concat(chunks), mimeType, filename };
      });
    });
    busboy.on('finish', resolve);
    busboy.on('error', reject);
    Readable.from([body]).pipe(busboy);
  });
  return form;
}
