import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from './walk.js';

/** The day for which the examples in the sources are written. */
export const EXAMPLES_DAY = '2026-11-20';

const DAY_MS = 24 * 3_600_000;
const MONTH = /^\d{4}-\d{2}$/;
/** A day, alone or at the start of an instant. */
const DAY = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}.*)?$/;
/** The example of a parameter, as `tidy` writes it into the description. */
const TOLD = /(?<=Ejemplo: `)[^`]+(?=`)/g;

/** Values of path parameters that exist in this installation, by operation and parameter. */
export type ExampleValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Circumstances {
  /** Local day of the reader. */
  today: string;
  /** Path under which a proxy shows the service, e.g. `/denuncias`; empty = none. */
  prefix: string;
  values: ExampleValues;
}

/**
 * Make the document that is served: the committed document with examples that are true today, paths that
 * exist here, and addresses that work behind the proxy. Returns a new document.
 */
export function liveDocument(
  document: OpenAPIObject,
  { today, prefix, values }: Circumstances,
): OpenAPIObject {
  const moved = moveDates(document, distance(EXAMPLES_DAY, today)) as OpenAPIObject;
  for (const { operation } of operationsOf(moved)) {
    const known = values[operation.operationId];
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in === 'path') parameter.example = known?.[parameter.name] ?? parameter.example;
    }
  }
  return prefix === '' ? moved : underPrefix(moved, prefix);
}

interface Distance {
  days: number;
  months: number;
}

function distance(from: string, to: string): Distance {
  const months = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return { days: (Date.parse(to) - Date.parse(from)) / DAY_MS, months: months(to) - months(from) };
}

/** Copy a part of the document and move the dates inside its examples. */
function moveDates(part: unknown, by: Distance, example = false): unknown {
  if (typeof part === 'string') return example ? moveText(part, by) : part;
  if (Array.isArray(part)) return part.map((item) => moveDates(item, by, example));
  if (typeof part !== 'object' || part === null) return part;
  const members = Object.entries(part).map(([name, value]: [string, unknown]) => {
    if (name === 'description' && typeof value === 'string' && !example) {
      return [name, value.replace(TOLD, (told) => moveText(told, by))];
    }
    return [name, moveDates(value, by, example || name === 'example' || name === 'examples')];
  });
  return Object.fromEntries(members) as unknown;
}

function moveText(text: string, { days, months }: Distance): string {
  if (MONTH.test(text)) {
    const [year, month] = text.split('-').map(Number) as [number, number];
    return new Date(Date.UTC(year, month - 1 + months)).toISOString().slice(0, 7);
  }
  const [, day, time = ''] = DAY.exec(text) ?? [];
  if (day === undefined) return text;
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10) + time;
}

/**
 * Put the document under a prefix. Its paths are relative to the server's address, but the addresses of OAuth
 * are not.
 */
function underPrefix(document: OpenAPIObject, prefix: string): OpenAPIObject {
  const schemes = Object.entries(document.components?.securitySchemes ?? {}).map(([name, scheme]) => {
    if (!('flows' in scheme) || scheme.flows?.password === undefined) return [name, scheme];
    const { password } = scheme.flows;
    const { tokenUrl, refreshUrl } = password;
    const moved = { ...password, tokenUrl: `${prefix}${tokenUrl}`, refreshUrl: `${prefix}${refreshUrl}` };
    return [name, { ...scheme, flows: { ...scheme.flows, password: moved } }];
  });
  const securitySchemes = Object.fromEntries(schemes) as NonNullable<
    OpenAPIObject['components']
  >['securitySchemes'];
  return {
    ...document,
    servers: [{ url: prefix }],
    components: { ...document.components, securitySchemes },
  };
}
