import { applyDecorators } from '@nestjs/common';
import { ApiCreatedResponse } from '@nestjs/swagger';
import { Refuses, INVALID, refusal } from '../../platform/http/api-docs.js';
import { TakesFile } from '../../platform/http/file-form.js';
import { evidenceErrors } from './errors.js';
import { EvidenceReceipt } from './evidence.views.js';
import { LIMITS, MAX_CAPTION } from './limits.js';

/** Marks a route that takes one file with its caption, whoever may call it. */
export function TakesEvidence(): MethodDecorator {
  return applyDecorators(
    TakesFile({
      caption: {
        type: 'string',
        maxLength: MAX_CAPTION,
        description: 'Qué muestra el archivo, en tus palabras.',
        example: 'El recibo que me dieron.',
      },
    }),
    ApiCreatedResponse({ type: EvidenceReceipt }),
    Refuses(
      INVALID,
      refusal(evidenceErrors.empty(), 'El archivo llegó vacío.'),
      refusal(evidenceErrors.tooLarge(), 'El archivo es demasiado grande.'),
      refusal(evidenceErrors.caseFull({ files: 0, bytes: LIMITS.caseBytes }), 'El caso ya no admite más.'),
      refusal(evidenceErrors.executable(), 'Es un programa.'),
      refusal(evidenceErrors.noRoom(), 'No hay espacio para archivos.'),
    ),
  );
}
