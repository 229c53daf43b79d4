import type { MessageContent } from '../../src/doors/whatsapp/bot/messages.js';
import type { Step } from '../../src/doors/whatsapp/bot/state.js';
import { readPhrases } from './whatsapp-phrases.js';
import { Talk } from './whatsapp-talk.js';

/**
 * How long people take, as studies measured it: reading 238 words a minute (Brysbaert 2019), typing on phones
 * 36 words of five characters a minute (Palin and others 2019), speaking 150 words a minute.
 */
const READING = 238 / 60;
const TYPING = (36 * 5) / 60;
const SPEAKING = 150 / 60;
/** Seconds: to find a button, to choose photos, from a message to the answer on the screen. */
const TAP = 1.5;
const CHOOSING = 8;
const ANSWERING = 2;
/** Words that are read of one message. The rest of a summary is one's own words. */
const READ_AT_MOST = 60;

/** What somebody is like: parts of one. */
interface Habits {
  /** Taps buttons, rather than to type. */
  taps: number;
  /** Speaks instead of typing the account, and the answers to it. */
  speaks: number;
  /** Has photos to send. */
  photos: number;
  /** Goes straight to the summary when that is offered. */
  hurries: number;
  /** Changes something at the summary. */
  corrects: number;
}

const ACCOUNTS = [
  'El encargado de la ventanilla 3 me pidió 500 pesos para darme la ficha, y sin eso no me atiende.',
  'Llevo dos meses esperando el apoyo. La señora que anota dice que si no le doy mil pesos me borra de la lista, y ya borró a mi vecina.',
  'Me cobraron por un trámite que es gratis',
  'Los de la obra se llevan la varilla en la noche en una camioneta de la oficina, todos aquí en la colonia lo hemos visto y nadie hace nada.',
  'Dieron las casas a los familiares del delegado. Yo metí mis papeles desde enero y ni me contestan. Mi comadre igual.',
];
const PLACES = [
  'en la oficina de la calle juarez',
  'colonia centro',
  'en el modulo de atencion, atras del mercado',
];
const DAYS = ['ayer', 'hace como dos semanas', 'el lunes pasado', 'en marzo', 'el 12/10'];
const PEOPLE = ['el licenciado ramirez', 'una señora de pelo corto', 'el de la ventanilla 3'];
const MORE = 'se me olvido decir que tambien le cobraron a mi hermana';

/** What came of a conversation. */
export interface Visit {
  /** Seconds from the first word to the tap that sends. */
  seconds: number;
  /** Messages of ours, with the receipt. */
  ours: number;
  submitted: Talk['submitted'];
  /** Everything that the person told in words, and the files that they sent. */
  told: string[];
  files: number;
  /** What the bot did not take as it was meant. */
  misread: number;
}

/** Numbers that look drawn, and are the same again in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ways to say something, from the list of phrases. */
const PHRASES = readPhrases('test/fixtures/whatsapp/said/answers.tsv');
const saying = (step: string, meaning: string): string[] =>
  PHRASES.filter((one) => one.step === step && one.meaning === meaning).map(({ text }) => text);
const SAID = {
  accept: saying('notice', 'yes'),
  anonymous: saying('mode', 'anonymous'),
  done: saying('account', 'done'),
  noFiles: saying('evidence', 'done'),
  send: saying('confirm', 'send'),
};

/** One person who reports, from "hola" to the confirmation. */
export class Reporter {
  private readonly talk = new Talk();
  private readonly draw: () => number;
  private readonly habits: Habits;
  private readonly visit: Visit = {
    seconds: 0,
    ours: 1,
    submitted: undefined,
    told: [],
    files: 0,
    misread: 0,
  };
  private corrected = false;
  private asked: Step | undefined;

  constructor(seed: number) {
    this.draw = dice(seed);
    this.habits = {
      taps: this.draw(),
      speaks: this.draw() < 0.25 ? 0.9 : 0.02,
      photos: this.draw() < 0.4 ? 1 : 0,
      hurries: this.draw() < 0.3 ? 1 : 0,
      corrects: this.draw() < 0.1 ? 1 : 0,
    };
  }

  /** @throws Error when the conversation does not come to an end */
  report(): Visit {
    this.write(this.one(['hola', 'buenas tardes', 'quiero denunciar', 'denuncia']));
    for (let turn = 0; turn < 60; turn++) {
      if (this.visit.submitted) return { ...this.visit, ours: this.visit.ours + this.talk.heard.length };
      this.answer();
    }
    throw new Error(`no end: ${this.talk.heard.map(({ body }) => body).join('\n---\n')}`);
  }

