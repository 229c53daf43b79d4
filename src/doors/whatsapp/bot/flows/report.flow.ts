import {
  addPiece,
  dropMessage,
  editPiece,
  emptyDraft,
  DETAILS,
  isAnswer,
  isTooShort,
  nameIn,
  withDetail,
  withMode,
  withoutAnswer,
  withoutDetail,
  type DetailName,
  type Draft,
  type Mode,
} from '../draft.js';
import type { Flow, FlowStep, Outcome, Place, Question, Turn } from '../flow.js';
import { excerpt } from '../messages.js';
import {
  after,
  askOnce,
  fileNotKept,
  forget,
  menu,
  missed,
  reasonToRepeat,
  say,
  silent,
  tell,
} from '../outcomes.js';
import { reportOf, summaryOf } from '../report.js';
import { initialState, type ConversationContext, type ConversationState, type Step } from '../state.js';
import { TEXTS } from '../texts.js';
import { whenInWords, whenOf } from '../when.js';

/**
 * Longest description of a shared place, enough for name and address. With an answer to where it fits into
 * the 1,000 characters of intake. A longer text would be a narrative that
 * escapes the narrative's own limit.
 */
const PLACE_DESCRIPTION_MAX = 490;

type ReportStepName = Exclude<Step, 'menu'>;

interface ReportStep extends FlowStep {
  /** Whether this draft still needs this step. The first open step of the order is the next one. */
  isOpen: (draft: Draft, turn: Turn) => boolean;
  /** Takes a text that was written as an answer. Undefined: the text is part of the narrative. */
  takes?: (turn: Turn, draft: Draft, text: string) => Draft | undefined;
  /** What the bot does after a question or thanks. By default it asks again. */
  aside?: (turn: Turn) => Outcome;
  /** What is open again when the person goes back to this step. */
  reopened: (draft: Draft) => Draft;
  /**
   * What the bot does when the person adds text or place here. By default it keeps this and repeats the
   * question.
   */
  grown?: (turn: Turn, draft: Draft) => Outcome;
}

