/**
 * Let senders take turns: first everybody's first item, then everybody's second. Items that share a sender
 * keep their order.
 * @param items in the order in which they came
 * @param sendersOf several senders for an item that belongs to all of them; items without a sender take turns
 * as if one person had sent them all
 */
export function inTurns<T>(items: readonly T[], sendersOf: (item: T) => readonly string[]): T[] {
  const rounds = new Map<string, number>();
  const placed = items.map((item) => {
    const senders = sendersOf(item);
    const names = senders.length > 0 ? senders : [''];
    const round = 1 + Math.max(...names.map((name) => rounds.get(name) ?? 0));
    for (const name of names) rounds.set(name, round);
    return { item, round };
  });
  // Sorting is stable: items of one round keep their order of arrival.
  return placed.sort((one, other) => one.round - other.round).map(({ item }) => item);
}
