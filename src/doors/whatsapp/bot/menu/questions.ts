import { plainWords, withoutUnseen } from '../../../../platform/typed-text.js';
import { urgencyOf } from '../urgency.js';

const ASKS =
  /[?¿]|^(?:hola |buen[oa]s (?:dias |tardes |noches )?|oiga |oye |disculpe? )*(?:que|cual|cuales|cuando|cuanto|cuanta|cuantos|cuantas|como|donde|quien|quienes|en que|a que|para que|por que|porque|hay|puedo|pueden|puede|podria|podrian|me (?:puede|pueden|podria|podrian|dice|dicen|ayuda|ayudan)|quisiera (?:saber|informacion|info|preguntar)|quiero (?:saber|informacion|info|preguntar)|necesito (?:saber|informacion|info)|informacion|informes|info|tengo una (?:duda|pregunta)|una (?:duda|pregunta)|requisitos|what|how|where|when|who|which|can|could|do|does|is|are)\b|\b(?:saber si|saber como|saber cuando|saber donde|informacion (?:de|sobre))\b/;
/** What points at a person: a number of a telephone or a file, an address, a name that is told. */
const POINTS_AT_SOMEBODY =
  /\d{4,}|(?:\d[\s.-]*){7,}|@|https?:|www\.|\b(?:me llamo|mi nombre|soy|mi (?:esposo|esposa|jefe|jefa|vecino|vecina|hijo|hija|hermano|hermana|mama|papa|patron|direccion|domicilio|curp|folio|clave)|se llama|licenciad[oa]|lic|ing|ingenier[oa]|regidor[a]?|director[a]?|maestr[oa]|don|dona)\b/;
/** What may be a report is not kept: nobody has read the privacy notice yet. */
const REPORTS =
  /\b(?:denunci|mordida|moche|soborn|corrup|extors|cohech|desvi|queja|acos|abus|cobr|maltrat|amenaz|rob[aoó]|golpe|pid(?:io|ieron|en) (?:dinero|lana))/;
const LENGTH = { shortest: 4, longest: 120, words: 15 } as const;
/** So few words name a subject: "despensas adultos mayores". More of them ask, or are no question. */
const SUBJECT = 3;

/** Whether a message asks for something. It tells nothing then, however long it is. */
export function isAsking(text: string): boolean {
  return ASKS.test(plainWords(text)) || /[?¿]/.test(text);
}

/**
 * The question as it may be kept for the office, without who asked; undefined when it may tell of a person or
 * of a case. Before the privacy notice is accepted nothing of a report is kept (LGPDPPSO art. 22).
 */
export function questionToNote(text: string): string | undefined {
  const question = withoutUnseen(text).replace(/\s+/g, ' ').trim();
  const words = plainWords(question);
  const count = words.split(' ').length;
  if (count > SUBJECT && !isAsking(question)) return undefined;
  const fits = words.length >= LENGTH.shortest && question.length <= LENGTH.longest && count <= LENGTH.words;
  if (!fits || POINTS_AT_SOMEBODY.test(question.toLowerCase()) || POINTS_AT_SOMEBODY.test(words))
    return undefined;
  return REPORTS.test(words) || urgencyOf(question) !== undefined ? undefined : question;
}
