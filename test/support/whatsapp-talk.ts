import { remind, step, type StepResult } from '../../src/doors/whatsapp/bot/engine.js';
import {
  limitViolations,
  wordsOf,
  type Incoming,
  type MessageContent,
  type OutgoingMessage,
} from '../../src/doors/whatsapp/bot/messages.js';
import type { ConversationContext, ConversationState } from '../../src/doors/whatsapp/bot/state.js';

export const CONTEXT: ConversationContext = {
  institutionName: 'la Comisión Nacional de Vivienda',
  contactText: 'Atención Ciudadana: 800 000 0000, de lunes a viernes de 9 a 18 horas.',
  privacyNotice: {
    version: '2026-1',
    text: 'Usaremos lo que escribas sólo para atender tu denuncia.',
    url: 'https://example.gob.mx/aviso',
  },
  webFormUrl: 'https://example.gob.mx/denuncias',
  draftHours: 72,
  today: '2026-11-10',
};

/** A message with what a person reads of it. */
export type Heard = OutgoingMessage & { body: string };

const IMAGE: MessageContent = { type: 'media', media: 'image' };

/**
 * A person who talks with the conversation, without database or network. After each step it checks what must
 * always hold: Meta would take every message, and the state survives being stored as JSON.
 */
export class Talk {
  state: ConversationState | undefined;
  /** Everything the bot ever said, and what it said and did last. */
  readonly heard: Heard[] = [];
  messages: Heard[] = [];
  submitted: StepResult['report'];
  /** What the office may count of the last message. */
  noted: StepResult['noted'];
  /** Seconds that the bot waits for the next message before it says something by itself. */
  patience: number | undefined;
  private keys = 0;
  private clock = 1_790_000_000;

  constructor(
    public context: ConversationContext = CONTEXT,
    /** null: WhatsApp hides it. */
    readonly phone: string | null = '+525512345678',
    /** Every message meets another process, which remembers only what was stored: drafts. */
    readonly forgetful = false,
  ) {}

  /** Gives the key of the message. */
  receive(
    content: MessageContent,
    more: { key?: string; originalKey?: string; sentAt?: number; file?: string } = {},
  ): string {
    const key = more.key ?? `key-${++this.keys}`;
    this.clock += 1;
    this.take({
      content,
      // As the gateway does with every file that it could have.
      ...(content.type === 'media' ? { file: `file of ${key}` } : {}),
      sentAt: this.clock,
      ...more,
      key,
      ...(this.phone === null ? {} : { phone: this.phone }),
    });
    return key;
  }

  text(...bodies: readonly string[]): string {
    return bodies.map((text) => this.receive({ type: 'text', text })).at(-1) ?? '';
  }

  /** Taps the newest button or row with this title, however old it is. */
  tap(title: string): void {
    const options = this.heard.flatMap((message) =>
      message.kind === 'buttons' ? message.buttons : message.kind === 'list' ? message.rows : [],
    );
    const option = options.filter((shown) => unnumbered(shown.title) === title).at(-1);
    if (!option) throw new Error(`${title} was never offered`);
    this.receive({ type: 'choice', ...option });
  }

  file(content: MessageContent = IMAGE): string {
    return this.receive(content);
  }

  edit(originalKey: string, text: string): void {
    this.receive({ type: 'edit', originalMessageId: '-', content: { type: 'text', text } }, { originalKey });
  }

  revoke(originalKey: string): void {
    this.receive({ type: 'revoke', originalMessageId: '-' }, { originalKey });
  }

  /** Up to the open account, in this mode. */
  begin(mode: 'Anónima' | 'Confidencial' | 'Con mis datos'): this {
    this.text('hola');
    this.tap('Presentar denuncia');
    this.tap('Acepto');
    this.tap(mode);
    return this;
  }

  /** What the bot said last, as one text. */
  get said(): string {
    return this.messages.map(({ body }) => body).join('\n');
  }

  /** The options of what the bot said last; rows without their numbers. */
  get titles(): string[] {
    return this.messages.flatMap((message) => {
      if (message.kind === 'list') return message.rows.map(({ title }) => unnumbered(title));
      return message.kind === 'buttons' ? message.buttons.map(({ title }) => title) : [];
    });
  }

  /** Whether nothing of the person has to be stored. */
  get unknown(): boolean {
    return this.state?.draft === undefined;
  }

  /** So many seconds pass before the next message. */
  pass(seconds: number): void {
    this.clock += seconds;
  }

  /** Says nothing for as long as the bot is patient. */
  wait(): void {
    this.heed(remind(this.state, this.context));
  }

  private take(message: Incoming): void {
    this.heed(step(this.state, message, this.context));
  }

  private heed({ state, messages, report, patience, noted }: StepResult): void {
    this.patience = patience;
    this.messages = messages.map((message) => ({ ...message, body: wordsOf(message) }));
    this.submitted = report;
    this.noted = noted;
    if (noted && state.draft) throw new Error('something is counted beside a draft');
    const stored = JSON.parse(JSON.stringify(state)) as ConversationState;
    if (JSON.stringify(stored) !== JSON.stringify(state)) throw new Error('the state does not survive JSON');
    this.state = this.forgetful && !stored.draft ? undefined : stored;
    this.heard.push(...this.messages);
    const broken = messages.flatMap(limitViolations);
    if (broken.length > 0) throw new Error(`Meta would refuse: ${broken.join('; ')}`);
  }
}

/** The rows of a list carry the number that can be typed instead. */
export function unnumbered(title: string): string {
  return title.replace(/^\d+\. /, '');
}
