import { describe, expect, it } from '@jest/globals';
import { assertDepth, assertShape } from './body-shape.js';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('shape of a body', () => {
  it('takes what the API documents', () => {
    for (const body of [
      undefined,
      null,
      {},
      { a: { b: { c: ['d'] } } },
      { list: Array.from({ length: 100 }, () => 'x') },
    ]) {
      expect(() => assertShape(body, 'anybody')).not.toThrow();
    }
    const closures = { closures: Array.from({ length: 1000 }, () => ({ day: '2026-12-24', label: 'x' })) };
    expect(() => assertShape(closures, 'admin')).not.toThrow();
    expect(() => assertShape(closures, 'anybody')).toThrow('BODY_SHAPE');
  });

  it('finds depth before anything is parsed, and none in texts', () => {
    const refused = (json: string) => () => assertDepth(Buffer.from(json));
    for (const json of [
      '{}',
      '"[[["',
      JSON.stringify('['.repeat(100)),
      `{"a":"\\\\","b":${'['.repeat(60)}${']'.repeat(60)}}`,
      '[],'.repeat(99),
    ])
      expect(refused(json)).not.toThrow();
    for (const json of ['['.repeat(500_000), '{"a":'.repeat(65), `["\\""${',['.repeat(64)}`])
      expect(refused(json)).toThrow('BODY_SHAPE');
  });

  it('refuses depth, width and mass before anything recursive sees them', () => {
    const wide = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, 1]));
    const mass = Array.from({ length: 900 }, () => [1, 2, 3, 4, 5, 6, 7]);
    for (const body of [
      nested(18),
      nested(800_000),
      Array.from({ length: 200_000 }, () => ({})),
      wide,
      mass,
    ]) {
      expect(() => assertShape(body, 'admin')).toThrow('BODY_SHAPE');
    }
  });
});
