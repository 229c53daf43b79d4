import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { invalidField } from './validation.js';

/**
 * Returns the `id` of the path. @throws InvalidRequest that names it, when it is not a UUID: Nest's own pipe
 * says nothing that helps people
 */
export const PathUuid = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { id } = context.switchToHttp().getRequest<FastifyRequest>().params as { id: string };
  if (isUUID(id)) return id.toLowerCase();
  throw invalidField(
    'id',
    'NOT_UUID',
    'No es un identificador. Copia el que dio la lista, completo.',
    'It is not an identifier. Copy the one that the list gave, whole.',
  );
});