  private answer(): void {
    const { step = 'menu' } = this.talk.state ?? {};
    // Whoever was asked the same again was not understood, and taps.
    const again = this.asked === step;
    this.asked = step;
    if (again) this.visit.misread += 1;
    const taps = again || this.draw() < this.habits.taps;
    switch (step) {
      case 'menu':
        return taps && this.talk.titles.includes('Presentar denuncia')
          ? this.tap('Presentar denuncia')
          : this.write(this.one(['denunciar', '1', 'quiero hacer una denuncia']));
      case 'notice':
        return taps ? this.tap('Acepto') : this.write(this.one(SAID.accept));
      case 'mode':
        return taps ? this.tap('Anónima') : this.write(this.one(SAID.anonymous));
      case 'narrative':
        return this.tellAll(taps);
      case 'where':
      case 'when':
      case 'who':
        return this.answerDetail(step, taps);
      case 'evidence':
        return this.answerEvidence(taps);
      case 'confirm':
        return this.confirm(taps);
      default:
        throw new Error(`nobody was to come to ${step}`);
    }
  }

  private tellAll(taps: boolean): void {
    if (this.visit.told.length === 0 && this.visit.files === 0) {
      if (this.draw() < this.habits.speaks) this.speak(40);
      else for (const sentence of this.one(ACCOUNTS).split(/(?<=\.) /)) this.tell(sentence);
      if (this.habits.photos && this.draw() < 0.5) this.photos();
    } else if (this.corrected && !this.visit.told.includes(MORE)) this.tell(MORE);
    return taps ? this.tap('Listo, continuar') : this.write(this.one(SAID.done));
  }

  private answerDetail(step: 'where' | 'when' | 'who', taps: boolean): void {
    if (this.habits.hurries) return taps ? this.tap('Ir al resumen') : this.write('ir al resumen');
    if (this.draw() < 0.2) return this.write(this.one(['no recuerdo', 'no se', 'omitir']));
    if (this.draw() < this.habits.speaks) return this.speak(8);
    return this.tell(this.one({ where: PLACES, when: DAYS, who: PEOPLE }[step]));
  }

  private answerEvidence(taps: boolean): void {
    if (this.habits.photos && this.draw() < 0.8) {
      this.photos();
      return this.write(this.one(['listo', 'ya', 'son todas', 'es todo']));
    }
    const button = this.visit.files > 0 ? 'Ya envié todo' : 'No tengo archivos';
    return taps ? this.tap(button) : this.write(this.one(SAID.noFiles));
  }

  private confirm(taps: boolean): void {
    if (this.habits.corrects && !this.corrected) {
      this.corrected = true;
      this.asked = undefined;
      return this.tap('Corregir');
    }
    return taps ? this.tap('Enviar denuncia') : this.write(this.one(SAID.send));
  }

  private photos(): void {
    const count = 1 + Math.floor(this.draw() * 5);
    this.pass(CHOOSING);
    for (let photo = 0; photo < count; photo++) this.send({ type: 'media', media: 'image' });
    this.visit.files += count;
    this.read();
  }

  /** @param words that are spoken */
  private speak(words: number): void {
    this.pass(words / SPEAKING);
    this.visit.files += 1;
    this.send({ type: 'media', media: 'voice' });
    this.read();
  }

  private tell(text: string): void {
    this.visit.told.push(text);
    this.write(text);
  }

  private write(text: string): void {
    this.pass(text.length / TYPING);
    this.send({ type: 'text', text });
    this.read();
  }

  private tap(title: string): void {
    this.pass(TAP);
    this.talk.tap(title);
    this.noted();
    this.read();
  }

  private send(content: MessageContent): void {
    this.talk.receive(content);
    this.noted();
  }

  private noted(): void {
    this.visit.submitted ??= this.talk.submitted;
  }

  /** Reads what came, if anything came. */
  private read(): void {
    if (this.talk.messages.length === 0) return;
    const words = this.talk.said.split(/\s+/).length;
    this.pass(ANSWERING + Math.min(words, READ_AT_MOST) / READING);
  }

  /** Time passes. Whoever takes long may hear from the bot meanwhile. */
  private pass(seconds: number): void {
    const { patience, state } = this.talk;
    if (state?.unanswered && patience !== undefined && seconds > patience) this.talk.wait();
    this.talk.pass(Math.round(seconds));
    this.visit.seconds += seconds;
  }

  private one<T>(of: readonly T[]): T {
    return of[Math.floor(this.draw() * of.length)]!;
  }
}
