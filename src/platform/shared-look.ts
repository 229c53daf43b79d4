/**
 * A look that all who ask meanwhile share: however many ask at once, it runs once at a time.
 * @param look asked anew when the last one has ended, also with an error
 */
export function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let looking: Promise<T> | undefined;
  return () => (looking ??= look().finally(() => (looking = undefined)));
}
