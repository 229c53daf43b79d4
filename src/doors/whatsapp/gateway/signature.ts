import { createHmac, timingSafeEqual } from 'node:crypto';
import { setImmediate as nextTick } from 'node:timers/promises';

/** Bytes of a body behind which other requests are worked between two secrets. */
const LARGE = 64 * 1024;
const HEADER = /^sha256=([0-9a-f]{64})$/;

/**
 * Make the value of `X-Hub-Signature-256` for a body, as Meta does (webhooks, "Validating payloads").
 * @param rawBody the bytes that travel, before any parsing
 * @param secret the app secret
 * @returns `sha256=` and 64 lower-case hexadecimal digits
 */
export function sign(rawBody: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(rawBody).digest('hex')}`;
}

/**
 * Find the secret with which a webhook is signed. Check the unchanged bytes. Meta signs a body with `\uXXXX`
 * escapes, so parsing and serialising it again breaks the signature at the first ñ.
 * @param rawBody the bytes received
 * @param header `X-Hub-Signature-256`; absent or malformed gives undefined
 * @param secrets app secrets that are valid now: of several apps, and two of an app while its secret is being
 *   rotated. Each costs one HMAC over the body.
 */
export async function signingSecret(
  rawBody: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): Promise<string | undefined> {
  const hex = HEADER.exec(header ?? '')?.[1];
  if (hex === undefined) return undefined;
  const received = Buffer.from(hex, 'hex');
  let signer: string | undefined;
  for (const secret of secrets) {
    // Skip a blank setting: anybody can compute an HMAC under the empty key.
    if (secret === '') continue;
    // Anybody may send a large body: other requests are worked between two secrets.
    if (rawBody.length > LARGE) await nextTick();
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    // No early exit, so that the time does not show which secret matched.
    if (timingSafeEqual(expected, received)) signer = secret;
  }
  return signer;
}
