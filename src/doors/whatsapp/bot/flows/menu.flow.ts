import type { Flow, Outcome, Turn } from '../flow.js';
import { askWhich, openOption, withoutAnswer } from '../menu/choosing.js';
import type { Start } from '../menu/menu.js';
import { choiceOfOption, languagesFor } from '../menu/options.js';
import { isAsking, questionToNote } from '../menu/questions.js';
import { REPORT, WRONG, wordsOf } from '../menu/stems.js';
import { search, sureOne, type Found } from '../menu/search.js';
import { after, answer, aside, menu, missed, reasonToRepeat, say, silent, tellOnce } from '../outcomes.js';
import { anotherBeginning } from '../state.js';
import { TEXTS } from '../texts.js';
import { urgencyOf } from '../urgency.js';
import { REPORT_FLOW } from './report/report.flow.js';

/**
 * Matches when the whole message asks for a denuncia. A single word inside another sentence may refer to a
 * denuncia that was already sent.
 */
const WISH =
  /^(?:hola |buen[oa]s (?:dias |tardes |noches )?)*(?:(?:quiero|quisiera|deseo|necesito|ocupo|me gustaria|voy a|vengo a|i want to) )?(?:(?:hacer|presentar|poner|meter|levantar|interponer|make|file) )?(?:(?:una|un|mi|a) )?(?:denuncia|denunciar|denunciarlos|queja|quejarme|reporte|reportar|complain(?:t)?|report)(?: (?:anonima|anonimamente))?(?: (?:a|contra|de) (?:un |una |el |la )?(?:funcionari[oa]s?|servidora? public[oa]|emplead[oa]s?|persona|alguien)(?: (?:de|d) [a-z]+)?)?(?: (?:por favor|porfa|please))?$/;
/** They ask for a report that they have sent. */
const FOLLOWS =
  /\b(?:mi|la|el|una) (?:denuncia|queja|reporte|folio|caso) (?:[a-z]+ ){0,4}(?:va|avance|avances|estado|estatus|seguimiento|resolvieron|resuelto|paso|atendieron|revisaron)\b|\bcuando (?:contestan|responden|resuelven|atienden) (?:a )?mi (?:denuncia|queja|reporte)\b|\b(?:como va|en que va|que paso con|q paso con|estado|estatus|status|seguimiento|avance|ya (?:resolvieron|revisaron|atendieron|vieron|checaron)|resultado) (?:[a-z]+ ){0,4}(?:denuncia|queja|reporte|report|folio|denuncie|mande)\b|\bnumero de folio\b|\bmi folio\b|\b(?:puse|hice|presente|meti|mande) (?:una|mi|un) (?:denuncia|queja|reporte)\b/;
/** Whoever writes more words tells what happened with it. */
const FOLLOW_WORDS = 20;
/** Stems for what nobody here can help with at once. */
const EMERGENCY_STEMS = /\b(ambulancia|emergencia|incendio|bomberos|accidente|choque|herid|patrulla|auxilio)/;
/** Stems for what is no report. The menu of an institution may know more of it. */
const ELSEWHERE_STEMS = /\b(bache|luminaria|alumbrado|basura|fuga|drenaje|semaforo|arbol|perro)/;
/**
 * The word to send, typed again after the report has left. It must not start a new report, and it must get an
 * answer.
 */
const SENDING = /^(enviar|enviar denuncia)$/;
const THANKS = /^((muchas |mil |ok )?gracias( por .*)?|ok|okay|vale|enterad[oa]|perfecto|de acuerdo)$/;
const ANONYMOUS = /\b(?:anonim|anonym)|\bsin (?:dar )?(?:mi nombre|mis datos)\b/;
const GREETING = /^(hola|buen[oa]s?|que tal)\b/;
/** Only a greeting, which asks for nothing. */
const ONLY_GREETING =
  /^(?:(?:hola|holi|buen[oa]s?|dias|dia|tardes|noches|que|tal|hey|hi|hello|saludos|muy|disculpe|disculpa) ?){1,6}$/;
/**
 * A first message of at least this many characters begins a narrative. A greeting may be longer and still
 * only ask.
 */
const TELLING = 40;
const TELLING_AFTER_GREETING = 120;
/** An option explains a message when it explains this part of its words. */
const MOSTLY = 0.5;
const NEARLY_ALL = 0.7;
/** An option is offered beside an account when it explains this part of it, or fits so well. */
const NEAR = 0.3;
const CLOSE = 0.6;
/** Words of a message that asks by naming its subject. */
const SHORT = 7;