/** The steps from the privacy notice to the confirmation, in the order in which a person passes them. */
const STEPS: Readonly<Record<ReportStepName, ReportStep>> = {
  /**
   * Keep nothing before the person accepts the privacy notice (LGPDPPSO art. 22). If a new version is
   * published meanwhile, ask again.
   */
  notice: {
    isOpen: (draft, { context }) => draft.noticeVersion !== context.privacyNotice.version,
    ask: (_state, context) => ({ body: TEXTS.notice(context), offers: ['accept', 'decline'] }),
    answers: [
      { said: ['cancel', 'not yes', 'no'], then: 'decline', in: 'most' },
      { said: ['asks', 'more'], then: 'aside', in: 'most' },
      { said: ['yes'], then: 'accept', in: 'most' },
      { said: ['done'], then: 'accept', in: 'all' },
    ],
    reopened: ({ noticeVersion: _old, ...draft }) => draft,
    choices: {
      accept: {
        words: ['acepto', 'si acepto', 'si', 'de acuerdo'],
        then: (turn) => goOn(turn, { ...draftOf(turn), noticeVersion: turn.context.privacyNotice.version }),
      },
      decline: { words: ['no', 'no acepto'], then: decline },
    },
  },

  mode: {
    isOpen: (draft) => draft.mode === undefined,
    ask: (_state, context) => ({
      body: TEXTS.mode(context),
      offers: ['anonymous', 'confidential', 'identified'],
    }),
    // Where two are named, the one that says less of the person counts.
    answers: [
      { said: ['asks'], then: 'aside', in: 'start' },
      { said: ['anonymous', 'not identified'], then: 'anonymous', in: 'part' },
      { said: ['confidential'], then: 'confidential', in: 'part' },
      // "Con mi nombre, pero que mi jefe no lo sepa": better asked again.
      { said: ['more', 'asks'], then: 'aside', in: 'part' },
      { said: ['not anonymous', 'identified'], then: 'identified', in: 'most' },
      { said: ['person'], then: 'person', in: 'all' },
      { said: ['cancel'], then: 'cancel', in: 'all' },
    ],
    reopened: (draft) => withMode(draft, undefined),
    choices: {
      anonymous: { words: ['anonima', 'anonimo', 'anonymous'], then: choosing('anonymous') },
      confidential: { words: ['confidencial'], then: choosing('confidential') },
      identified: {
        words: ['con mis datos', 'con mi nombre', 'identificada', 'identificado'],
        then: choosing('identified'),
      },
    },
  },

  narrative: {
    isOpen: (draft) => draft.closedAt === undefined || isTooShort(draft),
    ask: ({ draft = emptyDraft() }) => finishing(draft.pieces.length > 0 ? soFar(draft) : TEXTS.narrative),
    answers: [
      { said: ['cancel'], then: 'cancel', in: 'all' },
      { said: ['closing'], then: 'finish', in: 'all' },
      { said: ['more', 'not send', 'asks'], then: 'aside', in: 'all' },
      { said: ['done', 'send', 'send it', 'yes'], then: 'finish', in: 'all' },
      { said: ['send it'], then: 'finish', in: 'most' },
      { said: ['closing'], then: 'finish', in: 'end' },
    ],
    hears: 'narrative',
    reopened: ({ closedAt: _closed, ...draft }) => draft,
    choices: {
      finish: {
        words: ['listo', 'lista', 'listo continuar', 'continuar', 'es todo', 'termine'],
        then: (turn) => finish(turn, draftOf(turn)),
      },
    },
    aside: (turn) => {
      const draft = draftOf(turn);
      return isTooShort(draft)
        ? acknowledge(turn.state, draft)
        : askOnce(turn.state, 'notPresented', { offers: ['finish'], numbersAreText: true });
    },
    grown: ({ state }, draft) => acknowledge(state, draft),
  },

  where: detailStep('where', (draft) => draft.place === undefined),
  when: detailStep('when'),
  who: detailStep('who'),

  /**
   * Intake requires one way to reach a person who does not report anonymously: a name, or the number they
   * write from.
   */
  name: {
    isOpen: (draft, turn) =>
      isNamed(draft) &&
      draft.name === undefined &&
      (draft.nameSkipped !== true || (!canGivePhone(turn) && draft.phone === undefined)),
    ask: ({ draft }) =>
      draft?.nameSkipped === true
        ? { body: TEXTS.nameNeeded, offers: ['change_mode'] }
        : { body: TEXTS.name, offers: ['no_name'] },
    words: { continuar: 'continue' },
    answers: [
      { said: ['no', 'not yes', 'not identified', 'skip', 'anonymous'], then: 'no_name', in: 'start' },
      { said: ['no', 'not identified', 'skip', 'done', 'cancel'], then: 'no_name', in: 'all' },
    ],
    hears: 'name',
    reopened: ({ name: _name, nameSkipped: _skipped, ...draft }) => draft,
    choices: {
      no_name: {
        words: ['sin nombre', 'omitir', 'no'],
        then: (turn) => goOn(turn, withoutName(draftOf(turn))),
      },
    },
    takes: named,
  },

  phone: {
    isOpen: (draft, turn) =>
      isNamed(draft) &&
      canGivePhone(turn) &&
      draft.phone === undefined &&
      (draft.phoneRefused !== true || draft.name === undefined),
    ask: ({ draft }) =>
      draft?.phoneRefused === true
        ? { body: TEXTS.phoneNeeded, offers: ['use_phone', 'change_mode'] }
        : { body: TEXTS.phone, offers: ['use_phone', 'no_phone'] },
    words: { continuar: 'continue' },
    answers: [
      {
        said: ['cancel', 'no', 'not yes', 'not identified', 'anonymous', 'skip', 'stop', 'erase'],
        then: 'no_phone',
        in: 'part',
      },
      { said: ['asks'], then: 'aside', in: 'part' },
      { said: ['yes', 'person'], then: 'use_phone', in: 'most' },
      { said: ['done'], then: 'use_phone', in: 'all' },
    ],
    reopened: ({ phone: _phone, phoneRefused: _refused, ...draft }) => draft,
    choices: {
      use_phone: { words: ['si', 'si usar mi numero'], then: (turn) => usePhone(turn, draftOf(turn)) },
      no_phone: {
        words: ['no', 'no usar mi numero'],
        then: (turn) => goOn(turn, withoutPhone(draftOf(turn))),
      },
    },
    takes: (turn, draft, text) => (draft.name === undefined ? named(turn, draft, text) : undefined),
  },

  confirm: {
    isOpen: () => true,
    ask: (state) => ({ body: TEXTS.confirm(summaryOf(state)), offers: ['send', 'correct', 'cancel'] }),
    words: { continuar: 'continue' },
    answers: [
      { said: ['cancel'], then: 'cancel', in: 'all' },
      { said: ['not send', 'not send it', 'more', 'change', 'erase'], then: 'correct', in: 'all' },
      { said: ['asks'], then: 'aside', in: 'start' },
      // With other words beside it, it says what is missing.
      { said: ['not send', 'not send it', 'more', 'change', 'erase', 'cancel'], then: 'keep', in: 'part' },
      { said: ['asks'], then: 'aside', in: 'all' },
      { said: ['anonymous', 'confidential'], then: 'change_mode', in: 'all' },
      { said: ['not yes'], then: 'correct', in: 'all' },
      { said: ['send', 'send it'], then: 'send', in: 'all' },
      { said: ['send it'], then: 'send', in: 'most' },
      { said: ['send it'], then: 'send', in: 'start' },
      { said: ['send it'], then: 'send', in: 'end' },
      { said: ['no'], then: 'correct', in: 'all' },
      { said: ['yes', 'done', 'closing'], then: 'send', in: 'all' },
    ],
    reopened: (draft) => draft,
    aside: ({ state }) => askOnce(state, 'notSent', { offers: ['send', 'correct', 'cancel'] }),
    choices: {
      send: {
        words: ['enviar', 'enviar denuncia', 'si'],
        then: (turn) => submit(turn, draftOf(turn)),
        late: TEXTS.sentBefore,
      },
      correct: { words: ['corregir', 'no'], then: ({ state }) => correct(state) },
    },
    grown: goOn,
  },
};

