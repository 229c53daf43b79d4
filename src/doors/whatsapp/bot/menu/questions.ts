import { plainWords, withoutUnseen } from '../../../../platform/typed-text.js';
import { urgencyOf } from '../urgency.js';
import { REPORT, WRONG, wordsOf } from './stems.js';

const ASKS =
  /^(?:hola |buen[oa]s (?:dias |tardes |noches )?|oiga |oye |disculpe? )*(?:que|q|cual|cuales|cuando|cuanto|cuanta|cuantos|cuantas|como|donde|quien|quienes|a quien|en que|a que|para que|por que|porque|hay|ay|puedo|pueden|puede|podria|podrian|me (?:puede|pueden|podria|podrian|dice|dicen|ayuda|ayudan)|quisiera (?:saber|informacion|info|preguntar)|quiero (?:saber|informacion|info|preguntar)|necesito (?:saber|informacion|info)|informacion|informes|info|tengo una (?:duda|pregunta)|una (?:duda|pregunta)|requisitos|what|how|where|when|who|which|can|could|do|does|is|are)\b|\b(?:saber si|saber como|saber cuando|saber donde|informacion (?:de|sobre))\b/;
/** What points at a person: a long number, an address, a title, a role, a relation, a name that is told. */
const POINTS_AT_SOMEBODY =
  /\d{3,}|(?:\d[\s.-]*){6,}|@|https?:|www\.|\b(?:me llamo|mi nombre|mi (?:direccion|domicilio|curp|folio|clave|colonia|calle)|se llama|soy|somos|espos[oa]|marido|novi[oa]|ex|jefe|jefa|vecin[oa]s?|hij[oa]s?|herman[oa]s?|mama|papa|madre|padre|abuel[oa]|ti[oa]|prim[oa]|patron[ae]?|lic|licenciad[oa]s?|ing|ingenier[oa]s?|arquitect[oa]|contador[a]?|regidor[a]?(?:es)?|sindic[oa]|alcalde|alcaldesa|presidente|presidenta|comandante|policias?|oficial|agente|secretari[oa]|director[a]?|delegad[oa]|encargad[oa]|promotor[a]?(?:es)?|gestor[a]?|lider|lideresa|maestr[oa]|profesor[a]?|doctor[a]?|dr|dra|don|dona|senor[a]?|mayor|officer|boss|husband|wife|father|mother)\b/;
/** What people tell in confidence. */
const IN_CONFIDENCE =
  /\b(?:sida|vih|abort|embaraz|suicid|droga|alcohol|violencia|sexual|gay|lesbi|trans|cancer|enferm|deprim|correr(?:me)?|despid|despedir|miedo|secret|anonim|represal|hablar|decir(?:le|les)?|contar(?:le|les)?|delit|ilegal|accus|crime)/;
const LENGTH = { shortest: 4, longest: 120, words: 15 } as const;

/** Whether a message asks for something. */
export function isAsking(text: string): boolean {
  return /[?¿]/.test(text) || ASKS.test(plainWords(text.slice(0, 300)));
}

/**
 * The question as it may be kept for the office, without who asked; undefined when it may tell of a person,
 * of a case or in confidence. Before the privacy notice is accepted nothing of a report is kept (LGPDPPSO
 * art. 22). Better a question too few: it will be asked again in other words.
 */
export function questionToNote(text: string): string | undefined {
  const question = withoutUnseen(text).replace(/\s+/g, ' ').trim();
  const words = wordsOf(question);
  const count = words.split(' ').length;
  const fits = words.length >= LENGTH.shortest && question.length <= LENGTH.longest && count <= LENGTH.words;
  if (!fits || !isAsking(question) || namesSomebody(question)) return undefined;
  if ([WRONG, REPORT, POINTS_AT_SOMEBODY, IN_CONFIDENCE].some((form) => form.test(words))) return undefined;
  if (POINTS_AT_SOMEBODY.test(question.toLowerCase())) return undefined;
  return urgencyOf(question) === undefined ? question : undefined;
}

/** A capital letter behind the first word of a sentence, unless everything is written so. */
function namesSomebody(question: string): boolean {
  return question !== question.toUpperCase() && /[^\s¿¡.?!] +\p{Lu}/u.test(question);
}
