import { STATUS_LABELS } from '../../../foundations/catalogs/labels.js';
import { METRIC_LABELS } from '../../../foundations/sla/labels.js';
import { labelOf } from '../../../platform/http/labels.js';
import type { Language } from '../../../platform/http/language.js';
import { OUTCOME_LABELS } from '../../../work/cases/labels.js';
import type {
  InformationRequestView,
  ReporterCase,
  ReporterDeadline,
  ReporterMessage,
} from '../../../work/cases/views.js';
import { spokenDay, spokenUntil } from './days.js';
import { plainSpeech } from './plain-speech.js';
import { spokenQuantity } from './numbers.js';

/** The deadline that runs and ends first, or null. @param today local day of the institution */
export function nextDeadline(
  { deadlines }: Pick<ReporterCase, 'deadlines'>,
  today: string,
): ReporterDeadline | null {
  const running = deadlines.filter(({ met, dueOn }) => met === null && dueOn >= today);
  return running.sort((a, b) => (a.dueOn < b.dueOn ? -1 : 1))[0] ?? null;
}

/**
 * Messages of staff behind the last thing that the reporter sent: a message, an answer or a recording. The
 * service does not store what somebody listened to.
 */
export function newMessages(own: Pick<ReporterCase, 'messages' | 'newMessages'>): ReporterMessage[] {
  return own.newMessages === 0 ? [] : own.messages.slice(-own.newMessages);
}

/** The question that waits for an answer. There is one at most. */
export function openQuestion({
  informationRequests,
}: Pick<ReporterCase, 'informationRequests'>): InformationRequestView | null {
  return informationRequests.find(({ state }) => state === 'open') ?? null;
}

/**
 * How a report is doing, in sentences for a voice: state, deadlines, messages, question, outcome. Numbers and
 * days are words. Texts of staff are read as they wrote them.
 * @param heard which messages are read
 */
export function sayState(
  own: ReporterCase,
  { language, today, messages }: { language: Language; today: string; messages: 'new' | 'all' },
): string[] {
  const words = WORDS[language];
  return [
    words.status(lower(labelOf(STATUS_LABELS, own.status, language))),
    ...plainSpeech(words.area(own.area.label[language]), language),
    ...sayDeadlines(own, language, today),
    ...(own.awaitsVoice ? [words.voice] : []),
    ...sayMessages(own, language, messages),
    ...sayQuestion(own, language, today),
    ...sayOutcome(own, language),
    ...sayWriting(own, language),
  ];
}

function sayDeadlines(own: ReporterCase, language: Language, today: string): string[] {
  const words = WORDS[language];
  const name = ({ metric }: ReporterDeadline): string => lower(labelOf(METRIC_LABELS, metric, language));
  const missed = own.deadlines.filter(({ met }) => met === false).map((one) => words.missed(name(one)));
  const next = nextDeadline(own, today);
  if (!next) return missed;
  const { dueOn } = next;
  const until = spokenUntil(dueOn, today, language);
  return [...missed, words.deadline(name(next), spokenDay(dueOn, language), until)];
}

function sayMessages(own: ReporterCase, language: Language, which: 'new' | 'all'): string[] {
  const words = WORDS[language];
  const fresh = newMessages(own);
  const read = which === 'new' ? fresh : own.messages;
  const count =
    which === 'all'
      ? words.all(spokenQuantity(read.length, words.message, words.messages, language))
      : fresh.length === 0
        ? words.none
        : words.fresh(spokenQuantity(fresh.length, words.newOne, words.newMany, language));
  const told = read.flatMap(({ from, text, day }) => [
    words.written(from === 'reporter', spokenDay(day, language)),
    ...plainSpeech(text, language),
  ]);
  return [count, ...told];
}

function sayQuestion(own: ReporterCase, language: Language, today: string): string[] {
  const question = openQuestion(own);
  if (!question) return [];
  const { dueOn } = question;
  const until = WORDS[language].until(spokenDay(dueOn, language), spokenUntil(dueOn, today, language));
  return [WORDS[language].asked, ...plainSpeech(question.question, language), until];
}

function sayOutcome({ outcome }: ReporterCase, language: Language): string[] {
  if (!outcome) return [];
  const label = lower(labelOf(OUTCOME_LABELS, outcome.outcome, language));
  return [WORDS[language].outcome(label), ...plainSpeech(outcome.text, language)];
}

function sayWriting({ writing: { allowed, until } }: ReporterCase, language: Language): string[] {
  if (!allowed) return [WORDS[language].closed];
  return until === null ? [] : [WORDS[language].mayWrite(spokenDay(until, language))];
}

function lower(label: string): string {
  return label.slice(0, 1).toLowerCase() + label.slice(1);
}

const WORDS = {
  es: {
    status: (label: string) => `Su denuncia está así: ${label}.`,
    area: (label: string) => `La atiende: ${label}.`,
    missed: (name: string) => `La institución no cumplió a tiempo este plazo: ${name}.`,
    deadline: (name: string, day: string, until: string) =>
      `El plazo que sigue es: ${name}. Termina el ${day}; ${until}.`,
    voice: 'Todavía falta la grabación de su relato. Puede dejarla ahora como mensaje de voz.',
    none: 'No hay mensajes nuevos.',
    newOne: 'mensaje nuevo',
    newMany: 'mensajes nuevos',
    message: 'mensaje',
    messages: 'mensajes',
    fresh: (count: string) => `Tiene ${count}.`,
    all: (count: string) => `En total hay ${count}.`,
    written: (own: boolean, day: string) =>
      own ? `Usted escribió el ${day} lo siguiente.` : `La institución le escribió el ${day} lo siguiente.`,
    asked: 'La institución le pregunta lo siguiente.',
    until: (day: string, until: string) => `Puede contestar hasta el ${day}; ${until}.`,
    outcome: (label: string) => `Su denuncia terminó con este resultado: ${label}.`,
    closed: 'Su denuncia ya no recibe mensajes. Si hay hechos nuevos, presente otra y mencione este folio.',
    mayWrite: (day: string) => `Todavía puede dejar mensajes hasta el ${day}.`,
  },
  en: {
    status: (label: string) => `The state of your report is: ${label}.`,
    area: (label: string) => `It is worked on by: ${label}.`,
    missed: (name: string) => `The institution did not keep this deadline in time: ${name}.`,
    deadline: (name: string, day: string, until: string) =>
      `The next deadline is: ${name}. It ends on ${day}; ${until}.`,
    voice: 'The recording of your account is still missing. You can leave it now as a voice message.',
    none: 'There are no new messages.',
    newOne: 'new message',
    newMany: 'new messages',
    message: 'message',
    messages: 'messages',
    fresh: (count: string) => `You have ${count}.`,
    all: (count: string) => `There are ${count} in all.`,
    written: (own: boolean, day: string) =>
      own ? `You wrote this on ${day}.` : `The institution wrote this to you on ${day}.`,
    asked: 'The institution asks you this.',
    until: (day: string, until: string) => `You can answer until ${day}; ${until}.`,
    outcome: (label: string) => `Your report ended with this outcome: ${label}.`,
    closed:
      'Your report takes no more messages. If there are new facts, file another one and mention this folio.',
    mayWrite: (day: string) => `You can still leave messages until ${day}.`,
  },
} as const;
