import {
  addPiece,
  DETAILS,
  emptyDraft,
  hasContent,
  isAnswer,
  isTooShort,
  nameIn,
  withDetail,
  withMode,
  withoutAnswer,
  withoutDetail,
  type Detail,
  type DetailName,
  type Draft,
  type Mode,
} from '../../draft.js';
import type { FlowStep, Outcome, Question, Turn } from '../../flow.js';
import { askOnce, say, silent } from '../../outcomes.js';
import { summaryOf } from '../../report.js';
import type { Action, ConversationContext, ConversationState, Step } from '../../state.js';
import { TEXTS } from '../../texts.js';
import { whenOf } from '../../when.js';

export type ReportStepName = Exclude<Step, 'menu'>;

/** A choice that changes the draft. The next open step follows. */
export interface DraftChoice {
  words?: readonly string[];
  change: (draft: Draft, turn: Turn) => Draft;
}

/** A step of a report. It knows its draft, and nothing of the other steps. */
export interface ReportStep extends Omit<FlowStep, 'choices'> {
  /** Whether this draft still needs this step. The first open step of the order is the next one. */
  isOpen: (draft: Draft, turn: Turn) => boolean;
  choices?: Readonly<Partial<Record<Action, DraftChoice>>>;
  /** Takes a text that was written as an answer. Undefined: the text is part of the narrative. */
  takes?: (turn: Turn, draft: Draft, text: string) => Draft | undefined;
  /** The question that a voice note answers here. */
  speaks?: DetailName;
  /** What the bot does after a question or thanks. By default it asks again. */
  aside?: (turn: Turn) => Outcome;
  /** What is open again when the person goes back to this step. */
  reopened: (draft: Draft) => Draft;
  /**
   * What the bot does when the person adds text or place here. `ask`: it asks the next question. By default
   * it keeps this and repeats the question.
   */
  grown?: 'ask' | ((turn: Turn, draft: Draft) => Outcome);
}

