import type { Text } from '../../../platform/errors.js';
import type { Language } from '../../../platform/http/language.js';
import { spokenDigits } from '../../phone/spoken.js';

/** What a key of the telephone does. */
export const ACTION_LABELS = {
  spanish: { es: 'Español', en: 'Spanish' },
  english: { es: 'Inglés', en: 'English' },
  report: { es: 'Presentar una denuncia', en: 'File a report' },
  follow: { es: 'Saber cómo va mi denuncia', en: 'Hear how my report is doing' },
  anonymous: { es: 'Anónima', en: 'Anonymous' },
  confidential: { es: 'Confidencial', en: 'Confidential' },
  identified: { es: 'Con mis datos', en: 'With my data' },
  state: { es: 'Oír cómo va', en: 'Hear how it is doing' },
  all_messages: { es: 'Oír todos los mensajes', en: 'Hear all messages' },
  message: { es: 'Dejar un mensaje de voz', en: 'Leave a voice message' },
  answer: { es: 'Contestar con mi voz', en: 'Answer with my voice' },
  access_code: { es: 'Cambiar mi clave', en: 'Exchange my access code' },
} as const satisfies Readonly<Record<string, Text>>;
export type Action = keyof typeof ACTION_LABELS;

/** A key, what it does, and where the program goes on. */
export interface Choice {
  digit: string;
  action: Action;
  /** The route, below `/api/v1`. */
  path: string;
}

/** What is said before a choice, with the key at its end. */
const OFFERS: Readonly<Record<Action, Text>> = {
  spanish: { es: 'Para español', en: 'Para español' },
  english: { es: 'For English', en: 'For English' },
  report: { es: 'Para denunciar con su voz', en: 'To report with your voice' },
  follow: { es: 'Para saber cómo va su denuncia', en: 'To hear how your report is doing' },
  anonymous: {
    es: 'Para denunciar sin dar sus datos',
    en: 'To report without giving your data',
  },
  confidential: {
    es: 'Para dejar un teléfono que quienes atienden la denuncia no ven',
    en: 'To leave a telephone number that those who work the report do not see',
  },
  identified: {
    es: 'Para dejar un teléfono que el área que la atiende sí ve',
    en: 'To leave a telephone number that the area that works it does see',
  },
  state: { es: 'Para oír cómo va su denuncia', en: 'To hear how your report is doing' },
  all_messages: { es: 'Para oír todos los mensajes', en: 'To hear all messages' },
  message: { es: 'Para dejar un mensaje de voz', en: 'To leave a voice message' },
  answer: { es: 'Para contestar la pregunta con su voz', en: 'To answer the question with your voice' },
  access_code: { es: 'Para cambiar su clave por otra', en: 'To exchange your access code for another one' },
};

const PRESS: Readonly<Record<Language, string>> = { es: 'marque', en: 'press' };

/** A choice as it is said: 'Para denunciar con su voz, marque uno.' */
export function offer({ action, digit }: Choice, language: Language): string {
  // Each language is offered in its own words.
  const spoken = action === 'spanish' ? 'es' : action === 'english' ? 'en' : language;
  return `${OFFERS[action][spoken]}, ${PRESS[spoken]} ${spokenDigits(digit, spoken)}.`;
}

export const LANGUAGES: readonly Choice[] = [
  { digit: '1', action: 'spanish', path: '/ivr/menu' },
  { digit: '2', action: 'english', path: '/ivr/menu' },
];

export const MAIN: readonly Choice[] = [
  { digit: '1', action: 'report', path: '/ivr/reports' },
  { digit: '2', action: 'follow', path: '/ivr/sessions' },
];

export const MODES: readonly Choice[] = [
  { digit: '1', action: 'anonymous', path: '/ivr/reports' },
  { digit: '2', action: 'confidential', path: '/ivr/reports' },
  { digit: '3', action: 'identified', path: '/ivr/reports' },
];

const OF_A_CASE = {
  state: { digit: '1', action: 'state', path: '/ivr/state' },
  message: { digit: '2', action: 'message', path: '/ivr/messages' },
  answer: { digit: '3', action: 'answer', path: '/ivr/answers' },
  allMessages: { digit: '4', action: 'all_messages', path: '/ivr/state' },
  accessCode: { digit: '5', action: 'access_code', path: '/ivr/access-code' },
} as const satisfies Record<string, Choice>;

/** What the caller may do with an open report. A key never changes what it does. */
export function choicesOf(may: { write: boolean; answer: boolean; hearAll: boolean }): Choice[] {
  return [
    OF_A_CASE.state,
    ...(may.write ? [OF_A_CASE.message] : []),
    ...(may.answer ? [OF_A_CASE.answer] : []),
    ...(may.hearAll ? [OF_A_CASE.allMessages] : []),
    OF_A_CASE.accessCode,
  ];
}
