import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { DomainError } from '../errors.js';
import { describeProblem } from './problem.filter.js';

/** One wrong field of a request. */
export class ProblemField {
  @ApiProperty({ description: 'Campo de la solicitud, con puntos hacia adentro.', example: 'reporter.email' })
  field!: string;

  @ApiProperty({ description: 'Clave estable de la falta, para programas.', example: 'NOT_EMAIL' })
  code!: string;

  @ApiProperty({ description: 'Explicación para personas.', example: 'No es un correo electrónico.' })
  message!: string;
}

/** An institution that a refusal names. */
export class ProblemInstitution {
  @ApiProperty({ description: 'Clave de la institución.', example: 'CONAVI-DEMO' })
  code!: string;

  @ApiProperty({ description: 'Nombre de la institución.', example: 'Comisión de Vivienda (demostración)' })
  name!: string;
}

/** The body of every refusal (RFC 9457), as `problem.filter.ts` writes it. */
export class Problem {
  @ApiProperty({
    description: 'Identificador del tipo de problema.',
    example: 'urn:denuncia-abierta:problem:invalid-request',
  })
  type!: string;

  @ApiProperty({ description: 'Título para personas.', example: 'Solicitud no válida' })
  title!: string;

  @ApiProperty({ description: 'Código de estado HTTP.', type: 'integer', example: 400 })
  status!: number;

  @ApiProperty({ description: 'Clave estable del problema, para programas.', example: 'INVALID_REQUEST' })
  code!: string;

  @ApiPropertyOptional({
    description: 'Qué pasó y qué hacer ahora.',
    example: 'La solicitud tiene campos que faltan o no son válidos.',
  })
  detail?: string;

  @ApiPropertyOptional({ description: 'Campos que no son válidos.', type: () => [ProblemField] })
  errors?: ProblemField[];

  @ApiPropertyOptional({
    description: 'Segundos de espera antes de repetir; también en el encabezado `Retry-After`.',
    type: 'integer',
    example: 30,
  })
  retryAfter?: number;

  @ApiPropertyOptional({
    description: 'Con `STALE_VERSION`: la versión actual.',
    type: 'integer',
    example: 4,
  })
  version?: number;

  @ApiPropertyOptional({
    description: 'Con `ILLEGAL_MOVE`: el estado en que está el caso.',
    example: 'closed',
  })
  currentStatus?: string;

  @ApiPropertyOptional({ description: '`currentStatus` para personas.', example: 'Cerrada' })
  currentStatusLabel?: string;

  @ApiPropertyOptional({
    description: 'Con `ILLEGAL_MOVE`: el movimiento que no procede.',
    example: 'triage',
  })
  move?: string;

  @ApiPropertyOptional({ description: '`move` para personas.', example: 'Turnar a otra área' })
  moveLabel?: string;

  @ApiPropertyOptional({
    description: 'Con `APPROVAL_CLOSED`: en qué quedó la solicitud.',
    example: 'agreed',
  })
  state?: string;

  @ApiPropertyOptional({ description: '`state` para personas.', example: 'De acuerdo' })
  stateLabel?: string;

  @ApiPropertyOptional({ description: 'Con `FORBIDDEN`: el permiso que falta.', example: 'cases.reopen' })
  permission?: string;

  @ApiPropertyOptional({ description: '`permission` para personas.', example: 'Reabrir casos' })
  permissionLabel?: string;

  @ApiPropertyOptional({
    description: 'Con `REPORT_CLOSED`: el último día en que se podía escribir.',
    format: 'date',
    example: '2026-11-25',
  })
  writeUntil?: string;

  @ApiPropertyOptional({
    description: 'Con `INSTITUTION_REQUIRED`: entre cuáles elegir.',
    type: () => [ProblemInstitution],
  })
  institutions?: ProblemInstitution[];

  @ApiPropertyOptional({
    description: 'Con `EVIDENCE_TOO_LARGE`: bytes que se admiten.',
    type: 'integer',
    example: 104857600,
  })
  limitBytes?: number;

