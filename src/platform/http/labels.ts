import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { isText, type Text } from '../errors.js';
import { languageOf, type Language } from './language.js';

/** What people read for each code: a table, or a function where there are thousands. */
export type Labels =
  Readonly<Record<string, Text>> | ((code: string, language: Language) => string | undefined);

/** A code from an older version of the service may have lost its label: it shows itself. */
export function labelOf(labels: Labels, code: string, language: Language): string {
  return (typeof labels === 'function' ? labels(code, language) : labels[code]?.[language]) ?? code;
}

export interface CodeOptions {
  /** Name of the member with the label; absent: `<code>Label`. */
  as?: string;
  /** The code as the document shows it; absent: the first of the table. */
  example?: string;
  description?: string;
  nullable?: boolean;
  /** The member may be absent. */
  optional?: boolean;
  /** A list of codes: the labels are a list in the same order, in a member that `as` names. */
  isArray?: boolean;
  /** Codes that stand in old rows are not in the table: the document names no enum. */
  open?: boolean;
}

/**
 * A code in an answer. The document shows it with a second member beside it, its label in the language of the
 * reader, which `AddLabels` writes: no service has to, and none can forget it.
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
 * Words for people that no table has: the name of an area, a sentence. The service gives them in both
 * languages, the document shows a string, and `AddLabels` chooses.
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

/** What an answer of one class needs: labels and texts of its own, and those of what lies in it. */
interface Plan {
  codes: ReadonlyMap<string, Code>;
  texts: ReadonlySet<string>;
  nested: ReadonlyMap<string, Plan>;
}

type Class = abstract new (...parameters: never[]) => object;

const CODES = 'denuncia:codes';
const TEXTS = 'denuncia:texts';
/** Where @nestjs/swagger keeps what its decorators were told. */
const RESPONSES = 'swagger/apiResponse';
const MEMBERS = 'swagger/apiModelPropertiesArray';
const MEMBER = 'swagger/apiModelProperties';

/**
 * Writes labels and texts into answers. Public ones have theirs before they become bytes, see
 * `PublicAnswers`.
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

/** An answer with labels and texts in one language, by the classes that the document names for its route. */
export function labelled(handler: object, body: unknown, language: Language): unknown {
  return plansOf(handler).reduce((answer, plan) => withLabels(answer, plan, language), body);
}

/**
 * A copy, with each label behind its code. One that the service wrote itself stays: a receipt speaks the
 * language of its report.
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

/** Texts for people, alone or in lists, in one language; everything else as it is. */
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

/** @param above the classes that lead here: one that contains itself is planned once */
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

/** A class as swagger takes it: itself, in a list, or behind a function. */
function classOf(type: unknown): Class | undefined {
  if (Array.isArray(type)) return classOf(type[0]);
  if (typeof type !== 'function') return undefined;
  if (type.prototype === undefined) return classOf((type as () => unknown)());
  return type as Class;
}
