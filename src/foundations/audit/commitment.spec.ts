import { describe, expect, it } from '@jest/globals';
import { canonicalJson, commit } from './commitment.js';

/** Known answers of the log's published rule: salt, payload, commitment. */
const VECTORS: [string, string, string][] = [
  [
    '5436ac695ad89d51bf380411c72f77744e140665a8166e7c62846031ead13ae2',
    '{"evento":"DENUNCIA_RECIBIDA","n":0}',
    '799b438e8dee8df907339fa4af77872bb840e1e5b6bcfe6b80a2ceeebe51d70e',
  ],
  [
    '57cff509dfdd27f9526cf2cfda42107558b646fbad97ae03ff0ce37886ad14e9',
    '{"evento":"IDENTIDAD_CONSULTADA","n":2}',
    '8f619c5a09b250efe9967b028ad5a550c4dcc6135e689fde078c1af58e36d257',
  ],
  [
    '13d9843d33a16492f9ab95444e93c9220b4a2f9d7d0342ceb076a41e0730f290',
    '{"evento":"RELLENO"}',
    'a2f9fb22ed2448513266e8b89b861e24f74d6e905a71164de69949d3e2cbaf93',
  ],
];

describe('commitments', () => {
  it.each(VECTORS)('gives the known commitment (salt %s)', (salt, payload, commitment) => {
    expect(commit(Buffer.from(salt, 'hex'), payload).toString('hex')).toBe(commitment);
  });

  it('sorts keys at every level and keeps nested ones', () => {
    expect(canonicalJson({ b: { z: 1, a: [{ y: 2, x: 'ñ' }] }, a: null, skip: undefined })).toBe(
      '{"a":null,"b":{"a":[{"x":"ñ","y":2}],"z":1}}',
    );
  });
});
