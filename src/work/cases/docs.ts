import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import {
  ApiProblems,
  FORBIDDEN,
  INVALID,
  UNAUTHENTICATED,
  type ProblemCase,
} from '../../platform/http/api-docs.js';

const NOT_FOUND: ProblemCase = [
  404,
  'CASE_NOT_FOUND',
  'No hay un caso con ese folio en las áreas de la cuenta.',
];
const ILLEGAL: ProblemCase = [
  409,
  'ILLEGAL_MOVE',
  'El estado actual no permite este movimiento.',
  {
    currentStatus: 'closed',
    currentStatusLabel: 'Cerrada',
    move: 'transfer',
    moveLabel: 'Turnar a otra área',
  },
];
const STALE: ProblemCase = [412, 'STALE_VERSION', 'El caso cambió desde que se leyó.', { version: 4 }];

export function DocumentedFolio(): MethodDecorator {
  return applyDecorators(ApiParam({ name: 'folio', description: 'Folio del caso.' }));
}

/** What every route of one case may answer besides success. */
export function DocumentedCase(...more: ProblemCase[]): MethodDecorator {
  return applyDecorators(DocumentedFolio(), ApiProblems(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, ...more));
}

/** What every act of staff on a case may answer; `If-Match` is honoured. */
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
