import { isUtf8 } from 'node:buffer';
import { DomainError } from '../errors.js';

/**
 * The deepest body of the API has four levels. Validators recurse, so a very deep body would overflow their
 * stack.
 */
const MAX_DEPTH = 16;
/** This limit also holds for Meta's webhooks, which may grow. */
const MAX_PARSED_DEPTH = 64;
/**
 * Limits of lists and values. More would only block the event loop, because validators look at every item
 * before one of them counts the list. A report has lists of 50 and some hundred values. An administrator's
 * list of closures has 1,000.
 */
const LIMITS = { anybody: { width: 100, values: 1_000 }, admin: { width: 1_000, values: 5_000 } };

/**
 * Refuses a body that is not like any request of this API, before recursive code touches it.
 * @throws BODY_SHAPE (400)
 */
export function assertShape(body: unknown, of: keyof typeof LIMITS): void {
  // No route takes a list or a bare value. Without this check the answer would say that each field is
  // missing.
  if (Array.isArray(body) || (typeof body !== 'object' && body !== undefined)) throw notAnObject();
  const limits = LIMITS[of];
  let values = 0;
  const open: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    const members = Object.values(value);
    values += members.length;
    if (depth > MAX_DEPTH || members.length > limits.width || values > limits.values) throw badShape();
    for (const member of members) open.push({ value: member, depth: depth + 1 });
  }
}

/**
 * Refuses a JSON text that is too deep, before it is parsed. Half a million brackets cost the parser a
 * quarter of a second, and this check a few milliseconds.
 * @throws BODY_SHAPE (400)
 */
export function assertDepth(json: Uint8Array): void {
  const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];
  let depth = 0;
  let text = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (text) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) text = false;
    } else if (byte === QUOTE) text = true;
    else if (byte === OPEN || byte === OPEN_LIST) {
      if (++depth > MAX_PARSED_DEPTH) throw badShape();
    } else if (byte === CLOSE || byte === CLOSE_LIST) depth--;
  }
}

/**
 * Refuses a body that is not UTF-8. JSON is UTF-8 (RFC 8259, section 8.1). Reading other bytes as UTF-8 turns
 * every accent into a replacement character, and the wrong text would be stored.
 * @throws BODY_NOT_UTF8 (415 for a charset that says so, 400 for bytes that show it)
 */
export function assertUtf8(request: { rawBody?: Buffer; headers: { 'content-type'?: string } }): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw notUtf8(415);
  if (request.rawBody && !isUtf8(request.rawBody)) throw notUtf8(400);
}

function notUtf8(status: 400 | 415): DomainError {
  return new DomainError('BODY_NOT_UTF8', status, {
    es: 'La solicitud no está en UTF-8. Envíala como application/json en UTF-8.',
    en: 'The request is not UTF-8. Send it as application/json in UTF-8.',
  });
}

function notAnObject(): DomainError {
  return new DomainError('BODY_SHAPE', 400, {
    es: 'El cuerpo debe ser un objeto JSON, como {"campo": "valor"}.',
    en: 'The body must be a JSON object, such as {"field": "value"}.',
  });
}

function badShape(): DomainError {
  return new DomainError('BODY_SHAPE', 400, {
    es: 'La solicitud tiene demasiados elementos o niveles. Envía sólo los campos documentados.',
    en: 'The request has too many items or levels. Send the documented fields only.',
  });
}
