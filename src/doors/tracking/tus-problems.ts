import { DomainError } from '../../platform/errors.js';
import { evidenceErrors } from '../../work/evidence/errors.js';

/** Requests that do not follow the protocol. */
export const tusErrors = {
  version: () =>
    protocol(412, {
      es: 'Falta «Tus-Resumable: 1.0.0», o pide otra versión del protocolo.',
      en: '"Tus-Resumable: 1.0.0" is missing, or asks for another version of the protocol.',
    }),
  type: () =>
    protocol(415, {
      es: 'Manda la parte con «Content-Type: application/offset+octet-stream».',
      en: 'Send the part with "Content-Type: application/offset+octet-stream".',
    }),
  header: () =>
    protocol(400, {
      es: 'Un encabezado falta o no es válido: Upload-Length y Upload-Offset son números, los valores de Upload-Metadata van en base64.',
      en: 'A header is missing or invalid: Upload-Length and Upload-Offset are numbers, the values of Upload-Metadata are base64.',
    }),
};

/**
 * The refusal of a request that does not follow the protocol, by the status that the library gives it.
 * @param fault what the library or our store threw; undefined for a header that it refused by itself
 */
export function tusProblem(status: number, fault: unknown): unknown {
  switch (status) {
    case 404:
    case 410:
      return evidenceErrors.uploadNotFound();
    case 409:
      return evidenceErrors.wrongOffset();
    case 413:
      return evidenceErrors.tooLarge();
    case 412:
      return tusErrors.version();
    case 415:
      return tusErrors.type();
    case 400:
    case 403:
      // The library answers 403 where a header is missing.
      return tusErrors.header();
    case 501:
      return protocol(400, {
        es: 'Esa extensión de tus no se admite. Anuncia el tamaño con Upload-Length y manda las partes en orden.',
        en: 'That extension of tus is not supported. Tell the length with Upload-Length and send the parts in order.',
      });
    default:
      return fault;
  }
}

function protocol(status: number, detail: { es: string; en: string }): DomainError {
  return new DomainError('TUS_PROTOCOL', status, detail);
}
