import { PrepareEvidence } from '../../src/work/evidence/prepare-evidence.js';
import type { Harness } from '../setup/harness.js';
import { inPieces } from './converted.js';

/**
 * Keeps a safe copy of a file as the worker does, of bytes that a program of Debian would have made. Not
 * every machine has those; with the real ones it is a system test.
 */
export async function keepCopy(
  h: Harness,
  id: string,
  { bytes, ...made }: { bytes: Buffer; type: string; extension: string; tool: string },
): Promise<void> {
  const prepare = h.app.get(PrepareEvidence);
  const waiting = await prepare['find'](id);
  if (!waiting) throw new Error('nothing waits');
  await prepare['keepCopy'](waiting, {
    outcome: 'converted',
    ...made,
    length: bytes.length,
    bytes: inPieces(bytes),
    dispose: async () => undefined,
  });
}
