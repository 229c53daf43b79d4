import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sign, signingSecret } from './signature.js';

const folder = new URL('../../../../test/fixtures/whatsapp/signed/', import.meta.url);
const raw = readFileSync(new URL('text_521.raw.json', folder));
const headers = JSON.parse(readFileSync(new URL('text_521.headers.json', folder), 'utf8')) as Record<
  string,
  string
>;
const secret = headers.app_secret ?? '';
const right = headers['X-Hub-Signature-256'] ?? '';

describe('signature of a webhook', () => {
  it('is right over the bytes as they came', async () => {
    expect(raw.length).toBe(Number(headers.bytes));
    expect(await signingSecret(raw, right, [secret])).toBe(secret);
    expect(sign(raw, secret)).toBe(right);
  });

  it('is wrong over a body that was parsed and serialised again', async () => {
    const wrong = headers.WRONG_if_body_is_parsed_and_reserialised;
    const serialisedAgain = Buffer.from(JSON.stringify(JSON.parse(raw.toString('utf8'))));
    expect(wrong).toBe(sign(serialisedAgain, secret));
    expect(await signingSecret(raw, wrong, [secret])).toBeUndefined();
    expect(await signingSecret(serialisedAgain, right, [secret])).toBeUndefined();
  });

  it('may be made with any of the secrets that are valid during a rotation', async () => {
    expect(await signingSecret(raw, right, ['the next one', secret])).toBe(secret);
    expect(await signingSecret(raw, right, [secret, 'the next one'])).toBe(secret);
    expect(await signingSecret(raw, right, ['the next one'])).toBeUndefined();
    expect(await signingSecret(raw, right, [])).toBeUndefined();
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
  ])('is refused when the header is %s', async (_what, header) => {
    expect(await signingSecret(raw, header, [secret])).toBeUndefined();
  });

  it('made with a blank secret opens nothing', async () => {
    expect(await signingSecret(raw, sign(raw, ''), [''])).toBeUndefined();
  });

  it('of any body verifies, and of any other body does not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array(),
        fc.uint8Array(),
        fc.string({ minLength: 1 }),
        async (one, other, key) => {
          const signature = sign(Buffer.from(one), key);
          expect(await signingSecret(Buffer.from(one), signature, [key])).toBe(key);
          fc.pre(!Buffer.from(one).equals(Buffer.from(other)));
          expect(await signingSecret(Buffer.from(other), signature, [key])).toBeUndefined();
        },
      ),
    );
  });

  it('never throws on any header', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        async (header) => ((await signingSecret(raw, header, [secret])) === secret) === (header === right),
      ),
    );
  });
});
