import type { OpenAPIObject } from '@nestjs/swagger';

type Schema = Record<string, unknown>;

const FORMATS: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
};

/**
 * Where a value departs from a schema of the document, as `path: reason`. Knows what our document uses:
 * `$ref`, types, enums, formats, objects, lists and unions. A member that the schema does not name is a
 * departure as well, because answers are whitelists.
 */
export function departures(document: OpenAPIObject, schema: Schema, value: unknown, at = '$'): string[] {
  if (typeof schema.$ref === 'string') return departures(document, resolve(document, schema.$ref), value, at);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices) {
    const attempts = choices.map((choice) => departures(document, choice, value, at));
    return attempts.find((attempt) => attempt.length === 0) ?? attempts[0] ?? [];
  }
  if (Array.isArray(schema.allOf)) {
    return departures(document, merged(document, schema.allOf as Schema[]), value, at);
  }
  const types = [schema.type ?? []].flat() as string[];
  if (types.length > 0 && !types.some((type) => isOf(type, value)))
    return [`${at}: not ${types.join(' or ')}`];
  if (value === null) return [];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    return [`${at}: ${String(value)} is not in the enum`];
  if (typeof value === 'string' && typeof schema.format === 'string') {
    const form = FORMATS[schema.format];
    if (form && !form.test(value)) return [`${at}: ${value} is no ${schema.format}`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) =>
      departures(document, (schema.items ?? {}) as Schema, item, `${at}[${i}]`),
    );
  }
  return typeof value === 'object' ? ofObject(document, schema, value as Schema, at) : [];
}

function ofObject(document: OpenAPIObject, schema: Schema, value: Schema, at: string): string[] {
  const properties = schema.properties as Record<string, Schema> | undefined;
  const more = schema.additionalProperties;
  const missing = ((schema.required ?? []) as string[]).filter((name) => !(name in value));
  return [
    ...missing.map((name) => `${at}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const place = `${at}.${name}`;
      if (properties?.[name]) return departures(document, properties[name], member, place);
      if (typeof more === 'object' && more !== null)
        return departures(document, more as Schema, member, place);
      return properties === undefined || more === true ? [] : [`${place}: not documented`];
    }),
  ];
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function merged(document: OpenAPIObject, parts: Schema[]): Schema {
  const whole = parts.map((part) => (typeof part.$ref === 'string' ? resolve(document, part.$ref) : part));
  return {
    type: 'object',
    properties: Object.assign({}, ...whole.map((part) => part.properties)) as Schema,
    required: whole.flatMap((part) => (part.required ?? []) as string[]),
  };
}

function resolve(document: OpenAPIObject, ref: string): Schema {
  const found = document.components?.schemas?.[ref.replace('#/components/schemas/', '')];
  if (!found) throw new Error(`${ref} is not in the document`);
  return found as Schema;
}
