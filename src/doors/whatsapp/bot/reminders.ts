import { emptyDraft, isTooShort } from './draft.js';
import type { Outcome, Question } from './flow.js';
import { stepOf } from './flows/flows.js';
import { toResume } from './flows/report/moves.js';
import { finishing, tooShortText } from './flows/report/steps.js';
import { after, say, silent } from './outcomes.js';
import type { ConversationContext, ConversationState, Step } from './state.js';
import { TEXTS } from './texts.js';

/** Seconds of silence behind a piece of the narrative or a file. Whoever sends several is not interrupted. */
const PAUSE = 20;
/**
 * Seconds after the last message of the person. Free words may be sent for 24 hours; afterwards Meta takes
 * templates only.
 */
const BEFORE_THE_WINDOW_CLOSES = 23 * 3600;

/**
 * How long the bot waits for the person before it says something by itself.
 * @returns seconds from the last message of the person; undefined when there is nothing to say
 */
export function patienceWith(state: ConversationState): number | undefined {
  if (state.muted || state.draft?.noticeVersion === undefined) return undefined;
  if (isTelling(state)) return PAUSE;
  return state.warned ? undefined : BEFORE_THE_WINDOW_CLOSES;
}

/** What the bot says by itself when the person has been silent for so long. */
export function breakSilence(state: ConversationState, context: ConversationContext): Outcome {
  if (patienceWith(state) === undefined) return silent(state);
  if (isTelling(state)) return besides({ ...state, prompted: 'taken' }, taken(state, context));
  const { draftHours } = context;
  const left = draftHours === undefined ? undefined : draftHours - BEFORE_THE_WINDOW_CLOSES / 3600;
  const { body, ...choices } = toResume({ context: { ...context, draftHours: left } });
  return besides({ ...state, warned: true }, { ...choices, body: `${TEXTS.stillThere}\n\n${body}` });
}

/** Say something that changes no meaning: a number that is on its way answers the question before. */
function besides(state: ConversationState, question: Question): Outcome {
  const said = say(state, question);
  return { ...said, state: { ...said.state, options: state.options } };
}

/** Steps at which every pause is answered: what was said last there counts files. */
const COUNTS: ReadonlySet<Step> = new Set<Step>(['evidence', 'confirm']);

/** What was told or sent is answered once at a step. */
function isTelling({ step, draft, prompted, unanswered }: ConversationState): boolean {
  return unanswered === true && draft !== undefined && (COUNTS.has(step) || prompted !== 'taken');
}

/** One answer to all that came, with the way on. */
function taken(state: ConversationState, context: ConversationContext): Question {
  const { step, draft = emptyDraft() } = state;
  if (step === 'narrative')
    return finishing(isTooShort(draft) ? tooShortText(draft) : TEXTS.taken(draft.files.length));
  const question = stepOf(step).ask(state, context);
  const { length } = draft.files;
  return COUNTS.has(step) || length === 0 ? question : after(TEXTS.filesTaken(length), question);
}
