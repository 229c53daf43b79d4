import type { FastifyRequest } from 'fastify';
import { takeFile } from '../../platform/http/file-form.js';
import { invalidField } from '../../platform/http/validation.js';
import { trimmed } from '../../platform/typed-text.js';
import type { Expected, Incoming } from './incoming-file.js';
import { MAX_CAPTION } from './limits.js';

/** Bytes of a form beside its file, with the longest caption in any spelling. */
const FORM_BYTES = 64 * 1024;

/**
 * Takes evidence out of a form: the file, and the caption wherever it stands.
 * @throws DomainError, also what `receive` throws
 */
export function takeEvidence<T>(
  request: FastifyRequest,
  receive: (incoming: Incoming) => Promise<T>,
): Promise<T> {
  return takeFile(request, ({ file, name, fields }) =>
    receive({
      bytes: file,
      name,
      expected: expectedOf(request),
      caption: async () => {
        const { caption, ...others } = await fields();
        assertNone(others);
        return captionOf(caption);
      },
    }),
  );
}

/**
 * Takes a recording of a telephone out of a form. Its name is left out: machines put the number of the caller
 * into it.
 * @throws DomainError, also what `receive` throws
 */
export function takeRecording<T>(
  request: FastifyRequest,
  receive: (incoming: Incoming) => Promise<T>,
): Promise<T> {
  return takeFile(request, ({ file, fields }) =>
    receive({
      bytes: file,
      only: ['audio', 'video'],
      expected: expectedOf(request),
      caption: async () => {
        assertNone(await fields());
        return undefined;
      },
    }),
  );
}

/** A form tells its own length, which is that of its file and some more. */
function expectedOf({ headers }: FastifyRequest): Expected | undefined {
  const length = Number(headers['content-length']);
  return Number.isFinite(length) ? { least: Math.max(0, length - FORM_BYTES), most: length } : undefined;
}

/** @throws INVALID_REQUEST for a field that the form does not have */
function assertNone(fields: Readonly<Record<string, string>>): void {
  for (const field of Object.keys(fields))
    throw invalidField(field, 'UNKNOWN_FIELD', 'Este campo no existe.', 'This field does not exist.');
}

/** @throws INVALID_REQUEST when it is too long */
export function captionOf(text = ''): string | undefined {
  const caption = trimmed(text);
  if ([...caption].length > MAX_CAPTION)
    throw invalidField(
      'caption',
      'LENGTH',
      `Debe tener a lo más ${MAX_CAPTION} caracteres.`,
      `Must have at most ${MAX_CAPTION} characters.`,
    );
  return caption || undefined;
}