  @ApiPropertyOptional({
    description: 'Con `EVIDENCE_CASE_FULL`: archivos que el caso todavía admite.',
    type: 'integer',
    example: 0,
  })
  filesLeft?: number;

  @ApiPropertyOptional({
    description: 'Con `EVIDENCE_CASE_FULL`: bytes que el caso todavía admite.',
    type: 'integer',
    example: 524288000,
  })
  bytesLeft?: number;

  @ApiPropertyOptional({
    description: 'En el menú de voz: lo que oye quien llama, en el idioma de la llamada.',
    type: [String],
    example: ['El folio y la clave no coinciden. Revise los dos y márquelos otra vez.'],
  })
  say?: string[];

  @ApiProperty({
    description: 'Identificador aleatorio de la solicitud, para pedir ayuda.',
    format: 'uuid',
    example: '5d0c3a52-7f0e-4a0c-9a52-0f2f6a6a4f11',
  })
  requestId!: string;
}

/** Status, stable code, text for people, and further members of the example. */
export type ProblemCase = readonly [
  status: number,
  code: string,
  description: string,
  extra?: Readonly<Record<string, unknown>>,
];

/**
 * Documents a refusal of a route. Status, code and further members come from the error itself.
 * @param description when it comes, at this route
 */
export function refusal({ status, code, extra }: DomainError, description: string): ProblemCase {
  return [status, code, description, extra];
}

export const INVALID: ProblemCase = [
  400,
  'INVALID_REQUEST',
  'La solicitud tiene campos que faltan, sobran o no son válidos.',
  { errors: [{ field: 'campo', code: 'REQUIRED', message: 'Falta este campo (campo).' }] },
];
export const UNAUTHENTICATED: ProblemCase = [
  401,
  'UNAUTHENTICATED',
  'La credencial falta, venció o no es válida. `detail` dice con cuál entrar.',
];
/** `tidy` adds the name of the route's permission. */
export const FORBIDDEN: ProblemCase = [403, 'FORBIDDEN', 'La cuenta no tiene el permiso de esta ruta.'];

type Examples = Record<string, { summary: string; value: unknown }>;
const EXAMPLES = 'denuncia:problem-examples';

/**
 * Documents the refusals of a route, or of every route of a controller, e.g. `@Refuses(INVALID,
 * refusal(caseErrors.notFound(), '…'))`. Several codes of one status become examples of the same response.
 */
export function Refuses(...problems: ProblemCase[]): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const routes = descriptor ? [{ target, key: key!, descriptor }] : routesOf(target);
    for (const route of routes) {
      for (const problem of problems) document(route, problem);
    }
  };
}

interface Route {
  target: object;
  key: string | symbol;
  descriptor: PropertyDescriptor;
}

/**
 * In swagger the response of a method hides the response of its class. So this puts the refusals of the class
 * on each method, and both are shown.
 */
function routesOf(controller: object): Route[] {
  const target = (controller as { prototype: object }).prototype;
  return Object.entries(Object.getOwnPropertyDescriptors(target))
    .filter(([, { value }]) => typeof value === 'function' && Reflect.hasMetadata('path', value as object))
    .map(([key, descriptor]) => ({ target, key, descriptor }));
}

function document({ target, key, descriptor }: Route, [status, code, description, extra]: ProblemCase): void {
  // swagger joins the descriptions of one status but keeps only the last content. So this code collects the
  // examples.
  const handler = descriptor.value as object;
  const gathered = (Reflect.getMetadata(EXAMPLES, handler) ?? {}) as Record<number, Examples>;
  if (gathered[status]?.[code]) return;
  const problem = describeProblem(new DomainError(code, status, description, extra), 'es');
  const examples: Examples = {
    ...gathered[status],
    [code]: {
      summary: description,
      value: { ...problem, requestId: '5d0c3a52-7f0e-4a0c-9a52-0f2f6a6a4f11' },
    },
  };
  Reflect.defineMetadata(EXAMPLES, { ...gathered, [status]: examples }, handler);
  const content = { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) }, examples } };
  ApiExtraModels(Problem)(target, key, descriptor);
  ApiResponse({ status, description: `\`${code}\`: ${description}`, content })(target, key, descriptor);
}
