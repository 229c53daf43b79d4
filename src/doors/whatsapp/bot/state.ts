import { asList, asNumber, asRecord } from '../../../platform/json-reading.js';
import { readDraft, type Draft, type NamedMunicipality } from './draft.js';
import type { Menu } from './menu/menu.js';

/**
 * Raise this number when a step or an action changes its meaning. Older sessions then get the offer to
 * resume, and older buttons are refused.
 */
export const FLOW_VERSION = 3;

/** The menu has no draft. Every other step has one. */
export const STEPS = [
  'menu',
  'notice',
  'mode',
  'narrative',
  'where',
  'when',
  'who',
  'evidence',
  'name',
  'phone',
  'confirm',
] as const;
export type Step = (typeof STEPS)[number];

/** All actions that a button, a row or a typed word can select. */
export const ACTIONS = [
  'report',
  'anonymity',
  'scope',
  'tracking',
  'contact',
  'privacy',
  'delete_data',
  'exit',
  'menu',
  'help',
  'back',
  'person',
  'stop',
  'continue',
  'restart',
  'erase',
  'cancel',
  'change_mode',
  'accept',
  'decline',
  'anonymous',
  'confidential',
  'identified',
  'finish',
  'skip_where',
  'skip_when',
  'skip_who',
  'file_help',
  'no_files',
  'files_done',
  'summary',
  'no_name',
  'use_phone',
  'no_phone',
  'send',
  'correct',
] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * An option of the institution's menu, or a vote on its answer, by the code of the option. `none`: none of
 * the options that may have been meant.
 */
export type MenuChoice = `${'option' | 'useful' | 'not_useful' | 'none'}:${string}`;
export type Choosable = Action | MenuChoice;

const MENU_CHOICE = /^(?:option|useful|not_useful|none):[a-z0-9-]{1,40}$/;

export function isMenuChoice(value: unknown): value is MenuChoice {
  return typeof value === 'string' && MENU_CHOICE.test(value);
}

/** Names of those `TEXTS` that are said only once, even when several messages in a row would get them. */
export const PASSING = [
  'filesNotKept',
  'filesTooSoon',
  'filesTooEarly',
  'captionNotKept',
  'cardNotKept',
  'tooManyFiles',
  'unreadable',
  'thanks',
  'notPresented',
  'notSent',
] as const;
export type Passing = (typeof PASSING)[number];

/**
 * What a conversation remembers between two messages: plain JSON. With a draft it is stored, encrypted.
 * Without a draft it only makes answers better: the bot understands an unknown person too, so nothing about
 * them needs to be stored.
 */
export interface ConversationState {
  flowVersion: number;
  step: Step;
  /**
   * The options of the last message that had any. A typed number selects from them. Without a draft there are
   * none: it selects from the menu, which needs no memory of the person.
   */
  options: Choosable[];
  /**
   * Messages in a row that were not understood. After a few of them the bot falls silent, because two bots
   * would never end.
   */
  misses: number;
  /**
   * Texts that were said once since the bot said anything else. So the other photos of an album get no
   * answer.
   */
  told: Passing[];
  /** Number of files and contact cards that came and could not be kept. */
  filesNotKept: number;
  /** Number of files of the draft that were lost, while the person has not heard of it. */
  filesLost?: number;
  /** The last answer to the narrative, so that not every message is answered. */
  prompted?: 'short' | 'taken';
  /** The last question was whether to do this. A yes does it, a no goes on. */
  confirming?: Action;
  /** The person wants no reminders. */
  muted?: true;
  /** A message told of danger, and they were shown who helps. */
  helped?: true;
  /** The language of the menu that they named, or in which they asked. */
  language?: string;
  /** The option that the last message answered. A word may be a vote on it. Only without a draft. */
  answered?: string;
  /** The option on which they voted last. Only without a draft. */
  rated?: string;
  /** The person was told that a report needs its beginning, as nothing was kept. Only without a draft. */
  invited?: true;
  /** The last message, and how often it came in a row: another bot repeats itself. Only without a draft. */
  same?: { words: string; times: number };
  /** The question behind "¿Quisiste decir…?". Only without a draft. */
  asked?: string;
  /** Something was told or sent that the bot has not answered yet. */
  unanswered?: true;
  /** Whether they were told that the draft will be deleted. */
  warned?: true;
  draft?: Draft;
}

