import type { Dice } from './dice.js';

/**
 * What happens to the next message instead of being taken: a code of Meta's, before or after taking it; an
 * HTTP status without Meta's body, as a proxy gives it; an answer that never comes although it was taken; an
 * answer that is no JSON; a redirect.
 */
export type MessageFault =
  | { code: number; status?: number; after?: boolean }
  | { status: number; after?: boolean }
  | 'error_before_accepting'
  | 'error_after_accepting'
  | 'timeout_after_accepting'
  | 'garbage'
  | 'redirect';

/**
 * What happens to the next look at a file (`describe`) or to the next download of one: a status; an answer
 * that never comes, that ends before its end, that has other bytes or more than 100 MB, that is the page of a
 * login, or that leads elsewhere.
 */
export type MediaFault =
  | { at: 'describe'; what: { status: number } | 'hang' | 'wrong_size' | 'wrong_hash' | 'text_size' }
  | {
      at: 'download';
      what: { status: number } | 'hang' | 'truncated' | 'wrong_bytes' | 'endless' | 'login_page' | 'redirect';
    };

/**
 * What happens to the next webhooks: lost; signed with another secret; sent several times at once; held back;
 * so many of them in another order, or in one body.
 */
export type WebhookFault =
  | 'drop'
  | 'wrong_signature'
  | { duplicate: number }
  | { delayMs: number }
  | { reorder: number }
  | { batch: number };

/** Faults that wait for their turn: one for each of the next events. */
export class Faults<F> {
  private queue: F[] = [];

  add(...faults: readonly F[]): void {
    this.queue.push(...faults);
  }

  next(isFor: (fault: F) => boolean = () => true): F | undefined {
    const at = this.queue.findIndex(isFor);
    return at < 0 ? undefined : this.queue.splice(at, 1)[0];
  }

  readonly clear = (): void => {
    this.queue = [];
  };

  get waiting(): readonly F[] {
    return this.queue;
  }
}

/** Another order than the given one. */
export function reordered<T>(list: readonly T[], dice: Dice): T[] {
  const other = dice.shuffled(list);
  return list.length > 1 && other.every((one, at) => one === list[at]) ? [...list].reverse() : other;
}
