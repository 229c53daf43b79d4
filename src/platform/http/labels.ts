import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { isText, type Text } from '../errors.js';
import { languageOf, type Language } from './language.js';

/** The labels that people read for each code: a table, or a function where there are thousands of codes. */
export type Labels =
  Readonly<Record<string, Text>> | ((code: string, language: Language) => string | undefined);

/**
 * Returns the label of a code. A code from an older version of the service may have no label any more. The
 * code is then its own label.
 */
export function labelOf(labels: Labels, code: string, language: Language): string {
  return (typeof labels === 'function' ? labels(code, language) : labels[code]?.[language]) ?? code;
}

export interface CodeOptions {
  /** Name of the member with the label. Absent: `<code>Label`. */
  as?: string;
  /** The code that the document shows. Absent: the first code of the table. */
  example?: string;
  description?: string;
  nullable?: boolean;
  /** The member may be absent. */
  optional?: boolean;
  /** A list of codes. The labels are a list in the same order, in the member that `as` names. */
  isArray?: boolean;
  /** Old rows may hold codes that are not in the table, so the document names no enum. */
  open?: boolean;
}

/**
 * Marks a code in an answer. The document shows a second member beside it: its label in the language of the
 * reader. `AddLabels` writes this label, so that no service has to write it and none can forget it.
 */
export function ApiCode(labels: Labels, options: CodeOptions = {}): PropertyDecorator {
  return (target, property) => {
    const code = String(property);
    const codes = typeof labels === 'function' ? [] : Object.keys(labels);
    const { as = `${code}Label`, example = codes[0], description, nullable, isArray } = options;
    const list = isArray ? { isArray: true } : {};
    const common = {
      ...(nullable ? { nullable } : {}),
      ...(options.optional ? { required: false } : {}),
    };
    const open = options.open === true || codes.length === 0;
    const shape = open ? { type: String } : { enum: codes, ...(nullable ? { type: String } : {}) };
    ApiProperty({
      ...shape,
      ...list,
      ...common,
      example: isArray ? [example] : example,
      ...(description ? { description } : {}),
    } as ApiPropertyOptions)(target, property);
    const shown = example === undefined ? undefined : labelOf(labels, example, 'es');
    ApiProperty({
      type: String,
      ...list,
      ...common,
      example: isArray ? [shown] : shown,
      description: `\`${code}\` para personas, en el idioma de \`Accept-Language\`.`,
    } as ApiPropertyOptions)(target, as);
    const known = Reflect.getMetadata(CODES, target) as Code[] | undefined;
    Reflect.defineMetadata(CODES, [...(known ?? []), { code, as, labels }], target);
  };
}

/**
 * Marks words for people that no table has, such as the name of an area or a sentence. The service gives them
 * in both languages, the document shows a string, and `AddLabels` chooses the language.
 */
export function ApiText(options: ApiPropertyOptions = {}): PropertyDecorator {
  return (target, property) => {
    ApiProperty({ ...options, type: String } as ApiPropertyOptions)(target, property);
    const known = Reflect.getMetadata(TEXTS, target) as string[] | undefined;
    Reflect.defineMetadata(TEXTS, [...(known ?? []), String(property)], target);
  };
}

interface Code {
  code: string;
  as: string;
  labels: Labels;
}

/** What an answer of one class needs: its own labels and texts, and those of its nested objects. */
interface Plan {
  codes: ReadonlyMap<string, Code>;
  texts: ReadonlySet<string>;
  nested: ReadonlyMap<string, Plan>;
}

type Class = abstract new (...parameters: never[]) => object;

const CODES = 'denuncia:codes';
const TEXTS = 'denuncia:texts';
/** The keys under which @nestjs/swagger keeps the data of its decorators. */
const RESPONSES = 'swagger/apiResponse';
const MEMBERS = 'swagger/apiModelPropertiesArray';
const MEMBER = 'swagger/apiModelProperties';

/**
 * Writes labels and texts into answers. Public answers get them before they become bytes (see
 * `PublicAnswers`).
 */
@Injectable()
export class AddLabels implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = context.getHandler();
    if (plansOf(handler).length === 0) return next.handle();
    const language = languageOf(context.switchToHttp().getRequest<FastifyRequest>());
    return next.handle().pipe(map((body: unknown) => labelled(handler, body, language)));
  }
}

/**
 * Returns an answer with labels and texts in one language. The classes that the document names for the route
 * decide which labels.
 */
export function labelled(handler: object, body: unknown, language: Language): unknown {
  return plansOf(handler).reduce((answer, plan) => withLabels(answer, plan, language), body);
}

/**
 * Returns a copy with each label behind its code. A label that the service wrote itself stays: a receipt uses
 * the language of its report.
 */
function withLabels(value: unknown, plan: Plan, language: Language): unknown {
  if (Array.isArray(value)) return value.map((item) => withLabels(item, plan, language));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const nested = plan.nested.get(name);
    if (nested) copy[name] = withLabels(member, nested, language);
    else copy[name] = plan.texts.has(name) ? inLanguage(member, language) : member;
    const code = plan.codes.get(name);
    if (code && member !== undefined && !(code.as in value))
      copy[code.as] = labelsOf(member, code.labels, language);
  }
  return copy;
}

/** Returns texts for people in one language, alone or in lists. Returns everything else unchanged. */
export function inLanguage(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((one) => inLanguage(one, language));
  return isText(value) ? value[language] : value;
}

function labelsOf(codes: unknown, labels: Labels, language: Language): string | string[] | null {
  if (Array.isArray(codes)) return codes.map((code) => labelOf(labels, String(code), language));
  return typeof codes === 'string' ? labelOf(labels, codes, language) : null;
}

const plansOfHandlers = new WeakMap<object, Plan[]>();

function plansOf(handler: object): Plan[] {
  let plans = plansOfHandlers.get(handler);
  if (!plans) {
    const responses = (Reflect.getMetadata(RESPONSES, handler) ?? {}) as Record<string, { type?: unknown }>;
    plans = Object.entries(responses)
      .filter(([status]) => status.startsWith('2'))
      .flatMap(([, { type }]) => planOf(type, []) ?? []);
    plansOfHandlers.set(handler, plans);
  }
  return plans;
}

/** @param above the classes that lead here: a class that contains itself is planned once */
function planOf(type: unknown, above: readonly Class[]): Plan | undefined {
  const found = classOf(type);
  if (!found || above.includes(found)) return undefined;
  const prototype = found.prototype as object;
  const codes = (Reflect.getMetadata(CODES, prototype) ?? []) as Code[];
  const texts = (Reflect.getMetadata(TEXTS, prototype) ?? []) as string[];
  const members = ((Reflect.getMetadata(MEMBERS, prototype) ?? []) as string[]).map((name) => name.slice(1));
  const nested = members.flatMap((name): [string, Plan][] => {
    const { type: inner } = (Reflect.getMetadata(MEMBER, prototype, name) ?? {}) as { type?: unknown };
    const plan = planOf(inner, [...above, found]);
    return plan ? [[name, plan]] : [];
  });
  if (codes.length === 0 && texts.length === 0 && nested.length === 0) return undefined;
  return {
    codes: new Map(codes.map((code) => [code.code, code])),
    texts: new Set(texts),
    nested: new Map(nested),
  };
}

/**
 * Returns the class from one of the forms that swagger takes: the class itself, in a list, or behind a
 * function.
 */
function classOf(type: unknown): Class | undefined {
  if (Array.isArray(type)) return classOf(type[0]);
  if (typeof type !== 'function') return undefined;
  if (type.prototype === undefined) return classOf((type as () => unknown)());
  return type as Class;
}
