import { plainWords } from '../../../../platform/typed-text.js';
import type { Flow, Outcome, Turn } from '../flow.js';
import { after, answer, aside, menu, missed, reasonToRepeat, say, silent, tellOnce } from '../outcomes.js';
import { initialState } from '../state.js';
import { TEXTS } from '../texts.js';
import { REPORT_FLOW } from './report/report.flow.js';

/**
 * Matches when the whole message asks for a denuncia. A single word inside another sentence may refer to a
 * denuncia that was already sent.
 */
const WISH =
  /^(hola )?((quiero|quisiera|deseo|necesito|me gustaria|voy a|vengo a) )?((hacer|presentar|poner|levantar|interponer) )?((una|un|mi) )?(denuncia|denunciar|queja|quejarme|reporte|reportar)( por favor)?$/;
/** Stems of words for what people report, and stems for what this channel cannot help with. */
const REPORT_STEMS =
  /\b(denunci|mordida|moche|soborn|corrup|extors|cohech|desvi[ao]|queja|acos|abus|cobr|maltrat)/;
const ELSEWHERE_STEMS =
  /\b(bache|luminaria|alumbrado|basura|fuga|drenaje|semaforo|arbol|perro|ambulancia|emergencia|incendio|bomberos|accidente|choque|herid|patrulla|auxilio)/;
/**
 * The word to send, typed again after the report has left. It must not start a new report, and it must get an
 * answer.
 */
const SENDING = /^(enviar|enviar denuncia)$/;
const THANKS = /^((muchas |mil |ok )?gracias( por .*)?|ok|okay|vale|enterad[oa]|perfecto|de acuerdo)$/;
const GREETING = /^(hola|buen[oa]s?|que tal)\b/;
/**
 * A first message of at least this many characters begins a narrative. A greeting may be longer and still
 * only ask.
 */
const TELLING = 40;
const TELLING_AFTER_GREETING = 120;

/** What everybody can ask without giving a reason. This flow remembers nobody: its step has no draft. */
export const MENU_FLOW: Flow = {
  steps: {
    menu: {
      ask: (_state, context) => menu(context),
      words: {
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
      },
    },
  },
  everywhere: {
    menu: {
      words: ['menu'],
      then: ({ state, context }) =>
        say(state.draft ? state : { ...initialState(), filesNotKept: state.filesNotKept }, menu(context)),
    },
    person: {
      words: ['persona', 'hablar con una persona', 'humano', 'hablar'],
      then: ({ state, context }) => answer(state, TEXTS.person(context)),
    },
    help: { words: ['ayuda'], then: ({ state }) => answer(state, TEXTS.help) },
    contact: {
      words: ['911', '9 1 1', 'emergencia', 'ambulancia'],
      then: ({ state, context }) => answer(state, TEXTS.contact(context)),
    },
    anonymity: { then: ({ state, context }) => answer(state, TEXTS.anonymity(context)) },
    scope: { then: ({ state, context }) => answer(state, TEXTS.scope(context)) },
    tracking: { then: ({ state, context }) => answer(state, TEXTS.tracking(context)) },
    privacy: { then: ({ state, context }) => answer(state, TEXTS.privacy(context)) },
  },
  hears: {
    text: (turn, text) => hearText(turn, plainWords(text)),
    aside: (turn) => repeatMenu(turn),
    // Whoever has no draft is not remembered.
    beside: (turn) => turn,
    file: ({ state }) => tellOnce(state, 'filesTooSoon'),
    place: (turn) => repeatMenu(turn),
    edit: ({ state }) => silent(state),
    revoke: ({ state }) => silent(state),
  },
};

function hearText(turn: Turn, words: string): Outcome {
  const { state } = turn;
  const recognized = { ...turn, state: { ...state, misses: 0 } };
  if (WISH.test(words)) return REPORT_FLOW.everywhere.report!.then(recognized);
  if (SENDING.test(words)) return repeatMenu(turn, TEXTS.sentBefore);
  if (words.length < TELLING && THANKS.test(words)) return tellOnce(state, 'thanks');
  if (REPORT_STEMS.test(words)) return inviteToTell(turn);
  if (ELSEWHERE_STEMS.test(words)) return MENU_FLOW.everywhere.contact!.then(recognized);
  const tells = words.length >= (GREETING.test(words) ? TELLING_AFTER_GREETING : TELLING);
  return tells ? inviteToTell(turn) : repeatMenu(turn);
}

function repeatMenu({ state, context }: Turn, reason?: string): Outcome {
  return missed(state, after(reasonToRepeat(state, reason), menu(context)));
}

/**
 * Invite a person who begins with their narrative to file a report. Keep nothing before they have read the
 * privacy notice, not even the fact that they wrote. A long word of thanks after the folio looks the same.
 */
function inviteToTell({ state }: Turn): Outcome {
  return missed(state, aside(TEXTS.telling));
}
