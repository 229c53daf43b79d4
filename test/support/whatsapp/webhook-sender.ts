import { setTimeout as delay } from 'node:timers/promises';
import type { Dice } from './dice.js';
import { batch, type Part } from './envelope.js';
import { Faults, reordered, type WebhookFault } from './faults.js';
import { signed, type SignedWebhook } from './signing.js';

/** Who gets a webhook, and with which secret it is signed. */
export interface Target {
  url: string;
  appSecret: string;
}

/** One try to deliver a body. `status` 0: nobody answered. */
export interface Attempt {
  body: Part;
  status: number;
  attempt: number;
}

/**
 * How often a body is repeated when the answer is not 200. Meta goes on for seven days, with growing pauses;
 * here they are short.
 */
export interface Persistence {
  firstMs: number;
  factor: number;
  longestMs: number;
  tries: number;
}

export const ACCELERATED: Persistence = { firstMs: 200, factor: 2, longestMs: 5_000, tries: 200 };

/** Meta's own limit is not documented; others measured 5 to 20 seconds. */
const TIMEOUT = 20_000;

interface Held {
  target: Target;
  body: Part;
  settle: (status: number) => void;
}

/**
 * Delivers webhooks as Meta does: all at once, each body as a whole again until it is answered with 200, and
 * on demand twice, late, in another order or not at all.
 */
export class WebhookSender {
  readonly faults = new Faults<WebhookFault>();
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly end = new AbortController();
  private held: Held[] = [];
  private holding?: { kind: 'reorder' | 'batch'; count: number };

  constructor(
    private readonly dice: Dice,
    private readonly persistence: Persistence | undefined,
    private readonly note: (attempt: Attempt) => void,
  ) {}

  /**
   * Delivers a body. Gives the status of the first try: repetitions go on behind it. 0: it was dropped, or
   * nobody answered. When webhooks are held back for another order, it waits for those that are missing.
   */
  async deliver(target: Target, body: Part): Promise<number> {
    if (this.holding) return this.hold(target, body);
    const fault = this.faults.next();
    if (fault === 'drop') return 0;
    if (fault === 'wrong_signature') return this.post({ ...target, appSecret: 'another secret' }, body, 1);
    if (typeof fault !== 'object') return this.send(target, body);
    if ('delayMs' in fault) {
      await this.pause(fault.delayMs);
      return this.send(target, body);
    }
    if ('duplicate' in fault) {
      const copies = Array.from({ length: fault.duplicate }, () => this.send(target, body));
      return Math.max(...(await Promise.all(copies)));
    }
    this.holding =
      'reorder' in fault ? { kind: 'reorder', count: fault.reorder } : { kind: 'batch', count: fault.batch };
    return this.hold(target, body);
  }

  /** Sends what is held back although others are missing. */
  async flush(): Promise<void> {
    const { held, holding } = this;
    this.held = [];
    this.holding = undefined;
    if (!holding || held.length === 0) return;
    if (holding.kind === 'batch') {
      const status = await this.send(held[0]!.target, batch(...held.map(({ body }) => body)));
      for (const { settle } of held) settle(status);
      return;
    }
    for (const { target, body, settle } of reordered(held, this.dice)) settle(await this.send(target, body));
  }

  /** Waits until nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  stop(): void {
    this.end.abort();
  }

  private async hold(target: Target, body: Part): Promise<number> {
    const sent = new Promise<number>((settle) => this.held.push({ target, body, settle }));
    if (this.held.length >= this.holding!.count) await this.flush();
    return sent;
  }

  private async send(target: Target, body: Part): Promise<number> {
    const status = await this.post(target, body, 1);
    if (status !== 200 && this.persistence) void this.track(this.repeat(target, body, this.persistence));
    return status;
  }

  private async repeat(target: Target, body: Part, persistence: Persistence): Promise<void> {
    let pause = persistence.firstMs;
    for (let attempt = 2; attempt <= persistence.tries; attempt++) {
      await this.pause(pause);
      if (this.end.signal.aborted || (await this.post(target, body, attempt)) === 200) return;
      pause = Math.min(pause * persistence.factor, persistence.longestMs);
    }
  }

  private async post({ url, appSecret }: Target, body: Part, attempt: number): Promise<number> {
    const status = await this.track(postSigned(url, signed(body, appSecret), this.end.signal));
    this.note({ body, status, attempt });
    return status;
  }

  private async pause(ms: number): Promise<void> {
    await this.track(delay(ms, undefined, { signal: this.end.signal }).catch(() => undefined));
  }

  private track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
    return tracked;
  }
}

/** Posts signed bytes and gives the HTTP status; 0 when nobody answered. */
export async function postSigned(
  url: string,
  { rawBody, headers }: SignedWebhook,
  end?: AbortSignal,
): Promise<number> {
  const limit = AbortSignal.timeout(TIMEOUT);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: new Uint8Array(rawBody),
      signal: end ? AbortSignal.any([end, limit]) : limit,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/**
 * Meta's verification of a callback: a random challenge must come back as the whole body.
 * @returns undefined when it did, else why not
 */
export async function verifyCallback(
  url: string,
  verifyToken: string,
  dice: Dice,
): Promise<string | undefined> {
  const challenge = dice.digits(10);
  const query = { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken, 'hub.challenge': challenge };
  try {
    const response = await fetch(`${url}?${new URLSearchParams(query).toString()}`, {
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await response.text();
    if (response.status !== 200) return `the callback answered ${response.status}`;
    return text === challenge ? undefined : 'the callback did not give the challenge back';
  } catch (error) {
    return `the callback cannot be reached: ${(error as Error).message}`;
  }
}
