import { plainWords } from '../../../platform/typed-text.js';
import { isOfferedAt, WORDS_EVERYWHERE, wordsAt } from './flows/flows.js';
import type { MessageContent } from './messages.js';
import { choiceId, numberedTitle } from './rendering.js';
import { ACTIONS, type Action, type ConversationState } from './state.js';
import { TITLES } from './texts.js';

/**
 * What a message means at the step where it arrives: a choice, a choice that is not offered any more, or
 * something said.
 */
export type Understood = { chosen: Action } | { outdated: Action | undefined } | { said: MessageContent };

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

function understandText(text: string, { step, options }: ConversationState): Understood {
  const words = plainWords(text);
  const chosen =
    WORDS_EVERYWHERE.get(words) ??
    (/^[1-9]\d?$/.test(words) ? options[Number(words) - 1] : undefined) ??
    options.find((option, index) => isTitle(words, option, index)) ??
    wordsAt(step).get(words);
  return chosen === undefined ? { said: { type: 'text', text } } : { chosen };
}

function isTitle(words: string, action: Action, index: number): boolean {
  return [TITLES[action], numberedTitle(action, index)].some((title) => plainWords(title) === words);
}
