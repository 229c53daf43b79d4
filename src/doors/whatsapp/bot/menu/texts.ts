import type { MenuLanguage } from './menu.js';

/** What the bot says around an institution's own texts. */
export interface MenuTexts {
  choose: string;
  open: string;
  button: string;
  footer: string;
  menu: string;
  continue: string;
  useful: string;
  notUseful: string;
  /** Below an answer that is too long for buttons. */
  rate: string;
  moreAt: string;
  telephone: string;
  didYouMean: string;
  /** Beside what may be an account. */
  notKept: string;
  none: string;
  noAnswer: string;
  gone: string;
  thanks: string;
  sorry: string;
  others: string;
  /** Said before a report in a language in which the bot takes none. */
  inSpanish?: string;
}

const SPANISH: MenuTexts = {
  choose: '¿Qué necesitas? Toca una opción, o escribe con tus palabras lo que buscas.',
  open: 'Toca una opción. Para volver escribe *menú*.',
  button: 'Ver opciones',
  footer: 'Emergencias: 911',
  menu: 'Menú',
  continue: 'Continuar',
  useful: '👍 Me sirvió',
  notUseful: '👎 No me sirvió',
  rate: '¿Te sirvió? Responde 👍 o 👎. Para ver las opciones escribe *menú*.',
  moreAt: 'Más información',
  telephone: 'Teléfono',
  didYouMean: '¿Quisiste decir…?',
  notKept:
    'Si nos estás contando lo que pasó: *todavía no se guardó*. Para presentar una denuncia escribe *denunciar*.',
  none: 'Ninguna de estas',
  noAnswer:
    'Todavía no tengo respuesta para eso. Anotamos tu pregunta *sin tu número ni tu nombre*, para poder contestarla más adelante.',
  gone: 'Esa opción ya no está en el menú.',
  thanks: 'Gracias por decirnos.',
  sorry:
    'Gracias por decirnos; lo vamos a mejorar. Para saber cómo hablar con una persona escribe *persona*.',
  others: 'Otros idiomas',
};

const ENGLISH: MenuTexts = {
  choose: 'What do you need? Tap an option, or write in your own words what you are looking for.',
  open: 'Tap an option. To go back write *menu*.',
  button: 'See options',
  footer: 'Emergencies: 911',
  menu: 'Menu',
  continue: 'Continue',
  useful: '👍 Helpful',
  notUseful: '👎 Not helpful',
  rate: 'Was this helpful? Answer 👍 or 👎. To see the options write *menu*.',
  moreAt: 'More information',
  telephone: 'Telephone',
  didYouMean: 'Did you mean…?',
  notKept: 'If you are telling us what happened: *it is not kept yet*. To file a report write *denunciar*.',
  none: 'None of these',
  noAnswer:
    'I have no answer to that yet. We noted your question *without your number or name*, so that we can answer it later.',
  gone: 'That option is not in the menu any more.',
  thanks: 'Thank you for telling us.',
  sorry: 'Thank you for telling us; we will improve it. To learn how to speak with a person write *persona*.',
  others: 'Other languages',
  inSpanish: 'The questions of a report are in Spanish. You may answer in English.',
};

/** The bot's own words for a language: English for English, Spanish for every other one. */
export function menuTexts({ language }: Pick<MenuLanguage, 'language'>): MenuTexts {
  return /^en\b/.test(language) ? ENGLISH : SPANISH;
}
