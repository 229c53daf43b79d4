import type { IncomingMessage, ServerResponse } from 'node:http';
import { callbackOf, PeopleControl, viewOf } from './control-people.js';
import { ControlError, optional, required, Speaker } from './control-say.js';
import type { Part } from './envelope.js';
import type { MediaFault, MessageFault, WebhookFault } from './faults.js';
import { streamOf, sizeOf, type SentFile } from './files.js';
import { answerJson, parseJson, readBody, TooLarge, type Json } from './http.js';
import type { Account, AccountOptions } from './numbers.js';
import { servePage } from './page-files.js';
import type { WhatsAppStandin } from './standin.js';

const PREFIX = '/__standin/';
/** Bytes of a file that is brought: more than WhatsApp takes, so that "too large" can be tried. */
const MOST = 128 * 2 ** 20;

interface Asked {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  /** What stands behind the name of the resource in the path. */
  rest: readonly string[];
  body: Json;
  bytes: Buffer;
}

/** What the page and tests of other programs do over HTTP, `/__standin/…`; and the page itself. */
export class ControlServer {
  private readonly files = new Map<string, SentFile>();
  private readonly people: PeopleControl;

  constructor(private readonly standin: WhatsAppStandin) {
    this.people = new PeopleControl(standin, new Speaker(standin, this.files));
  }

