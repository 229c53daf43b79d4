import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sign, verifySignature } from './signature.js';

const folder = new URL('../../../../test/fixtures/whatsapp/signed/', import.meta.url);
const raw = readFileSync(new URL('text_521.raw.json', folder));
const headers = JSON.parse(readFileSync(new URL('text_521.headers.json', folder), 'utf8')) as Record<
  string,
  string
>;
const secret = headers.app_secret ?? '';
const right = headers['X-Hub-Signature-256'] ?? '';

describe('signature of a webhook', () => {
  it('is right over the bytes as they came', () => {
    expect(raw.length).toBe(Number(headers.bytes));
    expect(verifySignature(raw, right, [secret])).toBe(true);
    expect(sign(raw, secret)).toBe(right);
  });

  it('is wrong over a body that was parsed and serialised again', () => {
    const wrong = headers.WRONG_if_body_is_parsed_and_reserialised;
    const serialisedAgain = Buffer.from(JSON.stringify(JSON.parse(raw.toString('utf8'))));
    expect(wrong).toBe(sign(serialisedAgain, secret));
    expect(verifySignature(raw, wrong, [secret])).toBe(false);
    expect(verifySignature(serialisedAgain, right, [secret])).toBe(false);
  });

  it('may be made with any of the secrets that are valid during a rotation', () => {
    expect(verifySignature(raw, right, ['the next one', secret])).toBe(true);
    expect(verifySignature(raw, right, [secret, 'the next one'])).toBe(true);
    expect(verifySignature(raw, right, ['the next one'])).toBe(false);
    expect(verifySignature(raw, right, [])).toBe(false);
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['without its prefix', right.slice('sha256='.length)],
    ['of another algorithm', right.replace('sha256=', 'sha1=')],
    ['in capitals', right.toUpperCase().replace('SHA256=', 'sha256=')],
    ['too short', right.slice(0, -2)],
    ['too long', `${right}00`],
    ['with a line end', `${right}\n`],
    ['not hexadecimal', `sha256=${'g'.repeat(64)}`],
  ])('is refused when the header is %s', (_what, header) => {
    expect(verifySignature(raw, header, [secret])).toBe(false);
  });

  it('made with a blank secret opens nothing', () => {
    expect(verifySignature(raw, sign(raw, ''), [''])).toBe(false);
  });

  it('of any body verifies, and of any other body does not', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.string({ minLength: 1 }), (one, other, key) => {
        const signature = sign(Buffer.from(one), key);
        expect(verifySignature(Buffer.from(one), signature, [key])).toBe(true);
        fc.pre(!Buffer.from(one).equals(Buffer.from(other)));
        expect(verifySignature(Buffer.from(other), signature, [key])).toBe(false);
      }),
    );
  });

  it('never throws on any header', () => {
    fc.assert(
      fc.property(fc.string(), (header) => verifySignature(raw, header, [secret]) === (header === right)),
    );
  });
});
