import { excerpt } from '../meta/outgoing.js';
import { act, resume } from './actions.js';
import { isGlobal, understand, type Input } from './conversation-input.js';
import {
  restoreState,
  type ConversationContext,
  type ConversationEvent,
  type ConversationState,
  type StepResult,
} from './conversation-state.js';
import { addPiece, dropMessage, editPiece, isTooShort, nameIn, type Draft } from './draft.js';
import { finishing, promptOf } from './prompts.js';
import { TEXTS } from './texts.js';
import { advance, askAgain, inviteToTell, openStep, say, silent, tell, tellOnce, type Turn } from './turns.js';

/** A shared place has a name and an address; more would be an account that escapes the account's own limit. */
const PLACE_DESCRIPTION_MAX = 500;

/**
 * Takes one event of a WhatsApp conversation. Pure: no clock, no storage, no network.
 * @param saved what was remembered after the last event; nothing, or a state of another version, is no error
 * @param context what the institution says about itself
 * @returns the state to remember (it must be stored only while it has a draft), and what to do: messages to send, a
 *   report to open
 */
export function step(saved: unknown, event: ConversationEvent, context: ConversationContext): StepResult {
  const { state, recovered } = restoreState(saved);
  const turn: Turn = { state, event, context };
  return recovered && state.draft ? takeUp(turn, state.draft) : react(turn, understand(event.content, state));
}

/** A session of another version: what comes in is kept, and the person is asked how to go on. */
function takeUp(turn: Turn, draft: Draft): StepResult {
  const at: Turn = { ...turn, state: { ...turn.state, step: openStep(turn, draft) } };
  const input = understand(turn.event.content, at.state);
  if (input.kind !== 'action') return say(react(at, input).state, resume(at));
  // "Sí" or "listo" answer a question of the old version; taken as an answer to ours they could send a report.
  return isGlobal(input.action) ? act(at, input.action) : say(at.state, resume(at));
}

function react(turn: Turn, input: Input): StepResult {
  const { state, context } = turn;
  switch (input.kind) {
    case 'ignored':
      return silent(state);
    case 'stale':
      return input.sends ? askAgain(turn, TEXTS.sentBefore) : say(state, promptOf(state, context, TEXTS.staleButton));
    case 'thanks':
      return tellOnce(state, 'thanks');
    case 'unreadable':
      return tellOnce(state, 'unreadable');
    case 'telling':
      return inviteToTell(state);
    case 'action':
      return act({ ...turn, state: { ...state, misses: 0 } }, input.action);
    case 'file':
      return takeFile(turn, input.caption);
    case 'place':
      return takePlace(turn, input);
    case 'edit':
      return takeEdit(turn, input.text);
    case 'revoke':
      return takeRevoke(turn);
    case 'account':
      return takeText(turn, input.text);
  }
}

function takeText(turn: Turn, text: string): StepResult {
  const { state, event } = turn;
  const { draft } = state;
  if (!draft) return askAgain(turn);
  // Nothing is kept before the notice is accepted (LGPDPPSO art. 22).
  if (draft.noticeVersion === undefined) return askAgain(turn, TEXTS.notYetKept);
  const name = nameIn(text);
  if (name !== undefined && isAnswerToName(state, draft, turn))
    return advance(turn, { ...draft, name: { key: event.key, text: name } });
  const longer = addPiece(draft, { key: event.key, text, at: event.sentAt ?? 0 });
  if (!longer) return tell(state, TEXTS.tooLong);
  if (state.step === 'narrative') return acknowledge(state, longer);
  if (state.step === 'confirm') return advance(turn, longer);
  return askAgain({ ...turn, state: { ...state, draft: longer } }, TEXTS.keptSoFar);

  /**
   * The name is asked after the account. What was written before the account was closed arrives late and belongs to
   * it; so does anything longer than a name.
   */
  function isAnswerToName(
    { step: at }: ConversationState,
    { name, closedAt, revoked }: Draft,
    { event }: Turn,
  ): boolean {
    if (at !== 'name' && !(at === 'phone' && name === undefined)) return false;
    const late = event.sentAt !== undefined && closedAt !== undefined && event.sentAt < closedAt;
    return !late && !revoked.includes(event.key);
  }
}

/** Answers the first message of the account and the one that makes it long enough, not every one: each is charged. */
function acknowledge(state: ConversationState, draft: Draft): StepResult {
  const prompted = isTooShort(draft) ? 'short' : 'taken';
  if (state.prompted === prompted) return silent({ ...state, draft });
  return say({ ...state, draft, prompted }, finishing(prompted === 'short' ? TEXTS.tooShort : TEXTS.taken));
}

function takeFile(turn: Turn, caption: string | undefined): StepResult {
  const { state, event } = turn;
  const counted: ConversationState = { ...state, files: state.files + 1 };
  if (caption === undefined || state.draft?.noticeVersion === undefined) return tellOnce(counted, 'filesNotKept');
  const draft = addPiece(state.draft, { key: event.key, text: caption, at: event.sentAt ?? 0 });
  return draft ? tellOnce({ ...counted, draft }, 'filesNotKept') : tell(counted, TEXTS.tooLong);
}

function takePlace(turn: Turn, input: Extract<Input, { kind: 'place' }>): StepResult {
  const { state, event } = turn;
  if (!state.draft) return askAgain(turn);
  if (state.draft.noticeVersion === undefined) return askAgain(turn, TEXTS.notYetKept);
  if (state.draft.revoked.includes(event.key)) return silent(state);
  const { latitude, longitude, description } = input;
  const place: Draft['place'] = { key: event.key, latitude, longitude };
  if (description !== undefined) place.description = excerpt(description, PLACE_DESCRIPTION_MAX);
  const draft: Draft = { ...state.draft, place };
  if (state.step === 'narrative') return acknowledge(state, draft);
  return state.step === 'confirm' ? advance(turn, draft) : silent({ ...state, draft });
}

function takeEdit(turn: Turn, text: string): StepResult {
  const { state, event } = turn;
  if (event.originalKey === undefined || state.draft?.noticeVersion === undefined) return silent(state);
  const draft = editPiece(state.draft, { key: event.originalKey, text, at: event.sentAt ?? 0 });
  return draft ? afterChange(turn, draft) : tell(state, TEXTS.tooLong);
}

function takeRevoke(turn: Turn): StepResult {
  const { state, event } = turn;
  if (event.originalKey === undefined || !state.draft) return silent(state);
  return afterChange(turn, dropMessage(state.draft, event.originalKey));
}

/** Once the account is closed a summary has been shown or is due: a change shows there, or reopens a step. */
function afterChange(turn: Turn, draft: Draft): StepResult {
  const { step: at } = turn.state;
  const closed = at === 'name' || at === 'phone' || at === 'confirm';
  const visible = closed && (at === 'confirm' || openStep(turn, draft) !== at);
  return visible ? advance(turn, draft) : silent({ ...turn.state, draft });
}
