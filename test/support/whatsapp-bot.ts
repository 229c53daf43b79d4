import { jest } from '@jest/globals';
import { SWEEPS } from '../../src/doors/whatsapp/channel.js';
import { Pace } from '../../src/doors/whatsapp/gateway/pace.js';
import { Log } from '../../src/platform/logging.js';
import { Harness } from '../setup/harness.js';
import { WhatsAppStandin, type StandinOptions } from './whatsapp/standin.js';
import type { SentMessage } from './whatsapp/world.js';
import { unnumbered } from './whatsapp-talk.js';
import type { Person } from './whatsapp/people.js';
import { say } from './whatsapp/say.js';

export const VERIFY_TOKEN = 'test-verify-token';
export const ACCOUNT = 'En la ventanilla 3 me pidieron dinero para inscribirme.';

/** One sweep of the channel. */
export interface Sweeping {
  run(): Promise<number>;
}

/** The service with its WhatsApp channel on, and a stand-in of Graph in place of Meta. */
export class Bot {
  private constructor(
    readonly harness: Harness,
    readonly graph: WhatsAppStandin,
    /** Names of all warnings so far. */
    readonly alarms: string[],
  ) {}

  /** @param share another bot whose database and Graph this one uses as a second process would */
  static async start(options: StandinOptions & { share?: Bot; log?: Log } = {}): Promise<Bot> {
    const graph = options.share?.graph ?? (await WhatsAppStandin.start(options));
    const number = {
      appSecrets: ['older-app-secret', graph.appSecret],
      verifyToken: VERIFY_TOKEN,
      accessToken: graph.accessToken,
      phoneNumberId: graph.number.phoneNumberId,
    };
    const whatsapp = { graphUrl: graph.url, apiVersion: 'v25.0', number };
    const harness = await Harness.start({
      config: { whatsapp },
      share: options.share?.harness,
      log: options.log,
    });
    harness.app.get(Pace).graphTimeoutMs = 500;
    const alarms: string[] = [];
    const log = harness.app.get(Log);
    const warn = log.warning.bind(log);
    jest.spyOn(log, 'warning').mockImplementation((event, fields) => {
      alarms.push(event);
      warn(event, fields);
    });
    return new Bot(harness, graph, alarms);
  }

  /** Stops the service; and Graph, unless it is shared. */
  async stop({ keepGraph = false } = {}): Promise<void> {
    await this.harness.stop();
    if (!keepGraph) await this.graph.stop();
  }

  get webhook(): string {
    return `${this.harness.url}/api/v1/channels/whatsapp/webhook`;
  }

  get split(): Sweeping {
    return this.sweeping(SWEEPS.split);
  }
  get talk(): Sweeping {
    return this.sweeping(SWEEPS.talk);
  }
  get fetching(): Sweeping {
    return this.sweeping(SWEEPS.fetch);
  }
  get open(): Sweeping {
    return this.sweeping(SWEEPS.open);
  }
  get entering(): Sweeping {
    return this.sweeping(SWEEPS.enter);
  }
  get receipts(): Sweeping {
    return this.sweeping(SWEEPS.confirm);
  }
  get reminders(): Sweeping {
    return this.sweeping(SWEEPS.remind);
  }
  get sending(): Sweeping {
    return this.sweeping(SWEEPS.send);
  }

  private sweeping(name: string): Sweeping {
    return { run: () => this.harness.run(name) };
  }

  /** Every sweep of the channel once, in the order of a message's way. */
  async work(): Promise<void> {
    const { split, talk, fetching, open, entering, receipts, sending } = this;
    for (const sweep of [split, talk, fetching, open, entering, receipts, sending]) {
      while ((await sweep.run()) > 0);
    }
  }

  passTime(seconds: number): void {
    this.harness.clock.set(new Date(this.harness.clock.now().getTime() + seconds * 1000));
  }

