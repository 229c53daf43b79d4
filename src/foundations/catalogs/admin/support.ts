import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { isUUID, ValidateIf } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { dayBefore } from '../../../platform/clock.js';
import { Requires } from '../../../platform/http/access.js';
import { Refuses, FORBIDDEN, UNAUTHENTICATED, type ProblemCase } from '../../../platform/http/api-docs.js';
import { invalidField } from '../../../platform/http/validation.js';

export const CODE = /^[A-Z][A-Z0-9_]{1,39}$/;
export const CODE_DOC = 'Mayúsculas, cifras y guion bajo, de 2 a 40. No cambia nunca.';
export const FROM_DOC = 'Primer día en que vale; si falta, hoy.';
export const TO_DOC = 'Último día en que vale, incluido; null = sin fecha de término.';

/** An id that no row has. A path without a valid id gets the same answer as an unknown id. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Sets the permission and documents the refusals that every route of the catalogue administration may answer.
 */
export function ForCatalogAdmin(...more: ProblemCase[]): MethodDecorator {
  return applyDecorators(Requires('admin.catalogs'), Refuses(UNAUTHENTICATED, FORBIDDEN, ...more));
}

export function ApiIdParam(description: string): MethodDecorator {
  return ApiParam({
    name: 'id',
    description,
    format: 'uuid',
    example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11',
  });
}

/** Returns the id of the path, in the form in which it is stored. */
export const PathId = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { id } = context.switchToHttp().getRequest<FastifyRequest>().params as { id: string };
  return isUUID(id) ? id.toLowerCase() : NO_ID;
});

/**
 * For PATCH: an absent field stays as it is, and null is not a valid value. `IsOptional` would let null pass.
 */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/**
 * Finds the fields of a PATCH that differ from what is stored.
 * @returns `set` to write and `changes` for the audit trail; both are empty when nothing changes
 */
export function differences<T extends object>(
  stored: T,
  patch: Partial<T>,
): { set: Partial<T>; changes: Record<string, { from: unknown; to: unknown }> } {
  const set: Partial<T> = {};
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const [name, to] of Object.entries(patch)) {
    const key = name as keyof T;
    if (to === undefined || to === stored[key]) continue;
    set[key] = to as T[keyof T];
    changes[name] = { from: stored[key], to };
  }
  return { set, changes };
}

/**
 * Checks a period. Both days are included. Something that began today and must stop at once therefore ends on
 * the day before it began.
 * @throws InvalidRequest when `validTo` lies further back
 */
export function assertPeriod(validFrom: string, validTo: string | null | undefined): void {
  if (validTo === null || validTo === undefined || validTo >= dayBefore(validFrom)) return;
  throw invalidField(
    'validTo',
    'BEFORE_VALID_FROM',
    `No puede ser anterior al día previo a «validFrom» (${validFrom}).`,
    `It cannot be earlier than the day before "validFrom" (${validFrom}).`,
  );
}