const ORDER = Object.keys(STEPS) as ReportStepName[];

/** A report, from the privacy notice to its confirmation. Between two messages it lives in `state.draft`. */
export const REPORT_FLOW: Flow = {
  steps: STEPS,
  everywhere: {
    report: { then: (turn) => (turn.state.draft ? say(turn.state, toResume(turn)) : start(turn)) },
    continue: { needsDraft: true, then: (turn) => goOn(turn, draftOf(turn)) },
    restart: {
      words: ['empezar de nuevo', 'comenzar de nuevo', 'volver a empezar', 'reiniciar'],
      then: (turn) =>
        turn.state.draft ? start({ ...turn, state: anew(turn.state) }, TEXTS.restarted) : start(turn),
    },
    cancel: { words: ['cancelar', 'cancela'], then: askToCancel },
    erase: { words: ['borrar', 'borrar mis datos'], then: cancel },
    summary: {
      words: ['resumen', 'ir al resumen', 'ver resumen'],
      needsDraft: true,
      then: (turn) => toSummary(turn),
    },
    back: { words: ['atras', 'regresar', 'volver'], then: goBack },
    stop: {
      words: ['baja', 'alto', 'stop'],
      then: ({ state, context }) =>
        state.draft
          ? leave({ ...state, muted: true }, TEXTS.muted(context.draftHours))
          : forget(TEXTS.goodbye),
    },
    change_mode: {
      words: ['modalidad', 'cambiar modalidad'],
      needsDraft: true,
      then: (turn) => goOn(turn, withMode(draftOf(turn), undefined)),
    },
    exit: {
      words: ['salir'],
      then: ({ state, context }) =>
        state.draft ? leave(state, TEXTS.paused(context.draftHours)) : forget(TEXTS.goodbye),
    },
  },
  hears: {
    text: hearText,
    aside: hearAside,
    beside: hearBeside,
    file: hearFile,
    place: hearPlace,
    edit: hearEdit,
    revoke: hearRevoke,
  },
};

/** Say something after which no choice is open: a later "ok" answers this, and sends nothing. */
function leave(state: ConversationState, body: string): Outcome {
  return tell({ ...state, options: [] }, body);
}

/** The choices for an unfinished report. */
export function toResume({ context }: Pick<Turn, 'context'>): Question {
  return { body: TEXTS.resume(context.draftHours), offers: ['continue', 'restart', 'erase'] };
}

/** The first step that is still open for a draft. */
export function openStep(turn: Turn, draft: Draft): ReportStepName {
  return ORDER.find((step) => STEPS[step].isOpen(draft, turn)) ?? 'confirm';
}

