import { plainWords } from '../../../platform/typed-text.js';
import { withoutFiles, type ConfirmedReport } from './draft.js';
import type { Outcome, Turn } from './flow.js';
import { choiceOf, flowAt, isOfferedAt, ownerOf, stepOf } from './flows/flows.js';
import { goOn, toResume } from './flows/report/moves.js';
import { openStep } from './flows/report/steps.js';
import type { Incoming, MessageContent, OutgoingMessage } from './messages.js';
import { choose as chooseFromMenu, speak } from './menu/choosing.js';
import type { Noted } from './menu/noted.js';
import { after, countNotKept, missed, say, silent, tell, tellOnce } from './outcomes.js';
import { breakSilence, patienceWith } from './reminders.js';
import { render } from './rendering.js';
import {
  restoreState,
  type Action,
  type ConversationContext,
  type ConversationState,
  type MenuChoice,
} from './state.js';
import { TEXTS } from './texts.js';
import { understand } from './understanding.js';
import { urgencyOf } from './urgency.js';

/** The same message in a row is answered so often. */
const ECHOES = 3;
/** By so many characters two messages are the same. */
const ECHO = 60;

/** The result of a message, for the caller that carries it out. */
export interface StepResult {
  /**
   * Seconds after which the bot says something by itself, when the person has not written until then
   * (`remind`). They count from the last message of the person.
   */
  patience?: number;
  /** Store this only while it has a draft. */
  state: ConversationState;
  messages: OutgoingMessage[];
  /** The report that the person confirmed. The caller submits it. */
  report?: ConfirmedReport;
  /** What may be counted, without who asked. Never together with a draft. */
  noted?: Noted;
}

/**
 * Process one message of a conversation. Pure: no clock, no storage, no network.
 * @param saved what was remembered after the last message; nothing, or a state of another version, is no
 * error
 * @param context what the institution says about itself
 */
export function step(saved: unknown, message: Incoming, context: ConversationContext): StepResult {
  const { state, recovered } = restoreState(saved);
  const { warned: _warned, ...awake } = state;
  const turn: Turn = { state: awake, message, context };
  return result(
    withHelp(turn, (at) => withoutLostFiles(at, recovered ? takeUp : (one) => withoutEchoes(one, react))),
  );
}

/** How long the bot waits for a person whose stored state this is. In seconds; undefined: it says nothing. */
export function patienceFor(saved: unknown): number | undefined {
  return patienceWith(restoreState(saved).state);
}

/** Say something to a person who has been silent. Pure, like `step`. */
export function remind(saved: unknown, context: ConversationContext): StepResult {
  const { state, recovered } = restoreState(saved);
  // What was asked in another version is not known. They hear how to go on when they write.
  if (recovered) return { state: saved as ConversationState, messages: [] };
  const told = withLostFiles(state, context, (known) => breakSilence(known, context));
  return result(told);
}

/** The files that the draft names. They are kept as long as it names them. */
export function filesOf(saved: unknown): string[] {
  return restoreState(saved).state.draft?.files.map(({ id }) => id) ?? [];
}

/** Files that are lost and of which the person has not heard. */
function lostOf(
  { draft, filesLost = 0 }: ConversationState,
  { lostFiles = [] }: ConversationContext,
): number {
  return filesLost + (draft?.files.filter(({ id }) => lostFiles.includes(id)).length ?? 0);
}

/** Nothing is sent that lacks a file of which its sender has not heard. */
function withoutLostFiles(turn: Turn, react: (turn: Turn) => Outcome): Outcome {
  const { state, context } = turn;
  const isMissed = lostOf(state, context) > 0;
  return withLostFiles(state, context, (known) => {
    const at = { ...turn, state: known };
    const outcome = react(at);
    return outcome.report && isMissed ? goOn(at, known.draft!) : outcome;
  });
}

/** A file that could not be had from the chat leaves the draft, and the next answer says so. */
function withLostFiles(
  state: ConversationState,
  context: ConversationContext,
  react: (state: ConversationState) => Outcome,
): Outcome {
  const lost = lostOf(state, context);
  if (!state.draft || lost === 0) return react(state);
  const { filesLost: _told, ...rest } = state;
  const outcome = react({ ...rest, draft: withoutFiles(state.draft, context.lostFiles ?? []) });
  // Whoever deletes the report, or begins it anew, need not hear it.
  if (outcome.state.draft?.noticeVersion === undefined) return outcome;
  const [first, ...others] = outcome.says;
  if (first) return { ...outcome, says: [after(TEXTS.filesLost(lost), first), ...others] };
  return { ...outcome, state: { ...outcome.state, filesLost: lost } };
}

function result({ says, fromMenu: _fromMenu, ...rest }: Outcome): StepResult {
  const patience = patienceWith(rest.state);
  return { ...rest, messages: says.flatMap(render), ...(patience === undefined ? {} : { patience }) };
}

/** Danger comes first: who helps is shown before anything else, once in a conversation. */
function withHelp(turn: Turn, react: (turn: Turn) => Outcome): Outcome {
  const { state, message, context } = turn;
  if (state.helped || !tellsOfDanger(message.content)) return react(turn);
  // Before the notice is accepted nothing is kept of what they wrote.
  const keeps = !state.draft || state.draft.noticeVersion !== undefined;
  const {
    says,
    noted: _noted,
    ...rest
  } = react(keeps ? { ...turn, state: { ...state, helped: true } } : turn);
  return { ...rest, says: [{ body: TEXTS.danger(context) }, ...says] };
}

