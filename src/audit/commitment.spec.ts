import { describe, expect, it } from '@jest/globals';
import { canonicalJson, commit, leafHash } from './commitment.js';

/** Known answers of the log's published rule: salt, payload, commitment, RFC 6962 leaf hash. */
const VECTORS: [string, string, string, string][] = [
  [
    '5436ac695ad89d51bf380411c72f77744e140665a8166e7c62846031ead13ae2',
    '{"evento":"DENUNCIA_RECIBIDA","n":0}',
    '799b438e8dee8df907339fa4af77872bb840e1e5b6bcfe6b80a2ceeebe51d70e',
    '4b0e4e2bad53618b68f521d9881073de0ca2e9ef6b8f3f55813aefea61b7b8bb',
  ],
  [
    '57cff509dfdd27f9526cf2cfda42107558b646fbad97ae03ff0ce37886ad14e9',
    '{"evento":"IDENTIDAD_CONSULTADA","n":2}',
    '8f619c5a09b250efe9967b028ad5a550c4dcc6135e689fde078c1af58e36d257',
    'a91426b7226de6b5625278fb9a142d49390a7b04ad94a7b18497b8720a5b0f9a',
  ],
  [
    '13d9843d33a16492f9ab95444e93c9220b4a2f9d7d0342ceb076a41e0730f290',
    '{"evento":"RELLENO"}',
    'a2f9fb22ed2448513266e8b89b861e24f74d6e905a71164de69949d3e2cbaf93',
    '495c82125f8abc402a24e6e1437ac9e8a931fa8340128a7d3f3fd59d7a17859f',
  ],
];

describe('commitments', () => {
  it.each(VECTORS)('gives the known commitment and leaf hash (salt %s)', (salt, payload, commitment, leaf) => {
    const made = commit(Buffer.from(salt, 'hex'), payload);
    expect(made.toString('hex')).toBe(commitment);
    expect(leafHash(made).toString('hex')).toBe(leaf);
  });

  it('sorts keys at every level and keeps nested ones', () => {
    expect(canonicalJson({ b: { z: 1, a: [{ y: 2, x: 'ñ' }] }, a: null, skip: undefined })).toBe(
      '{"a":null,"b":{"a":[{"x":"ñ","y":2}],"z":1}}',
    );
  });
});
