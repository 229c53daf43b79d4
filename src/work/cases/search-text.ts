import { typedCode } from '../../platform/typed-text.js';
import { compact, foliosMayBegin, folioStart } from './folio.js';

/** What somebody typed to find a case. */
export interface SearchText {
  /** The text as the beginning of a folio. */
  folio: string;
  /** The text as the beginning of an expediente, in capitals. */
  expediente: string;
  /**
   * False when no folio and no expediente that the institution gives today can begin with the text. An
   * expediente of an earlier template may still begin with it.
   */
  possible: boolean;
}

/**
 * Prepare the text that somebody typed for a search.
 * @param template of the institution's expedientes, see `expediente-template.ts`
 */
export function searchText(q: string, template: string): SearchText {
  const expediente = typedCode(q).toUpperCase();
  const possible = foliosMayBegin(compact(q)) || expedientesMayBegin(expediente, template);
  return { folio: folioStart(q), expediente, possible };
}

/** A part of an expediente: `min` to `max` characters of one form. */
interface Part {
  fits: (character: string) => boolean;
  min: number;
  max: number;
}

const CODE: Part[] = [
  { fits: (character) => /[A-Z]/.test(character), min: 1, max: 1 },
  { fits: (character) => /[A-Z0-9_]/.test(character), min: 1, max: 39 },
];
const PARTS: Readonly<Record<string, Part[]>> = {
  year: [{ fits: isDigit, min: 4, max: 4 }],
  municipality: [{ fits: isDigit, min: 5, max: 5 }],
  number: [{ fits: isDigit, min: 4, max: 10 }],
  area: CODE,
  type: CODE,
};

/**
 * Whether an expediente of the template may begin with the text, which is in capitals. Reads the text once.
 */
function expedientesMayBegin(text: string, template: string): boolean {
  const parts = partsOf(template);
  // Positions in the template that the text may have reached: a part, and how many of its characters.
  let places = new Map([['0:0', { part: 0, taken: 0 }]]);
  for (const character of text) {
    const next = new Map<string, { part: number; taken: number }>();
    for (const { part, taken } of places.values()) {
      for (let at = part, had = taken; at < parts.length; at++, had = 0) {
        const { fits, min, max } = parts[at]!;
        if (had < max && fits(character)) next.set(`${at}:${had + 1}`, { part: at, taken: had + 1 });
        if (had < min) break;
      }
    }
    places = next;
  }
  return places.size > 0;
}

function partsOf(template: string): Part[] {
  return [...template.matchAll(/\{(\w+)\}|[^]/g)].flatMap(([literal, name]) => {
    const parts = name === undefined ? undefined : PARTS[name];
    return parts ?? [{ fits: (character: string) => character === literal.toUpperCase(), min: 1, max: 1 }];
  });
}

function isDigit(character: string): boolean {
  return /\d/.test(character);
}
