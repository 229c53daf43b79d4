import { addFile, addPiece, dropMessage, editPiece, FILES_MAX, withDetail, type Draft } from '../../draft.js';
import type { HeardFile, Hearing, Outcome, Place, Turn } from '../../flow.js';
import { excerpt } from '../../messages.js';
import {
  after,
  askOnce,
  countNotKept,
  missed,
  reasonToRepeat,
  silent,
  tell,
  tellOnce,
} from '../../outcomes.js';
import { TEXTS } from '../../texts.js';
import { whenInWords } from '../../when.js';
import { askAgain, goOn } from './moves.js';
import { draftOf, openStep, stepOf, understoodIn } from './steps.js';

/**
 * Longest description of a shared place, enough for name and address. With an answer to where it fits into
 * the 1,000 characters of intake. A longer text would be a narrative that
 * escapes the narrative's own limit.
 */
const PLACE_DESCRIPTION_MAX = 490;

/** What the bot does after messages that choose nothing, while there is a draft. */
export const HEARING: Hearing = {
  text: hearText,
  aside: hearAside,
  beside: hearBeside,
  file: hearFile,
  place: hearPlace,
  edit: hearEdit,
  revoke: hearRevoke,
};

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
  return longer ? grown(turn, longer, TEXTS.keptSoFar) : tell(state, TEXTS.tooLong);
}

/** Answer a draft to which something was added that answers no question. */
function grown(turn: Turn, draft: Draft, reason: string): Outcome {
  const { grown: then } = stepOf(turn.state);
  if (then === 'ask') return goOn(turn, draft);
  return then ? then(turn, draft) : askAgain({ ...turn, state: { ...turn.state, draft } }, reason);
}

/** What was read out of words is always said back: it may be wrong, and must not be wrong in silence. */
function noted(before: Draft, { details }: Draft): string | undefined {
  const { when, where } = details ?? {};
  if (where?.municipality && where !== before.details?.where)
    return TEXTS.noted(TEXTS.municipality(where.municipality.name));
  if (!when || when === before.details?.when || (when.from ?? when.to) === undefined) return undefined;
  return TEXTS.noted(whenInWords(when));
}

/**
 * Whether the message answers no question behind the narrative. What was written before the narrative was
 * closed arrives late and belongs to it.
 */
function isLate({ message }: Turn, { closedAt, revoked }: Draft): boolean {
  const late = message.sentAt !== undefined && closedAt !== undefined && message.sentAt < closedAt;
  return late || revoked.includes(message.key);
}

/** Keep a file. Its caption is part of the narrative. An album is many messages and is answered once. */
function hearFile(turn: Turn, { media, caption, forwarded }: HeardFile): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (draft.noticeVersion === undefined)
    return askOnce(state, 'filesTooEarly', { offers: ['accept', 'decline'] });
  if (draft.revoked.includes(message.key)) return silent(state);
  const { key, file: id, sentAt: at = 0 } = message;
  const isFull = draft.files.length >= FILES_MAX || turn.context.filesFull === true;
  if (id === undefined || isFull) {
    // Its words are kept all the same.
    const told = caption === undefined ? draft : (addPiece(draft, { key, text: caption, at }) ?? draft);
    return tellOnce({ ...countNotKept(state), draft: told }, isFull ? 'tooManyFiles' : 'filesNotKept');
  }
  const kept = addFile(draft, { key, id, media, at, ...(forwarded ? { forwarded } : {}) });
  const longer = caption === undefined ? kept : addPiece(kept, { key, text: caption, at });
  if (!longer) return tellOnce({ ...state, draft: kept, unanswered: true }, 'captionNotKept');
  const answered = media === 'voice' && !forwarded ? spoken(turn, longer) : undefined;
  return answered ?? silent({ ...state, draft: longer, told: [], unanswered: true });
}

/**
 * Seconds: a voice note so soon behind another was spoken before the next question was read. Our question
 * takes two, to read it three, to speak two.
 */
const SAME_BREATH = 6;

/** A voice note that answers a question. What is said in it, nobody knows yet. */
function spoken(turn: Turn, draft: Draft): Outcome | undefined {
  const { speaks } = stepOf(turn.state);
  if (speaks === undefined || isLate(turn, draft) || goesOn(turn, draft)) return undefined;
  const answered = withDetail(draft, speaks, { key: turn.message.key, spoken: true });
  return answered && goOn(turn, answered);
}

/** Whether the voice note goes on with the one that answered the question before. */
function goesOn({ message }: Turn, { details = {}, files }: Draft): boolean {
  const answers = Object.values(details).flatMap(({ spoken: isSpoken, key }) => (isSpoken ? key : []));
  const { sentAt } = message;
  return (
    sentAt !== undefined && files.some(({ key, at }) => answers.includes(key) && sentAt - at <= SAME_BREATH)
  );
}

function hearPlace(turn: Turn, { latitude, longitude, description }: Place): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (draft.noticeVersion === undefined) return askAgain(turn, TEXTS.notYetKept);
  if (draft.revoked.includes(message.key)) return silent(state);
  const place: Draft['place'] = { key: message.key, latitude, longitude };
  if (description !== undefined) place.description = excerpt(description, PLACE_DESCRIPTION_MAX);
  const placed: Draft = { ...draft, place };
  if (stepOf(state).grown) return grown(turn, placed, TEXTS.keptSoFar);
  return openStep(turn, placed) === state.step
    ? silent({ ...state, draft: placed, unanswered: true })
    : goOn(turn, placed);
}

function hearEdit(turn: Turn, text: string): Outcome {
  const { state, message } = turn;
  const draft = draftOf(turn);
  if (message.originalKey === undefined || draft.noticeVersion === undefined) return silent(state);
  const edited = editPiece(draft, { key: message.originalKey, text, at: message.sentAt ?? 0 });
  return edited ? afterChange(turn, understood(turn, edited)) : tell(state, TEXTS.tooLong);
}

/** The draft with what the words of an edited answer mean. */
function understood({ context }: Turn, draft: Draft): Draft {
  const { when, where } = draft.details ?? {};
  const details = { ...draft.details };
  if (when?.text !== undefined && (when.from ?? when.to) === undefined)
    details.when = { ...when, ...understoodIn('when', when.text, context) };
  if (where?.text !== undefined && where.municipality === undefined)
    details.where = { ...where, ...understoodIn('where', where.text, context) };
  return draft.details === undefined ? draft : { ...draft, details };
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
