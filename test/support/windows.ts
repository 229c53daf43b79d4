/**
 * Fixed windows of limits run on the machine's time: waits for the next one where this one ends within so
 * many seconds.
 */
export async function enoughOfTheWindow(seconds: number, length = 900): Promise<void> {
  const left = length - ((Date.now() / 1000) % length);
  if (left < seconds) await new Promise((resolve) => setTimeout(resolve, left * 1000 + 100));
}