function tellsOfDanger(content: MessageContent): boolean {
  const said = content.type === 'edit' ? content.content : content;
  const text = said.type === 'text' ? said.text : said.type === 'media' ? said.caption : undefined;
  return text !== undefined && urgencyOf(text) !== undefined;
}

/**
 * Another bot repeats itself. What the menu of the institution answers, it answers a few times in a row to
 * the same message: each answer is charged. Help in danger and all else is answered as before.
 */
function withoutEchoes(turn: Turn, react: (turn: Turn) => Outcome): Outcome {
  const { same, ...state } = turn.state;
  const { content } = turn.message;
  if (state.draft || content.type !== 'text') return react({ ...turn, state });
  const words = plainWords(content.text.slice(0, ECHO));
  const times = same?.words === words ? same.times + 1 : 1;
  const outcome = react({ ...turn, state });
  if (outcome.state.draft) return outcome;
  const isEcho = times > ECHOES && outcome.fromMenu === true;
  return isEcho
    ? silent({ ...state, same: { words, times } })
    : { ...outcome, state: { ...outcome.state, same: { words, times } } };
}

function react(turn: Turn): Outcome {
  const understood = understand(turn.message.content, turn.state, turn.context);
  // A question of yes or no is open until the next message only.
  // A vote is the next message, or none.
  const { confirming, answered: _answered, ...state } = turn.state;
  const at: Turn = { ...turn, state, ...(confirming === undefined ? {} : { confirming }) };
  if ('chosen' in understood) return chooseBeside(at, understood);
  if ('outdated' in understood) return refuse(at, understood.outdated);
  if ('language' in understood) return speak(at, understood.language);
  if ('picked' in understood) return pick(at, understood.picked);
  if ('aside' in understood) return flowAt(state.step).hears.aside(at, understood.kept);
  return hear(at, understood.said);
}

/** Keep what was said beside a choice, then choose. */
function chooseBeside(turn: Turn, { chosen, rest }: { chosen: Action; rest?: string }): Outcome {
  const kept = rest === undefined ? turn : flowAt(turn.state.step).hears.beside(turn, rest);
  return kept ? choose(kept, chosen) : tell(turn.state, TEXTS.tooLong);
}

function choose(turn: Turn, action: Action): Outcome {
  const state = { ...turn.state, misses: 0 };
  const { needsDraft, then } = choiceOf(action);
  if (needsDraft && !state.draft) return say(state, stepOf(state.step).ask(state, turn.context));
  return isOfferedAt(state.step, action) ? then({ ...turn, state }) : refuse({ ...turn, state });
}

/** An option of the menu, or a vote on its answer. */
function pick(turn: Turn, picked: MenuChoice): Outcome {
  const result = chooseFromMenu({ ...turn, state: { ...turn.state, misses: 0 } }, picked);
  return 'start' in result ? choose(turn, result.start) : result;
}

/** Answer a button of an earlier step or version. */
function refuse({ state, context }: Turn, action?: Action): Outcome {
  const question = stepOf(state.step).ask(state, context);
  const late = action === undefined || state.draft ? undefined : choiceOf(action).late;
  if (late === undefined) return say(state, after(TEXTS.staleButton, question));
  return missed(state, after(late, question));
}

/** Answer a message that chooses nothing. Each flow decides what it means there. */
function hear(turn: Turn, content: MessageContent): Outcome {
  const { hears } = flowAt(turn.state.step);
  switch (content.type) {
    case 'text':
      return hears.text(turn, content.text);
    case 'media':
      return content.media === 'sticker' ? silent(turn.state) : hears.file(turn, content);
    case 'contacts':
      return tellOnce(countNotKept(turn.state), 'cardNotKept');
    case 'location':
      return hears.place(turn, content);
    case 'edit':
      return hearEdit(turn, content.content);
    case 'revoke':
      return hears.revoke(turn);
    case 'unsupported':
    case 'unknown':
      return tellOnce(turn.state, 'unreadable');
    default:
      return silent(turn.state);
  }
}

function hearEdit(turn: Turn, content: MessageContent): Outcome {
  const { hears } = flowAt(turn.state.step);
  if (content.type === 'text') return hears.edit(turn, content.text);
  return content.type === 'media' ? hears.edit(turn, content.caption ?? '') : silent(turn.state);
}

/** Continue a session of another version. Keep what comes in, and ask the person how to go on. */
function takeUp(turn: Turn): Outcome {
  const { draft } = turn.state;
  if (!draft) return react(turn);
  const at: Turn = { ...turn, state: { ...turn.state, step: openStep(turn, draft) } };
  const understood = understand(at.message.content, at.state, at.context);
  if (!('chosen' in understood)) return say(react(at).state, toResume(at));
  // "Sí" or "listo" answers a question of the old version. Taken as an answer to our question, it could send
  // a report.
  if (ownerOf(understood.chosen) === undefined) return chooseBeside(at, understood);
  const { rest } = understood;
  const kept = rest === undefined ? at : flowAt(at.state.step).hears.beside(at, rest);
  return say((kept ?? at).state, toResume(at));
}
