/** Prepares the template database that every test worker clones. */
export async function prepareTemplate(_superuserUrl: string): Promise<void> {
  await Promise.resolve();
}
