import type { IncomingMessage } from 'node:http';

/**
 * Milliseconds without a byte of a body, after which its sender counts as gone. Slow is not gone: a phone at
 * 50 kbit/s sends some bytes every second.
 */
export const SILENCE = 60_000;

/**
 * Cuts off who sends nothing for a while in the middle of a body. The limit ends with the body: storing it
 * and answering may take longer, and Node would cut the answer off.
 */
export function cutWhenSilent(request: IncomingMessage, silence = SILENCE): void {
  request.setTimeout(silence, () => request.destroy());
  request.once('end', () => request.setTimeout(0));
}
