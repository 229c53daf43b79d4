import type { Offer, Question } from './flow.js';
import { ownerOf } from './flows/flows.js';
import { LIMITS, textMessages, type Option, type OutgoingMessage } from './messages.js';
import { chosenBy, numbered, titleOf } from './offers.js';
import { FLOW_VERSION, isMenuChoice, type Choosable } from './state.js';

/**
 * Turn a question into messages. If the text is too long for buttons, list the choices below it with numbers
 * to type.
 */
export function render({ extras = [], ...question }: Question): OutgoingMessage[] {
  return [...extras, ...renderBody(question)];
}

function renderBody({ body, offers, asList, wayOn }: Question): OutgoingMessage[] {
  if (!offers) return textMessages(body);
  if (body.length > LIMITS.interactiveBody) {
    const list = offers.map((offer, index) => numbered(offer, index)).join('\n');
    return textMessages(`${body}\n\n${wayOn ?? `Responde con un número:\n${list}`}`);
  }
  if (asList) return [{ kind: 'list', body, ...asList, rows: rowsOf(offers) }];
  return [
    {
      kind: 'buttons',
      body,
      buttons: offers.map((offer) => ({ id: choiceId(chosenBy(offer)), title: titleOf(offer) })),
    },
  ];
}

/** The id of a button or row. That of an action holds the version and the step that offered it. */
export function choiceId(choice: Choosable): string {
  return isMenuChoice(choice) ? choice : `${FLOW_VERSION}:${ownerOf(choice) ?? 'any'}:${choice}`;
}

/** Rows show their numbers when there is room for the number of each. */
function rowsOf(offers: readonly Offer[]): Option[] {
  const titles = offers.map(titleOf);
  const withNumbers = offers.map(numbered);
  const fit = withNumbers.every((title) => title.length <= LIMITS.rowTitle);
  return offers.map((offer, index) => ({
    id: choiceId(chosenBy(offer)),
    title: (fit ? withNumbers : titles)[index]!,
    ...(typeof offer === 'string' || offer.description === undefined
      ? {}
      : { description: offer.description }),
  }));
}
