import type { Outcome, Question } from './flow.js';
import type { MenuLanguage, MenuOption } from './menu/menu.js';
import { allOptions, choiceOfOption, languagesFor, menuOf } from './menu/options.js';
import { menuTexts } from './menu/texts.js';
import { chosenBy } from './offers.js';
import { initialState, type ConversationContext, type ConversationState, type Passing } from './state.js';
import { TEXTS } from './texts.js';

/**
 * After this many messages in a row that it did not understand, the bot gives no more answers. Otherwise two
 * bots would answer each other for ever, and each answer is charged.
 */
const MISSES_MAX = 3;

export function silent(state: ConversationState): Outcome {
  return { state, says: [] };
}

/**
 * Say something with choices. From now on typed numbers select one of these choices. Without a draft they
 * always select from the menu.
 */
export function say(state: ConversationState, question: Question): Outcome {
  const { numbersAreText, byNumber, offers = [] } = question;
  const options = state.draft && !numbersAreText ? [...(byNumber ?? offers.map(chosenBy))] : [];
  const { confirming: _old, unanswered: _unanswered, ...rest } = state;
  const { confirms } = question;
  return {
    state: { ...rest, options, told: [], ...(confirms === undefined ? {} : { confirming: confirms }) },
    says: [question],
  };
}

/** Say something without choices. The choices shown before stay valid. */
export function tell(state: ConversationState, body: string): Outcome {
  return { state: { ...state, told: [] }, says: [{ body }] };
}

/**
 * Say a text like `tell`, but only once until the bot says something else. An album is many messages and gets
 * one answer. A voice note after an unreadable message still gets the answer that it was not kept.
 */
export function tellOnce(state: ConversationState, text: Passing): Outcome {
  if (state.told.includes(text)) return silent(state);
  return { state: { ...state, told: [...state.told, text] }, says: [{ body: TEXTS[text] }] };
}

/** Ask something like `say`, but only once until the bot says something else. */
export function askOnce(state: ConversationState, text: Passing, choices: Omit<Question, 'body'>): Outcome {
  if (state.told.includes(text)) return silent(state);
  const { says, state: asked } = say(state, { ...choices, body: TEXTS[text] });
  return { says, state: { ...asked, told: [text] } };
}

/** Answer a question without leaving the step, and offer the next choices. */
export function answer(state: ConversationState, body: string): Outcome {
  return say(state, state.draft ? { body, offers: ['continue', 'menu'] } : aside(body));
}

/** Answer a message that was not understood. After a few of them in a row say nothing any more. */
export function missed(state: ConversationState, question: Question): Outcome {
  return state.misses >= MISSES_MAX ? silent(state) : say({ ...state, misses: state.misses + 1 }, question);
}

/** Count a file or a contact card that is not kept. */
export function countNotKept(state: ConversationState): ConversationState {
  return { ...state, filesNotKept: state.filesNotKept + 1 };
}

/** Say goodbye to a person who has no draft any more. Nothing about the person stays. */
export function forget(body: string): Outcome {
  return tell(initialState(), body);
}

/** The menu, in the language of the person. */
export function menu(context: ConversationContext, state: ConversationState): Question {
  const language = menuOf(context, state);
  const { choose, others } = menuTexts(language);
  const [, ...more] = languagesFor(context, state);
  const names = more.map(({ name, words: [word = name] }) => `*${word}*`).join(', ');
  const body = [
    language.greeting === undefined ? TEXTS.menu(context) : `${language.greeting}\n\n${choose}`,
    ...(names === '' ? [] : [`${others}: ${names}`]),
  ].join('\n\n');
  return listOf(body, language, language.options);
}

/** Options of a menu as a list. */
export function listOf(body: string, language: MenuLanguage, options: readonly MenuOption[]): Question {
  const { button, footer } = menuTexts(language);
  const all = allOptions(language);
  const offers = options.map((option) => ({
    choice: choiceOfOption(option),
    number: all.indexOf(option) + 1,
    title: option.title,
    ...(option.description === undefined ? {} : { description: option.description }),
  }));
  return { body, offers, asList: { button, footer }, byNumber: all.map(choiceOfOption) };
}

/** An answer to a person without a draft, with the next choices. */
export function aside(body: string): Question {
  return { body, offers: ['report', 'menu'], wayOn: TEXTS.wayOn };
}

/** Put a text before a question, in the same message. */
export function after(before: string | undefined, question: Question): Question {
  return before === undefined ? question : { ...question, body: `${before}\n\n${question.body}` };
}

/** The reason for repeating a question: `reason`, or the text that the last message was not understood. */
export function reasonToRepeat(state: ConversationState, reason: string | undefined): string | undefined {
  return reason ?? (state.misses > 0 ? TEXTS.notUnderstood : undefined);
}
