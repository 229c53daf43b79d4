import { createHash } from 'node:crypto';
import { asNumber, asRecord, asText } from '../../../platform/json-reading.js';
import type { MediaReference } from '../bot/messages.js';
import type { GraphOptions } from './graph-client.js';
import { sha256Of } from './webhook-content.js';

/**
 * The file will not come, as far as one answer can tell: its id is unknown, or what came is not what was
 * announced. A few tries more may still bring it, because Meta has been seen to answer so for a while.
 */
export class MediaRefused extends Error {
  constructor(readonly code: 'GONE' | 'BROKEN') {
    super(`the chat does not give the file: ${code}`);
    this.name = 'MediaRefused';
  }
}

/** The file cannot be had now: network, limits, token, or a fault on Meta's side. */
export class MediaUnavailable extends Error {
  constructor(
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(`the chat cannot give the file now${status === undefined ? '' : `: ${status}`}`, options);
    this.name = 'MediaUnavailable';
  }
}

/** Milliseconds for a whole file of 100 MB over a slow line. */
const WHOLE = 600_000;
/** Where Meta keeps files. The token goes nowhere else, whatever an answer says. */
const HOSTS = /(^|\.)(fbsbx\.com|fbcdn\.net|facebook\.com|whatsapp\.net|whatsapp\.com)$/;
/** Graph's code for an object that does not exist, or not for this token. */
const NO_OBJECT = 100;

/** Fetches files that people sent, from the Cloud API. Logs nothing: ids and addresses stay here. */
export class GraphMedia {
  private readonly base: URL;
  private readonly headers: Record<string, string>;

  /** @param silence milliseconds without a byte after which the other side is given up */
  constructor(
    private readonly options: GraphOptions,
    private readonly silence: () => number,
  ) {
    this.base = new URL(options.baseUrl);
    this.headers = { authorization: `Bearer ${options.accessToken}` };
  }

  /**
   * Gives the bytes of a file. The address that Meta makes for it lives for five minutes, so it is asked for
   * each time.
   * @throws MediaRefused, MediaUnavailable; reading the bytes as well
   */
  async open({ id, sha256 }: MediaReference): Promise<AsyncIterable<Buffer>> {
    const answer = await this.request(this.urlOf(id));
    const told = asRecord(await answer.json().catch(() => undefined));
    if (answer.status !== 200) {
      const code = asNumber(asRecord(told.error).code);
      throw answer.status === 404 || code === NO_OBJECT
        ? new MediaRefused('GONE')
        : new MediaUnavailable(answer.status);
    }
    const address = this.allowed(asText(told.url));
    const line = new Line(this.silence());
    const file = await this.request(address, line.signal);
    if (file.status !== 200 || !file.body) {
      await file.body?.cancel();
      throw file.status === 404 ? new MediaRefused('GONE') : new MediaUnavailable(file.status);
    }
    return checked(line.watched(file.body), {
      size: sizeOf(told.file_size),
      sha256: sha256 ?? sha256Of(asText(told.sha256)),
    });
  }

  /** Tells Meta to delete its copy. Nothing depends on it: the copy ends by itself after seven days. */
  async remove(id: string): Promise<void> {
    const answer = await this.request(this.urlOf(id), undefined, 'DELETE').catch(() => undefined);
    await answer?.body?.cancel();
  }

  private urlOf(id: string): URL {
    const { apiVersion, phoneNumberId } = this.options;
    const folder = this.base.pathname.replace(/\/+$/, '');
    const url = new URL(`${folder}/${apiVersion}/${encodeURIComponent(id)}`, this.base);
    url.searchParams.set('phone_number_id', phoneNumberId);
    return url;
  }

  private allowed(address: string | undefined): URL {
    const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
    const isMeta = url?.protocol === 'https:' && HOSTS.test(url.hostname);
    // No address, or a host that is not known: it may be known after an upgrade of this program.
    if (!url || (!isMeta && url.origin !== this.base.origin)) throw new MediaUnavailable();
    return url;
  }

  /** Redirects are not followed: they would carry the token to somebody else. */
  private async request(
    url: URL,
    signal = AbortSignal.timeout(this.silence()),
    method = 'GET',
  ): Promise<Response> {
    try {
      return await fetch(url, { method, headers: this.headers, redirect: 'manual', signal });
    } catch {
      throw new MediaUnavailable();
    }
  }
}

/** A line that is given up when nothing comes for a while, or all of it takes too long. */
class Line {
  private readonly given = new AbortController();
  private timer: NodeJS.Timeout;
  readonly signal = AbortSignal.any([this.given.signal, AbortSignal.timeout(WHOLE)]);

  constructor(private readonly silence: number) {
    this.timer = this.wait();
  }

  async *watched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) {
        clearTimeout(this.timer);
        yield piece;
        this.timer = this.wait();
      }
    } finally {
      clearTimeout(this.timer);
    }
  }

  private wait(): NodeJS.Timeout {
    return setTimeout(() => this.given.abort(), this.silence).unref();
  }
}

/** Meta's examples give the length as a text, its answers as a number. */
function sizeOf(value: unknown): number | undefined {
  return asNumber(value) ?? asNumber(Number(asText(value) ?? Number.NaN));
}

/** The bytes of an answer. Ends with an error when they are not those that were announced. */
async function* checked(
  body: AsyncIterable<Uint8Array>,
  expected: { size?: number; sha256?: string },
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.length;
      hash.update(piece);
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (error) {
    throw new MediaUnavailable(undefined, { cause: error });
  }
  const isWhole = expected.size === undefined || size === expected.size;
  const isSame = expected.sha256 === undefined || hash.digest('hex') === expected.sha256;
  if (!isWhole || !isSame) throw new MediaRefused('BROKEN');
}
