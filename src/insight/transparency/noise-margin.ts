import { roundEpsilon } from './noise.js';

/**
 * How far the noise of a sum reaches. One cell carries discrete Laplace noise with a = e^−ε. A sum of cells
 * carries S, the sum of the independent noises. The margin is the smallest whole number m with P(|S| ≤ m) ≥
 * 0.95. It uses the exact distribution: a normal approximation gives ±2.7 for one cell at ε = 1, which holds
 * only 92.7 %.
 *
 * The characteristic function of one noise is (1−a)²/(1−2a·cos t+a²). That of S is the product of those of
 * its cells. The formula
 *   P(|S| ≤ m) = 1/N · Σ φ(2πj/N)·D(2πj/N),  j = 0 … N−1,  with D(t) = Σ e^(ikt) for |k| ≤ m,
 * is exact except for the part of S that lies further than N−m from zero. N is chosen so that this part is
 * below 10⁻¹⁵.
 */

const COVERAGE = 0.95;
/**
 * Number of standard deviations, and multiple of 1/ε, beyond which less than 10⁻¹⁵ of a sum lies (Bernstein's
 * inequality).
 */
const REACH_SIGMAS = 12;
const REACH_SCALES = 40;
/** Smallest φ that counts. φ falls from t = 0 to π, and smaller values do not change a sum of doubles. */
const NEGLIGIBLE = 1e-20;

/** Number of cells of a sum, by ε. */
export type CellsByEpsilon = ReadonlyMap<number, number>;

/**
 * Known margins by their multiset of cells. One table has few different multisets. The map is cleared when an
 * unusual caller fills it.
 */
const known = new Map<string, number>();
const KNOWN_LIMIT = 20_000;

/**
 * The margin of a sum of cells, in whole reports; 0 for no cells. Depends on the number of cells and on ε,
 * never on counts.
 */
export function noiseMargin(cells: CellsByEpsilon): number {
  const parts = [...cells].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const name = parts.join(';');
  let found = known.get(name);
  if (found === undefined) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(name, (found = computeMargin(parts)));
  }
  return found;
}

/** P(|S| ≤ m) for the noise S of a sum of cells. */
export function noiseWithin(cells: CellsByEpsilon, m: number): number {
  return withinOf(spectrumOf([...cells]), m);
}

function computeMargin(parts: readonly (readonly [number, number])[]): number {
  if (parts.length === 0) return 0;
  const spectrum = spectrumOf(parts);
  let low = 0;
  let high = spectrum.reach;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (withinOf(spectrum, middle) >= COVERAGE) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Spectrum {
  /** Number of points on the full circle. */
  size: number;
  /** φ at 2πj/size, from j = 0 until it is negligible or the half circle ends. */
  values: number[];
  /** Bound that the noise practically never exceeds. */
  reach: number;
}

function spectrumOf(parts: readonly (readonly [number, number])[]): Spectrum {
  const terms = parts.map(([epsilon, count]) => {
    const a = Math.exp(-roundEpsilon(epsilon));
    return { count, scale: (4 * a) / (1 - a) ** 2 };
  });
  // The variance of one cell is 2a/(1−a)², half of `scale`.
  const sigma = Math.sqrt(terms.reduce((sum, { count, scale }) => sum + (count * scale) / 2, 0));
  const smallest = Math.min(...parts.map(([epsilon]) => epsilon));
  const reach = Math.ceil(REACH_SIGMAS * sigma + REACH_SCALES / smallest);
  const size = 2 * reach + 1;
  const values: number[] = [];
  for (let j = 0; j <= reach; j++) {
    // Use 1−2a·cos t+a² = (1−a)² + 4a·sin²(t/2): near t = 0 this avoids the difference of nearly equal
    // numbers.
    const square = Math.sin((Math.PI * j) / size) ** 2;
    const phi = Math.exp(
      -terms.reduce((sum, { count, scale }) => sum + count * Math.log1p(scale * square), 0),
    );
    if (phi < NEGLIGIBLE) break;
    values.push(phi);
  }
  return { size, values, reach };
}

/**
 * Evaluate the formula above. `size` is odd, so every point of the half circle counts twice and only t = 0
 * once. D(t) = sin((m+½)t)/sin(t/2).
 */
function withinOf({ size, values, reach }: Spectrum, m: number): number {
  if (m >= reach) return 1;
  let sum = values[0]! * (2 * m + 1);
  for (let j = 1; j < values.length; j++) {
    const half = (Math.PI * j) / size;
    sum += (2 * values[j]! * Math.sin((2 * m + 1) * half)) / Math.sin(half);
  }
  return sum / size;
}
