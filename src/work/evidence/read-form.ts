import type { FastifyRequest } from 'fastify';
import { takeFile } from '../../platform/http/file-form.js';
import { invalidField } from '../../platform/http/validation.js';
import { trimmed } from '../../platform/typed-text.js';
import type { Incoming } from './incoming-file.js';
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
  const length = Number(request.headers['content-length']);
  const expected = { least: Math.max(0, length - FORM_BYTES), most: length };
  return takeFile(request, ({ file, name, fields }) =>
    receive({
      bytes: file,
      name,
      expected: Number.isFinite(length) ? expected : undefined,
      caption: async () => {
        const { caption, ...others } = await fields();
        for (const field of Object.keys(others))
          throw invalidField(field, 'UNKNOWN_FIELD', 'Este campo no existe.', 'This field does not exist.');
        return captionOf(caption);
      },
    }),
  );
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
