import { describe, expect, it } from '@jest/globals';
import { assertShape } from './body-shape.js';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('shape of a body', () => {
  it('takes what the API documents', () => {
    for (const body of [
      undefined,
      null,
      'x',
      {},
      { a: { b: { c: ['d'] } } },
      { list: Array.from({ length: 1000 }, () => 'x') },
    ]) {
      expect(() => assertShape(body)).not.toThrow();
    }
  });

  it('refuses depth, width and mass before anything recursive sees them', () => {
    const wide = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, 1]));
    const mass = Array.from({ length: 900 }, () => [1, 2, 3, 4, 5, 6, 7]);
    for (const body of [nested(18), nested(800_000), Array.from({ length: 200_000 }, () => ({})), wide, mass]) {
      expect(() => assertShape(body)).toThrow('BODY_SHAPE');
    }
  });
});
