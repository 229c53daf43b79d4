/**
 * Makes a look that concurrent callers share. However many ask at once, only one look runs at a time.
 * @param look asked anew when the last look has ended, also with an error
 */
export function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let looking: Promise<T> | undefined;
  return () => (looking ??= look().finally(() => (looking = undefined)));
}
