import { emptyDraft, hasContent, isTooShort, type Draft } from '../../draft.js';
import type { Outcome, Question, Turn } from '../../flow.js';
import { after, forget, menu, missed, say, tell } from '../../outcomes.js';
import { menuOf } from '../../menu/options.js';
import { menuTexts } from '../../menu/texts.js';
import { reportOf } from '../../report.js';
import { anotherBeginning, initialState, type ConversationState } from '../../state.js';
import { TEXTS } from '../../texts.js';
import {
  draftOf,
  finishing,
  openStep,
  ORDER,
  stepOf,
  STEPS,
  tooShortText,
  withFilesDone,
  withoutOpenQuestions,
  type ReportStepName,
} from './steps.js';

/** How a report goes on from one step to another. */

/** The choices for an unfinished report. */
export function toResume({ context }: Pick<Turn, 'context'>): Question {
  return { body: TEXTS.resume(context.draftHours), offers: ['continue', 'restart', 'erase'] };
}

/** Begin with the privacy notice. */
export function start({ state, context }: Turn, before?: string): Outcome {
  const begun: ConversationState = {
    ...anotherBeginning(state),
    step: 'notice',
    draft: emptyDraft(),
  };
  const { inSpanish } = menuTexts(menuOf(context, state));
  const { reportsPhone } = context;
  const elsewhere = reportsPhone === undefined ? undefined : TEXTS.reportsElsewhere(reportsPhone);
  const first = [before, inSpanish, elsewhere].filter((text) => text !== undefined).join('\n\n');
  return say(begun, after(first === '' ? undefined : first, STEPS.notice.ask(begun, context)));
}

/**
 * Continue with a changed draft: go to its first open step and ask its question.
 * @param before what is said in front of the question
 */
export function goOn(turn: Turn, draft: Draft, before?: string): Outcome {
  const { prompted: _prompted, ...rest } = turn.state;
  const step = openStep(turn, draft);
  const state: ConversationState = { ...rest, step, draft };
  return say(state, after(before, STEPS[step].ask(state, turn.context)));
}

/** Repeat the question of the step. */
export function askAgain({ state, context }: Turn, reason: string): Outcome {
  return missed(state, after(reason, stepOf(state).ask(state, context)));
}

/** Say something after which no choice is open: a later "ok" answers this, and sends nothing. */
export function leave(state: ConversationState, body: string): Outcome {
  return tell({ ...state, options: [] }, body);
}

export function finish(turn: Turn, draft: Draft): Outcome {
  if (isTooShort(draft)) {
    const question = finishing(hasContent(draft) ? tooShortText(draft) : TEXTS.narrative);
    return say({ ...turn.state, draft, prompted: 'short' }, question);
  }
  // Whoever has sent files knows how. A voice note may be the account.
  const told = draft.files.some(({ media }) => media !== 'voice') ? withFilesDone(draft) : draft;
  return goOn(turn, { ...told, closedAt: turn.message.sentAt ?? 0 });
}

export function correct(state: ConversationState): Outcome {
  const { closedAt: _closed, ...open } = state.draft ?? emptyDraft();
  const { prompted: _prompted, ...rest } = state;
  return say({ ...rest, step: 'narrative', draft: open }, finishing(TEXTS.correct, 'change_mode', 'restart'));
}

/** A draft in which something was told is not lost by one word. The same word again is a yes. */
export function askToCancel(turn: Turn): Outcome {
  const { state } = turn;
  if (!state.draft || !hasContent(state.draft)) return cancel(turn);
  return say(state, { body: TEXTS.cancelAsked, offers: ['erase', 'continue'], confirms: 'erase' });
}

export function cancel({ state }: Turn): Outcome {
  return forget(state.draft ? TEXTS.canceled : TEXTS.nothingToCancel);
}

/** A no to a notice that was published meanwhile does not delete what was told. */
export function decline(turn: Turn): Outcome {
  return hasContent(draftOf(turn)) ? askToCancel(turn) : forget(TEXTS.declined(turn.context));
}

/**
 * Submit the draft and remove it from the state. Afterwards the person is as unknown as before their first
 * message.
 */
export function submit(turn: Turn, draft: Draft): Outcome {
  if (openStep(turn, draft) !== 'confirm') return goOn(turn, draft);
  return { ...forget(TEXTS.confirmed), report: reportOf(draft, turn.state) };
}

/** Ask the question before this one again. Its answer stays until another one comes. */
export function goBack(turn: Turn): Outcome {
  const { state, context } = turn;
  const { draft } = state;
  if (!draft) return say(state, menu(context, state));
  const before = ORDER.slice(0, ORDER.indexOf(state.step as ReportStepName));
  // Whoever has told something has accepted the notice.
  const behindNotice = hasContent(draft) ? before.filter((step) => step !== 'notice') : before;
  const step = behindNotice.findLast((name) => STEPS[name].isOpen(STEPS[name].reopened(draft), turn));
  if (step === 'narrative') return correct(state);
  if (step === 'notice') return goOn(turn, STEPS.notice.reopened(draft));
  if (step !== undefined) return say({ ...state, step }, STEPS[step].ask(state, context));
  return hasContent(draft)
    ? say(state, stepOf(state).ask(state, context))
    : say(anotherBeginning(state), menu(context, state));
}

/** A new beginning. What they said of reminders and help stays. */
export function anew({ muted, helped, language }: ConversationState): ConversationState {
  return {
    ...initialState(),
    ...(muted ? { muted } : {}),
    ...(helped ? { helped } : {}),
    ...(language === undefined ? {} : { language }),
  };
}

/** Leave out every question that may stay without an answer. */
export function toSummary(turn: Turn): Outcome {
  const draft = draftOf(turn);
  const shorter = withoutOpenQuestions(draft, turn.message.key);
  return draft.closedAt === undefined && hasContent(draft) ? finish(turn, shorter) : goOn(turn, shorter);
}

/** Where files are asked for, "borrar" may mean one of them. So it asks once there. */
export function erase(turn: Turn): Outcome {
  const isSure = turn.confirming === 'erase' || turn.state.step !== 'evidence';
  return isSure ? cancel(turn) : askToCancel(turn);
}
