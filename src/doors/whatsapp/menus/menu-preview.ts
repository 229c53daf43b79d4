import { step } from '../bot/engine.js';
import { wordsOf, type OutgoingMessage } from '../bot/messages.js';
import type { ConversationContext } from '../bot/state.js';
import type { MenuPreview, PreviewAnswer } from './menu.views.js';

/**
 * What the chat would answer to these messages of one person, one after the other. Nothing is stored or
 * counted. A tap is written as the title of its option. Pure.
 */
export function preview(context: ConversationContext, said: readonly string[]): MenuPreview {
  let state: unknown;
  const turns = said.map((text, index) => {
    const next = step(state, { key: `preview-${index}`, content: { type: 'text', text } }, context);
    state = next.state;
    return { said: text, answers: next.messages.map(shown) };
  });
  return { turns, messages: turns.reduce((sum, { answers }) => sum + answers.length, 0) };
}

function shown(message: OutgoingMessage): PreviewAnswer {
  const options = message.kind === 'list' ? message.rows : message.kind === 'buttons' ? message.buttons : [];
  return {
    kind: message.kind,
    text: message.kind === 'document' ? `${message.name}: ${message.url}` : wordsOf(message),
    options: options.map(({ title, description }) => ({
      title,
      ...(description === undefined ? {} : { description }),
    })),
  };
}
