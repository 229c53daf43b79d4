import type { Outcome, Question } from './flow.js';
import { initialState, MENU, type ConversationState, type Passing } from './state.js';
import { TEXTS } from './texts.js';

/**
 * After so many messages in a row that say nothing to it the bot falls silent. Two bots would answer each
 * other for ever, and each answer is charged.
 */
const MISSES_MAX = 3;

export function silent(state: ConversationState): Outcome {
  return { state, says: [] };
}

/**
 * Asks or answers; typed numbers count in these choices from now on. Without a draft they always count in the
 * menu.
 */
export function say(state: ConversationState, question: Question): Outcome {
  const chosenByNumber = question.numbersAreText ? [] : (question.offers ?? []);
  const options = state.draft ? [...chosenByNumber] : [...MENU];
  return { state: { ...state, options, told: [] }, says: [question] };
}

/** Says something in passing: the choices shown before stay valid. */
export function tell(state: ConversationState, body: string): Outcome {
  return { state: { ...state, told: [] }, says: [{ body }] };
}

/**
 * The same, each text once until the bot says something else. An album is many messages and gets one answer;
 * a voice note after something unreadable still hears that it was not kept.
 */
export function tellOnce(state: ConversationState, text: Passing): Outcome {
  if (state.told.includes(text)) return silent(state);
  return { state: { ...state, told: [...state.told, text] }, says: [{ body: TEXTS[text] }] };
}

/** Answers a question without leaving the step, and offers the way on. */
export function answer(state: ConversationState, body: string): Outcome {
  return say(state, state.draft ? { body, offers: ['continue', 'menu'] } : aside(body));
}

/** Says something to a message that was no answer; after a few of them in a row nothing any more. */
export function missed(state: ConversationState, question: Question): Outcome {
  return state.misses >= MISSES_MAX ? silent(state) : say({ ...state, misses: state.misses + 1 }, question);
}

/** Counts a file and says, once for an album, that it was not kept. */
export function fileNotKept(state: ConversationState): Outcome {
  return tellOnce({ ...state, files: state.files + 1 }, 'filesNotKept');
}

/** Says goodbye to whoever has no draft any more: nothing of the person stays. */
export function forget(body: string): Outcome {
  return tell(initialState(), body);
}

/** An answer to somebody without a draft, and the way on. */
export function aside(body: string): Question {
  return { body, offers: ['report', 'menu'], wayOn: TEXTS.wayOn };
}

/** A question with something said before it, in the same message. */
export function after(before: string | undefined, question: Question): Question {
  return before === undefined ? question : { ...question, body: `${before}\n\n${question.body}` };
}

/** Why a question comes again: `reason`, or that the last message was not understood either. */
export function reasonToRepeat(state: ConversationState, reason: string | undefined): string | undefined {
  return reason ?? (state.misses > 0 ? TEXTS.notUnderstood : undefined);
}
