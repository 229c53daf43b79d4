import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { registerDecorator } from 'class-validator';
import { DomainError, type Text } from '../errors.js';
import { visibleLength } from '../typed-text.js';
import { missing } from './names.js';

export interface FieldError {
  field: string;
  code: string;
  message: Text;
}

/** A request with a wrong shape. The filter writes `errors` in the reader's language. */
export class InvalidRequest extends DomainError {
  /** @param extra further members of the problem document */
  constructor(
    readonly errors: FieldError[],
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(
      'INVALID_REQUEST',
      400,
      {
        es: 'La solicitud tiene campos que faltan o no son válidos. Revisa «errors».',
        en: 'The request has missing or invalid fields. See "errors".',
      },
      extra,
    );
  }
}

/** Makes the refusal of one wrong field, for checks that no decorator can express. */
export function invalidField(field: string, code: string, es: string, en: string): InvalidRequest {
  return new InvalidRequest([{ field, code, message: { es, en } }]);
}

/**
 * Makes the refusal of a filter value that does not exist. An empty list would read as "there are none".
 * @param see where the known ones are listed
 */
export function unknownValue(field: string, see: string): InvalidRequest {
  return invalidField(
    field,
    'UNKNOWN_VALUE',
    `No existe. Consulta los que hay en ${see}.`,
    `It does not exist. See those there are in ${see}.`,
  );
}

/** @throws InvalidRequest when a span ends before it begins */
export function assertOrder(field: string, from: string | undefined, to: string | undefined): void {
  if (from === undefined || to === undefined || from <= to) return;
  throw invalidField(
    field,
    'BEFORE_FROM',
    'No puede ser anterior al principio.',
    'It cannot be before the beginning.',
  );
}

const MESSAGES: Record<string, [code: string, es: string, en: string]> = {
  whitelistValidation: ['UNKNOWN_FIELD', 'Este campo no existe.', 'This field does not exist.'],
  isNotEmpty: ['REQUIRED', 'Este campo es obligatorio.', 'This field is required.'],
  isDefined: ['REQUIRED', 'Este campo es obligatorio.', 'This field is required.'],
  isString: ['NOT_TEXT', 'Debe ser texto.', 'Must be text.'],
  isLength: ['LENGTH', 'Debe tener de $1 a $2 caracteres.', 'Must have $1 to $2 characters.'],
  min: ['TOO_SMALL', 'Debe ser al menos $1.', 'Must be at least $1.'],
  max: ['TOO_GREAT', 'Debe ser a lo más $1.', 'Must be at most $1.'],
  minLength: ['TOO_SHORT', 'Es demasiado corto.', 'It is too short.'],
  maxLength: ['TOO_LONG', 'Es demasiado largo.', 'It is too long.'],
  isIn: ['NOT_A_VALUE', 'Usa uno de estos valores: $values.', 'Use one of these values: $values.'],
  arrayMinSize: ['EMPTY_LIST', 'Manda al menos $1.', 'Send at least $1.'],
  arrayMaxSize: ['TOO_MANY', 'Manda a lo más $1.', 'Send at most $1.'],
  arrayNotEmpty: ['EMPTY_LIST', 'Manda al menos uno.', 'Send at least one.'],
  arrayUnique: ['REPEATED', 'Uno está repetido.', 'One stands there twice.'],
  isInt: ['NOT_INTEGER', 'Debe ser un número entero.', 'Must be an integer.'],
  isNumber: ['NOT_NUMBER', 'Debe ser un número.', 'Must be a number.'],
  equals: ['NOT_A_VALUE', 'No es uno de los valores permitidos.', 'It is not one of the allowed values.'],
  isBoolean: ['NOT_BOOLEAN', 'Debe ser verdadero o falso.', 'Must be true or false.'],
  isEmail: ['NOT_EMAIL', 'No es un correo electrónico.', 'It is not an e-mail address.'],
  isPhone: [
    'NOT_PHONE',
    'No es un teléfono: de 7 a 40 caracteres y al menos siete cifras.',
    'It is not a telephone number: 7 to 40 characters and at least seven digits.',
  ],
  isForeignKey: [
    'NOT_VISIBLE',
    'Debe ser una línea de 1 a $1 caracteres visibles, sin espacios en los extremos.',
    'Must be one line of 1 to $1 visible characters, without spaces at its ends.',
  ],
  isRuleWord: [
    'RULE_WORD',
    'Cada palabra necesita al menos tres letras o cifras seguidas, a lo más 60, y ningún signo de interrogación.',
    'Each word needs at least three letters or digits in a row, at most 60, and no question mark.',
  ],
  isEachText: [
    'TEXTS',
    'Cada uno debe ser un texto que no esté vacío ni sea demasiado largo.',
    'Each one must be a text that is neither empty nor too long.',
  ],
  isUuid: ['NOT_UUID', 'No es un identificador.', 'It is not an identifier.'],
  matches: ['FORMAT', 'No tiene el formato esperado.', 'It does not have the expected format.'],
  isArray: ['NOT_LIST', 'Debe ser una lista.', 'Must be a list.'],
  isDay: ['NOT_A_DAY', 'Debe ser un día como 2026-11-20.', 'Must be a day such as 2026-11-20.'],
  isInstant: [
    'NOT_AN_INSTANT',
    'Debe ser un instante ISO 8601 con desfase.',
    'Must be an ISO 8601 instant with offset.',
  ],
  isPlainText: [
    'NOT_PLAIN_TEXT',
    'Tiene caracteres que no se pueden guardar.',
    'It has characters that cannot be stored.',
  ],
  nestedValidation: ['NOT_OBJECT', 'Debe ser un objeto.', 'Must be an object.'],
};

