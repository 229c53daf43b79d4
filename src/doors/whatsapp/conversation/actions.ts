import { isAllowedAt } from './conversation-input.js';
import {
  initialState,
  type Action,
  type ConversationState,
  type ReportDraft,
  type StepResult,
} from './conversation-state.js';
import { isTooShort, narrative, withMode, type Draft } from './draft.js';
import { choices, finishing, menu, promptOf, type Prompt } from './prompts.js';
import { TEXTS } from './texts.js';
import { advance, answer, forget, openStep, say, start, tell, type Turn } from './turns.js';

/** Does what a button, a row or a word asks for. */
export function act(turn: Turn, action: Action): StepResult {
  const { state, context } = turn;
  const { draft } = state;
  switch (action) {
    case 'menu':
      return say(draft ? state : { ...initialState(), files: state.files }, menu(context));
    case 'help':
      return answer(state, TEXTS.help);
    case 'anonymity':
    case 'scope':
    case 'tracking':
    case 'contact':
    case 'privacy':
      return answer(state, TEXTS[action](context));
    case 'report':
      return draft ? say(state, resume(turn)) : start(turn);
    case 'continue':
      return draft ? advance(turn, draft) : say(state, promptOf(state, context));
    case 'restart':
      return draft ? start({ ...turn, state: initialState() }, TEXTS.restarted) : start(turn);
    case 'cancel':
    case 'erase':
      return forget(draft ? TEXTS.canceled : TEXTS.nothingToCancel);
    case 'exit':
      return draft ? tell(state, TEXTS.paused(context.draftHours)) : forget(TEXTS.goodbye);
    case 'change_mode':
      return draft ? advance(turn, withMode(draft, undefined)) : say(state, promptOf(state, context));
    default:
      return draft && isAllowedAt(state.step, action)
        ? actOnDraft(turn, draft, action)
        : say(state, promptOf(state, context, TEXTS.staleButton));
  }
}

/** What can still be done with an unfinished denuncia. */
export function resume({ context }: Turn): Prompt {
  return choices(TEXTS.resume(context.draftHours), ['continue', 'restart', 'erase']);
}

function actOnDraft(turn: Turn, draft: Draft, action: Action): StepResult {
  const { state, event, context } = turn;
  switch (action) {
    case 'accept':
      return advance(turn, { ...draft, noticeVersion: context.privacyNotice.version });
    case 'decline':
      return forget(TEXTS.declined(context));
    case 'anonymous':
    case 'confidential':
    case 'identified':
      return advance(turn, withMode(draft, action));
    case 'finish':
      if (isTooShort(draft)) return say({ ...state, prompted: 'short' }, finishing(tooShort(draft)));
      return advance(turn, { ...draft, closedAt: event.sentAt ?? 0 });
    case 'no_name':
      return advance(turn, { ...draft, nameSkipped: true });
    case 'use_phone':
      // The number may have been hidden since it was offered: then it is as if they had said no.
      return advance(
        turn,
        event.phone === undefined ? { ...draft, phoneRefused: true } : { ...draft, phone: event.phone },
      );
    case 'no_phone':
      return advance(turn, { ...draft, phoneRefused: true });
    case 'correct':
      return correct(state, draft);
    default:
      return openStep(turn, draft) === 'confirm' ? submit(state, draft) : advance(turn, draft);
  }
}

function tooShort(draft: Draft): string {
  return draft.pieces.length > 0 ? TEXTS.tooShort : TEXTS.narrative;
}

function correct(state: ConversationState, draft: Draft): StepResult {
  const { closedAt: _closed, ...open } = draft;
  const { prompted: _prompted, ...rest } = state;
  return say({ ...rest, step: 'narrative', draft: open }, finishing(TEXTS.correct, 'change_mode', 'restart'));
}

/** The draft goes out with the effect and out of the state: after this the person is as unknown as before the first word. */
function submit(state: ConversationState, draft: Draft): StepResult {
  const { effects } = tell(initialState(), TEXTS.confirmed);
  return { state: initialState(), effects: [...effects, { type: 'submit', report: toReport(draft, state.files) }] };
}

function toReport(draft: Draft, filesNotKept: number): ReportDraft {
  const { mode = 'anonymous', noticeVersion = '', place, name, phone } = draft;
  const report: ReportDraft = {
    mode,
    narrative: narrative(draft),
    privacyNotice: { version: noticeVersion, accepted: true },
    language: 'es',
    filesNotKept,
  };
  if (place) {
    const { key: _key, ...where } = place;
    report.place = where;
  }
  if (mode !== 'anonymous') {
    report.reporter = { ...(name ? { name: name.text } : {}), ...(phone === undefined ? {} : { phone }) };
  }
  return report;
}