/** The steps from the privacy notice to the confirmation, in the order in which a person passes them. */
export const STEPS: Readonly<Record<ReportStepName, ReportStep>> = {
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
        change: (draft, { context }) => ({ ...draft, noticeVersion: context.privacyNotice.version }),
      },
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
      anonymous: { words: ['anonima', 'anonimo', 'anonymous'], change: choosing('anonymous') },
      confidential: { words: ['confidencial'], change: choosing('confidential') },
      identified: {
        words: ['con mis datos', 'con mi nombre', 'identificada', 'identificado'],
        change: choosing('identified'),
      },
    },
  },

  narrative: {
    isOpen: (draft) => draft.closedAt === undefined || isTooShort(draft),
    ask: ({ draft = emptyDraft() }) => finishing(hasContent(draft) ? soFar(draft) : TEXTS.narrative),
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
    aside: ({ state }) => {
      const draft = draftIn(state);
      return isTooShort(draft)
        ? acknowledge(state, draft)
        : askOnce(state, 'notPresented', { offers: ['finish'], numbersAreText: true });
    },
    grown: ({ state }, draft) => acknowledge(state, draft),
  },

  where: detailStep('where', (draft) => draft.place === undefined),
  when: detailStep('when'),
  who: detailStep('who'),

  evidence: {
    isOpen: (draft) => draft.filesDone === undefined,
    ask: ({ draft = emptyDraft() }) => {
      const { files } = draft;
      return files.length === 0
        ? { body: TEXTS.evidence, offers: ['no_files', 'summary'], numbersAreText: true }
        : { body: TEXTS.filesSoFar(files.length), offers: ['files_done'], numbersAreText: true };
    },
    answers: [
      { said: ['more', 'asks'], then: 'aside', in: 'start' },
      { said: ['more', 'asks', 'change'], then: 'aside', in: 'part' },
      { said: ['send it', 'closing', 'skip', 'no', 'done'], then: 'files_done', in: 'part' },
    ],
    hears: 'files',
    words: { continuar: 'files_done', enviar: 'summary' },
    reopened: ({ filesDone: _done, ...draft }) => draft,
    // "Es mi palabra contra la suya" says that there are none. It is kept, and files may still come.
    takes: ({ message: { key, sentAt = 0 } }, draft, text) => {
      const longer = addPiece(draft, { key, text, at: sentAt });
      return longer && withFilesDone(longer);
    },
    choices: {
      no_files: { change: withFilesDone },
      files_done: { words: ['listo', 'omitir', 'no', 'es todo'], change: withFilesDone },
    },
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
    answers: [
      { said: ['no', 'not yes', 'not identified', 'skip', 'anonymous'], then: 'no_name', in: 'start' },
      { said: ['no', 'not identified', 'skip', 'done', 'cancel'], then: 'no_name', in: 'all' },
    ],
    hears: 'name',
    reopened: ({ name: _name, nameSkipped: _skipped, ...draft }) => draft,
    choices: {
      no_name: {
        words: ['sin nombre', 'omitir', 'no'],
        change: ({ name: _name, ...draft }) => ({ ...draft, nameSkipped: true }),
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
      use_phone: { words: ['si', 'si usar mi numero'], change: withPhone },
      no_phone: {
        words: ['no', 'no usar mi numero'],
        change: ({ phone: _phone, ...draft }) => ({ ...draft, phoneRefused: true }),
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
    grown: 'ask',
  },
};

export const ORDER = Object.keys(STEPS) as ReportStepName[];

/** The first step that is still open for a draft. */
export function openStep(turn: Turn, draft: Draft): ReportStepName {
  return ORDER.find((step) => STEPS[step].isOpen(draft, turn)) ?? 'confirm';
}

export function stepOf({ step }: ConversationState): ReportStep {
  return STEPS[step as ReportStepName];
}

/** The draft. Every step of this flow has one. */
export function draftOf({ state }: Turn): Draft {
  return draftIn(state);
}

function draftIn({ draft }: ConversationState): Draft {
  return draft ?? emptyDraft();
}

function isNamed({ mode }: Draft): boolean {
  return mode !== 'anonymous';
}

/** Whether the person can give their number as a contact. WhatsApp hides the number of some people. */
function canGivePhone({ message }: Turn): boolean {
  return message.phone !== undefined;
}

function choosing(mode: Mode): DraftChoice['change'] {
  return (draft) => withMode(draft, mode);
}

/** A question at which only the button and the word end the narrative. Typed numbers are part of it. */
export function finishing(body: string, ...more: readonly ('change_mode' | 'restart')[]): Question {
  return { body, offers: ['finish', ...more], numbersAreText: true };
}

function soFar(draft: Draft): string {
  return isTooShort(draft) ? tooShortText(draft) : TEXTS.narrativeAgain;
}

/** What is missing in a narrative that is too short. */
export function tooShortText({ pieces, files }: Draft): string {
  return pieces.length === 0 && files.length > 0 ? TEXTS.filesNeedWords(files.length) : TEXTS.tooShort;
}

export function withFilesDone(draft: Draft): Draft {
  return { ...draft, filesDone: true };
}

/** WhatsApp may have hidden the number since it was offered. Then the answer is a no. */
function withPhone(draft: Draft, { message: { phone } }: Turn): Draft {
  return phone === undefined ? { ...draft, phoneRefused: true } : { ...draft, phone };
}

/** A question about the narrative that may stay without an answer. */
function detailStep(name: DetailName, isAsked: (draft: Draft) => boolean = () => true): ReportStep {
  const skip = `skip_${name}` as const;
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
    choices: {
      [skip]: {
        words: ['omitir', 'ya no recuerdo', 'no recuerdo', 'no se', 'no'],
        change: (draft: Draft, { message }: Turn) => withoutAnswer(draft, name, message.key),
      },
    },
    reopened: (draft) => withoutDetail(draft, name),
    speaks: name,
    takes: ({ message, context }, draft, text) => {
      if (!isAnswer(text.trim())) return undefined;
      return withDetail(draft, name, {
        key: message.key,
        text: text.trim(),
        ...understoodIn(name, text, context),
      });
    },
  };
}

/** What the words of an answer mean. It is said back. */
export function understoodIn(
  name: DetailName,
  text: string,
  context: ConversationContext,
): Pick<Detail, 'from' | 'to' | 'municipality'> | undefined {
  if (name === 'when') return daysIn(text, context);
  const municipality = name === 'where' ? context.municipalityIn?.(text) : undefined;
  return municipality && { municipality };
}

/** The days that the words of a person mean. Undefined when they say none, or when it is not sure which. */
function daysIn(text: string, { today }: ConversationContext): { from?: string; to?: string } | undefined {
  const when = whenOf(text, today);
  return when === 'unknown' ? undefined : when;
}

/** Read the text as a name. A text longer than any name belongs to the narrative. */
function named({ message }: Turn, draft: Draft, text: string): Draft | undefined {
  const name = nameIn(text);
  return name === undefined ? undefined : { ...draft, name: { key: message.key, text: name } };
}

/**
 * Answer the first message when it is too short. A longer one is answered when the person pauses
 * (`reminders.ts`), because each answer is charged.
 */
function acknowledge(state: ConversationState, draft: Draft): Outcome {
  // What is told in passing may be told again: a contact card behind this text waits for an answer.
  if (!isTooShort(draft) || state.prompted !== undefined)
    return silent({ ...state, draft, told: [], unanswered: true });
  return say({ ...state, draft, prompted: 'short' }, finishing(TEXTS.tooShort));
}

/** The draft in which the open questions about the narrative stay without an answer. */
export function withoutOpenQuestions(draft: Draft, key: string): Draft {
  const left = DETAILS.filter((name) => draft.details?.[name] === undefined);
  return withFilesDone(left.reduce((rest, name) => withoutAnswer(rest, name, key), draft));
}