/**
 * Largest number of errors in one answer. Nobody reads more, and a body with a thousand faults must not cause
 * an answer of megabytes.
 */
const MAX_ERRORS = 50;

export const validation = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  // With implicit conversion `?open=false` would become true.
  transformOptions: { enableImplicitConversion: false },
  // The error keeps the value only until `flatten` has checked whether there is one.
  validationError: { target: false, value: true },
  exceptionFactory: (errors) => new InvalidRequest(flatten(errors, '').slice(0, MAX_ERRORS)),
});

function flatten(errors: ValidationError[], path: string): FieldError[] {
  return errors.flatMap((error) => {
    const field = path === '' ? error.property : `${path}.${error.property}`;
    const broken = Object.entries(error.constraints ?? {});
    // A missing text breaks several rules at once: no text, too short, wrong form. Report only that it is
    // missing.
    const absent = error.value === undefined || error.value === null;
    if (absent && broken.length > 0 && error.constraints?.whitelistValidation === undefined) {
      return [{ field, code: 'REQUIRED', message: missing(field) }];
    }
    // A value of the wrong type gets no errors about its length or form.
    const shape = broken.find(([name]) => name === 'isArray' || name === 'isString');
    const noNumber = broken.some(([name]) => name === 'isInt' || name === 'isNumber');
    const own = broken
      // A value that is not a number gets no errors about its size.
      .filter(([name]) => !(noNumber && (name === 'min' || name === 'max')))
      .filter(([name]) => shape === undefined || name === shape[0] || name === 'whitelistValidation')
      .map(([name, said]) => {
        const [code, es, en] = MESSAGES[name] ?? ['INVALID', 'No es válido.', 'It is not valid.'];
        // Take the limits from the validator's own message: "limit must not be less than 1".
        const limits = said.match(/-?\d+/g) ?? [];
        const fill = (text: string): string =>
          text
            .replace('$values', () => said.slice(said.indexOf(': ') + 2))
            .replace(/\$(\d)/g, (_, n: string) => limits[Number(n) - 1] ?? '');
        return { field, code, message: { es: fill(es), en: fill(en) } };
      });
    return [...own, ...flatten(error.children ?? [], field)];
  });
}

export function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '1900') return false;
  const instant = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(value);
}

/**
 * Checks for text that PostgreSQL and JSON can carry unchanged: no NUL, no unpaired surrogate. The text is
 * kept as it was typed. `max` counts Unicode code points. `min` counts only the code points that a reader
 * sees.
 */
export function IsPlainText(min: number, max: number): PropertyDecorator {
  return (target, property) => {
    check('isPlainText', (value) => typeof value !== 'string' || isPlainText(value))(target, property);
    check('isString', (value) => typeof value === 'string')(target, property);
    check(
      'isLength',
      (value) => typeof value !== 'string' || fits(value, min, max),
      `${min} ${max}`,
    )(target, property);
  };
}

export function isPlainText(value: string): boolean {
  return (
    !value.includes('\0') &&
    !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)
  );
}

function fits(value: string, min: number, max: number): boolean {
  // A code point takes one or two UTF-16 units, so counting is needed only near the limits.
  // The maximum counts what is stored, including spaces at the ends. Only the minimum counts what a reader
  // sees.
  if (value.length > max && (value.length > max * 2 || [...value].length > max)) return false;
  return visibleLength(value, min) >= min;
}

/**
 * Makes a decorator for the pipe.
 * @param said limits, for `MESSAGES`
 */
export function check(name: string, validate: (value: unknown) => boolean, said = name): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      validator: { validate, defaultMessage: () => said },
    });
  };
}
