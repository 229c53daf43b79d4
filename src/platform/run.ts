const KNOWN = ['StartError', 'EmbeddedError', 'UsageError'];

/**
 * Runs an entry point. A fault of the start prints one line per fault and exits with code 1. A fault of the
 * command line exits with code 2. Neither prints a stack.
 */
export async function run(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    console.error(KNOWN.includes(name) ? (error as Error).message : error);
    process.exit(name === 'UsageError' ? 2 : 1);
  }
}