  /** Whether a request is for this server and not for the Graph API. */
  isMeant({ url = '/' }: IncomingMessage): boolean {
    return url.startsWith(PREFIX) || /^\/(?:[?#]|$|page\/)/.test(url);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isFromHere(request))
      return answerJson(response, 403, { error: 'Only pages of this stand-in ask here.' });
    const url = new URL(request.url ?? '/', 'http://standin');
    if (!url.pathname.startsWith(PREFIX)) return servePage(url.pathname, response);
    try {
      const bytes = await readBody(request, MOST);
      const [resource = '', ...rest] = url.pathname.slice(PREFIX.length).split('/');
      const asked = { request, response, query: url.searchParams, rest, body: parseJson(bytes), bytes };
      const answer = await this.answer([request.method, resource, rest[1] ?? ''].join(' ').trim(), asked);
      if (answer !== undefined) answerJson(response, 200, answer);
    } catch (error) {
      if (error instanceof TooLarge) return answerJson(response, 413, { error: 'The file is too large.' });
      if (!(error instanceof ControlError)) throw error;
      answerJson(response, error.status, { error: error.message });
    }
  }

  /** Undefined: the answer was given already. */
  private async answer(what: string, asked: Asked): Promise<Json | undefined> {
    const { standin, people } = this;
    const { body, query, rest } = asked;
    switch (what) {
      case 'GET state':
        return this.state();
      case 'POST numbers':
        return shownOf(standin.accounts.add(numberOf(body)));
      case 'POST people':
        return people.add(body);
      case 'GET people':
        return people.view(rest[0]);
      case 'PATCH people':
        return people.change(rest[0], body);
      case 'POST people say':
        return people.say(rest[0], this.accountOf(body), body);
      case 'POST people number':
        return people.changeNumber(rest[0], this.accountOf(body), body);
      case 'GET people conversation':
        return people.conversation(rest[0], this.accountOf({}), Number(query.get('after') ?? 0));
      case 'POST files':
        return this.bring(asked);
      case 'GET files':
        return this.show(asked);
      case 'POST clock':
        return this.push(body);
      case 'POST faults':
        return this.addFaults(body);
      case 'DELETE faults':
        for (const { clear } of [standin.messageFaults, standin.mediaFaults, standin.webhooks.faults])
          clear();
        standin.refusals.clear();
        return {};
      case 'POST token':
        this.accountOf(body).revoked = body.revoked === true;
        return {};
      case 'POST callback':
        return this.subscribe(body);
      case 'POST webhooks':
        return { status: await this.deliver(body) };
      case 'POST flush':
        await standin.webhooks.flush();
        return {};
      default:
        throw new ControlError('There is no such thing here.', 404);
    }
  }

  private state(): Json {
    const { standin } = this;
    return {
      now: new Date(standin.clock.now()).toISOString(),
      numbers: standin.accounts.all.map(shownOf),
      people: standin.people.list.map(viewOf),
      sent: standin.sent.length,
      faults: {
        messages: standin.messageFaults.waiting,
        media: standin.mediaFaults.waiting,
        webhooks: standin.webhooks.faults.waiting,
        refusals: Object.fromEntries(standin.refusals),
      },
    };
  }

  private async push({ advance }: Json): Promise<Json> {
    const { clock, journal, options } = this.standin;
    try {
      clock.advance(typeof advance === 'number' ? advance : String(advance));
    } catch (error) {
      throw new ControlError((error as Error).message);
    }
    const now = new Date(clock.now()).toISOString();
    journal.note(clock.now(), 'clock', { now });
    await options.onClock?.();
    return { now };
  }

  private async bring({ request, bytes, query }: Asked): Promise<Json> {
    const id = this.standin.dice.trace();
    const filename = query.get('name') ?? undefined;
    const mimeType = request.headers['content-type'] ?? 'application/octet-stream';
    this.files.set(id, { content: bytes, mimeType, ...(filename === undefined ? {} : { filename }) });
    return { file: id, size: bytes.length };
  }

  /** The page shows files without a token, and also those whose id has expired for the institution. */
  private show({ response, rest: [id] }: Asked): undefined {
    const media = this.standin.media.everKept(id ?? '');
    if (!media) throw new ControlError('There is no such file.', 404);
    const { content, mimeType } = media.file;
    response.writeHead(200, {
      'content-type': mimeType,
      'content-length': String(sizeOf(content)),
      // A file that a person chose is shown, never run.
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    });
    streamOf(content).pipe(response);
    return undefined;
  }

  private addFaults(body: Json): Json {
    const { messages, media, webhooks, refuse } = body as {
      messages?: MessageFault[];
      media?: MediaFault[];
      webhooks?: WebhookFault[];
      refuse?: { person?: string; code?: number };
    };
    this.standin.messageFaults.add(...(messages ?? []));
    this.standin.mediaFaults.add(...(media ?? []));
    this.standin.webhooks.faults.add(...(webhooks ?? []));
    if (refuse) this.standin.refuse(this.people.byId(refuse.person).person, refuse.code);
    return {};
  }

  private async subscribe(body: Json): Promise<Json> {
    const [url, verifyToken] = [required(body, 'url'), required(body, 'verifyToken')];
    const fault = await this.standin.subscribe(this.accountOf(body), url, verifyToken);
    if (fault !== undefined) throw new ControlError(fault);
    return {};
  }

  /** Any body, signed; or an error of the account. */
  private async deliver(body: Json): Promise<number> {
    const account = this.accountOf(body);
    const url = callbackOf(account);
    const { accountError } = body;
    if (typeof accountError === 'number') return this.standin.tellAccountError(url, accountError, account);
    return this.standin.deliver(url, (body.body ?? {}) as Part, account);
  }

  private accountOf(body: Json): Account {
    const id = optional(body, 'number');
    const account = id === undefined ? this.standin.number : this.standin.accounts.byNumber(id);
    if (!account) throw new ControlError('There is no such number.', 404);
    return account;
  }
}

/** A number without what it is called and signed with. */
function shownOf({ accessToken: _token, appSecret: _secret, ...shown }: Account): Json {
  return shown;
}

/** A number of another institution, with a token of its own. */
function numberOf(body: Json): AccountOptions {
  const names = ['name', 'phoneNumberId', 'displayPhoneNumber', 'accountId', 'accessToken', 'appSecret'];
  return Object.fromEntries(names.map((name) => [name, optional(body, name)]));
}

/**
 * Other pages that the same browser shows can reach 127.0.0.1 too. They send another origin, or reach it
 * under another name.
 */
function isFromHere({ headers: { host = '', origin, 'sec-fetch-site': site } }: IncomingMessage): boolean {
  const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  const isOwn = origin === undefined || origin.replace(/^https?:\/\//, '') === host;
  return isLocal && isOwn && (site === undefined || site === 'same-origin' || site === 'none');
}
