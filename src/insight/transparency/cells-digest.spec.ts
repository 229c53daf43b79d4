import { describe, expect, it } from '@jest/globals';
import { cellsDigest } from './cells-digest.js';

const cells = [
  { territory: 'other', category: 'FRAUD', value: 10 },
  { territory: '15', category: 'FRAUD', value: 2 },
  { territory: 'not_stated', category: 'FRAUD', value: -1 },
  { territory: '15', category: 'not_stated', value: 0 },
];

describe('the digest of a table of cells', () => {
  it('has the known answer of an independent program, in any order', () => {
    const known = 'b5186a7e3e677fd9c5bc7092c0e21259ed9c4e5a5d39d2a5aa8e2e2ad5c2dd80';
    expect(cellsDigest(cells)).toBe(known);
    expect(cellsDigest([...cells].reverse())).toBe(known);
  });

  it('changes with any value, a zero that is missing included', () => {
    const others = [
      cells.slice(0, 3),
      ...cells.map((_, i) => cells.map((cell, j) => (i === j ? { ...cell, value: cell.value + 1 } : cell))),
    ];
    expect(new Set([cells, ...others].map(cellsDigest)).size).toBe(others.length + 1);
  });
});
