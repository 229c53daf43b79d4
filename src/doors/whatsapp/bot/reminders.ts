import type { Outcome, Turn } from './flow.js';
import { toResume } from './flows/report.flow.js';
import { isTooShort } from './draft.js';
import { say, silent } from './outcomes.js';
import type { ConversationContext, ConversationState } from './state.js';
import { TEXTS } from './texts.js';

/** Seconds of silence behind a piece of the narrative. Whoever writes several messages is not interrupted. */
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
  if (isTelling(state)) {
    return say(
      { ...state, prompted: 'taken' },
      { body: TEXTS.taken, offers: ['finish'], numbersAreText: true },
    );
  }
  const turn: Pick<Turn, 'context'> = { context };
  const { body, ...choices } = toResume(turn);
  return say({ ...state, warned: true }, { ...choices, body: `${TEXTS.stillThere}\n\n${body}` });
}

function isTelling({ step, draft, prompted }: ConversationState): boolean {
  return step === 'narrative' && draft !== undefined && !isTooShort(draft) && prompted !== 'taken';
}
