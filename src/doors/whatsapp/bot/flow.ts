import type { ConfirmedReport } from './draft.js';
import type { Said } from './language/meanings.js';
import type { Noted } from './menu/noted.js';
import type { Incoming, MediaKind, OutgoingMessage } from './messages.js';
import type { Action, Choosable, ConversationContext, ConversationState, Step } from './state.js';

/** One message on its way through the bot. */
export interface Turn {
  state: ConversationState;
  message: Incoming;
  context: ConversationContext;
  /** The question of yes or no that was open when the message came. */
  confirming?: Action;
}

/** Something to say, with or without choices. */
export interface Question {
  body: string;
  /** The choices below the body, in this order. Without them the body is only said. */
  offers?: readonly Offer[];
  /** Show a list behind a menu button instead of buttons. */
  asList?: { button: string; footer: string };
  /** Sent in front of the body: a document, a place. */
  extras?: readonly OutgoingMessage[];
  /** What typed numbers select, when these are not the offers in their order. */
  byNumber?: readonly Choosable[];
  /** Typed numbers do not choose here: they are part of the narrative. */
  numbersAreText?: true;
  /** A yes to the body does this, a no goes on. */
  confirms?: Action;
  /** The text below a body that is too long for buttons, instead of numbered choices. */
  wayOn?: string;
}

/**
 * A choice that is offered. An action that stands alone has its own title. `number`: by which it is typed,
 * when that is not its place; 0: it has none.
 */
export type Offer = Action | { choice: Choosable; title: string; description?: string; number?: number };

/** What the bot does after a message. */
export interface Outcome {
  state: ConversationState;
  says: readonly Question[];
  /** The menu of the institution answers, or asks which option was meant. */
  fromMenu?: true;
  /** What the office may know of it, without who asked. */
  noted?: Noted;
  /** A report that the person has confirmed. The caller submits it. */
  report?: ConfirmedReport;
}

/**
 * A choice. The person chooses it by its button, its title, its number, or by one of these words alone in a
 * message.
 */
export interface Choice {
  words?: readonly string[];
  then: (turn: Turn) => Outcome;
  /** The choice needs a draft. Without a draft the question of the step is asked again. */
  needsDraft?: true;
  /**
   * The text for a person without a draft who chooses this from an old button. Without this text the bot says
   * that the button is old.
   */
  late?: string;
}

/** What a typed message in other words means at a step. The first rule that fits counts. */
export interface AnswerRule {
  /** One of these. */
  said: readonly Said[];
  /** The choice. `aside`: it answers nothing. `keep`: it tells something. */
  then: Action | 'aside' | 'keep';
  /**
   * How much of the message must be understood: `all`: every word; `most`: two of three; `start`, `end`: its
   * first words, or its last; `part`: other words may stand beside it.
   */
  in: 'all' | 'most' | 'start' | 'end' | 'part';
}

export type Choices = Readonly<Partial<Record<Action, Choice>>>;

/** One step of a flow: the question to the person, and the choices that answer it. */
export interface FlowStep {
  ask: (state: ConversationState, context: ConversationContext) => Question;
  /** Choices that are valid at this step only. */
  choices?: Choices;
  /** What other words mean, besides those that mean the same at every step. */
  answers?: readonly AnswerRule[];
  /**
   * What is expected in free words: a part of the narrative, also as a question; an answer; a name; words
   * beside files. Without it a question is to the bot.
   */
  hears?: 'narrative' | 'answer' | 'name' | 'files';
  /** Words that select, at this step, a choice that is valid everywhere. */
  words?: Readonly<Record<string, Action>>;
}

/** Where something happened, as the chat shares it. Degrees, WGS 84. */
export interface Place {
  latitude: number;
  longitude: number;
  description?: string;
}

/** A file as the chat shows it. */
export interface HeardFile {
  media: MediaKind;
  caption?: string;
  /** Somebody else made it. */
  forwarded?: true;
}

/** What the bot does after a message that chooses nothing. */
export interface Hearing {
  text: (turn: Turn, text: string) => Outcome;
  /**
   * Words beside a choice: "listo, y que conste que no fue la primera vez". Gives the turn in which they are
   * kept, where they can be kept; undefined when they do not fit.
   */
  beside: (turn: Turn, text: string) => Turn | undefined;
  /**
   * A question to the bot, thanks, or a yes to nothing. `kept`: it may tell something as well.
   */
  aside: (turn: Turn, kept: string | undefined) => Outcome;
  /** A photo, a voice note, a video, a document. */
  file: (turn: Turn, file: HeardFile) => Outcome;
  place: (turn: Turn, place: Place) => Outcome;
  /** The person edited an earlier message; `text` is its new text. */
  edit: (turn: Turn, text: string) => Outcome;
  /** The person deleted an earlier message. */
  revoke: (turn: Turn) => Outcome;
}

/** A dialogue with one purpose, as data that the engine runs. */
export interface Flow {
  steps: Readonly<Partial<Record<Step, FlowStep>>>;
  /** Choices that this flow adds to every step of every flow. */
  everywhere: Choices;
  hears: Hearing;
}
