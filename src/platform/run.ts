/** Runs an entry point: a fault of the start is one line per fault and a non-zero exit, without a stack. */
export async function run(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = error instanceof Error && (error.name === 'StartError' || error.name === 'EmbeddedError');
    console.error(known ? error.message : error);
    process.exit(1);
  }
}
