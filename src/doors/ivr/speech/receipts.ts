import type { Language } from '../../../platform/http/language.js';
import { spokenDigits } from '../../phone/spoken.js';
import { PROMPTS } from './prompts.js';

/**
 * The receipt of a new report, read twice: folio and access code in fours. The recording follows, when it is
 * still missing and can be sent. A code that was exchanged since is not read: it opens nothing.
 */
export function sayReceipt(
  { folioDigits, accessCode }: { folioDigits: string; accessCode: string },
  language: Language,
  { record, exchanged }: { record: boolean; exchanged: boolean },
): string[] {
  const folio = spokenDigits(folioDigits, language);
  const code = spokenDigits(accessCode, language);
  const words = WORDS[language];
  if (exchanged)
    return [words.filedBefore, words.folio(folio), words.again, words.folio(folio), words.useNew];
  const read = [words.folio(folio), words.code(code)];
  return [
    words.filed,
    ...read,
    words.again,
    ...read,
    words.keep,
    ...(record ? [PROMPTS.account[language]] : []),
  ];
}

/** A new access code, read twice. */
export function sayNewCode(accessCode: string, language: Language): string[] {
  const words = WORDS[language];
  const code = words.newCode(spokenDigits(accessCode, language));
  return [code, words.again, code, words.exchanged];
}

/** What is said when a recording is kept. @param answered it is the answer to the open question */
export function sayKept(answered: boolean | null, language: Language): string[] {
  const words = WORDS[language];
  if (answered === null) return [words.kept];
  return answered ? [words.answered] : [words.noQuestion, words.kept];
}

const WORDS = {
  es: {
    filed: 'Su denuncia quedó registrada. Anote dos números.',
    filedBefore: 'Su denuncia ya estaba registrada.',
    useNew: 'La clave se cambió después. Use la última que anotó.',
    folio: (digits: string) => `Su folio es: ${digits}.`,
    code: (digits: string) => `Su clave es: ${digits}.`,
    newCode: (digits: string) => `Su clave nueva es: ${digits}.`,
    again: 'Repito.',
    keep: 'Con los dos puede saber cómo va y contestar. Nadie puede recuperar la clave.',
    exchanged: 'La clave anterior ya no sirve. Para seguir, vuelva a entrar con la nueva.',
    kept: 'Su grabación se guardó. Llegará a quien atiende su denuncia.',
    answered: 'Su respuesta se guardó. Llegará a quien atiende su denuncia.',
    noQuestion: 'La pregunta ya no está abierta. Lo que dijo se guardó como mensaje.',
  },
  en: {
    filed: 'Your report was filed. Write down two numbers.',
    filedBefore: 'Your report was filed before.',
    useNew: 'The access code was exchanged since. Use the last one that you wrote down.',
    folio: (digits: string) => `Your folio is: ${digits}.`,
    code: (digits: string) => `Your access code is: ${digits}.`,
    newCode: (digits: string) => `Your new access code is: ${digits}.`,
    again: 'I repeat.',
    keep: 'With both you can hear how it is doing, and answer. Nobody can recover the code.',
    exchanged: 'The former code no longer works. To go on, enter again with the new one.',
    kept: 'Your recording was kept. It will reach those who work your report.',
    answered: 'Your answer was kept. It will reach those who work your report.',
    noQuestion: 'The question is no longer open. What you said was kept as a message.',
  },
} as const;
