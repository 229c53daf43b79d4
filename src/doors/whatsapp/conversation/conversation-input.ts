import { plainWords } from '../../../platform/typed-text.js';
import { dialablePhone } from '../meta/sender.js';
import type { MessageContent } from '../meta/webhook-content.js';
import type { MessageEvent } from '../meta/webhook-events.js';
import {
  ACTIONS,
  FLOW_VERSION,
  type Action,
  type ConversationEvent,
  type ConversationState,
  type Step,
} from './conversation-state.js';
import { numberedTitle, TITLES } from './texts.js';

/** What a message means at the step where it arrives. */
export type Input =
  | { kind: 'action'; action: Action }
  /** A button of an earlier step or an earlier version; the word or button that sends, from somebody without a draft. */
  | { kind: 'stale'; sends?: boolean }
  | { kind: 'thanks' }
  /** Somebody without a draft who speaks of what happened: not kept, and told so. */
  | { kind: 'telling' }
  | { kind: 'account'; text: string }
  | { kind: 'file'; caption?: string }
  | { kind: 'place'; latitude: number; longitude: number; description?: string }
  | { kind: 'edit'; text: string }
  | { kind: 'revoke' }
  | { kind: 'unreadable' }
  | { kind: 'ignored' };

/** The step to which an action belongs; those not listed mean the same at every step. */
const OWNERS: Readonly<Partial<Record<Action, Step>>> = {
  accept: 'notice',
  decline: 'notice',
  anonymous: 'mode',
  confidential: 'mode',
  identified: 'mode',
  finish: 'narrative',
  no_name: 'name',
  use_phone: 'phone',
  no_phone: 'phone',
  send: 'confirm',
  correct: 'confirm',
};

/** Words that always work, alone in a message: inside a longer text they are part of the account. */
const GLOBAL_WORDS: Readonly<Record<string, Action>> = {
  menu: 'menu',
  cancelar: 'cancel',
  cancela: 'cancel',
  'empezar de nuevo': 'restart',
  'comenzar de nuevo': 'restart',
  'volver a empezar': 'restart',
  reiniciar: 'restart',
  ayuda: 'help',
  911: 'contact',
  '9 1 1': 'contact',
  emergencia: 'contact',
  ambulancia: 'contact',
  salir: 'exit',
  borrar: 'erase',
  'borrar mis datos': 'erase',
  modalidad: 'change_mode',
  'cambiar modalidad': 'change_mode',
};

const MENU_WORDS: Readonly<Record<string, Action>> = {
  denuncia: 'report',
  denunciar: 'report',
  reportar: 'report',
  seguimiento: 'tracking',
  folio: 'tracking',
  anonima: 'anonymity',
  anonimato: 'anonymity',
  privacidad: 'privacy',
  aviso: 'privacy',
  contacto: 'contact',
};

const STEP_WORDS: Readonly<Record<Step, Readonly<Record<string, Action>>>> = {
  menu: MENU_WORDS,
  notice: {
    acepto: 'accept',
    'si acepto': 'accept',
    si: 'accept',
    'de acuerdo': 'accept',
    no: 'decline',
    'no acepto': 'decline',
  },
  mode: {
    anonima: 'anonymous',
    anonimo: 'anonymous',
    anonymous: 'anonymous',
    confidencial: 'confidential',
    'con mis datos': 'identified',
    'con mi nombre': 'identified',
    identificada: 'identified',
    identificado: 'identified',
  },
  narrative: {
    listo: 'finish',
    lista: 'finish',
    'listo continuar': 'finish',
    continuar: 'finish',
    'es todo': 'finish',
    termine: 'finish',
  },
  name: { 'sin nombre': 'no_name', omitir: 'no_name', no: 'no_name', continuar: 'continue' },
  phone: {
    si: 'use_phone',
    'si usar mi numero': 'use_phone',
    no: 'no_phone',
    'no usar mi numero': 'no_phone',
    continuar: 'continue',
  },
  confirm: {
    enviar: 'send',
    'enviar denuncia': 'send',
    si: 'send',
    corregir: 'correct',
    no: 'correct',
    continuar: 'continue',
  },
};

/** The whole message asks for a denuncia. A word of it inside another sentence may as well speak of one already sent. */
const WISH =
  /^(hola )?((quiero|quisiera|deseo|necesito|me gustaria|voy a|vengo a) )?((hacer|presentar|poner|levantar|interponer) )?((una|un|mi) )?(denuncia|denunciar|queja|quejarme|reporte|reportar)( por favor)?$/;
/** Words of what is reported, and words of what this channel cannot help with. */
const REPORT_STEMS = /\b(denunci|mordida|moche|soborn|corrup|extors|cohech|desvi[ao]|queja|acos|abus|cobr|maltrat)/;
const ELSEWHERE_STEMS =
  /\b(bache|luminaria|alumbrado|basura|fuga|drenaje|semaforo|arbol|perro|ambulancia|emergencia|incendio|bomberos|accidente|choque|herid|patrulla|auxilio)/;
