import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../certificates.js';
import { Acquaintances } from './acquaintances.js';
import { StandinClock } from './clock.js';
import { ControlServer } from './control.js';
import { Dice } from './dice.js';
import {
  accountErrorWebhook,
  message,
  messagesWebhook,
  statusWebhook,
  userIdWebhook,
  type DeliveryStatus,
  type Part,
} from './envelope.js';
import { Faults, type MediaFault, type MessageFault } from './faults.js';
import { filesIn } from './files.js';
import { GraphServer } from './graph-server.js';
import { Journal } from './journal.js';
import { MediaStore } from './media.js';
import { MessageRules } from './message-rules.js';
import { MessageSchema } from './message-schema.js';
import { Accounts, type Account, type AccountOptions } from './numbers.js';
import { isAddressOf, type Person } from './people.js';
import { Reports } from './reports.js';
import { sayings, type Sayings } from './say.js';
import { SentMessages } from './sent-messages.js';
import { Tariff, type StatusHabits } from './statuses.js';
import { messagesIn, reportedIn } from './webhook-reading.js';
import { verifyCallback, WebhookSender, type Persistence } from './webhook-sender.js';
import type { SentMessage, World } from './world.js';

export interface StandinOptions extends AccountOptions {
  /** Speaks TLS with it, as Graph does. */
  certificate?: Certificate;
  /** Ids, orders and omissions are the same again with the same seed. */
  seed?: string;
  /** Absent or taken by another program: any that is free. */
  port?: number;
  /** Reports by itself what became of messages, to the callback of their account. Absent: it does not. */
  statuses?: StatusHabits;
  /** Repeats webhooks that are not answered with 200. Absent: it does not. */
  persistence?: Persistence;
  /** Whether webhooks carry the address of a file beside its id, as some do since November 2025. */
  mediaUrls?: boolean;
  /** Whether Meta's contact book is on. */
  contactBook?: boolean;
  /** Is told when the control API pushed the clock. */
  onClock?: () => Promise<void>;
  /** The texts of errors of this program's own, for the terminal. */
  complain?: (line: string) => void;
}

/** What came of saying something. */
export interface Said {
  /** Of the first try; 0 when nobody answered or a fault kept it back. */
  status: number;
  ids: string[];
}

/**
 * Meta on 127.0.0.1: the Graph API of WhatsApp's Cloud API as far as this service uses it, the webhooks that
 * Meta sends, and the people who write. It checks messages as strictly as Meta documents, answers in Meta's
 * shapes, and fails on demand. Nothing leaves the machine.
 */
export class WhatsAppStandin implements World {
  readonly clock = new StandinClock();
  readonly dice: Dice;
  readonly accounts = new Accounts();
  readonly people: Acquaintances;
  readonly media: MediaStore;
  readonly schema = MessageSchema.get();
  readonly rules: MessageRules;
  readonly journal = new Journal();
  readonly messageFaults = new Faults<MessageFault>();
  readonly mediaFaults = new Faults<MediaFault>();
  readonly refusals = new Map<string, number>();
  readonly received = new Map<string, string>();
  readonly fileOwners = new Map<string, string>();
  readonly webhooks: WebhookSender;
  /** What people can say, with ids of this stand-in's dice. */
  readonly words: Sayings;
  /** What was said, by the id of its message, so that it can be edited. */
  readonly parts = new Map<string, Part>();
  private readonly tariff = new Tariff(this.clock);
  private readonly taken = new SentMessages();
  private readonly reports?: Reports;

  private constructor(
    private readonly server: Server,
    readonly options: StandinOptions,
  ) {
    const { phoneNumberId, displayPhoneNumber, accountId, accessToken, appSecret, name, callback } = options;
    const { keepsNothing, contactBook = true, persistence, statuses } = options;
    const own = { phoneNumberId, displayPhoneNumber, accountId, accessToken, appSecret, name, callback };
    this.accounts.add({ ...own, keepsNothing });
    this.dice = new Dice(options.seed);
    if (statuses) this.reports = new Reports(this.dice.fork('reports'), statuses);
    this.words = sayings(this.dice.fork('words'));
    this.people = new Acquaintances(this.clock, () => contactBook);
    const keeps = (id: string): boolean => this.accounts.byNumber(id)?.keepsNothing === true;
    this.media = new MediaStore(this.clock, this.dice.fork('media'), keeps);
    this.rules = new MessageRules(this.media, (id) => this.received.has(id));
    this.webhooks = new WebhookSender(this.dice.fork('webhooks'), persistence, (attempt) => {
      this.journal.note(this.clock.now(), 'webhook', { ...attempt }, this.personIn(attempt.body));
    });
  }

