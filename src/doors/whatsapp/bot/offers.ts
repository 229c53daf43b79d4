import type { Offer } from './flow.js';
import type { Choosable } from './state.js';
import { TITLES } from './texts.js';

export function titleOf(offer: Offer): string {
  return typeof offer === 'string' ? TITLES[offer] : offer.title;
}

/** What is chosen with an offer. */
export function chosenBy(offer: Offer): Choosable {
  return typeof offer === 'string' ? offer : offer.choice;
}

/** The title of an offer, with the number that a person can type. Without a number it is only touched. */
export function numbered(offer: Offer, index: number): string {
  const number =
    typeof offer === 'string' ? index + 1 : offer.number === 0 ? undefined : (offer.number ?? index + 1);
  return number === undefined ? titleOf(offer) : `${number}. ${titleOf(offer)}`;
}
