import { ApiProperty } from '@nestjs/swagger';
import type { Text } from '../../platform/errors.js';
import type { Language } from '../../platform/http/language.js';
import { folioDigits } from '../../work/cases/folio-digits.js';

/** Folio and access code as an operator reads them aloud. */
export class Spoken {
  @ApiProperty({
    example:
      'C de Carlos, N de Norma, V de Víctor; dos, cero, dos, seis; siete, K de Karla, tres, M de María',
    description: 'El folio para leerse por teléfono: cifras en palabras y letras deletreadas.',
  })
  folio!: string;

  @ApiProperty({
    example: 'dos ocho ocho cuatro, ocho tres cuatro tres, nueve ocho tres nueve, seis siete cuatro',
    description: 'El folio en cifras, de cuatro en cuatro, para quien llame a un menú de voz.',
  })
  folioDigits!: string;

  @ApiProperty({
    example: 'cuatro ocho dos uno, cero nueve tres siete, cinco cinco seis seis, uno dos cero cuatro',
    description: 'La clave de cuatro en cuatro, con las cifras en palabras.',
  })
  accessCode!: string;
}

/** In both languages: the caller may speak another one than the screen of the operator. */
export class SpokenReceipt {
  @ApiProperty({ type: Spoken, description: 'En español.' }) es!: Spoken;
  @ApiProperty({ type: Spoken, description: 'En inglés.' }) en!: Spoken;
}

export class SpokenNumber implements Text {
  @ApiProperty({
    example: 'cuatro ocho dos uno, cero nueve tres siete, cinco cinco seis seis',
    description: 'En español.',
  })
  es!: string;

  @ApiProperty({
    example: 'four eight two one, zero nine three seven, five five six six',
    description: 'En inglés.',
  })
  en!: string;
}

const DIGITS: Readonly<Record<Language, readonly string[]>> = {
  es: ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'],
  en: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
};

/** Names that people in Mexico spell with. No two of them sound alike. */
const SPANISH =
  'Ana Beatriz Carlos David Elena Fernando Gabriela Hugo Irma Juan Karla Luis María Norma Óscar Pedro Querétaro ' +
  'Ramón Sara Teresa Úrsula Víctor Walter Xóchitl Yolanda Zacatecas';
/** The spelling alphabet of radio and aviation (ICAO). */
const ENGLISH =
  'Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec ' +
  'Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu';

const LETTERS: Readonly<Record<Language, readonly string[]>> = {
  es: SPANISH.split(' '),
  en: ENGLISH.split(' '),
};
const SPELLED: Readonly<Record<Language, (letter: string, name: string) => string>> = {
  es: (letter, name) => `${letter} de ${name}`,
  en: (letter, name) => `${letter} as in ${name}`,
};

/** @param accessCode in groups with hyphens */
export function spokenReceipt({ folio, accessCode }: { folio: string; accessCode: string }): SpokenReceipt {
  const say = (language: Language): Spoken => ({
    folio: spokenFolio(folio, language),
    folioDigits: spokenDigits(folioDigits(folio), language),
    accessCode: spokenDigits(accessCode, language),
  });
  return { es: say('es'), en: say('en') };
}

/** @param grouped digits in groups with hyphens */
export function spokenNumber(grouped: string): SpokenNumber {
  return { es: spokenDigits(grouped, 'es'), en: spokenDigits(grouped, 'en') };
}

/**
 * Digits in words: 'uno dos tres cuatro, cinco seis siete ocho'.
 * @param grouped digits in groups with hyphens
 */
export function spokenDigits(grouped: string, language: Language): string {
  return grouped
    .split('-')
    .map((group) => [...group].map((digit) => DIGITS[language][Number(digit)]).join(' '))
    .join(', ');
}

/** A folio, character by character: 'C de Carlos, N de Norma, V de Víctor; dos, cero, dos, seis; …'. */
export function spokenFolio(folio: string, language: Language): string {
  return folio
    .split('-')
    .map((group) => [...group].map((one) => spokenCharacter(one, language)).join(', '))
    .join('; ');
}

function spokenCharacter(one: string, language: Language): string {
  if (/\d/.test(one)) return DIGITS[language][Number(one)]!;
  return SPELLED[language](one, LETTERS[language][one.charCodeAt(0) - 'A'.charCodeAt(0)]!);
}
