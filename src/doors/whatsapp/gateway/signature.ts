import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = /^sha256=([0-9a-f]{64})$/;

/**
 * Makes the value of `X-Hub-Signature-256` for a body, as Meta does (webhooks, "Validating payloads").
 * @param rawBody the bytes that travel, before any parsing
 * @param secret the app secret
 * @returns `sha256=` and 64 lower-case hexadecimal digits
 */
export function sign(rawBody: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(rawBody).digest('hex')}`;
}

/**
 * Tells whether a webhook comes from Meta. The untouched bytes count: Meta signs a body with `\uXXXX`
 * escapes, so parsing and serialising again breaks the signature at the first ñ.
 * @param rawBody the bytes received
 * @param header `X-Hub-Signature-256`; absent or malformed is simply false
 * @param secrets app secrets that are valid now: more than one while a secret is being rotated
 */
export function verifySignature(
  rawBody: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): boolean {
  const hex = HEADER.exec(header ?? '')?.[1];
  if (hex === undefined) return false;
  const received = Buffer.from(hex, 'hex');
  let genuine = false;
  for (const secret of secrets) {
    // Anybody can compute an HMAC under the empty key: a blank setting must not open the channel.
    if (secret === '') continue;
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    // No early exit, so that the time tells nothing about which secret matched.
    genuine = timingSafeEqual(expected, received) || genuine;
  }
  return genuine;
}
