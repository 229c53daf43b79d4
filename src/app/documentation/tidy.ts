import type { OpenAPIObject } from '@nestjs/swagger';
import { forbidden } from '../../platform/http/access.guard.js';
import { describeProblem } from '../../platform/http/problem.filter.js';
import { exampleFolio } from '../../work/cases/example-cases.js';
import { operationsOf, resolved, schemasOf, type Operation, type Parameter, type Schema } from './walk.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** The folio as people may type it. The service accepts more forms. */
const FOLIO = '^[A-Za-z]{2,6}-[0-9]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]$';
const ANSWERS: Readonly<Record<string, string>> = {
  200: 'Lo pedido.',
  201: 'Hecho; así quedó.',
  204: 'Hecho.',
};

/**
 * Add what is true for the whole document, so that no decorator must repeat it. Changes the given document.
 */
export function tidy(document: OpenAPIObject): OpenAPIObject {
  for (const schema of Object.values(schemasOf(document))) tidySchema(schema);
  for (const { operation } of operationsOf(document)) {
    // The operation is open on purpose. Without this entry a reader could think that security was forgotten.
    operation.security ??= [];
    operation.description ||= `${operation.summary}.`;
    for (const parameter of operation.parameters ?? []) tidyParameter(operation, parameter);
    for (const body of Object.values(operation.requestBody?.content ?? {})) {
      if (!body.examples && body.schema) body.example ??= sampleOf(document, body.schema);
    }
    nameItsPermission(operation);
    for (const [status, answer] of Object.entries(operation.responses)) {
      answer.description ||= ANSWERS[status] ?? '';
      for (const { schema } of Object.values(answer.content ?? {})) if (schema) tidySchema(schema);
    }
  }
  return document;
}

/** Show in the refusal of a route the permission that this route needs, in words that people read. */
function nameItsPermission(operation: Operation): void {
  const answer = operation.responses['403'];
  const example = answer?.content?.['application/problem+json']?.examples?.FORBIDDEN;
  if (!answer || !example) return;
  const shown = example.value as { permission?: string };
  const permission = shown.permission ?? operation['x-permission']!;
  const problem = describeProblem(forbidden(permission), 'es');
  Object.assign(shown, problem);
  answer.description = answer.description.replace(example.summary!, String(problem.detail));
  example.summary = String(problem.detail);
}

function tidySchema(schema: Schema): void {
  // Generators make a field with a default mandatory, also in requests. So the description tells the default
  // instead.
  if (schema.default !== undefined) {
    schema.description = sentences(schema.description, `Si falta: \`${JSON.stringify(schema.default)}\`.`);
    delete schema.default;
  }
  schema.format ??= formatOf(schema.example);
  if (schema.format === undefined) delete schema.format;
  for (const part of [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])])
    tidySchema(part);
}

function formatOf(example: unknown): string | undefined {
  if (typeof example !== 'string') return undefined;
  return DAY.test(example) ? 'date' : INSTANT.test(example) ? 'date-time' : undefined;
}

function tidyParameter(operation: Operation, parameter: Parameter): void {
  const { schema } = parameter;
  parameter.example ??= schema.example;
  delete schema.example;
  if (parameter.in === 'path') {
    schema.type ??= 'string';
    if (parameter.name === 'folio') {
      schema.pattern = FOLIO;
      parameter.example = exampleFolio(operation.operationId);
    }
    if (parameter.name === 'id') {
      schema.format = 'uuid';
      parameter.example ??= '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11';
    }
  }
  // Lists are separated by commas.
  if (parameter.in === 'query' && schema.type === 'array')
    Object.assign(parameter, { style: 'form', explode: false });
  schema.format ??= formatOf(parameter.example);
  if (schema.format === undefined) delete schema.format;
  withoutPrefill(parameter);
}

/**
 * Move the example of an optional parameter into its description. Swagger UI fills in every parameter with
 * its example. A filter, a bookmark, a version or an Idempotency-Key that a person sends unintentionally
 * gives empty lists and refusals.
 */
function withoutPrefill(parameter: Parameter): void {
  const { example } = parameter;
  if (example !== undefined && !parameter.required) {
    parameter.description = sentences(parameter.description, `Ejemplo: \`${String(example)}\`.`);
  }
  if (example === undefined || !parameter.required) delete parameter.example;
}

function sentences(...texts: (string | undefined)[]): string {
  return texts.filter(Boolean).join(' ');
}

/** The example of a body, made from the examples of its fields. A field without an example is left out. */
function sampleOf(document: OpenAPIObject, schema: Schema): unknown {
  const { example, properties, items, type } = resolved(document, schema);
  if (example !== undefined) return example;
  if (items) {
    const item = sampleOf(document, items);
    return item === undefined ? undefined : [item];
  }
  if (!properties) return type === 'object' ? {} : undefined;
  const members = Object.entries(properties).map(([name, part]) => [name, sampleOf(document, part)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
