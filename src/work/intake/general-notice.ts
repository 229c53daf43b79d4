/**
 * LGPDPPSO art. 22 wants a notice before anything is asked; in a conversation this one stands in until the
 * institution publishes its own.
 */
export const GENERAL_NOTICE = {
  version: 'general',
  text: 'Usaremos lo que escribas sólo para recibir y atender tu denuncia. No se comparte con nadie más, salvo que la ley lo ordene.',
};