/** The draft. Every step of this flow has one. */
function draftOf({ state }: Turn): Draft {
  return state.draft ?? emptyDraft();
}

function isNamed({ mode }: Draft): boolean {
  return mode !== 'anonymous';
}

/** Whether the person can give their number as a contact. WhatsApp hides the number of some people. */
function canGivePhone({ message }: Turn): boolean {
  return message.phone !== undefined;
}

/** Begin with the privacy notice. */
function start({ state, context }: Turn, before?: string): Outcome {
  const begun: ConversationState = {
    ...initialState(),
    step: 'notice',
    files: state.files,
    draft: emptyDraft(),
  };
  return say(begun, after(before, STEPS.notice.ask(begun, context)));
}

/**
 * Continue with a changed draft: go to its first open step and ask its question.
 * @param before what is said in front of the question
 */
function goOn(turn: Turn, draft: Draft, before?: string): Outcome {
  const { prompted: _prompted, ...rest } = turn.state;
  const step = openStep(turn, draft);
  const state: ConversationState = { ...rest, step, draft };
  return say(state, after(before, STEPS[step].ask(state, turn.context)));
}

/** Repeat the question of the step. */
function askAgain({ state, context }: Turn, reason: string): Outcome {
  return missed(state, after(reason, stepOf(state).ask(state, context)));
}

function stepOf({ step }: ConversationState): ReportStep {
  return STEPS[step as ReportStepName];
}

function choosing(mode: Mode): (turn: Turn) => Outcome {
  return (turn) => goOn(turn, withMode(draftOf(turn), mode));
}

/** A question at which only the button and the word end the narrative. Typed numbers are part of it. */
function finishing(body: string, ...more: readonly ('change_mode' | 'restart')[]): Question {
  return { body, offers: ['finish', ...more], numbersAreText: true };
}

function soFar(draft: Draft): string {
  return isTooShort(draft) ? TEXTS.tooShort : TEXTS.narrativeAgain;
}

function finish(turn: Turn, draft: Draft): Outcome {
  if (!isTooShort(draft)) return goOn(turn, { ...draft, closedAt: turn.message.sentAt ?? 0 });
  const question = finishing(draft.pieces.length > 0 ? TEXTS.tooShort : TEXTS.narrative);
  return say({ ...turn.state, draft, prompted: 'short' }, question);
}

function usePhone(turn: Turn, draft: Draft): Outcome {
  const { phone } = turn.message;
  // WhatsApp may have hidden the number since it was offered. Then treat the answer as a no.
  return goOn(turn, phone === undefined ? { ...draft, phoneRefused: true } : { ...draft, phone });
}

function correct(state: ConversationState): Outcome {
  const { closedAt: _closed, ...open } = state.draft ?? emptyDraft();
  const { prompted: _prompted, ...rest } = state;
  return say({ ...rest, step: 'narrative', draft: open }, finishing(TEXTS.correct, 'change_mode', 'restart'));
}

/** A draft in which something was told is not lost by one word. The same word again is a yes. */
function askToCancel(turn: Turn): Outcome {
  const { state } = turn;
  const { pieces = [] } = state.draft ?? {};
  if (pieces.length === 0) return cancel(turn);
  return say(state, { body: TEXTS.cancelAsked, offers: ['erase', 'continue'], confirms: 'erase' });
}

function cancel({ state }: Turn): Outcome {
  return forget(state.draft ? TEXTS.canceled : TEXTS.nothingToCancel);
}

/**
 * Submit the draft and remove it from the state. Afterwards the person is as unknown as before their first
 * message.
 */
function submit(turn: Turn, draft: Draft): Outcome {
  if (openStep(turn, draft) !== 'confirm') return goOn(turn, draft);
  return { ...forget(TEXTS.confirmed), report: reportOf(draft, turn.state) };
}

/** Ask the question before this one again. Its answer stays until another one comes. */
function goBack(turn: Turn): Outcome {
  const { state, context } = turn;
  const { draft } = state;
  if (!draft) return say(state, menu(context));
  const before = ORDER.slice(0, ORDER.indexOf(state.step as ReportStepName));
  // Whoever has told something has accepted the notice.
  const behindNotice = draft.pieces.length > 0 ? before.filter((step) => step !== 'notice') : before;
  const step = behindNotice.findLast((name) => STEPS[name].isOpen(STEPS[name].reopened(draft), turn));
  if (step === 'narrative') return correct(state);
  if (step === 'notice') return goOn(turn, STEPS.notice.reopened(draft));
  if (step !== undefined) return say({ ...state, step }, STEPS[step].ask(state, context));
  return draft.pieces.length > 0
    ? say(state, stepOf(state).ask(state, context))
    : say({ ...initialState(), files: state.files }, menu(context));
}

