import { readFileSync } from 'node:fs';
import { DETAILS, told, type Draft } from '../../src/doors/whatsapp/bot/draft.js';
import { TEXTS } from '../../src/doors/whatsapp/bot/texts.js';
import { CONTEXT, Talk } from './whatsapp-talk.js';

/** A whole message as people write it, and what it means at a step. */
export interface SamplePhrase {
  step: string;
  meaning: string;
  text: string;
}

const FACTS = 'En la ventanilla 3 me pidieron 500 pesos para darme cita';

export function readPhrases(file: string): SamplePhrase[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [step = '', meaning = '', text = ''] = line.split('\t');
    return { step, meaning, text };
  });
}

/** Conversations at the steps of the list. */
const AT: Readonly<Record<string, () => Talk>> = {
  notice: () => typed('denunciar'),
  mode: () => typed('denunciar', 'acepto'),
  account: () => typed('denunciar', 'acepto', 'anónima', FACTS),
  where: () => typed('denunciar', 'acepto', 'anónima', FACTS, 'listo'),
  who: () => typed('denunciar', 'acepto', 'anónima', FACTS, 'listo', 'omitir', 'omitir'),
  evidence: () => typed('denunciar', 'acepto', 'anónima', FACTS, 'listo', 'omitir', 'omitir', 'omitir'),
  name: () => typed('denunciar', 'acepto', 'con mis datos', FACTS, 'listo', 'resumen'),
  phone: () => typed('denunciar', 'acepto', 'con mis datos', FACTS, 'listo', 'resumen', 'Ana Prueba'),
  confirm: () => typed('denunciar', 'acepto', 'anónima', FACTS, 'listo', 'resumen'),
  any: () => typed('hola'),
};

/** Steps of the list that the conversation has. */
export const STEPS_OF_LIST = Object.keys(AT);

const BEGUN = new Map<string, Talk['state']>();

function begunAt(step: string): Talk['state'] {
  if (!BEGUN.has(step)) BEGUN.set(step, AT[step]!().state);
  return BEGUN.get(step);
}

function typed(...words: string[]): Talk {
  const talk = new Talk();
  talk.text(...words);
  return talk;
}

/** What the conversation takes a phrase for, in the words of the list. */
export function takenFor({ step, text }: SamplePhrase): string {
  const begun = begunAt(step);
  const talk = new Talk();
  talk.state = structuredClone(begun);
  const before = talk.state!.draft;
  talk.receive({ type: 'text', text }, { key: 'phrase', sentAt: 1_800_000_000 });
  return READ[step]!(talk, text, before);
}

const READ: Readonly<Record<string, (talk: Talk, text: string, before: Draft | undefined) => string>> = {
  notice: ({ state, unknown }) => (unknown ? 'no' : state!.step === 'notice' ? 'ask' : 'yes'),
  mode: ({ state }) => state!.draft?.mode ?? (state!.draft ? 'ask' : 'cancel'),
  account: (talk, text) => {
    if (talk.state!.step !== 'narrative') return keeps(talk, text) ? 'done and kept' : 'done';
    if (talk.said === TEXTS.cancelAsked) return 'cancel';
    if (keeps(talk, text)) return talk.messages.length > 0 ? 'kept and asked' : 'content';
    return 'ask';
  },
  where: detail,
  who: detail,
  evidence: ({ state }) => (state!.step === 'evidence' ? 'ask' : 'done'),
  name: ({ state }) =>
    state!.draft?.name
      ? 'content'
      : state!.draft?.nameSkipped
        ? 'skip'
        : state!.step === 'name'
          ? 'ask'
          : 'else',
  phone: ({ state }) => (state!.draft?.phone ? 'yes' : state!.draft?.phoneRefused ? 'no' : 'ask'),
  confirm: (talk, text) => {
    if (talk.submitted) return 'send';
    if (talk.said === TEXTS.cancelAsked) return 'cancel';
    if (talk.said === TEXTS.notSent) return 'ask';
    if (talk.state!.step === 'confirm') return keeps(talk, text) ? 'change' : 'ask';
    return 'change';
  },
  any: ({ said, titles }) => {
    if (said === TEXTS.person(CONTEXT)) return 'person';
    if (said === TEXTS.help) return 'help';
    if (said === TEXTS.contact(CONTEXT)) return 'emergency';
    if (said === TEXTS.nothingToCancel) return 'cancel';
    if (said === TEXTS.goodbye) return 'stop';
    return titles.includes('Presentar denuncia') && said === TEXTS.menu(CONTEXT) ? 'menu' : 'else';
  },
};

function detail({ state }: Talk, text: string, before: Draft | undefined): string {
  const name = DETAILS.find((one) => state!.draft?.details?.[one] && !before?.details?.[one]);
  if (name === undefined) return 'ask';
  return state!.draft?.details![name]!.text === text.trim() ? 'content' : 'skip';
}

function keeps({ state }: Talk, text: string): boolean {
  return state!.draft !== undefined && told(state!.draft).includes(text.trim());
}

/** Other outcomes that serve the person as well. */
const AS_WELL: Readonly<Record<string, readonly string[]>> = {
  // What stays in the narrative is not lost, and the person hears how it goes on.
  'account/done': ['done and kept'],
  'account/ask': ['kept and asked'],
  'account/content': ['kept and asked', 'done and kept'],
  // An answer that says nothing does no harm, and the conversation goes on.
  'where/skip': ['content'],
  'who/skip': ['content'],
  // Nothing is sent, and the next word decides.
  'confirm/cancel': ['change', 'ask'],
  // Without a report there is nothing to delete and no step to go back to.
  'any/delete': ['cancel'],
  'any/back': ['menu'],
};

export function isUnderstood(phrase: SamplePhrase): boolean {
  const taken = takenFor(phrase);
  const { step, meaning } = phrase;
  return taken === meaning || (AS_WELL[`${step}/${meaning}`] ?? []).includes(taken);
}
