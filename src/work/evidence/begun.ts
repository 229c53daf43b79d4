import { heldBytes, type HeldBytes } from '../../platform/held-bytes.js';
import { evidenceErrors } from './errors.js';
import { isUnreadable } from './sealed-evidence.js';

/** Reads the first piece before the headers are sent. @throws EVIDENCE_UNREADABLE */
export async function begun(bytes: AsyncIterable<Buffer>): Promise<HeldBytes> {
  const pieces = bytes[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer> | undefined;
  try {
    first = await pieces.next();
  } catch (error) {
    throw isUnreadable(error) ? evidenceErrors.unreadable() : error;
  }
  const next = async (): Promise<IteratorResult<Buffer>> => {
    const piece = first ?? (await pieces.next());
    first = undefined;
    return piece;
  };
  return heldBytes(next, () => pieces.return?.());
}
