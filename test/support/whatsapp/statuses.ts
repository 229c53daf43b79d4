import type { StandinClock } from './clock.js';
import type { Dice } from './dice.js';
import type { DeliveryStatus, Pricing } from './envelope.js';

/** How the statuses of a message come. */
export interface StatusHabits {
  /** Share of statuses that never come, from 0 to 1. `read` without `delivered` is normal. */
  omitted: number;
  /** Share of messages whose statuses come in another order. */
  shuffled: number;
  /** Longest pause before each of them, in milliseconds. */
  longestMs: number;
}

export const USUAL: StatusHabits = { omitted: 0.15, shuffled: 0.3, longestMs: 400 };

/** The statuses of a message that arrives, in the order in which they come, each with its pause. */
export function planOf(dice: Dice, habits: StatusHabits): { status: DeliveryStatus; pauseMs: number }[] {
  const all: DeliveryStatus[] = ['sent', 'delivered', 'read'];
  const coming = all.filter(() => !dice.chance(habits.omitted));
  const ordered = dice.chance(habits.shuffled) ? dice.shuffled(coming) : coming;
  return ordered.map((status) => ({ status, pauseMs: dice.below(habits.longestMs + 1) }));
}

const FREE_A_MONTH = 1000;

/**
 * What a delivered message costs since 1 October 2026: of the answers to people a thousand a month are free
 * for each number; templates inside of a window cost as well.
 */
export class Tariff {
  private readonly delivered = new Map<string, number>();

  constructor(private readonly clock: StandinClock) {}

  priceOf(phoneNumberId: string, isTemplate: boolean): Pricing {
    const base = { pricing_model: 'PMP' } as const;
    if (isTemplate) return { billable: true, ...base, type: 'regular', category: 'utility' };
    const month = `${phoneNumberId}/${new Date(this.clock.now()).toISOString().slice(0, 7)}`;
    const count = (this.delivered.get(month) ?? 0) + 1;
    this.delivered.set(month, count);
    return count <= FREE_A_MONTH
      ? { billable: false, ...base, type: 'free_customer_service', category: 'service' }
      : { billable: true, ...base, type: 'regular', category: 'service' };
  }
}