/** Typed again after the report has left: it must not be taken for a new one, nor go without an answer. */
const SENDING = /^(enviar|enviar denuncia)$/;
const THANKS = /^((muchas |mil |ok )?gracias( por .*)?|ok|okay|vale|enterad[oa]|perfecto|de acuerdo)$/;
const GREETING = /^(hola|buen[oa]s?|que tal)\b/;
/** A first message this long is the beginning of an account; one that greets may be longer and still only ask. */
const TELLING = 40;
const TELLING_AFTER_GREETING = 120;

/** The id of a button or row: it says which version and step offered it. */
export function choiceId(action: Action): string {
  return `${FLOW_VERSION}:${OWNERS[action] ?? 'any'}:${action}`;
}

/** False for what only one step offers and the conversation stands at another. */
export function isAllowedAt(step: Step, action: Action): boolean {
  const owner = OWNERS[action];
  return owner === undefined || owner === step;
}

/** True for what can be asked for at every step. */
export function isGlobal(action: Action): boolean {
  return OWNERS[action] === undefined;
}

/** Makes the conversation's event of a webhook message; `keyOf` is the keyed hash under which wamids are known. */
export function toConversationEvent(message: MessageEvent, keyOf: (messageId: string) => string): ConversationEvent {
  const { content, sender, timestamp } = message;
  const phone = dialablePhone(sender);
  const original = content.type === 'edit' || content.type === 'revoke' ? content.originalMessageId : undefined;
  return {
    key: keyOf(message.messageId),
    content,
    ...(original === undefined ? {} : { originalKey: keyOf(original) }),
    ...(timestamp === undefined ? {} : { sentAt: Math.floor(timestamp.getTime() / 1000) }),
    ...(phone === undefined ? {} : { phone }),
  };
}

/** Decides what a message means, given the step and the options last shown. */
export function understand(content: MessageContent, state: ConversationState): Input {
  switch (content.type) {
    case 'text':
      return readText(content.text, state);
    case 'choice':
      return readChoice(content.id, content.title, state);
    case 'media':
      if (content.media === 'sticker') return { kind: 'ignored' };
      return content.caption === undefined ? { kind: 'file' } : { kind: 'file', caption: content.caption };
    case 'contacts':
      return { kind: 'file' };
    case 'location': {
      const { type: _type, ...place } = content;
      return { kind: 'place', ...place };
    }
    case 'edit':
      if (content.content.type === 'text') return { kind: 'edit', text: content.content.text };
      if (content.content.type === 'media') return { kind: 'edit', text: content.content.caption ?? '' };
      return { kind: 'ignored' };
    case 'revoke':
      return { kind: 'revoke' };
    case 'unsupported':
    case 'unknown':
      return { kind: 'unreadable' };
    case 'reaction':
    case 'system':
    case 'group':
      return { kind: 'ignored' };
  }
}

function readChoice(id: string, title: string, state: ConversationState): Input {
  const action = ACTIONS.find((known) => choiceId(known) === id);
  if (action !== undefined && isAllowedAt(state.step, action)) return { kind: 'action', action };
  if (action !== undefined) return { kind: 'stale', sends: action === 'send' && !state.draft };
  // A version and a step that are not ours any more; anything else is no id of ours, e.g. a template's quick reply.
  return /^\d+:[a-z]+:[a-z_]+$/.test(id) ? { kind: 'stale' } : readText(title || id, state);
}

function readText(text: string, state: ConversationState): Input {
  const words = plainWords(text);
  const named = (table: Readonly<Record<string, Action>>): Action | undefined =>
    Object.hasOwn(table, words) ? table[words] : undefined;
  const action =
    named(GLOBAL_WORDS) ??
    (/^[1-9]\d?$/.test(words) ? state.options[Number(words) - 1] : undefined) ??
    state.options.find((option, index) =>
      [TITLES[option], numberedTitle(option, index)].some((title) => plainWords(title) === words),
    ) ??
    named(STEP_WORDS[state.step]);
  if (action !== undefined) return { kind: 'action', action };
  if (state.step !== 'menu') return { kind: 'account', text };
  if (WISH.test(words)) return { kind: 'action', action: 'report' };
  if (SENDING.test(words)) return { kind: 'stale', sends: true };
  if (words.length < TELLING && THANKS.test(words)) return { kind: 'thanks' };
  if (REPORT_STEMS.test(words)) return { kind: 'telling' };
  if (ELSEWHERE_STEMS.test(words)) return { kind: 'action', action: 'contact' };
  const tells = words.length >= (GREETING.test(words) ? TELLING_AFTER_GREETING : TELLING);
  return tells ? { kind: 'telling' } : { kind: 'account', text };
}