/** What everybody can ask without giving a reason. This flow remembers nobody: its step has no draft. */
export const MENU_FLOW: Flow = {
  steps: {
    menu: {
      ask: (state, context) => menu(context, state),
      words: {
        denuncia: 'report',
        denunciar: 'report',
        reportar: 'report',
        seguimiento: 'tracking',
        folio: 'tracking',
        anonima: 'anonymity',
        anonimato: 'anonymity',
        privacidad: 'privacy',
        privacy: 'privacy',
        'privacy notice': 'privacy',
        aviso: 'privacy',
        contacto: 'contact',
      },
    },
  },
  everywhere: {
    menu: {
      words: ['menu'],
      then: ({ state, context }) => say(state.draft ? state : anotherBeginning(state), menu(context, state)),
    },
    person: {
      words: ['persona', 'hablar con una persona', 'humano', 'hablar', 'person', 'human'],
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
    delete_data: {
      words: ['borrar datos', 'como borrar mis datos', 'delete my data'],
      then: ({ state, context }) => answer(state, TEXTS.deleteData(context, state.draft !== undefined)),
    },
  },
  hears: {
    text: hearText,
    aside: (turn) => repeatMenu(turn),
    // Whoever has no draft is not remembered.
    beside: (turn) => turn,
    file: ({ state }) => tellOnce(state, 'filesTooSoon'),
    place: (turn) => repeatMenu(turn),
    edit: ({ state }) => silent(state),
    revoke: ({ state }) => silent(state),
  },
};

function hearText(turn: Turn, text: string): Outcome {
  const { state, context } = turn;
  const words = wordsOf(text);
  const recognized = { ...turn, state: { ...state, misses: 0 } };
  if (WISH.test(words)) return REPORT_FLOW.everywhere.report!.then(recognized);
  if (SENDING.test(words)) return repeatMenu(turn, TEXTS.sentBefore);
  if (words.length < TELLING && THANKS.test(words)) return tellOnce(state, 'thanks');
  const found = search(text, languagesFor(context, state));
  // What may be an account comes before all that only answers.
  if (WRONG.test(words)) return hearWrong(turn, text, found);
  if (FOLLOWS.test(words) && words.split(' ').length <= FOLLOW_WORDS) return start(recognized, 'tracking');
  if (ANONYMOUS.test(words) && isAsking(text)) return start(recognized, 'anonymity');
  if (EMERGENCY_STEMS.test(words)) return start(recognized, 'contact');
  if (urgencyOf(text) !== undefined) return hearWrong(turn, text, found);
  const sure = sureOne(found);
  if (sure && isMeant(sure, text, words)) return startOrOpen(recognized, sure);
  if (REPORT.test(words)) return hearWrong(turn, text, found);
  if (ELSEWHERE_STEMS.test(words) && found.length === 0) return start(recognized, 'contact');
  return hearOther(turn, text, found);
}

/** Words that name no option for sure. */
function hearOther(turn: Turn, text: string, found: readonly Found[]): Outcome {
  const words = wordsOf(text);
  if (found.length > 0) return askWhich(turn, found, { text, tells: mayTell(text, words) });
  const tells = words.length >= (GREETING.test(words) ? TELLING_AFTER_GREETING : TELLING);
  return tells && !isAsking(text) ? inviteToTell(turn) : hearUnknown(turn, text, words);
}

/** An account, perhaps. An option is only offered beside it, when it is near. */
function hearWrong(turn: Turn, text: string, found: readonly Found[]): Outcome {
  const near = found.filter(
    ({ option, explained, score }) =>
      choiceOfOption(option) !== 'report' && (explained >= NEAR || score >= CLOSE),
  );
  return near.length > 0 ? askWhich(turn, near, { text, tells: true }) : inviteToTell(turn);
}

/** Whether an option answers the message. What may be an account is only offered it. */
function isMeant({ option, explained }: Found, text: string, words: string): boolean {
  if (choiceOfOption(option) === 'report') return words.length < TELLING && !isAsking(text);
  if (REPORT.test(words)) return isAsking(text) && explained >= MOSTLY;
  return isAsking(text) || !mayTell(text, words) || explained >= NEARLY_ALL;
}

/** So many words that ask for nothing may tell something. */
function mayTell(text: string, words: string): boolean {
  return !isAsking(text) && words.split(' ').length > SHORT;
}

function startOrOpen(turn: Turn, found: Found): Outcome {
  const result = openOption(turn, found);
  return 'start' in result ? start(turn, result.start) : result;
}

function start(turn: Turn, action: Start): Outcome {
  return (MENU_FLOW.everywhere[action] ?? REPORT_FLOW.everywhere[action])!.then(turn);
}

/** Words that find nothing. Only an institution with a menu of its own can answer questions later. */
function hearUnknown(turn: Turn, text: string, words: string): Outcome {
  if (turn.context.menu === undefined || ONLY_GREETING.test(words)) return repeatMenu(turn);
  const question = questionToNote(text);
  return question === undefined ? repeatMenu(turn) : withoutAnswer(turn, question);
}

function repeatMenu({ state, context }: Turn, reason?: string): Outcome {
  return missed(state, after(reasonToRepeat(state, reason), menu(context, state)));
}

/**
 * Invite a person who begins with their narrative to file a report. Keep nothing before they have read the
 * privacy notice, not even the fact that they wrote. A long word of thanks after the folio looks the same. It
 * is said at least once, however often the bot did not understand before.
 */
function inviteToTell({ state }: Turn): Outcome {
  const { invited, ...rest } = state;
  const outcome = missed(invited ? rest : { ...rest, misses: 0 }, aside(TEXTS.telling));
  return { ...outcome, state: { ...outcome.state, invited: true } };
}
