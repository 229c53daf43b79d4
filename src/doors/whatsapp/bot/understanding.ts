import { plainWords } from '../../../platform/typed-text.js';
import type { AnswerRule, FlowStep, Turn } from './flow.js';
import { isOfferedAt, stepOf, WORDS_EVERYWHERE, wordsAt } from './flows/flows.js';
import type { Meaning } from './language/lexicon.js';
import { read, type Reading, type Said } from './language/meanings.js';
import type { MessageContent } from './messages.js';
import {
  choiceOfOption,
  findOption,
  languageNamed,
  languagesFor,
  menuOf,
  allOptions,
} from './menu/options.js';
import { menuTexts } from './menu/texts.js';
import { ratingIn } from './menu/rating.js';
import { search } from './menu/search.js';
import { REPORT, WRONG, wordsOf } from './menu/stems.js';
import { choiceId } from './rendering.js';
import {
  ACTIONS,
  isMenuChoice,
  type Action,
  type Choosable,
  type ConversationContext,
  type ConversationState,
  type MenuChoice,
} from './state.js';
import { TITLES } from './texts.js';

/** What a message means at the step where it arrives. */
export type Understood =
  /** A choice. `rest`: the words beside it, where they may tell something. */
  | { chosen: Action; rest?: string }
  /** An option of the menu, or a vote on its answer. It may be gone from the menu. */
  | { picked: MenuChoice }
  /** They want the menu in this language, BCP 47. */
  | { language: string }
  /** A choice that is not offered any more. */
  | { outdated: Action | undefined }
  /** A question to the bot, thanks, or a yes to nothing. `kept`: it may tell something as well. */
  | { aside: true; kept?: string }
  | { said: MessageContent };

/** Choices that must not follow from a question: "¿la mando?" sends nothing. */
const FORWARD: ReadonlySet<Action> = new Set([
  'accept',
  'identified',
  'use_phone',
  'finish',
  'send',
  'erase',
]);
/** Wishes that other words may name better. */
const VAGUE: ReadonlySet<Action> = new Set(['help', 'menu', 'person']);
/** Whoever wants to speak with somebody is not answered with an option. */
const SPEAKS =
  /\b(?:habl|platic|llam|marqu|marcar|comuni|contact|atiend|asesor|operador|human|agente|ejecutiv|recepcion)/;
/** "¿Anónima?" alone asks what that is. */
const ONLY_ASKS = 3;
/** Whoever ends in more words, and in none that only end, may have told something. */
const ONLY_ENDS = 2;
/** Choices that an unnamed yes makes only when they were offered last. */
const ONLY_WHEN_OFFERED: ReadonlySet<Action> = new Set(['accept', 'use_phone', 'send']);
/** Words that name such a choice, at whatever time they come. */
const EXPLICIT = /acepto|enviar|numero/;
/** What may stand beside a yes to a question. */
const AGREES: ReadonlySet<Said> = new Set(['yes', 'courtesy', 'erase']);
/** With more unknown words than this it tells something, and asks nothing. */
const FEW = 2;
/** Wishes that people put into many words. */
const LONG: ReadonlySet<Meaning> = new Set(['person', 'help', 'cancel']);
/** A message of these alone does not answer where, when or who. */
const NO_ANSWER: ReadonlySet<Said> = new Set(['asks', 'question', 'courtesy']);
/** Words that choose at other steps, and describe a person or a place here. */
const ALSO_ANSWERS: ReadonlySet<string> = new Set(['alto', 'baja', 'persona', 'humano']);
/** What other words mean at every step, unless the step says otherwise. */
const EVERYWHERE: readonly [Meaning, Action][] = [
  ['person', 'person'],
  ['stop', 'stop'],
  ['erase', 'cancel'],
  ['cancel', 'cancel'],
  ['help', 'help'],
  ['back', 'back'],
  ['menu', 'menu'],
];
const NONE: readonly AnswerRule[] = [];
/**
 * A wish to take a file back: "porfa borra la última foto". It must not be kept while the file stays.
 * "Van a borrar el video de la cámara" tells something.
 */
const TAKES_BACK =
  /^(?:(?:por favor|porfa|porfavor|oye|oiga|puedes|puede|pueden|quiero|quisiera|necesito|como|ya|mejor) ){0,3}(?:borr(?:a|ar|e|en)|elimin(?:a|ar|e|en)|quit(?:a|ar|e|en)|sac(?:a|ar)|saqu(?:e|en)|cancel(?:a|ar|e|en))(?:la|lo|las|los|me|mela|melo)? (?:(?:la|las|el|los|esa|ese|esas|esos|esta|este|mi|mis|un|una|ultima|ultimo|primera|primer|segunda|otra|otro|ultimas|ultimos) ){0,3}(?:foto|fotos|imagen|imagenes|video|videos|audio|audios|nota|notas|archivo|archivos|documento|documentos|pdf)(?: de voz)?(?: (?:por favor|porfa|porfavor|gracias|que mande|que envie|que le mande))?$/;
