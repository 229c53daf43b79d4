import { asList, asNumber, asRecord } from '../../../platform/json-reading.js';
import { readDraft, type Draft } from './draft.js';

/**
 * Raise it when a step or an action changes its meaning: older sessions are then offered to resume, older
 * buttons refused.
 */
export const FLOW_VERSION = 1;

/** At the menu there is no draft, at every other step there is one. */
export const STEPS = ['menu', 'notice', 'mode', 'narrative', 'name', 'phone', 'confirm'] as const;
export type Step = (typeof STEPS)[number];

/** Everything a button, a row or a typed word can ask for. */
export const ACTIONS = [
  'report',
  'anonymity',
  'scope',
  'tracking',
  'contact',
  'privacy',
  'exit',
  'menu',
  'help',
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
  'no_name',
  'use_phone',
  'no_phone',
  'send',
  'correct',
] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * The rows of the menu, and what a typed number means to whoever has no draft: it needs no memory of the
 * person.
 */
export const MENU: readonly Action[] = [
  'report',
  'anonymity',
  'scope',
  'tracking',
  'contact',
  'privacy',
  'exit',
];

/** Texts that are said once, however many messages would get them in a row: names of `TEXTS`. */
export const PASSING = ['filesNotKept', 'unreadable', 'thanks'] as const;
export type Passing = (typeof PASSING)[number];

/**
 * What a conversation remembers between two messages: plain JSON. With a draft it is stored, encrypted.
 * Without one it is a convenience only: whoever is unknown is understood all the same, so that nothing of
 * them needs to be stored.
 */
export interface ConversationState {
  flowVersion: number;
  step: Step;
  /**
   * The options of the last message that had any: a typed number counts in them. Without a draft those of the
   * menu.
   */
  options: Action[];
  /**
   * Messages in a row that were not understood: after a few the bot falls silent, for two bots would never
   * end.
   */
  misses: number;
  /** What was said in passing since anything else was said: the other photos of an album get no answer. */
  told: Passing[];
  /** Files and contact cards that came and were not kept. */
  files: number;
  /** What the account of facts was last answered with, so that not every message is answered. */
  prompted?: 'short' | 'taken';
  draft?: Draft;
}

export interface ConversationContext {
  institutionName: string;
  /** Where what is no denuncia goes: phones and hours of the institution's citizen service. */
  contactText: string;
  /** The simplified notice as it is shown, and where the full one can be read (LGPDPPSO art. 22). */
  privacyNotice: { version: string; text: string; url?: string };
  webFormUrl?: string;
  /** What can be reported here; a general text where the institution gave none. */
  scopeText?: string;
  /** Hours after which a draft that nobody continues is deleted; said to the person only when given. */
  draftHours?: number;
}

/** The state of somebody unknown. */
export function initialState(): ConversationState {
  return { flowVersion: FLOW_VERSION, step: 'menu', options: [...MENU], misses: 0, told: [], files: 0 };
}

/**
 * Reads a stored state. One of another version, with an unknown step or damaged, gives what can be saved of
 * its draft and `recovered: true`; it never throws.
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
    files,
    prompted,
  } = asRecord(saved);
  const step = STEPS.find((known) => known === savedStep);
  const draft = readDraft(savedDraft);
  const counted = Math.max(0, asNumber(files) ?? 0);
  if (flowVersion !== FLOW_VERSION || step === undefined || (step === 'menu') !== (draft === undefined)) {
    const state = { ...initialState(), files: counted };
    // Before the notice was accepted there is nothing to resume.
    if (draft?.noticeVersion === undefined) return { state, recovered: false };
    return { state: { ...state, step: 'notice', draft }, recovered: true };
  }
  const shown = asList(options).filter((option): option is Action =>
    ACTIONS.some((action) => action === option),
  );
  const state: ConversationState = {
    ...initialState(),
    step,
    options: draft ? shown : [...MENU],
    misses: Math.max(0, asNumber(misses) ?? 0),
    told: PASSING.filter((text) => asList(told).includes(text)),
    files: counted,
  };
  if (prompted === 'short' || prompted === 'taken') state.prompted = prompted;
  if (draft) state.draft = draft;
  return { state, recovered: false };
}
