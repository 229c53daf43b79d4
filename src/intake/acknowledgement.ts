/** The text a reporter gets on every channel. Says only what is true; promises no sealing and no absolute anonymity. */
export function acknowledgement(
  language: 'es' | 'en',
  facts: { institution: string; folio: string; dueOn?: string },
): string {
  if (language === 'en') {
    return (
      `${facts.institution} received your report. Your folio is ${facts.folio}. ` +
      'Keep the folio and the 16-digit access code: with both you can follow it and read and answer messages, also if you are anonymous. ' +
      'We cannot recover the code.' +
      (facts.dueOn ? ` You should have a first answer by ${facts.dueOn}.` : '')
    );
  }
  return (
    `${facts.institution} recibió tu denuncia. Tu folio es ${facts.folio}. ` +
    'Guarda el folio y la clave de 16 dígitos: con los dos puedes ver cómo va, leer mensajes y contestarlos, también si es anónima. ' +
    'No podemos recuperar la clave.' +
    (facts.dueOn ? ` Debes tener una primera respuesta a más tardar el ${facts.dueOn}.` : '')
  );
}