/** "La primera", "opción 2", "la 3ra". */
const ORDINAL =
  /^(?:(?:la|el|es|por|opcion|numero|num|no) )*(?:(1|1ra|1era|1a|un[oa]|primer[ao]?)|(2|2da|2a|dos|segund[ao])|(3|3ra|3era|3a|tres|tercer[ao]?))(?: opcion)?(?: por favor| porfa(?:vor)?| gracias)?$/;

/** Decide what a message means, given the step, the choices last shown and the menu. */
export function understand(
  content: MessageContent,
  state: ConversationState,
  context: ConversationContext,
): Understood {
  if (content.type === 'text') return understandText(content.text, state, context);
  if (content.type !== 'choice') return { said: content };
  if (isMenuChoice(content.id)) return { picked: content.id };
  const action = ACTIONS.find((known) => choiceId(known) === content.id);
  if (action !== undefined)
    return isOfferedAt(state.step, action) ? { chosen: action } : { outdated: action };
  // An id of an old version or step. Any other text is not our id, e.g. a template's quick reply.
  if (/^\d+:[a-z]+:[a-z_]+$/.test(content.id)) return { outdated: undefined };
  return understandText(content.title || content.id, state, context);
}

function understandText(text: string, state: ConversationState, context: ConversationContext): Understood {
  const { step } = state;
  const options = offeredTo(state, context);
  const { hears } = stepOf(step);
  const words = plainWords(text);
  const isAnswer = hears === 'answer' && ALSO_ANSWERS.has(words);
  const chosen =
    (isAnswer ? undefined : WORDS_EVERYWHERE.get(words)) ??
    options[numberIn(words, options.length) - 1] ??
    options.find((option, index) => isTitle(words, titleOf(option, state, context), index));
  if (isMenuChoice(chosen)) return { picked: chosen };
  const beside = state.draft ? undefined : besideTheMenu(text, state, context);
  if (chosen === undefined && beside) return beside;
  const reading = read(text, hears === 'name');
  const confirmed = state.confirming === undefined ? undefined : answered(reading, chosen, state.confirming);
  const known = confirmed ?? chosen ?? wordsAt(step).get(words);
  if (known === undefined && state.draft && state.draft.files.length > 0 && TAKES_BACK.test(words))
    return { chosen: 'file_help' };
  if (known === undefined) {
    const understood = guarded(meant(text, reading, stepOf(step)), reading, state);
    return 'chosen' in understood && givesWay(understood.chosen, { text, reading, state, context })
      ? { said: { type: 'text', text } }
      : understood;
  }
  return guarded({ chosen: known }, reading, state, EXPLICIT.test(words) || chosen === known);
}

/**
 * "Ok, gracias" answers the last question. When that was another one, it must not send a report, take a
 * number or accept a notice.
 */
function guarded(
  understood: Understood,
  { said }: Reading,
  { options }: ConversationState,
  isExplicit = said.has('send') || said.has('send it'),
): Understood {
  if (!('chosen' in understood) || !ONLY_WHEN_OFFERED.has(understood.chosen)) return understood;
  return isExplicit || options.includes(understood.chosen) ? understood : { aside: true };
}

/** @param count of the choices @returns 0 when it is no number */
function numberIn(words: string, count: number): number {
  if (/^[1-9]\d{0,2}$/.test(words)) return Number(words);
  if (/^(?:la |el )?ultim[ao](?: opcion)?$/.test(words)) return count;
  const ordinal = ORDINAL.exec(words);
  return ordinal ? ordinal.slice(1).findIndex((found) => found !== undefined) + 1 : 0;
}

/** What a typed number selects from. Without a draft it is the menu. */
function offeredTo(state: ConversationState, context: ConversationContext): readonly Choosable[] {
  if (state.draft) return state.options;
  return allOptions(menuOf(context, state)).map(choiceOfOption);
}

function titleOf(choice: Choosable, state: ConversationState, context: ConversationContext): string {
  if (!isMenuChoice(choice)) return TITLES[choice];
  const [what, code = ''] = choice.split(':');
  return what === 'option' ? (findOption(context, state, code)?.option.title ?? '') : '';
}

function isTitle(words: string, title: string, index: number): boolean {
  // Signs and other scripts have no words: an emoji is no title.
  return words !== '' && [title, `${index + 1}. ${title}`].some((one) => plainWords(one) === words);
}

/** Without a draft a message may name a language, vote on the last answer, or say that none was meant. */
function besideTheMenu(
  text: string,
  state: ConversationState,
  context: ConversationContext,
): Understood | undefined {
  const words = plainWords(text);
  const language = languageNamed(words, context, state);
  if (language) return { language: language.language };
  const { none } = menuTexts(menuOf(context, state));
  if (words === plainWords(none)) return { picked: 'none:menu' };
  const rating = state.answered === undefined ? undefined : ratingIn(text);
  return rating && { picked: `${rating}:${state.answered!}` };
}

