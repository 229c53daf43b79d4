import { pattern } from './words/pattern.js';
import type { Token } from './words/token.js';

/** "I do not remember", "I would rather not say", "very long ago". */
const UNKNOWN = [
  'no lo|la|me|m|te [me] recuerdo|acuerdo|se',
  'no recuerdo|acuerdo|recordamos|recuerda',
  'no recuerdo|acuerdo bien',
  'no me|m acuerdo',
  'no lo se|recuerdo',
  'no lo tengo claro|presente',
  'nose',
  'no se|c|sabria|sabemos|sabe',
  'no sabria decir|decirle|decirte',
  'no [le] se decir|decirle|decirte',
  'no tengo idea',
  'no tengo [la] fecha',
  'no tengo presente',
  'ni idea',
  'ni me acuerdo',
  'ni recuerdo',
  'no estoy seguro|segura',
  'quien sabe',
  'se me olvido',
  '[lo] olvide',
  'lo desconozco',
  'desconozco',
  'ignoro',
  'prefiero no decir|decirlo|decirle|contestar|responder',
  'no quiero decir|decirlo|decirle|contestar|responder',
  'no puedo decir|decirlo|decirle',
  'no deseo decir|decirlo|contestar|responder',
  'sin fecha',
  'no aplica',
  'n / a',
  'hace [ya] mucho|muchisimo|bastante|harto [tiempo]',
  'hace [ya] tiempo|tiempecito|anos|siglos|ratote',
  'hace [ya] un chingo|buen|monton|madral|friego [de] [tiempo]',
  'hace [ya] muchos|muchisimos|unos|varios|algunos anos',
  'hace [ya] mucho tiempo',
  'ya hace rato|tiempo|mucho',
  'ya tiene rato|tiempo|mucho|anos',
  'desde hace mucho|tiempo|anos',
  'desde hace mucho tiempo',
  'desde hace muchos|varios|unos|algunos anos',
].map(pattern);

/** Words that may stand beside it without a meaning of their own. */
const BESIDE =
  'la el fecha dia hora mes ano exacto exacta exactamente cuando cual bien con certeza precision verdad ' +
  'honestamente sinceramente ahorita hoy ahora mucho muy perdon disculpe disculpa lo siento que fue paso ' +
  'momento muchas ciencia cierta decir realmente pero porque sucedio hechos de a los las todo nada eso ya ' +
  'sea en tiempo ni tampoco mismo atras y sr senor senorita joven claro seguro segura';

/** The end of such an expression. */
export function unknownEnd(tokens: readonly Token[], at: number): number | undefined {
  const ends = UNKNOWN.map((matches) => matches(tokens, at)?.end ?? 0);
  const end = Math.max(...ends);
  return end > 0 ? end : undefined;
}

export const BESIDE_UNKNOWN: ReadonlySet<string> = new Set(BESIDE.split(' '));
