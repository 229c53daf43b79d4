import type { Outcome, Question, Turn } from '../flow.js';
import type { OutgoingMessage } from '../messages.js';
import { after, listOf, menu, missed, say, tell } from '../outcomes.js';
import type { ConversationState, MenuChoice } from '../state.js';
import { chosenBy } from '../offers.js';
import type { FoundOption, MenuAnswer, Start, MenuLanguage } from './menu.js';
import { allOptions, findOption, menuOf } from './options.js';
import { questionToNote } from './questions.js';
import { likelyOnes, type Found } from './search.js';
import { menuTexts, type MenuTexts } from './texts.js';

/** What follows when somebody picks an option of the menu, or votes on its answer. */
export function choose(turn: Turn, picked: MenuChoice): Outcome | { start: Start } {
  const { state, context } = turn;
  const [what, code = ''] = picked.split(':');
  if (what === 'none') return noneOfThese(turn);
  const found = findOption(context, state, code);
  if (what === 'option') return found ? openOption(turn, found) : gone(turn);
  return found ? rate(turn, found, what === 'useful') : gone(turn);
}

/** Open an option: say its answer, show what is behind it, or name what it starts. */
export function openOption(turn: Turn, { option, language }: FoundOption): Outcome | { start: Start } {
  const { does } = option;
  if ('start' in does) return does;
  const state = spokenIn(turn.state, language.language);
  const texts = menuTexts(language);
  if ('open' in does) return say(state, listOf(`*${option.title}*\n\n${texts.open}`, language, does.open));
  const outcome = say(
    state.draft ? state : withAnswer(state, option.code),
    answerOf(option, does.answer, { texts, isBesideDraft: state.draft !== undefined }),
  );
  // Beside a draft nothing is counted: its row and the count would change together.
  if (state.draft) return outcome;
  return {
    ...outcome,
    fromMenu: true,
    noted: { what: 'answered', option: option.code, language: language.language },
  };
}

/**
 * Ask which option was meant.
 * @param tells the message may be an account: a report is offered too, and that nothing was kept is said
 */
export function askWhich(
  turn: Turn,
  found: readonly Found[],
  { text, tells }: { text: string; tells: boolean },
): Outcome {
  const likely = likelyOnes(found);
  const { language } = likely[0]!;
  const texts = menuTexts(language);
  const question = tells ? undefined : questionToNote(text);
  const state = {
    ...spokenIn(turn.state, language.language),
    ...(question === undefined ? {} : { asked: question }),
  };
  const body = tells ? `${texts.didYouMean}\n\n${texts.notKept}` : texts.didYouMean;
  const { offers = [], ...list } = listOf(
    body,
    language,
    likely.map(({ option }) => option),
  );
  const isOffered = offers.some((offer) => chosenBy(offer) === 'report');
  const reports = tells && !isOffered ? reportIn(language) : [];
  // What was found is no miss: people ask several things. Only who repeats a message meets silence.
  const outcome = say(
    { ...state, misses: 0 },
    { ...list, offers: [...offers, ...reports, { choice: 'none:menu', title: texts.none, number: 0 }] },
  );
  return { ...outcome, fromMenu: true };
}

/** The row that starts a report, as this menu calls it. */
function reportIn(language: MenuLanguage): NonNullable<Question['offers']> {
  const option = allOptions(language).find(({ does }) => 'start' in does && does.start === 'report');
  return option ? (listOf('', language, [option]).offers ?? []) : ['report'];
}

/** The menu in another language. */
export function speak(turn: Turn, language: string): Outcome {
  const state = spokenIn(turn.state, language);
  return say(state, menu(turn.context, state));
}

/** A question without an answer. It is noted, and the menu follows. */
export function withoutAnswer(turn: Turn, question: string | undefined): Outcome {
  const { asked: _asked, ...state } = turn.state;
  const { language, texts } = languageOf(turn);
  if (question === undefined) return missed(state, menu(turn.context, state));
  const outcome = missed(state, after(texts.noAnswer, menu(turn.context, state)));
  // Who gets no answer any more is not told that the question is noted.
  if (outcome.says.length === 0) return outcome;
  return { ...outcome, noted: { what: 'unanswered', question, language } };
}

function noneOfThese(turn: Turn): Outcome {
  return turn.state.draft ? gone(turn) : withoutAnswer(turn, turn.state.asked);
}

function gone({ state, context }: Turn): Outcome {
  const { texts } = languageOf({ state, context });
  return missed(state, after(texts.gone, menu(context, state)));
}

/**
 * A vote counts once in a row, as far as this process remembers. Another one knows the option by the button.
 * So a person can vote more often: the figures are those of people who want to help.
 */
function rate(turn: Turn, { option, language }: FoundOption, useful: boolean): Outcome {
  const { rated, ...state } = turn.state;
  const texts = menuTexts(language);
  const outcome = tell({ ...state, rated: option.code }, useful ? texts.thanks : texts.sorry);
  if (state.draft) return tell(turn.state, texts.thanks);
  if (rated === option.code || !('answer' in option.does)) return outcome;
  return { ...outcome, noted: { what: 'rated', option: option.code, language: language.language, useful } };
}

function answerOf(
  { code, title }: { code: string; title: string },
  answer: MenuAnswer,
  { texts, isBesideDraft }: { texts: MenuTexts; isBesideDraft: boolean },
): Question {
  const lines = [
    `*${title}*`,
    answer.text,
    answer.telephone && `${texts.telephone}: ${answer.telephone}`,
    answer.link && `${texts.moreAt}: ${answer.link}`,
  ].filter((line) => line !== undefined && line !== '');
  const rated: Question['offers'] = [
    { choice: `useful:${code}`, title: texts.useful },
    { choice: `not_useful:${code}`, title: texts.notUseful },
    { choice: 'menu', title: texts.menu },
  ];
  const beside: Question['offers'] = [
    { choice: 'continue', title: texts.continue },
    { choice: 'menu', title: texts.menu },
  ];
  return {
    body: lines.join('\n\n'),
    offers: isBesideDraft ? beside : rated,
    extras: extrasOf(answer),
    ...(isBesideDraft ? {} : { wayOn: texts.rate }),
  };
}

function extrasOf({ document, place }: MenuAnswer): OutgoingMessage[] {
  return [
    ...(document ? [{ kind: 'document' as const, ...document }] : []),
    ...(place ? [{ kind: 'location' as const, ...place }] : []),
  ];
}

function languageOf({ state, context }: Pick<Turn, 'state' | 'context'>): {
  language: string;
  texts: MenuTexts;
} {
  const spoken = menuOf(context, state);
  return { language: spoken.language, texts: menuTexts(spoken) };
}

function withAnswer({ rated: _rated, ...state }: ConversationState, code: string): ConversationState {
  return { ...state, answered: code };
}

function spokenIn(state: ConversationState, language: string): ConversationState {
  const { asked: _asked, ...rest } = state;
  return { ...rest, language };
}
