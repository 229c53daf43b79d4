import { excerpt, LIMITS, textMessages, type OutgoingMessage } from '../meta/outgoing.js';
import { choiceId } from './conversation-input.js';
import { MENU, type Action, type ConversationContext, type ConversationState } from './conversation-state.js';
import { isTooShort, narrative, type Draft } from './draft.js';
import { MENU_BUTTON, MENU_FOOTER, numberedTitle, TEXTS, TITLES } from './texts.js';

/** Something to say, and the options that typed numbers then refer to. */
export interface Prompt {
  messages: OutgoingMessage[];
  options: Action[];
}

/** With all else in the summary it stays below the 1,024 characters of a message with buttons. */
const EXCERPT = 400;
const DESCRIPTION_EXCERPT = 100;

/** The question of the step at which the conversation stands; `before` is said first, in the same message. */
export function promptOf(state: ConversationState, context: ConversationContext, before?: string): Prompt {
  const draft = state.draft ?? { pieces: [], revoked: [] };
  const ask = (body: string, ...actions: readonly Action[]): Prompt => choices(join(before, body), actions);
  switch (state.step) {
    case 'menu':
      return menu(context, before);
    case 'notice':
      return ask(TEXTS.notice(context), 'accept', 'decline');
    case 'mode':
      return ask(TEXTS.mode(context), 'anonymous', 'confidential', 'identified');
    case 'narrative':
      return finishing(join(before, draft.pieces.length > 0 ? narrativeSoFar(draft) : TEXTS.narrative));
    case 'name':
      return draft.nameSkipped === true ? ask(TEXTS.nameNeeded, 'change_mode') : ask(TEXTS.name, 'no_name');
    case 'phone':
      return draft.phoneRefused === true
        ? ask(TEXTS.phoneNeeded, 'use_phone', 'change_mode')
        : ask(TEXTS.phone, 'use_phone', 'no_phone');
    case 'confirm':
      return ask(TEXTS.confirm(summary(draft, state.files)), 'send', 'correct', 'cancel');
  }
}

function narrativeSoFar(draft: Draft): string {
  return isTooShort(draft) ? TEXTS.tooShort : TEXTS.narrativeAgain;
}

export function menu(context: ConversationContext, before?: string): Prompt {
  const body = join(before, TEXTS.menu(context));
  if (body.length > LIMITS.interactiveBody) return numbered(body, MENU);
  const rows = MENU.map((action, index) => ({ id: choiceId(action), title: numberedTitle(action, index) }));
  return { messages: [{ kind: 'list', body, footer: MENU_FOOTER, button: MENU_BUTTON, rows }], options: [...MENU] };
}

/**
 * A message of the open account. A typed number is part of the account here, never a choice: only the button and the
 * word close it.
 */
export function finishing(body: string, ...more: readonly Action[]): Prompt {
  return { ...choices(body, ['finish', ...more]), options: [] };
}

/**
 * An answer to somebody without a draft, and a way on. Their typed numbers always count in the menu, so that below a
 * text too long for buttons stand words.
 */
export function aside(body: string): Prompt {
  if (body.length <= LIMITS.interactiveBody) return choices(body, ['report', 'menu']);
  return { messages: textMessages(`${body}\n\n${TEXTS.wayOn}`), options: [] };
}

/** A text and buttons; where the text is too long for them, numbered options below it, which can be typed. */
export function choices(body: string, actions: readonly Action[]): Prompt {
  if (body.length > LIMITS.interactiveBody) return numbered(body, actions);
  const buttons = actions.map((action) => ({ id: choiceId(action), title: TITLES[action] }));
  return { messages: [{ kind: 'buttons', body, buttons }], options: [...actions] };
}

function numbered(body: string, actions: readonly Action[]): Prompt {
  const lines = actions.map(numberedTitle);
  return { messages: textMessages(`${body}\n\nResponde con un número:\n${lines.join('\n')}`), options: [...actions] };
}

function summary(draft: Draft, files: number): string {
  const account = narrative(draft);
  const beginning = excerpt(account, EXCERPT);
  const lines = [TEXTS.summaryAccount(beginning, account.length, beginning.length < account.length), ''];
  if (draft.mode) lines.push(TEXTS.summaryMode(draft.mode));
  if (draft.name) lines.push(TEXTS.summaryName(draft.name.text));
  if (draft.phone !== undefined) lines.push(TEXTS.summaryPhone(draft.phone));
  if (draft.place) {
    const { description } = draft.place;
    lines.push(TEXTS.summaryPlace(description === undefined ? undefined : excerpt(description, DESCRIPTION_EXCERPT)));
  }
  if (files > 0) lines.push(TEXTS.summaryFiles(files));
  return lines.join('\n');
}

function join(before: string | undefined, body: string): string {
  return before === undefined ? body : `${before}\n\n${body}`;
}
