import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../errors.js';
import { routeConfig } from './route-owner.js';
import { cutWhenSilent } from './silence.js';
import { invalidField, isPlainText } from './validation.js';

const MULTIPART = 'multipart/form-data';
/** A part of an upload that can be resumed (tus 1.0). */
const PART = 'application/offset+octet-stream';
/** Bytes of a text field. A caption of 2,000 characters fits in any spelling. */
const FIELD_SIZE = 16 * 1024;
const FIELDS = 10;
/** Bytes of a file that wait for their reader. As many as a piece of the network: fewer double the work. */
const PIECE = 64 * 1024;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a form with a file, or a part of an upload. */
    takesFile?: boolean;
  }
}

/** A form with one file, of which the file has begun to arrive. Read the file to its end, then `fields`. */
export interface FileForm {
  /** Bytes of the file as they come. @throws DomainError when the form ends too early */
  file: AsyncIterable<Buffer>;
  /** The name that the sender gave the file, as it was sent. */
  name: string | undefined;
  /**
   * Waits for the end of the form. @returns the text fields by their names
   * @throws DomainError when the form ends too early, or when it is not such a form
   */
  fields(): Promise<Readonly<Record<string, string>>>;
}

/** Lets a route take a form with a file, and documents it. The handler reads it with `takeFile`. */
export function TakesFile(fields: Readonly<Record<string, object>> = {}): MethodDecorator {
  const properties = {
    file: { type: 'string', format: 'binary', description: 'El archivo.', example: '@foto.jpg' },
    ...fields,
  };
  return applyDecorators(
    routeConfig({ takesFile: true }),
    ApiConsumes(MULTIPART),
    ApiBody({ schema: { type: 'object', required: ['file'], properties } }),
  );
}

/** Tells whether a request brings a form with files. */
export function isFileForm({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['content-type']?.trim().toLowerCase().startsWith(MULTIPART) ?? false;
}

/** Tells whether a request brings a file or a part of one. Only routes that take files let such a body in. */
export function bringsFile(request: Pick<IncomingMessage, 'headers'>): boolean {
  return isFileForm(request) || request.headers['content-type'] === PART;
}

/** Lets the server take files. Nothing of the body is read before the handler reads it. */
export function acceptFiles(server: FastifyInstance): void {
  for (const type of [MULTIPART, PART])
    server.addContentTypeParser(type, (_request, _payload, done) => done(null));
}

/**
 * Reads a form up to the beginning of its file and lets `work` take it. Reads no more of the body than `work`
 * takes: a sender waits until its bytes are stored.
 * @throws DomainError when the request is no form, has no file, or ends too early; what `work` throws
 */
export async function takeFile<T>(request: FastifyRequest, work: (form: FileForm) => Promise<T>): Promise<T> {
  if (!isFileForm(request.raw)) throw noForm();
  return work(await new Form(request.raw).open());
}

class Form {
  private readonly parser: BusboyInstance;
  private readonly fields: Record<string, string> = {};
  private readonly ended: Promise<void>;
  private fault?: Error;

  constructor(private readonly request: IncomingMessage) {
    this.parser = parserOf(request);
    this.ended = new Promise((resolve, reject) => {
      this.parser.once('finish', resolve);
      this.parser.once('error', () => reject(this.fail(broken())));
      request.once('close', () => {
        if (!request.complete) reject(this.fail(brokenOff()));
      });
    });
    this.ended.catch(() => undefined);
    cutWhenSilent(request);
  }

  open(): Promise<FileForm> {
    return new Promise((resolve, reject) => {
      this.parser.on('file', (field, stream, name) => {
        // Whoever reads the stream gets its errors. Nobody may be reading it.
        stream.on('error', () => undefined);
        if (field !== 'file') return void stream.resume();
        const file = this.bytesOf(stream);
        resolve({ file, name: name || undefined, fields: () => this.rest() });
      });
      // A part without a name has none, though the types of the library say otherwise.
      this.parser.on('field', (field: string | undefined, value, fieldTruncated, valueTruncated) => {
        if (!field || fieldTruncated || !isReadable(field)) this.fail(unreadableField('form'));
        else if (valueTruncated || !isReadable(value)) this.fail(unreadableField(field));
        else if (Object.hasOwn(this.fields, field)) this.fail(repeatedField(field));
        else this.fields[field] = value;
      });
      for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
        this.parser.on(limit, () => this.fail(tooManyParts()));
      this.ended.then(() => reject(this.fault ?? noFile()), reject);
      this.request.pipe(this.parser);
    });
  }

  private async rest(): Promise<Readonly<Record<string, string>>> {
    await this.ended;
    if (this.fault) throw this.fault;
    return this.fields;
  }

  private async *bytesOf(stream: BusboyFileStream): AsyncGenerator<Buffer> {
    this.ended.catch((error: Error) => stream.destroy(error));
    try {
      yield* stream as AsyncIterable<Buffer>;
    } catch (error) {
      throw error instanceof DomainError ? error : this.fail(broken());
    }
    if (this.fault) throw this.fault;
  }

  /** The first fault counts. */
  private fail(error: Error): Error {
    return (this.fault ??= error);
  }
}

/** @throws DomainError when the header does not name a boundary */
function parserOf({ headers }: IncomingMessage): BusboyInstance {
  try {
    return new Busboy({
      headers: headers as { 'content-type': string },
      fileHwm: PIECE,
      limits: { files: 1, fields: FIELDS, parts: FIELDS + 1, fieldSize: FIELD_SIZE, headerPairs: 20 },
    });
  } catch {
    throw broken();
  }
}

function noForm(): DomainError {
  return new DomainError('UNSUPPORTED_MEDIA_TYPE', 415, {
    es: 'Manda el archivo como formulario: «Content-Type: multipart/form-data», con el archivo en el campo «file».',
    en: 'Send the file as a form: "Content-Type: multipart/form-data", with the file in the field "file".',
  });
}

function noFile(): DomainError {
  return invalidField(
    'file',
    'REQUIRED',
    'Falta el archivo. Mándalo en el campo «file».',
    'The file is missing. Send it in the field "file".',
  );
}

function broken(): DomainError {
  return new DomainError('BAD_REQUEST', 400, {
    es: 'El formulario no se pudo leer. Revisa que esté completo y vuelve a mandarlo.',
    en: 'The form could not be read. Check that it is complete and send it again.',
  });
}

function brokenOff(): DomainError {
  return new DomainError('REQUEST_TIMEOUT', 408, {
    es: 'El archivo no llegó completo y no se guardó. Vuelve a mandarlo.',
    en: 'The file did not arrive whole and was not stored. Send it again.',
  });
}

/** Text that is stored as it was sent. What was no UTF-8 would be stored as signs that nobody wrote. */
export function isReadable(text: string): boolean {
  return isPlainText(text) && !text.includes('\ufffd');
}

export function unreadableField(field: string): DomainError {
  return invalidField(
    field,
    'NOT_PLAIN_TEXT',
    'Tiene caracteres que no se pueden guardar, o es demasiado largo. Mándalo en UTF-8.',
    'It has characters that cannot be stored, or it is too long. Send it in UTF-8.',
  );
}

function repeatedField(field: string): DomainError {
  return invalidField(
    field,
    'REPEATED',
    'Viene dos veces. Mándalo una sola vez.',
    'It came twice. Send it once.',
  );
}

function tooManyParts(): DomainError {
  return invalidField(
    'file',
    'ONE_FILE',
    'Manda un solo archivo en cada solicitud.',
    'Send one file in each request.',
  );
}
