import { DomainError } from '../../platform/errors.js';

export const routingErrors = {
  ruleNotFound: () =>
    new DomainError('ROUTING_RULE_NOT_FOUND', 404, {
      es: 'No hay una regla con ese identificador.',
      en: 'There is no rule with that id.',
    }),
  tooManyRules: (limit: number) =>
    new DomainError('TOO_MANY_ROUTING_RULES', 409, {
      es: `La institución ya tiene ${limit} reglas sin terminar, el máximo. Termina con PATCH las que ya no uses o junta sus palabras en una.`,
      en: `The institution already has ${limit} rules that have not ended, the most there can be. End those you no longer use with PATCH or join their words in one.`,
    }),
};
