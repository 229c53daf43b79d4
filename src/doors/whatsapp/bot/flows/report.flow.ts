import {
  addPiece,
  dropMessage,
  editPiece,
  emptyDraft,
  isTooShort,
  nameIn,
  withMode,
  type Draft,
  type Mode,
} from '../draft.js';
import type { Flow, FlowStep, Outcome, Place, Question, Turn } from '../flow.js';
import { excerpt } from '../messages.js';
import { after, fileNotKept, forget, missed, say, silent, tell } from '../outcomes.js';
import { reportOf, summaryOf } from '../report.js';
import { initialState, type ConversationState, type Step } from '../state.js';
import { TEXTS } from '../texts.js';

/**
 * Longest description of a shared place, enough for name and address. A longer text would be a narrative that
 * escapes the narrative's own limit.
 */
const PLACE_DESCRIPTION_MAX = 500;

type ReportStepName = Exclude<Step, 'menu'>;

interface ReportStep extends FlowStep {
  /** Whether this draft still needs this step. The first open step of the order is the next one. */
  isOpen: (draft: Draft, turn: Turn) => boolean;
  /** Whether a short text at this step is the person's name. */
  takesName?: (draft: Draft) => boolean;
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
    choices: {
      accept: {
        words: ['acepto', 'si acepto', 'si', 'de acuerdo'],
        then: (turn) => goOn(turn, { ...draftOf(turn), noticeVersion: turn.context.privacyNotice.version }),
      },
      decline: { words: ['no', 'no acepto'], then: ({ context }) => forget(TEXTS.declined(context)) },
    },
  },

  mode: {
    isOpen: (draft) => draft.mode === undefined,
    ask: (_state, context) => ({
      body: TEXTS.mode(context),
      offers: ['anonymous', 'confidential', 'identified'],
    }),
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
    choices: {
      finish: {
        words: ['listo', 'lista', 'listo continuar', 'continuar', 'es todo', 'termine'],
        then: (turn) => finish(turn, draftOf(turn)),
      },
    },
    grown: ({ state }, draft) => acknowledge(state, draft),
  },

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
    choices: {
      no_name: {
        words: ['sin nombre', 'omitir', 'no'],
        then: (turn) => goOn(turn, { ...draftOf(turn), nameSkipped: true }),
      },
    },
    takesName: () => true,
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
    choices: {
      use_phone: { words: ['si', 'si usar mi numero'], then: (turn) => usePhone(turn, draftOf(turn)) },
      no_phone: {
        words: ['no', 'no usar mi numero'],
        then: (turn) => goOn(turn, { ...draftOf(turn), phoneRefused: true }),
      },
    },
    takesName: (draft) => draft.name === undefined,
  },

  confirm: {
    isOpen: () => true,
    ask: (state) => ({ body: TEXTS.confirm(summaryOf(state)), offers: ['send', 'correct', 'cancel'] }),
    words: { continuar: 'continue' },
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
        turn.state.draft ? start({ ...turn, state: initialState() }, TEXTS.restarted) : start(turn),
    },
    cancel: { words: ['cancelar', 'cancela'], then: cancel },
    erase: { words: ['borrar', 'borrar mis datos'], then: cancel },
    change_mode: {
      words: ['modalidad', 'cambiar modalidad'],
      needsDraft: true,
      then: (turn) => goOn(turn, withMode(draftOf(turn), undefined)),
    },
    exit: {
      words: ['salir'],
      then: ({ state, context }) =>
        state.draft ? tell(state, TEXTS.paused(context.draftHours)) : forget(TEXTS.goodbye),
    },
  },
  hears: { text: hearText, file: hearFile, place: hearPlace, edit: hearEdit, revoke: hearRevoke },
};

/** The choices for an unfinished report. */
export function toResume({ context }: Turn): Question {
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

/** Continue with a changed draft: go to its first open step and ask its question. */
function goOn(turn: Turn, draft: Draft): Outcome {
  const { prompted: _prompted, ...rest } = turn.state;
  const step = openStep(turn, draft);
  const state: ConversationState = { ...rest, step, draft };
  return say(state, STEPS[step].ask(state, turn.context));
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
  return say({ ...turn.state, prompted: 'short' }, question);
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

function cancel({ state }: Turn): Outcome {
  return forget(state.draft ? TEXTS.canceled : TEXTS.nothingToCancel);
}

/**
 * Submit the draft and remove it from the state. Afterwards the person is as unknown as before their first
 * message.
 */
function submit(turn: Turn, draft: Draft): Outcome {
  if (openStep(turn, draft) !== 'confirm') return goOn(turn, draft);
  return { ...forget(TEXTS.confirmed), report: reportOf(draft, turn.state.files) };
}

function hearText(turn: Turn, text: string): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (draft.noticeVersion === undefined) return askAgain(turn, TEXTS.notYetKept);
  const name = nameIn(text);
  if (name !== undefined && isAnswerToName(turn, draft)) {
    return goOn(turn, { ...draft, name: { key: message.key, text: name } });
  }
  const longer = addPiece(draft, { key: message.key, text, at: message.sentAt ?? 0 });
  if (!longer) return tell(state, TEXTS.tooLong);
  const grown = stepOf(state).grown;
  return grown
    ? grown(turn, longer)
    : askAgain({ ...turn, state: { ...state, draft: longer } }, TEXTS.keptSoFar);
}

/**
 * Whether the text answers the question for the name. The bot asks for the name after the narrative. A text
 * that was written before the narrative was closed arrives late and belongs to the narrative. A text longer
 * than any name belongs to it too.
 */
function isAnswerToName({ state, message }: Turn, draft: Draft): boolean {
  if (!stepOf(state).takesName?.(draft)) return false;
  const { closedAt, revoked } = draft;
  const late = message.sentAt !== undefined && closedAt !== undefined && message.sentAt < closedAt;
  return !late && !revoked.includes(message.key);
}

/**
 * Answer only the first message of the narrative and the one that makes it long enough, because each answer
 * is charged.
 */
function acknowledge(state: ConversationState, draft: Draft): Outcome {
  const prompted = isTooShort(draft) ? 'short' : 'taken';
  if (state.prompted === prompted) return silent({ ...state, draft });
  return say({ ...state, draft, prompted }, finishing(prompted === 'short' ? TEXTS.tooShort : TEXTS.taken));
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
  return grown ? grown(turn, placed) : silent({ ...state, draft: placed });
}

function hearEdit(turn: Turn, text: string): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (message.originalKey === undefined || draft.noticeVersion === undefined) return silent(state);
  const edited = editPiece(draft, { key: message.originalKey, text, at: message.sentAt ?? 0 });
  return edited ? afterChange(turn, edited) : tell(state, TEXTS.tooLong);
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
