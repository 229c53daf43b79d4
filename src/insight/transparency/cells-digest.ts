import { sha256Hex } from '../../platform/crypto/sha256.js';
import { cellLabel, type NoisedCell } from './release-domain.js';

/**
 * Names a whole table of cells: SHA-256 over one line `territory|category=value` per cell, sorted by code
 * unit, each ended by a line feed, in UTF-8. Over the exact counts it goes into the noise key and is stored
 * nowhere: who has it could try out guesses. Over the published values it stands in the audit trail.
 * @param cells every cell of the domain, zeros included, in any order
 * @returns hex, 64 characters
 */
export function cellsDigest(cells: readonly NoisedCell[]): string {
  const lines = cells.map((cell) => `${cellLabel(cell)}=${cell.value}\n`).sort();
  return sha256Hex(lines.join(''));
}
