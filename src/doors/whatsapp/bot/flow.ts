import type { ConfirmedReport } from './draft.js';
import type { Incoming } from './messages.js';
import type { Action, ConversationContext, ConversationState, Step } from './state.js';

/** One message on its way through the bot. */
export interface Turn {
  state: ConversationState;
  message: Incoming;
  context: ConversationContext;
}

/** Something to say, with or without choices. */
export interface Question {
  body: string;
  /** What is offered below it, in this order; without it the body is only said. */
  offers?: readonly Action[];
  /** A list behind a menu button instead of buttons. */
  asList?: true;
  /** Typed numbers do not choose here: they are part of what the person tells. */
  numbersAreText?: true;
  /** Said below a body that is too long for buttons, instead of numbered choices. */
  wayOn?: string;
}

/** What follows a message. */
export interface Outcome {
  state: ConversationState;
  says: readonly Question[];
  /** A report that the person has confirmed: it is to be submitted. */
  report?: ConfirmedReport;
}

/** What can be chosen: by its button, its title, its number, or one of these words alone in a message. */
export interface Choice {
  words?: readonly string[];
  then: (turn: Turn) => Outcome;
  /** It goes on with a draft. Without one the question of the step is asked again. */
  needsDraft?: true;
  /** Said to somebody without a draft who chooses it from an old button; otherwise that the button is old. */
  late?: string;
}

export type Choices = Readonly<Partial<Record<Action, Choice>>>;

/** One step of a flow: what the person is asked there, and what answers it. */
export interface FlowStep {
  ask: (state: ConversationState, context: ConversationContext) => Question;
  /** Choices that mean something at this step only. */
  choices?: Choices;
  /** Words that ask here for what can be chosen everywhere. */
  words?: Readonly<Record<string, Action>>;
}

/** Where something happened, as the chat shares it. Degrees, WGS 84. */
export interface Place {
  latitude: number;
  longitude: number;
  description?: string;
}

/** What follows a message that chooses nothing. */
export interface Hearing {
  text: (turn: Turn, text: string) => Outcome;
  /** A photo, a voice note, a document, a contact card. */
  file: (turn: Turn, caption: string | undefined) => Outcome;
  place: (turn: Turn, place: Place) => Outcome;
  /** An earlier message now reads like this. */
  edit: (turn: Turn, text: string) => Outcome;
  /** An earlier message was deleted by the person. */
  revoke: (turn: Turn) => Outcome;
}

/** A dialogue with one purpose, as data that the engine runs. */
export interface Flow {
  steps: Readonly<Partial<Record<Step, FlowStep>>>;
  /** Choices that this flow adds to every step of every flow. */
  everywhere: Choices;
  hears: Hearing;
}
