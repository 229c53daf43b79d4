import { createHmac } from 'node:crypto';

/**
 * Noise of the public statistics: the two-sided geometric distribution (discrete Laplace), P(z) =
 * (1−a)/(1+a)·a^|z| with a = e^−ε. It is drawn with integers only: floating-point logarithms leak through the
 * gaps between representable numbers (Mironov, CCS 2012), and the output of `Math.random` makes its next
 * numbers predictable.
 *
 * One report is in exactly one cell of a table, so adding or removing it changes one cell by one. The release
 * is therefore ε-differentially private per report (Ghosh, Roughgarden and Sundararajan, 2009). The guarantee
 * is computational: somebody with the master key can test guesses of a whole exact table, but never sees
 * identities.
 */

const FRACTION_BITS = 160n;
const ONE = 1n << FRACTION_BITS;
const EPSILON_BITS = 40;
/**
 * Smallest odds of a table entry. A draw has 128 bits: an entry below 2^50 of 2^160 would cover under 2^18
 * draws, and its odds would be visibly coarse.
 */
const SMALLEST_ENTRY = 1n << 50n;
const DRAW_SHIFT = FRACTION_BITS - 128n;
/**
 * Allowed ε. Below 0.01 the noise table has tens of thousands of entries, and the noise hides every count.
 * Above 10 nothing is protected.
 */
const EPSILON_RANGE = { min: 0.01, max: 10 } as const;
const KEY_BYTES = 32;

/** What a noise key belongs to. Two releases that differ in any part share no noise. */
export interface NoiseScope {
  /** Table of the release, e.g. `reports`. */
  readonly table: string;
  /** Version of the frozen domain and of its ε. */
  readonly version: string | number;
  /**
   * Id of the institution. Without the id two institutions would share noise, and the difference of their
   * numbers would be exact. It is the random id, not the code: a database created again with the same secrets
   * would repeat the noise over other data.
   */
  readonly institution: string;
  /** `YYYY-MM` or `YYYY-Qn`. */
  readonly period: string;
  /**
   * Digest of the exact table (`cellsDigest`), hex. The same noise over other counts would show the exact
   * difference, and after a restore the counts may differ. With the digest, the same counts give the same
   * noise, and other counts give fresh noise.
   */
  readonly digest: string;
}

/** Cumulative odds in units of 2^−160, for the values 0, +1, −1, +2, −2 … in this order. */
export type NoiseTable = readonly bigint[];

/**
 * Derive the key of one release: HMAC-SHA256(master, `table|version|institution|period|digest`).
 * @param master `STATS_NOISE_KEY`, 32 bytes or more; used for nothing else.
 * @returns 32 bytes.
 * @throws RangeError for a short master, or a part that is empty or contains `|` (two scopes could then share
 *   one key).
 */
export function noiseKey(master: Buffer, scope: NoiseScope): Buffer {
  if (master.length < KEY_BYTES) throw new RangeError(`the noise master key needs ${KEY_BYTES} bytes`);
  const parts = [scope.table, String(scope.version), scope.institution, scope.period, scope.digest];
  if (parts.some((part) => part === '' || part.includes('|'))) {
    throw new RangeError('a part of a noise scope is empty or holds "|"');
  }
  return createHmac('sha256', master).update(parts.join('|')).digest();
}

/**
 * Draw one integer per cell label, in the order of the labels.
 *
 * A draw depends only on the key, ε and its own label: the random bits are HMAC-SHA-512(key, `label|0`). The
 * order of the domain and the presence of other cells do not matter. An oversight body with the key can check
 * a single cell. The same key, ε and labels always give the same noise. Therefore a key must belong to these
 * counts only.
 * @throws RangeError for ε outside 0.01 to 10, a key of the wrong size, or a label that comes twice (both
 *   cells would carry the same noise, and their difference would be exact).
 */
export function drawCells(key: Buffer, epsilon: number, cellLabels: readonly string[]): number[] {
  if (key.length !== KEY_BYTES) throw new RangeError(`a noise key has ${KEY_BYTES} bytes`);
  if (new Set(cellLabels).size !== cellLabels.length) throw new RangeError('a cell label comes twice');
  const table = noiseTable(epsilon);
  return cellLabels.map((label) => pick(table, randomBits(key, label)));
}

/**
 * Build the cumulative table of the distribution for one ε. The tails cut off on both sides have odds below
 * 2^−100 together. These odds go to the last entry.
 */
export function noiseTable(epsilon: number): NoiseTable {
  const a = expMinus(fixedEpsilon(epsilon));
  let odds = ((ONE - a) << FRACTION_BITS) / (ONE + a);
  let sum = odds;
  const table = [sum];
  for (odds = (odds * a) >> FRACTION_BITS; odds >= SMALLEST_ENTRY; odds = (odds * a) >> FRACTION_BITS) {
    table.push(sum + odds, sum + 2n * odds);
    sum += 2n * odds;
  }
  return table;
}

/**
 * Round ε down to a multiple of 2^−40, so that the noise is never weaker than declared. A short ε makes e^−ε
 * equal on every machine, regardless of how a machine reads the decimal text.
 */
export function roundEpsilon(epsilon: number): number {
  if (!(epsilon >= EPSILON_RANGE.min && epsilon <= EPSILON_RANGE.max)) {
    throw new RangeError(`epsilon must lie between ${EPSILON_RANGE.min} and ${EPSILON_RANGE.max}`);
  }
  return Math.floor(epsilon * 2 ** EPSILON_BITS) / 2 ** EPSILON_BITS;
}

function fixedEpsilon(epsilon: number): bigint {
  return BigInt(roundEpsilon(epsilon) * 2 ** EPSILON_BITS) << (FRACTION_BITS - BigInt(EPSILON_BITS));
}

/** e^−x by its Taylor series. For x up to 10 the truncation errors add up to less than 2^−140. */
function expMinus(x: bigint): bigint {
  let term = ONE;
  let sum = 0n;
  for (let k = 1n; term > 0n; k++) {
    sum += k % 2n === 1n ? term : -term;
    term = ((term * x) >> FRACTION_BITS) / k;
  }
  return sum;
}

/**
 * Take two big-endian 64-bit words of block 0 of the generator HMAC-SHA-512(key, label|counter). A cell needs
 * only this block.
 */
function randomBits(key: Buffer, label: string): bigint {
  const block = createHmac('sha512', key).update(`${label}|0`).digest();
  return (block.readBigUInt64BE(0) << 64n) | block.readBigUInt64BE(8);
}

/** Find the first entry above the draw by binary search. */
function pick(table: NoiseTable, bits: bigint): number {
  const draw = bits << DRAW_SHIFT;
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (draw < table[middle]!) high = middle;
    else low = middle + 1;
  }
  return low % 2 === 1 ? (low + 1) / 2 : 0 - low / 2;
}