  static async start(options: StandinOptions = {}): Promise<WhatsAppStandin> {
    const server = options.certificate ? createTlsServer(options.certificate) : createServer();
    const standin = new WhatsAppStandin(server, options);
    const graph = new GraphServer(standin);
    const control = new ControlServer(standin);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const handler = control.isMeant(request) ? control : graph;
      // A client that hangs up while it sends is no failure of the stand-in.
      handler.handle(request, response).catch((error: Error) => {
        options.complain?.(`${request.method} ${request.url}: ${error.message}`);
        response.destroy();
      });
    });
    await listen(server, options.port ?? 0);
    return standin;
  }

  /** Every message that was taken, in order. */
  get sent(): SentMessage[] {
    return this.taken.all;
  }

  get url(): string {
    return `${this.server instanceof TlsServer ? 'https' : 'http'}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The first number. */
  get number(): Account {
    return this.accounts.all[0]!;
  }
  get accessToken(): string {
    return this.number.accessToken;
  }
  get appSecret(): string {
    return this.number.appSecret;
  }

  async stop(): Promise<void> {
    this.webhooks.stop();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
    await this.reports?.stop();
    await this.webhooks.settled();
  }

  /** Shows another certificate to whoever connects from now on. */
  show(certificate: Certificate): void {
    if (this.server instanceof TlsServer) this.server.setSecureContext(certificate);
  }

  /** Queues faults: one for each of the next messages. */
  fail(...faults: readonly MessageFault[]): void {
    this.messageFaults.add(...faults);
  }

  /** Refuses every message to a person with this code; undefined: not any more. */
  refuse(person: Person, code: number | undefined): void {
    const { id } = this.people.meet(person);
    if (code === undefined) this.refusals.delete(id);
    else this.refusals.set(id, code);
  }

  sentTo(person: Person): SentMessage[] {
    return this.sent.filter(({ address }) => isAddressOf(address, person));
  }

  /** Resolves as soon as so many messages were taken in all; rejects after `timeoutMs`. */
  async waitForSent(count: number, timeoutMs = 10_000): Promise<SentMessage[]> {
    await this.taken.waitFor(count, timeoutMs);
    return this.sent;
  }

  /** The person wrote, in a way that the stand-in did not see: free-form messages may go to them. */
  heard(person: Person, account: Account = this.number): void {
    this.people.heard(account, person);
  }

  /**
   * Sends one webhook with what a person says, all in one change; gives the message ids and the HTTP status.
   */
  async say(url: string, person: Person, ...parts: readonly Part[]): Promise<Said> {
    return this.sayTo(this.number, person, parts, url);
  }

  /** The same to another number, and to its callback. */
  async sayTo(
    account: Account,
    person: Person,
    parts: readonly Part[],
    url = account.callback ?? '',
  ): Promise<Said> {
    const shown = this.people.asShown(account, person);
    const messages = parts.map((part) => message(shown, part, this.clock.seconds(), this.dice));
    const ids = messages.map(({ id }) => id);
    const known = this.people.meet(person);
    parts.forEach((part, at) => {
      this.parts.set(ids[at]!, part);
      for (const { part: file } of filesIn(part)) this.fileOwners.set(String(file.id), known.id);
      const said = { id: ids[at], part, phoneNumberId: account.phoneNumberId };
      this.journal.note(this.clock.now(), 'said', said, known.id);
    });
    if (!account.subscribed || this.people.blockedBy(account).includes(known)) return { status: 0, ids };
    for (const id of ids) this.received.set(id, known.id);
    if (parts.some(({ type }) => type !== 'system')) this.people.heard(account, person);
    return { status: await this.deliver(url, messagesWebhook(account, shown, messages), account), ids };
  }

  /** Reports what became of a message we took. */
  async report(
    url: string,
    person: Person,
    sent: SentMessage,
    status: DeliveryStatus,
    errorCode?: number,
  ): Promise<number> {
    const account = this.accounts.byNumber(sent.phoneNumberId) ?? this.number;
    const isTemplate = sent.body.type === 'template';
    const pricing =
      status === 'delivered' ? this.tariff.priceOf(account.phoneNumberId, isTemplate) : undefined;
    const shown = this.people.asShown(account, person);
    const more = { pricing, at: this.clock.seconds() };
    const body = statusWebhook(account, shown, sent, status, errorCode, more);
    this.journal.note(this.clock.now(), 'status', { id: sent.id, status }, this.people.at(sent.address)?.id);
    return this.deliver(url, body, account);
  }

  /** Delivers any body, signed. Files in it can be downloaded from now on. */
  async deliver(url: string, body: Part, account: Account = this.number): Promise<number> {
    for (const { part, file } of filesIn(body)) {
      const media = this.media.receive(account, String(part.id), file);
      if (this.options.mediaUrls) part.url = this.url + this.media.addressOf(media);
    }
    for (const { phoneNumberId, messageId, person, isWritten } of messagesIn(body)) {
      if (this.received.has(messageId)) continue;
      const known = this.people.at(person.bsuid ?? `+${person.phone}`) ?? this.people.meet(person);
      this.received.set(messageId, known.id);
      const number = this.accounts.byNumber(phoneNumberId);
      if (number && isWritten) this.people.heard(number, known.person);
    }
    return this.webhooks.deliver({ url, appSecret: account.appSecret }, body);
  }

  /**
   * The person has another number, and with it another business-scoped id. Meta tells it by two messages of
   * the system and a field of its own.
   */
  async changeNumber(url: string, person: Person, phone: string, account = this.number): Promise<Person> {
    const bsuid =
      person.bsuid === undefined ? {} : { bsuid: `${person.bsuid.slice(0, 3)}${this.dice.digits(20)}` };
    const moved: Person = { ...person, phone, ...bsuid };
    await this.sayTo(account, person, [this.words.changedNumber(phone)], url);
    if (moved.bsuid !== undefined) {
      const { hidesPhone } = person;
      const told = { bsuid: moved.bsuid, ...(hidesPhone === true ? {} : { phone }) };
      await this.sayTo(account, person, [this.words.changedUserId(told)], url);
      await this.deliver(url, userIdWebhook(account, person, moved, this.clock.seconds()), account);
    }
    this.people.meet(person).person = moved;
    return moved;
  }

  /** An error of the account, which belongs to no message. */
  async tellAccountError(url: string, code: number, account: Account = this.number): Promise<number> {
    return this.deliver(url, accountErrorWebhook(account, code), account);
  }

  took(account: Account, sent: SentMessage): void {
    this.taken.add(sent);
    const known = this.people.at(sent.address);
    if (known) this.people.spoke(account, known);
    this.journal.note(this.clock.now(), 'answered', { ...sent }, known?.id);
    const { callback, subscribed } = account;
    if (!known || callback === undefined || !subscribed) return;
    const { person } = known;
    this.reports?.begin(sent, person, (status, code) => this.report(callback, person, sent, status, code));
  }

  async subscribe(account: Account, url: string, verifyToken: string): Promise<string | undefined> {
    const fault = await verifyCallback(url, verifyToken, this.dice);
    if (fault === undefined) account.callback = url;
    return fault;
  }

  /** Whom a webhook is about. */
  private personIn(body: Part): string | undefined {
    const [heard] = messagesIn(body);
    if (heard) return this.received.get(heard.messageId);
    const [reported] = reportedIn(body);
    const sent = this.sent.findLast(({ id }) => id === reported);
    return sent && this.people.at(sent.address)?.id;
  }
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if (port === 0 || (error as { code?: string }).code !== 'EADDRINUSE') throw error;
    await listen(server, 0);
  }
}
