import { applyDecorators, Controller, createParamDecorator, HttpCode, Post, type Type } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { findArea } from '../../../foundations/catalogs/catalogs.reader.js';
import { areaText } from '../../../foundations/catalogs/labels.js';
import { Requires } from '../../../platform/http/access.js';
import type { ProblemCase } from '../../../platform/http/api-docs.js';
import { staffOf } from '../../../platform/http/current.js';
import { DocumentedMove } from '../docs.js';
import type { LockedCase } from '../locked-case.js';
import { folioOf, versionOf } from '../parameters.js';
import { MoveView } from '../views.js';
import type { OnCase } from './case-moves.js';
import { MOVES, type Move } from './moves.js';

/** Mark a class with routes by which staff change a case. */
export function ChangesCases(): ClassDecorator {
  return applyDecorators(ApiTags('Casos'), Controller('cases/:folio'));
}

/**
 * The case of the path, with the staff member who changes it and the version of `If-Match`.
 * @throws FORBIDDEN, CASE_NOT_FOUND, INVALID_REQUEST
 */
export const TheCase = createParamDecorator((_: unknown, context): OnCase => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { actor: staffOf(context), folio: folioOf(request), ifMatch: versionOf(request) };
});

interface MoveDocs {
  /** Unique in the API document. */
  operationId: string;
  summary: string;
  description?: string;
  /** Refusals of this move, in addition to those of every move. */
  refuses?: readonly ProblemCase[];
  /**
   * Type of the answer when the move creates something (201). Otherwise the answer is the moved case (200).
   */
  creates?: Type;
}

/**
 * The route of a move, open to everybody with the permission of that move. When one route makes several
 * moves, name the move that more people may make.
 */
export function MoveRoute(path: string, move: Move, docs: MoveDocs): MethodDecorator {
  const { operationId, summary, description, refuses = [], creates } = docs;
  const answer = creates ? ApiCreatedResponse({ type: creates }) : ApiOkResponse({ type: MoveView });
  return applyDecorators(
    Post(path),
    HttpCode(creates ? 201 : 200),
    Requires(MOVES[move].permission!),
    ApiOperation({ operationId, summary, description }),
    answer,
    DocumentedMove(...refuses),
  );
}

/** The moved case, as the answer of a move route. */
export function moved({ locked: { row, catalog } }: { locked: LockedCase }): MoveView {
  const area = findArea(catalog, { id: row.areaId })!;
  return {
    folio: row.folio,
    status: row.status,
    version: row.version,
    area: { code: area.code, label: areaText(area) },
    expediente: row.expediente,
  };
}
