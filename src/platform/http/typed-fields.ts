import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { isEmail, Matches } from 'class-validator';
import { typedCode, typedEmail, typedName, withoutUnseen } from '../typed-text.js';
import { check, isDay, isPlainText, IsPlainText } from './validation.js';

/**
 * Fields that a person types or pastes. Unseen characters are taken out before the fields are checked, and
 * only in this file. Narratives, messages and passwords are not such fields.
 */

/** A name or title of one line, without unseen characters at its ends. */
export function IsName(min: number, max: number): PropertyDecorator {
  return applyDecorators(typed(typedName), IsPlainText(min, max));
}

/** A key, code or number that is compared with others. @param each a list of them */
export function IsCode(form: RegExp, options: { each?: boolean } = {}): PropertyDecorator {
  return applyDecorators(typed(typedCode), Matches(form, options));
}

/**
 * A key of another system, which it will compare with its own: it is kept as it came. One line of characters
 * that all can be seen, with single spaces between them at most.
 */
export function IsForeignKey(max: number): PropertyDecorator {
  const isForeignKey = (value: unknown): boolean =>
    typeof value === 'string' && value !== '' && [...value].length <= max && VISIBLE.test(value);
  return check('isForeignKey', isForeignKey, `${max}`);
}

/** Letters, marks behind them, digits, punctuation and signs. Spaces stand alone and inside. */
const VISIBLE = /^(?:[\p{L}\p{N}\p{P}\p{S}]\p{M}*)+(?: (?:[\p{L}\p{N}\p{P}\p{S}]\p{M}*)+)*$/u;

/** A list of values that `clean` makes comparable. `validate` checks each value. */
export function IsEach(
  clean: (text: string) => string,
  name: string,
  validate: (value: unknown) => boolean,
): PropertyDecorator {
  return applyDecorators(
    typed(clean),
    check(name, (value) => Array.isArray(value) && value.every(validate)),
  );
}

/** A code whose form is checked later. */
export function IsTypedCode(min: number, max: number): PropertyDecorator {
  return applyDecorators(typed(typedCode), IsPlainText(min, max));
}

/**
 * An e-mail address. The library's own decorator throws on an unpaired surrogate, which would be answered
 * 500.
 */
export function IsEmailAddress({ ascii = false } = {}): PropertyDecorator {
  const isAddress = (value: unknown): boolean =>
    typeof value === 'string' && isPlainText(value) && isEmail(value, { allow_utf8_local_part: !ascii });
  return applyDecorators(typed(typedEmail), check('isEmail', isAddress));
}

/** A text that may be an e-mail address. It is only compared with e-mail addresses. */
export function IsTypedEmail(min: number, max: number): PropertyDecorator {
  return applyDecorators(typed(typedEmail), IsPlainText(min, max));
}

/**
 * A telephone number as people write it, also with an extension. The shortest numbers of the country have
 * seven digits.
 */
const PHONE = /^(?=(?:\D*\d){7})[\p{L}\d\s().,;:/#+-]{7,40}$/u;

/** A telephone number. */
export function IsPhone(): PropertyDecorator {
  return applyDecorators(
    typed(typedCode),
    check('isPhone', (value) => typeof value === 'string' && PHONE.test(value)),
  );
}

/** An https address of the web. */
export function IsHttpsUrl(): PropertyDecorator {
  return applyDecorators(
    typed((text) => withoutUnseen(text).trim()),
    IsPlainText(9, 500),
    Matches(/^https:\/\/[^\s/]\S*$/),
  );
}

/** A calendar day 'YYYY-MM-DD' that exists. */
export function IsDay(): PropertyDecorator {
  return applyDecorators(
    // The field's own `ApiProperty` adds to this one.
    ApiProperty({ format: 'date' }),
    typed(typedCode),
    check('isDay', (value) => typeof value === 'string' && isDay(value)),
  );
}

/** An ISO 8601 instant with offset, e.g. 2026-11-20T10:00:00-06:00. */
export function IsInstant(): PropertyDecorator {
  const isInstant = (value: unknown): boolean => {
    if (typeof value !== 'string') return false;
    const match = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.exec(value);
    return match !== null && isDay(match[1]!) && !Number.isNaN(Date.parse(value));
  };
  return applyDecorators(
    ApiProperty({ format: 'date-time' }),
    typed(typedCode),
    check('isInstant', isInstant),
  );
}

/** A secret: any text that can be hashed. It is not changed. */
export function IsSecret(max: number): PropertyDecorator {
  return applyDecorators(
    check('isString', (value) => typeof value === 'string'),
    check('isPlainText', (value) => typeof value !== 'string' || isPlainText(value)),
    check(
      'isLength',
      (value) => typeof value !== 'string' || (value !== '' && [...value].length <= max),
      `1 ${max}`,
    ),
  );
}

function typed(clean: (text: string) => string): PropertyDecorator {
  const one = (value: unknown): unknown => (typeof value === 'string' ? clean(value) : value);
  return Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(one) : one(value)));
}