  /** Lets a person send something, and the service answer; gives what they were answered. */
  async hear(person: Person, ...parts: readonly Record<string, unknown>[]): Promise<SentMessage[]> {
    const before = this.graph.sentTo(person).length;
    const { status } = await this.graph.say(this.webhook, person, ...parts);
    if (status !== 200) throw new Error(`the webhook answered ${status}`);
    await this.work();
    return this.graph.sentTo(person).slice(before);
  }

  async text(person: Person, ...bodies: readonly string[]): Promise<string> {
    return textOf(await this.hear(person, ...bodies.map((body) => say.text(body))));
  }

  /** Taps the newest button or row with this title. */
  async tap(person: Person, title: string): Promise<string> {
    return textOf(await this.hear(person, this.option(person, title)));
  }

  /** The part with which a person taps the newest button or row of this title. */
  option(person: Person, title: string): Record<string, unknown> {
    const shown = this.graph.sentTo(person).flatMap(({ type, body, options }) => {
      const isList = type === 'interactive' && JSON.stringify(body).includes('"sections"');
      return options.map((option) => ({ ...option, isList }));
    });
    const option = shown.filter((candidate) => unnumbered(candidate.title) === title).at(-1);
    if (!option) throw new Error(`${title} was never offered`);
    return option.isList ? say.pick(option.id, option.title) : say.tap(option.id, title);
  }

  /** From the first word to the question whether it shall be sent. */
  async tellAll(
    person: Person,
    mode: 'Anónima' | 'Confidencial' | 'Con mis datos' = 'Anónima',
    account: string = ACCOUNT,
  ): Promise<string> {
    await this.text(person, 'hola');
    await this.tap(person, 'Presentar denuncia');
    await this.tap(person, 'Acepto');
    await this.tap(person, mode);
    await this.text(person, account);
    await this.tap(person, 'Listo, continuar');
    const asked = await this.tap(person, 'Ir al resumen');
    if (mode === 'Anónima') return asked;
    await this.text(person, 'María Pérez Soto');
    return this.tap(person, person.hidesPhone ? 'Enviar denuncia' : 'Sí, usar mi número');
  }

  /** The same, anonymously and in typed words that come as one batch: fast, for tests of what follows. */
  async tellAtOnce(person: Person): Promise<void> {
    await this.text(person, 'hola', 'denunciar', 'acepto', 'anónima', ACCOUNT, 'listo', 'resumen');
  }

  /** The person sends their report; the service has stored that and done nothing yet. */
  async confirm(person: Person): Promise<void> {
    await this.tellAtOnce(person);
    await this.graph.say(this.webhook, person, say.text('enviar'));
  }

  /** The same; the service has confirmed it to them, and the case is still to be opened. */
  async submit(person: Person): Promise<void> {
    await this.confirm(person);
    for (const sweep of [this.split, this.talk, this.sending]) while ((await sweep.run()) > 0);
  }

  /** The last folio and access code that a person was told. */
  receiptOf(person: Person): { folio: string; accessCode: string } | undefined {
    return this.receiptsOf(person).at(-1);
  }

  receiptsOf(person: Person): { folio: string; accessCode: string }[] {
    return this.graph.sentTo(person).flatMap(({ text }) => {
      const found = /Folio: (\S+)\nClave: (\S+)/.exec(text);
      return found ? [{ folio: found[1]!, accessCode: found[2]! }] : [];
    });
  }

  async count(table: string, where = 'true'): Promise<number> {
    const [row] = await this.harness.sql<{ count: number }>(
      'owner',
      `select count(*)::int as count from ${table} where ${where}`,
    );
    return row!.count;
  }
}

function textOf(sent: readonly SentMessage[]): string {
  return sent.map(({ text }) => text).join('\n');
}

let people = 0;

/** Somebody new, with a number of the form Meta gives for Mexico. */
export function somebody(more: Partial<Person> = {}): Person {
  people += 1;
  const digits = `55${String(10_000_000 + people * 7919).padStart(8, '0')}`;
  return { phone: `521${digits}`, bsuid: `MX.${digits}918273645`, name: `Persona ${people}`, ...more };
}