/**
 * Whether words beside a vague wish say better what is meant: "¿me ayudan con los requisitos?", "quiero
 * denunciar a una persona". The flow of the menu decides then. Beside a draft a wish is a wish.
 */
function givesWay(
  chosen: Action,
  { text, reading, state, context }: { text: string; reading: Reading } & Pick<Turn, 'state' | 'context'>,
): boolean {
  if (state.draft || !VAGUE.has(chosen)) return false;
  const found = search(text, languagesFor(context, state));
  const words = wordsOf(text);
  if (chosen === 'person' && SPEAKS.test(words)) return false;
  const saysMore = found.length > 0 && choiceOfOption(found[0]!.option) !== chosen && reading.strange > 0;
  return saysMore || (chosen === 'person' && (REPORT.test(words) || WRONG.test(words)));
}

/**
 * The answer to a question of yes or no. Whatever else is said is taken as if it had not been asked.
 * @param chosen what the words would choose without the question; the same choice again is a yes
 */
function answered(reading: Reading, chosen: Action | undefined, confirming: Action): Action | undefined {
  const { said, strange, question } = reading;
  if (chosen === 'cancel' || chosen === 'erase') return confirming;
  if (chosen !== undefined || strange > 0 || question) return undefined;
  if (said.has('no') || said.has('not yes') || said.has('not cancel')) return 'continue';
  return said.has('yes') && [...said].every((one) => AGREES.has(one)) ? confirming : undefined;
}

function meant(text: string, reading: Reading, step: FlowStep): Understood {
  const action = actionIn(reading, step);
  const isChoice = action !== undefined && action !== 'aside' && action !== 'keep';
  if (isChoice && !isOnlyAsked(reading, action))
    return { chosen: action, ...(mayTell(reading, step) ? { rest: text } : {}) };
  if (step.answers === undefined || action === 'keep' || !isAside(reading, action, step))
    return { said: { type: 'text', text } };
  return { aside: true, ...(mayTellBeside(reading, step) ? { kept: text } : {}) };
}

function actionIn(reading: Reading, { answers = NONE, hears }: FlowStep): AnswerRule['then'] | undefined {
  const short = answers === NONE && reading.strange * 2 <= reading.words;
  const everywhere = EVERYWHERE.find(([meaning]) => reading.said.has(meaning) && !isNamed(meaning, answers));
  if (everywhere && (short || isSure(everywhere, reading, hears))) return everywhere[1];
  return answers.find((rule) => fits(rule, reading, hears))?.then;
}

/** "Me regresó los papeles" is no wish to go back, and "un agente" is an answer to who it was. */
function isSure([meaning]: readonly [Meaning, Action], reading: Reading, hears: FlowStep['hears']): boolean {
  if (reading.strange > 0) return false;
  if (hears === 'answer') return reading.words > ONLY_ENDS && !reading.addresses;
  return (
    hears !== 'narrative' || reading.words <= ONLY_ENDS || (LONG.has(meaning) && reading.words > ONLY_ASKS)
  );
}

/** A meaning that the step itself knows is the step's. */
function isNamed(meaning: Meaning, answers: readonly AnswerRule[]): boolean {
  return answers.some((rule) => rule.said.includes(meaning));
}

function fits(rule: AnswerRule, reading: Reading, hears: FlowStep['hears']): boolean {
  const { said, starts, ends, strange, words, addresses } = reading;
  if (rule.in === 'all' && (strange > 0 || (hears === 'answer' && addresses))) return false;
  if (rule.in === 'most' && strange * 3 > words) return false;
  const read = { all: said, most: said, part: said, start: starts, end: ends }[rule.in];
  return rule.said.some((one) => read.has(one));
}

function isOnlyAsked({ question, words }: Reading, action: Action): boolean {
  return question && (FORWARD.has(action) || words <= ONLY_ASKS);
}

function isAside(reading: Reading, rule: AnswerRule['then'] | undefined, { hears }: FlowStep): boolean {
  const { said, strange, question } = reading;
  if (hears === 'answer') return isNoAnswer(reading);
  if (strange === 0) return question || rule !== undefined || said.size > 0;
  return question || rule === 'aside' || (hears === 'narrative' && said.has('asks') && strange <= FEW);
}

/** A question, thanks, or a yes alone. "Un agente" and "aquí mismo" are answers. */
function isNoAnswer({ said, strange, words, addresses }: Reading): boolean {
  if (strange > 0 || addresses || said.size === 0) return false;
  return [...said].every((one) => NO_ANSWER.has(one)) || (words === 1 && said.has('yes'));
}

/** Questions to the bot and thanks tell nothing. "Nadie contesta ahí" may. */
function mayTellBeside({ said, strange, question, words }: Reading, { hears }: FlowStep): boolean {
  if (strange > 0) return true;
  return hears === 'narrative' && words > 1 && !question && !said.has('courtesy');
}

function mayTell({ said, strange, words }: Reading, { hears }: FlowStep): boolean {
  return strange > 0 || (hears === 'narrative' && words > ONLY_ENDS && !said.has('closing'));
}