export interface ConversationContext {
  institutionName: string;
  /** Where the institution takes reports by WhatsApp, when this number is not for them: `+52…`. */
  reportsPhone?: string;
  /** The menu that the institution has published. */
  menu?: Menu;
  /** The municipality that a text names, if it surely names one. */
  municipalityIn?: (text: string) => NamedMunicipality | undefined;
  /** The day in the zone of the institution, 'YYYY-MM-DD'. */
  today: string;
  /** Where to send what is no denuncia: phones and hours of the institution's citizen service. */
  contactText: string;
  /** The simplified privacy notice as it is shown, and the address of the full one (LGPDPPSO art. 22). */
  privacyNotice: { version: string; text: string; url?: string };
  webFormUrl?: string;
  /** What can be reported here. Without it the bot uses a general text. */
  scopeText?: string;
  /** Files of the draft that could not be had from the chat. */
  lostFiles?: readonly string[];
  /** The files of the draft have as many bytes as a case takes. */
  filesFull?: boolean;
  /** Hours after which an unfinished draft is deleted. The bot tells the person only when this is given. */
  draftHours?: number;
}

/** The state of an unknown person. */
export function initialState(): ConversationState {
  return {
    flowVersion: FLOW_VERSION,
    step: 'menu',
    options: [],
    misses: 0,
    told: [],
    filesNotKept: 0,
  };
}

/** A new beginning in the same language. Nothing is forgotten of files that could not be kept. */
export function anotherBeginning({ filesNotKept, language }: ConversationState): ConversationState {
  return { ...initialState(), filesNotKept, ...(language === undefined ? {} : { language }) };
}

/**
 * Read a stored state. From a state of another version, with an unknown step or damaged, keep what is usable
 * of its draft and return `recovered: true`. Never throw.
 */
export function restoreState(saved: unknown): { state: ConversationState; recovered: boolean } {
  if (saved === undefined || saved === null) return { state: initialState(), recovered: false };
  const {
    flowVersion,
    step: savedStep,
    draft: savedDraft,
    options,
    misses,
    told,
    filesNotKept,
    files: formerlyNotKept,
    filesLost,
    prompted,
    confirming,
    muted,
    helped,
    unanswered,
    warned,
    language,
    answered,
    rated,
    invited,
    same,
    asked: question,
  } = asRecord(saved);
  const step = STEPS.find((known) => known === savedStep);
  const draft = readDraft(savedDraft);
  const counted = Math.max(0, asNumber(filesNotKept) ?? asNumber(formerlyNotKept) ?? 0);
  if (flowVersion !== FLOW_VERSION || step === undefined || (step === 'menu') !== (draft === undefined)) {
    const state: ConversationState = { ...initialState(), filesNotKept: counted };
    if (muted === true) state.muted = true;
    if (helped === true) state.helped = true;
    if (typeof language === 'string') state.language = language;
    // Before the person accepted the privacy notice, there is nothing to resume.
    if (draft?.noticeVersion === undefined) return { state, recovered: false };
    return { state: { ...state, step: 'notice', draft }, recovered: true };
  }
  const shown = asList(options).filter(
    (option): option is Choosable => isMenuChoice(option) || ACTIONS.some((action) => action === option),
  );
  const state: ConversationState = {
    ...initialState(),
    step,
    options: draft ? shown : [],
    misses: Math.max(0, asNumber(misses) ?? 0),
    told: PASSING.filter((text) => asList(told).includes(text)),
    filesNotKept: counted,
  };
  const lost = asNumber(filesLost) ?? 0;
  if (lost > 0) state.filesLost = lost;
  if (prompted === 'short' || prompted === 'taken') state.prompted = prompted;
  const asked = ACTIONS.find((action) => action === confirming);
  if (asked !== undefined) state.confirming = asked;
  if (muted === true) state.muted = true;
  if (helped === true) state.helped = true;
  if (unanswered === true) state.unanswered = true;
  if (warned === true) state.warned = true;
  if (typeof language === 'string') state.language = language;
  if (!draft && typeof answered === 'string') state.answered = answered;
  if (!draft && typeof rated === 'string') state.rated = rated;
  if (!draft && typeof question === 'string') state.asked = question;
  if (!draft && invited === true) state.invited = true;
  const { words, times } = asRecord(same);
  if (!draft && typeof words === 'string' && typeof times === 'number') state.same = { words, times };
  if (draft) state.draft = draft;
  return { state, recovered: false };
}
