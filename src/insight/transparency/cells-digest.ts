import { sha256Hex } from '../../platform/crypto/sha256.js';
import { cellLabel, type NoisedCell } from './release-domain.js';

/**
 * Compute the digest of a whole table of cells: SHA-256 over one line `territory|category=value` per cell,
 * sorted by code unit, each line ended by a line feed, in UTF-8. The digest of the exact counts goes into the
 * noise key and is stored nowhere: somebody with that digest could test guesses. The digest of the published
 * values is in the trail.
 * @param cells every cell of the domain, zeros included, in any order
 * @returns hex, 64 characters
 */
export function cellsDigest(cells: readonly NoisedCell[]): string {
  const lines = cells.map((cell) => `${cellLabel(cell)}=${cell.value}\n`).sort();
  return sha256Hex(lines.join(''));
}
