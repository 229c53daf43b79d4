import type { Question } from './flow.js';
import { ownerOf } from './flows/flows.js';
import { LIMITS, textMessages, type Option, type OutgoingMessage } from './messages.js';
import { FLOW_VERSION, type Action } from './state.js';
import { MENU_BUTTON, MENU_FOOTER, TITLES } from './texts.js';

/**
 * The messages that say a question. Below a text that is too long for buttons stand numbers, which can be
 * typed.
 */
export function render({ body, offers, asList, wayOn }: Question): OutgoingMessage[] {
  if (!offers) return textMessages(body);
  if (body.length > LIMITS.interactiveBody) {
    const list = offers.map(numberedTitle).join('\n');
    return textMessages(`${body}\n\n${wayOn ?? `Responde con un número:\n${list}`}`);
  }
  if (asList) {
    return [{ kind: 'list', body, footer: MENU_FOOTER, button: MENU_BUTTON, rows: offers.map(row) }];
  }
  return [
    {
      kind: 'buttons',
      body,
      buttons: offers.map((action) => ({ id: choiceId(action), title: TITLES[action] })),
    },
  ];
}

/** A choice as it is listed: whoever types instead of touching sees the number to type. */
export function numberedTitle(action: Action, index: number): string {
  return `${index + 1}. ${TITLES[action]}`;
}

/** The id of a button or row. It says which version and step offered it. */
export function choiceId(action: Action): string {
  return `${FLOW_VERSION}:${ownerOf(action) ?? 'any'}:${action}`;
}

function row(action: Action, index: number): Option {
  return { id: choiceId(action), title: numberedTitle(action, index) };
}
