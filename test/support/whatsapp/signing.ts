import { createHmac } from 'node:crypto';

/** A webhook as it travels. */
export interface SignedWebhook {
  rawBody: Buffer;
  headers: Record<string, string>;
}

/** Meta's bytes: everything beyond ASCII as lower-case `\uXXXX`, slashes escaped. */
export function serialise(body: unknown): Buffer {
  const escaped = JSON.stringify(body)
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('/', '\\/');
  return Buffer.from(escaped, 'ascii');
}

/** Signs with an HMAC of its own, so that a mistake in ours would show. */
export function signed(body: unknown, appSecret: string): SignedWebhook {
  const rawBody = serialise(body);
  const signature = createHmac('sha256', appSecret).update(rawBody).digest('hex');
  return {
    rawBody,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'facebookexternalua',
      'x-hub-signature-256': `sha256=${signature}`,
    },
  };
}
