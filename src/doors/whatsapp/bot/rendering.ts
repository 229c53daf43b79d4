import type { Question } from './flow.js';
import { ownerOf } from './flows/flows.js';
import { LIMITS, textMessages, type Option, type OutgoingMessage } from './messages.js';
import { FLOW_VERSION, type Action } from './state.js';
import { MENU_BUTTON, MENU_FOOTER, TITLES } from './texts.js';

/**
 * Turn a question into messages. If the text is too long for buttons, list the choices below it with numbers
 * to type.
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

/** The title of a choice in a list, with the number that a person can type. */
export function numberedTitle(action: Action, index: number): string {
  return `${index + 1}. ${TITLES[action]}`;
}

/** The id of a button or row. It holds the version and the step that offered it. */
export function choiceId(action: Action): string {
  return `${FLOW_VERSION}:${ownerOf(action) ?? 'any'}:${action}`;
}

function row(action: Action, index: number): Option {
  return { id: choiceId(action), title: numberedTitle(action, index) };
}