/** A new beginning. What they said of reminders and help stays. */
function anew({ muted, helped }: ConversationState): ConversationState {
  return { ...initialState(), ...(muted ? { muted } : {}), ...(helped ? { helped } : {}) };
}

/** A no to a notice that was published meanwhile does not delete what was told. */
function decline(turn: Turn): Outcome {
  const { pieces = [] } = turn.state.draft ?? {};
  return pieces.length > 0 ? askToCancel(turn) : forget(TEXTS.declined(turn.context));
}

function withoutName({ name: _name, ...draft }: Draft): Draft {
  return { ...draft, nameSkipped: true };
}

function withoutPhone({ phone: _phone, ...draft }: Draft): Draft {
  return { ...draft, phoneRefused: true };
}

/** A question about the narrative that may stay without an answer. */
function detailStep(name: DetailName, isAsked: (draft: Draft) => boolean = () => true): ReportStep {
  const skip = `skip_${name}` as const;
  const without = (turn: Turn): Outcome => goOn(turn, withoutAnswer(draftOf(turn), name, turn.message.key));
  return {
    isOpen: (draft) => draft.details?.[name] === undefined && isAsked(draft),
    ask: () => ({ body: TEXTS[name], offers: [skip, 'summary'], numbersAreText: true }),
    answers: [
      { said: ['send it', 'closing'], then: 'summary', in: 'all' },
      { said: ['asks'], then: 'aside', in: 'all' },
      { said: ['skip', 'no', 'done'], then: skip, in: 'all' },
    ],
    hears: 'answer',
    words: { continuar: 'continue', enviar: 'summary' },
    choices: { [skip]: { words: ['omitir', 'ya no recuerdo', 'no recuerdo', 'no se', 'no'], then: without } },
    reopened: (draft) => withoutDetail(draft, name),
    takes: ({ message, context }, draft, text) => {
      if (!isAnswer(text.trim())) return undefined;
      const days = name === 'when' ? daysIn(text, context) : undefined;
      return withDetail(draft, name, { key: message.key, text: text.trim(), ...days });
    },
  };
}

/** The days that the words of a person mean. Undefined when they say none, or when it is not sure which. */
function daysIn(text: string, { today }: ConversationContext): { from?: string; to?: string } | undefined {
  const when = whenOf(text, today);
  return when === 'unknown' ? undefined : when;
}

/** Leave out every question that may stay without an answer. */
function toSummary(turn: Turn): Outcome {
  const { key } = turn.message;
  const draft = draftOf(turn);
  const left = DETAILS.filter((name) => draft.details?.[name] === undefined);
  const shorter = left.reduce((rest, name) => withoutAnswer(rest, name, key), draft);
  return draft.closedAt === undefined && draft.pieces.length > 0
    ? finish(turn, shorter)
    : goOn(turn, shorter);
}

/** Keep the words beside a choice in the narrative, once the notice is accepted. */
function hearBeside(turn: Turn, text: string): Turn | undefined {
  const { state, message } = turn;
  const { draft } = state;
  if (draft?.noticeVersion === undefined) return turn;
  const longer = addPiece(draft, { key: message.key, text, at: message.sentAt ?? 0 });
  return longer && { ...turn, state: { ...state, draft: longer } };
}

function hearAside(turn: Turn, kept: string | undefined): Outcome {
  const heard = kept === undefined ? turn : hearBeside(turn, kept);
  if (!heard) return tell(turn.state, TEXTS.tooLong);
  const { state, context } = heard;
  const { ask, aside } = stepOf(state);
  return aside ? aside(heard) : missed(state, after(reasonToRepeat(state, undefined), ask(state, context)));
}

