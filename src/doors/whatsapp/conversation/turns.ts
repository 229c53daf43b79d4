import { textMessages, type OutgoingMessage } from '../meta/outgoing.js';
import {
  initialState,
  MENU,
  nextStep,
  type ConversationContext,
  type ConversationEvent,
  type ConversationState,
  type Effect,
  type Passing,
  type Step,
  type StepResult,
} from './conversation-state.js';
import { emptyDraft, type Draft } from './draft.js';
import { aside, choices, promptOf, type Prompt } from './prompts.js';
import { TEXTS } from './texts.js';

/** One message on its way through the conversation. */
export interface Turn {
  state: ConversationState;
  event: ConversationEvent;
  context: ConversationContext;
}

/**
 * After so many messages in a row that say nothing to it the bot falls silent: two bots would answer each other for
 * ever, and each answer is charged.
 */
const MISSES_MAX = 3;

export function silent(state: ConversationState): StepResult {
  return { state, effects: [] };
}

/** Says something with options of its own; in a draft typed numbers refer to these from now on. */
export function say(state: ConversationState, prompt: Prompt): StepResult {
  const options = state.draft ? prompt.options : [...MENU];
  return { state: { ...state, options, told: [] }, effects: prompt.messages.map(send) };
}

/** Says something in passing: the options shown before stay valid. */
export function tell(state: ConversationState, body: string): StepResult {
  return { state: { ...state, told: [] }, effects: textMessages(body).map(send) };
}

/**
 * The same, each text once until the bot says something else: an album is many messages and gets one answer, and a voice
 * note after something unreadable still hears that it was not kept.
 */
export function tellOnce(state: ConversationState, text: Passing): StepResult {
  if (state.told.includes(text)) return silent(state);
  const { effects } = tell(state, TEXTS[text]);
  return { state: { ...state, told: [...state.told, text] }, effects };
}

/** Answers a question without leaving the step, and offers the way on. */
export function answer(state: ConversationState, body: string): StepResult {
  return say(state, state.draft ? choices(body, ['continue', 'menu']) : aside(body));
}

/** Repeats the question of the step; `before` says why. */
export function askAgain({ state, context }: Turn, before?: string): StepResult {
  const reason = before ?? (state.misses > 0 ? TEXTS.notUnderstood : undefined);
  return miss(state, promptOf(state, context, reason));
}

/**
 * Somebody begins with what happened. Nothing of it is kept before they have read the notice, not even that they wrote: a
 * long word of thanks after the folio looks the same.
 */
export function inviteToTell(state: ConversationState): StepResult {
  return miss(state, aside(TEXTS.telling));
}

function miss(state: ConversationState, prompt: Prompt): StepResult {
  return state.misses >= MISSES_MAX ? silent(state) : say({ ...state, misses: state.misses + 1 }, prompt);
}

/** The first step still open for this draft. */
export function openStep({ event, context }: Turn, draft: Draft): Step {
  return nextStep(draft, context.privacyNotice.version, event.phone !== undefined);
}

/** Goes on with a changed draft, to its first open step, and asks what that step asks. */
export function advance(turn: Turn, draft: Draft): StepResult {
  const { prompted: _prompted, ...rest } = turn.state;
  const state: ConversationState = { ...rest, step: openStep(turn, draft), draft };
  return say(state, promptOf(state, turn.context));
}

/** Begins a denuncia with the privacy notice. */
export function start({ state, context }: Turn, before?: string): StepResult {
  const begun: ConversationState = { ...initialState(), step: 'notice', files: state.files, draft: emptyDraft() };
  return say(begun, promptOf(begun, context, before));
}

/** Says goodbye to whoever has no draft any more: nothing of the person stays. */
export function forget(body: string): StepResult {
  return tell(initialState(), body);
}

function send(message: OutgoingMessage): Effect {
  return { type: 'send', message };
}
