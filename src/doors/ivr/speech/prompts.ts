import type { Text } from '../../../platform/errors.js';

/** What is said before the caller types or speaks. Plain sentences, ready for a voice. */
export const PROMPTS = {
  welcome: {
    es: 'Denunciar no cuesta: nadie le va a pedir dinero ni documentos. Si hay peligro en este momento, cuelgue y marque nueve uno uno.',
    en: 'Reporting is free: nobody will ask you for money or documents. If there is danger right now, hang up and dial nine one one.',
  },
  number: {
    es: 'A la denuncia no llega el número desde el que llama. Las compañías de teléfono sí lo conocen.',
    en: 'The number that you call from does not reach the report. The telephone companies do know it.',
  },
  folio: {
    es: 'Marque las quince cifras de su folio, y al final la tecla gato.',
    en: 'Type the fifteen digits of your folio, and then the pound key.',
  },
  accessCode: {
    es: 'Marque las dieciséis cifras de su clave, y al final la tecla gato.',
    en: 'Type the sixteen digits of your access code, and then the pound key.',
  },
  phone: {
    es: 'Marque el número al que se le puede llamar, y al final la tecla gato.',
    en: 'Type the number at which you can be called, and then the pound key.',
  },
  notice: {
    es: 'Para dejar sus datos hace falta que acepte el aviso de privacidad.',
    en: 'To leave your data you have to accept the privacy notice.',
  },
  account: {
    es: 'Después del tono cuente con sus palabras qué pasó, dónde y cuándo. Al terminar, marque la tecla gato.',
    en: 'After the tone tell in your own words what happened, where and when. When you are done, press the pound key.',
  },
  message: {
    es: 'Deje su mensaje después del tono. Al terminar, marque la tecla gato.',
    en: 'Leave your message after the tone. When you are done, press the pound key.',
  },
} as const satisfies Readonly<Record<string, Text>>;
export type Prompt = keyof typeof PROMPTS;
