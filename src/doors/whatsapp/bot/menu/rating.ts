import { plainWords } from '../../../../platform/typed-text.js';

const UP = /^(?:👍|👌|🙌|👏|❤️?|💯|😊|🙂)[\p{Emoji_Modifier}\s!.👍👌🙌👏❤️💯😊🙂]*$/u;
const DOWN = /^(?:👎|😡|😠|😞|☹️?|🙁)[\p{Emoji_Modifier}\s!.👎😡😠😞☹️🙁]*$/u;
const POLITE = '(?: (?:muchas )?(?:gracias|ok|bien|amig[oa]|senorita|thanks|thank you))*';
const USELESS = new RegExp(
  `^(?:no|nel|nop|para nada|de nada me|(?:la verdad |pues |creo que )?no (?:me )?(?:ha |han )?(?:sirve|sirvio|sirvieron|sirvio de nada|ayuda|ayudo|ayudan|es util|fue util|era eso|es eso|entendi|entendi nada|entiendo|resolvio|resuelve|es lo que buscaba|era lo que buscaba)(?: nada| de nada)?|inutil|useless|not helpful|not useful)${POLITE}$`,
);
const USEFUL = new RegExp(
  `^(?:ok |si |muchas |gracias )*(?:si|sip|sipi|yes|yep|(?:si )?(?:me )?(?:sirvio|sirve|ayudo|ayuda|resolvio)(?: mucho| bastante)?|(?:muy |es muy |fue muy |es |fue )?util|excelente|buenisimo|helpful|useful|very helpful|very useful)${POLITE}$`,
);

/**
 * Whether a message says that the last answer helped, or did not. Undefined when it says anything more: it
 * may tell of something, which must not be taken for a vote.
 */
export function ratingIn(text: string): 'useful' | 'not_useful' | undefined {
  const signs = text.trim();
  if (DOWN.test(signs)) return 'not_useful';
  if (UP.test(signs)) return 'useful';
  if (/[?¿]/.test(text)) return undefined;
  const words = plainWords(text.slice(0, 100));
  if (USELESS.test(words)) return 'not_useful';
  return USEFUL.test(words) ? 'useful' : undefined;
}
