import { DomainError } from '../errors.js';

/** The deepest body of the API has four levels; validators recurse, so a deep one would overflow their stack. */
const MAX_DEPTH = 16;
/** The longest list of the API has 1,000 items, a report some hundred values: more would only burn the event loop. */
const MAX_VALUES = 5_000;
const MAX_WIDTH = 1_000;

/**
 * Refuses what no request of this API looks like before anything recursive touches it.
 * @throws BODY_SHAPE (400)
 */
export function assertShape(body: unknown): void {
  let values = 0;
  const open: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    const members = Object.values(value);
    values += members.length;
    if (depth > MAX_DEPTH || members.length > MAX_WIDTH || values > MAX_VALUES) throw badShape();
    for (const member of members) open.push({ value: member, depth: depth + 1 });
  }
}

function badShape(): DomainError {
  return new DomainError('BODY_SHAPE', 400, {
    es: 'La solicitud tiene demasiados elementos o niveles. Envía sólo los campos documentados.',
    en: 'The request has too many items or levels. Send the documented fields only.',
  });
}
