import { plainWords } from '../../../platform/typed-text.js';
import type { AnswerRule, FlowStep } from './flow.js';
import { isOfferedAt, stepOf, WORDS_EVERYWHERE, wordsAt } from './flows/flows.js';
import type { Meaning } from './language/lexicon.js';
import { read, type Reading } from './language/meanings.js';
import type { MessageContent } from './messages.js';
import { choiceId, numberedTitle } from './rendering.js';
import { ACTIONS, type Action, type ConversationState } from './state.js';
import { TITLES } from './texts.js';

/** What a message means at the step where it arrives. */
export type Understood =
  /** A choice. `rest`: the words beside it, where they may tell something. */
  | { chosen: Action; rest?: string }
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
/** "¿Anónima?" alone asks what that is. */
const ONLY_ASKS = 3;
/** Whoever ends in more words, and in none that only end, may have told something. */
const ONLY_ENDS = 3;
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
/** "La primera", "opción 2", "la 3ra". */
const ORDINAL =
  /^(?:(?:la|el|es|por|opcion|numero|num|no) )*(?:(1|1ra|1era|1a|un[oa]|primer[ao]?)|(2|2da|2a|dos|segund[ao])|(3|3ra|3era|3a|tres|tercer[ao]?))(?: opcion)?(?: por favor| porfa(?:vor)?| gracias)?$/;

/** Decide what a message means, given the step and the choices last shown. */
export function understand(content: MessageContent, state: ConversationState): Understood {
  if (content.type === 'text') return understandText(content.text, state);
  if (content.type !== 'choice') return { said: content };
  const action = ACTIONS.find((known) => choiceId(known) === content.id);
  if (action !== undefined)
    return isOfferedAt(state.step, action) ? { chosen: action } : { outdated: action };
  // An id of an old version or step. Any other text is not our id, e.g. a template's quick reply.
  if (/^\d+:[a-z]+:[a-z_]+$/.test(content.id)) return { outdated: undefined };
  return understandText(content.title || content.id, state);
}

function understandText(text: string, state: ConversationState): Understood {
  const { step, options } = state;
  const words = plainWords(text);
  const chosen =
    WORDS_EVERYWHERE.get(words) ??
    options[numberIn(words, options.length) - 1] ??
    options.find((option, index) => isTitle(words, option, index));
  if (chosen !== undefined) return { chosen };
  const reading = read(text);
  const confirmed = answered(reading, state) ?? wordsAt(step).get(words);
  return confirmed === undefined ? meant(text, reading, stepOf(step)) : { chosen: confirmed };
}

/** @param count of the choices @returns 0 when it is no number */
function numberIn(words: string, count: number): number {
  if (/^[1-9]\d?$/.test(words)) return Number(words);
  if (/^(?:la |el )?ultim[ao](?: opcion)?$/.test(words)) return count;
  const ordinal = ORDINAL.exec(words);
  return ordinal ? ordinal.slice(1).findIndex((found) => found !== undefined) + 1 : 0;
}

function isTitle(words: string, action: Action, index: number): boolean {
  return [TITLES[action], numberedTitle(action, index)].some((title) => plainWords(title) === words);
}

/** The answer to a question of yes or no. Whatever else is said is taken as if it had not been asked. */
function answered(reading: Reading, { confirming }: ConversationState): Action | undefined {
  const { said, strange, question } = reading;
  if (confirming === undefined || strange > 0 || question) return undefined;
  if (said.has('no') || said.has('not yes')) return 'continue';
  return said.has('yes') ? confirming : undefined;
}

function meant(text: string, reading: Reading, step: FlowStep): Understood {
  const action = actionIn(reading, step);
  const isChoice = action !== undefined && action !== 'aside' && action !== 'keep';
  if (isChoice && !isOnlyAsked(reading, action))
    return { chosen: action, ...(mayTell(reading) ? { rest: text } : {}) };
  if (step.answers === undefined || action === 'keep' || !isAside(reading, action, step))
    return { said: { type: 'text', text } };
  return { aside: true, ...(mayTellBeside(reading, step) ? { kept: text } : {}) };
}

function actionIn(reading: Reading, { answers = NONE, hears }: FlowStep): AnswerRule['then'] | undefined {
  const short = answers === NONE && reading.strange * 2 <= reading.words;
  const everywhere = EVERYWHERE.find(([meaning]) => reading.said.has(meaning) && !isNamed(meaning, answers));
  if (everywhere && (short || isSure(everywhere, reading, hears))) return everywhere[1];
  return answers.find((rule) => fits(rule, reading))?.then;
}

/** "Me regresó los papeles" is no wish to go back. */
function isSure([meaning]: readonly [Meaning, Action], reading: Reading, hears: FlowStep['hears']): boolean {
  if (reading.strange > 0) return false;
  return hears !== 'narrative' || meaning === 'person' || meaning === 'help' || reading.words <= ONLY_ENDS;
}

/** A meaning that the step itself knows is the step's. */
function isNamed(meaning: Meaning, answers: readonly AnswerRule[]): boolean {
  return answers.some((rule) => rule.said.includes(meaning));
}

function fits(rule: AnswerRule, { said, starts, ends, strange }: Reading): boolean {
  if (rule.in === 'all' && strange > 0) return false;
  const read = { all: said, part: said, start: starts, end: ends }[rule.in];
  return rule.said.some((one) => read.has(one));
}

function isOnlyAsked({ question, words }: Reading, action: Action): boolean {
  return question && (FORWARD.has(action) || words <= ONLY_ASKS);
}

function isAside(reading: Reading, rule: AnswerRule['then'] | undefined, { hears }: FlowStep): boolean {
  const { said, strange, question } = reading;
  if (strange === 0) return question || rule !== undefined || said.size > 0;
  if (hears === 'answer') return false;
  const asks = question || rule === 'aside';
  return hears === 'narrative' ? asks || said.has('asks') || said.has('courtesy') : asks;
}

/** Questions to the bot and thanks tell nothing. "Nadie contesta ahí" may. */
function mayTellBeside({ said, strange, question, words }: Reading, { hears }: FlowStep): boolean {
  if (hears !== 'narrative') return false;
  return strange > 0 || (words > 1 && !question && !said.has('courtesy'));
}

function mayTell({ said, strange, words }: Reading): boolean {
  return strange > 0 || (words > ONLY_ENDS && !said.has('closing'));
}
