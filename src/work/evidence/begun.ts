import { SealedFileBroken } from '../../platform/crypto/sealed-file.js';
import { ObjectMissing } from '../../platform/storage/object-store.js';
import { evidenceErrors } from './errors.js';

/** Reads the first piece before the headers are sent. @throws EVIDENCE_UNREADABLE */
export async function begun(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const pieces = bytes[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer>;
  try {
    first = await pieces.next();
  } catch (error) {
    if (error instanceof SealedFileBroken || error instanceof ObjectMissing)
      throw evidenceErrors.unreadable();
    throw error;
  }
  return (async function* () {
    try {
      for (let piece = first; !piece.done; piece = await pieces.next()) yield piece.value;
    } finally {
      // The reader may leave before the end.
      await pieces.return?.();
    }
  })();
}
