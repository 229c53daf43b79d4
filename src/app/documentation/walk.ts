import type { OpenAPIObject } from '@nestjs/swagger';

/**
 * The parts of an operation that this program reads and changes. The library's own types allow references
 * everywhere; our document has them in schemas only.
 */
export interface Operation {
  operationId: string;
  'x-permission'?: string;
  description?: string;
  summary?: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  example?: unknown;
  style?: string;
  explode?: boolean;
  schema: Schema;
}

export interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { summary?: string; value: unknown }>;
}

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  [more: string]: unknown;
}

/** Every operation with its name, e.g. `POST /api/v1/reports`. */
export function operationsOf(document: OpenAPIObject): { name: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as unknown as Record<string, Operation>).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
}

export function schemasOf(document: OpenAPIObject): Record<string, Schema> {
  return (document.components?.schemas ?? {}) as Record<string, Schema>;
}

/** The schema behind a reference, also when the reference is the only member of `allOf`. */
export function resolved(document: OpenAPIObject, schema: Schema): Schema {
  const one = schema.allOf?.length === 1 ? schema.allOf[0]! : schema;
  if (one.$ref === undefined) return one;
  return schemasOf(document)[one.$ref.split('/').at(-1)!]!;
}
