import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import {
  Refuses,
  FORBIDDEN,
  INVALID,
  UNAUTHENTICATED,
  type ProblemCase,
  refusal,
} from '../../platform/http/api-docs.js';
import { caseErrors } from './errors.js';

const NOT_FOUND: ProblemCase = refusal(
  caseErrors.notFound(),
  'No hay un caso con ese folio en las áreas de la cuenta.',
);
const ILLEGAL: ProblemCase = refusal(
  caseErrors.illegalMove('closed', 'transfer'),
  'El estado actual no permite este movimiento.',
);
const STALE: ProblemCase = refusal(caseErrors.staleVersion(4), 'El caso cambió desde que se leyó.');

export function DocumentedFolio(): MethodDecorator {
  return applyDecorators(ApiParam({ name: 'folio', description: 'Folio del caso.' }));
}

/** The refusals that every route of one case may answer. */
export function DocumentedCase(...more: ProblemCase[]): MethodDecorator {
  return applyDecorators(DocumentedFolio(), Refuses(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, ...more));
}

/** The refusals of every act of staff on a case. Documents the header `If-Match`, which each act honours. */
export function DocumentedMove(...more: ProblemCase[]): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'Versión leída, entre comillas.',
      example: '"3"',
    }),
    DocumentedCase(INVALID, ILLEGAL, STALE, ...more),
  );
}
