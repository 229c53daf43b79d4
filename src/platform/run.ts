const KNOWN = ['StartError', 'EmbeddedError', 'UsageError'];

/**
 * Runs an entry point: a fault of the start is one line per fault and exit code 1, of the command line 2;
 * without a stack.
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
