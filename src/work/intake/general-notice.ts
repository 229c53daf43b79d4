/**
 * LGPDPPSO art. 22 requires a privacy notice before anything is asked. In a chat, this general privacy notice
 * is used until the institution publishes its own.
 */
export const GENERAL_NOTICE = {
  version: 'general',
  text: 'Usaremos lo que escribas sólo para recibir y atender tu denuncia. No se comparte con nadie más, salvo que la ley lo ordene.',
};
