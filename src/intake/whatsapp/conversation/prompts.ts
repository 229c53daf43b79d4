import { choiceId } from './conversation-input.js';
import type { Action, ConversationContext, ConversationState } from './conversation-state.js';
import { isTooShort, narrative, type Draft } from './draft.js';
import { excerpt, LIMITS, textMessages, type OutgoingMessage } from '../meta/outgoing.js';
import { MENU_BUTTON, MENU_FOOTER, numberedTitle, TEXTS, TITLES } from './texts.js';

/** Something to say, and the options that typed numbers then refer to. */
export interface Prompt {
  messages: OutgoingMessage[];
  options: Action[];
}

const MENU: readonly Action[] = ['report', 'anonymity', 'scope', 'tracking', 'contact', 'privacy', 'exit'];
/** With all else in the summary it stays below the 1,024 characters of a message with buttons. */
const EXCERPT = 400;
const DESCRIPTION_EXCERPT = 100;

/** The question of the step at which the conversation stands; `before` is said first, in the same message. */
export function promptOf(state: ConversationState, context: ConversationContext, before?: string): Prompt {
  const draft = state.draft ?? { pieces: [], revoked: [] };
  const ask = (body: string, ...actions: readonly Action[]): Prompt => choices(join(before, body), actions);
  switch (state.step) {
    case 'menu':
    case 'done':
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
    case 'submitting':
      return info(join(before, TEXTS.sending), []);
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

/** An answer that leaves the step as it is, with a way on. */
export function info(body: string, actions: readonly Action[]): Prompt {
  return actions.length === 0 ? { messages: textMessages(body), options: [] } : choices(body, actions);
}

/** Buttons; where the text is too long for them, numbered options below it, which can be typed. */
function choices(body: string, actions: readonly Action[]): Prompt {
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
