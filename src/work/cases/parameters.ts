import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidField } from '../../platform/http/validation.js';
import { caseErrors } from './errors.js';
import { parseFolio } from './folio.js';

/**
 * The canonical folio of the path, in whatever form it was typed. A folio that cannot exist gets the same
 * answer as an unknown one.
 */
export function folioOf({ params }: FastifyRequest): string {
  const parsed = parseFolio((params as { folio: string }).folio);
  if (parsed === null) throw caseErrors.notFound();
  return parsed;
}

export const Folio = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  folioOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The version in `If-Match`, or undefined when the header is absent or `*`. */
export function versionOf({ headers }: FastifyRequest): number | undefined {
  const header = headers['if-match'];
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
}
