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

/** A title with the number that a person can type. */
export function numbered(title: string, index: number): string {
  return `${index + 1}. ${title}`;
}
