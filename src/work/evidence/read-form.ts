import type { FastifyRequest } from 'fastify';
import { readFileForm } from '../../platform/http/file-form.js';
import { invalidField } from '../../platform/http/validation.js';
import { trimmed } from '../../platform/typed-text.js';
import { MAX_CAPTION } from './limits.js';
import type { Incoming } from './receive-evidence.js';

/** Reads evidence out of a form: the file, and the caption wherever it stands. @throws DomainError */
export async function readEvidence(request: FastifyRequest): Promise<Incoming> {
  const form = await readFileForm(request);
  const length = Number(request.headers['content-length']);
  return {
    bytes: form.file,
    name: form.name,
    expected: Number.isFinite(length) ? length : undefined,
    caption: async () => {
      const { caption, ...others } = await form.fields();
      for (const field of Object.keys(others))
        throw invalidField(field, 'UNKNOWN_FIELD', 'Este campo no existe.', 'This field does not exist.');
      return captionOf(caption);
    },
  };
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
