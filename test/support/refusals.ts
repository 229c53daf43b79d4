import { CatalogsReader } from '../../src/foundations/catalogs/catalogs.reader.js';
import { Denials } from '../../src/foundations/identity/denials.js';
import type { Harness } from '../setup/harness.js';

/** What the sweep of refusals does, at an instant of the machine. */
export async function summariseRefusals({ app }: Harness, now: Date): Promise<void> {
  const denials = app.get(Denials);
  await denials.summarise({ id: null, timeZone: 'UTC' }, now);
  for (const owner of await app.get(CatalogsReader).institutions()) await denials.summarise(owner, now);
}
