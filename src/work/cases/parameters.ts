import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidField } from '../../platform/http/validation.js';
import { caseErrors } from './errors.js';
import { parseFolio } from './folio.js';

/** The canonical folio of the path, however it was typed; one that cannot exist is answered like an unknown one. */
export const Folio = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { folio } = context.switchToHttp().getRequest<FastifyRequest>().params as { folio: string };
  const parsed = parseFolio(folio);
  if (parsed === null) throw caseErrors.notFound();
  return parsed;
});

/** The version in `If-Match`, or undefined when the header is absent or `*`. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number | undefined => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  if (header === undefined || header === '*') return undefined;
  const match = /^"?(\d{1,9})"?$/.exec(header);
  if (!match)
    throw invalidField(
      'If-Match',
      'FORMAT',
      'Debe ser la versión entre comillas, como "3".',
      'Must be the version in quotes, such as "3".',
    );
  return Number(match[1]);
});