function hearText(turn: Turn, text: string): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (draft.noticeVersion === undefined) return askAgain(turn, TEXTS.notYetKept);
  const answered = isLate(turn, draft) ? undefined : stepOf(state).takes?.(turn, draft, text);
  if (answered) return goOn(turn, answered, noted(draft, answered));
  const longer = addPiece(draft, { key: message.key, text, at: message.sentAt ?? 0 });
  if (!longer) return tell(state, TEXTS.tooLong);
  const grown = stepOf(state).grown;
  return grown
    ? grown(turn, longer)
    : askAgain({ ...turn, state: { ...state, draft: longer } }, TEXTS.keptSoFar);
}

/** Days are always said back: what was read out of words may be wrong, and must not be wrong in silence. */
function noted(before: Draft, { details }: Draft): string | undefined {
  const when = details?.when;
  if (!when || when === before.details?.when || (when.from ?? when.to) === undefined) return undefined;
  return TEXTS.noted(whenInWords(when));
}

/** Read the text as a name. A text longer than any name belongs to the narrative. */
function named({ message }: Turn, draft: Draft, text: string): Draft | undefined {
  const name = nameIn(text);
  return name === undefined ? undefined : { ...draft, name: { key: message.key, text: name } };
}

/**
 * Whether the text answers no question behind the narrative. What was written before the narrative was
 * closed arrives late and belongs to it.
 */
function isLate({ message }: Turn, { closedAt, revoked }: Draft): boolean {
  const late = message.sentAt !== undefined && closedAt !== undefined && message.sentAt < closedAt;
  return late || revoked.includes(message.key);
}

/**
 * Answer the first message when it is too short. A longer one is answered when the person pauses
 * (`reminders.ts`), because each answer is charged.
 */
function acknowledge(state: ConversationState, draft: Draft): Outcome {
  // What is told in passing may be told again: a photo behind this text waits for an answer.
  if (!isTooShort(draft) || state.prompted !== undefined)
    return silent({ ...state, draft, told: [], unanswered: true });
  return say({ ...state, draft, prompted: 'short' }, finishing(TEXTS.tooShort));
}

/** Handle a file. Its caption is part of the narrative. */
function hearFile(turn: Turn, caption: string | undefined): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (caption === undefined || draft.noticeVersion === undefined) return fileNotKept(state);
  const longer = addPiece(draft, { key: message.key, text: caption, at: message.sentAt ?? 0 });
  if (longer) return fileNotKept({ ...state, draft: longer });
  return tell({ ...state, files: state.files + 1 }, TEXTS.tooLong);
}

function hearPlace(turn: Turn, { latitude, longitude, description }: Place): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (draft.noticeVersion === undefined) return askAgain(turn, TEXTS.notYetKept);
  if (draft.revoked.includes(message.key)) return silent(state);
  const place: Draft['place'] = { key: message.key, latitude, longitude };
  if (description !== undefined) place.description = excerpt(description, PLACE_DESCRIPTION_MAX);
  const placed: Draft = { ...draft, place };
  const { grown } = stepOf(state);
  if (grown) return grown(turn, placed);
  return openStep(turn, placed) === state.step ? silent({ ...state, draft: placed }) : goOn(turn, placed);
}

function hearEdit(turn: Turn, text: string): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (message.originalKey === undefined || draft.noticeVersion === undefined) return silent(state);
  const edited = editPiece(draft, { key: message.originalKey, text, at: message.sentAt ?? 0 });
  return edited ? afterChange(turn, withDays(turn, edited)) : tell(state, TEXTS.tooLong);
}

/** The draft with the days of an edited answer. */
function withDays({ context }: Turn, draft: Draft): Draft {
  const { when } = draft.details ?? {};
  if (when?.text === undefined || (when.from ?? when.to) !== undefined) return draft;
  return { ...draft, details: { ...draft.details, when: { ...when, ...daysIn(when.text, context) } } };
}

function hearRevoke(turn: Turn): Outcome {
  const { originalKey } = turn.message;
  return originalKey === undefined
    ? silent(turn.state)
    : afterChange(turn, dropMessage(draftOf(turn), originalKey));
}

/**
 * Show a changed draft. Once the narrative is closed, a summary was shown or comes later: the change then
 * shows in the summary or reopens a step.
 */
function afterChange(turn: Turn, draft: Draft): Outcome {
  const { step } = turn.state;
  const closed = draft.closedAt !== undefined && step !== 'narrative';
  const visible = closed && (step === 'confirm' || openStep(turn, draft) !== step);
  return visible ? goOn(turn, draft) : silent({ ...turn.state, draft });
}
