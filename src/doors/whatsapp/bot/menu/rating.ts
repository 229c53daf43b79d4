import { plainWords } from '../../../../platform/typed-text.js';

const UP = /^[\s!.]*(?:👍|👌|🙌|👏|❤|💯|😊|🙂)/u;
const DOWN = /^[\s!.]*(?:👎|😡|😠|😞|☹|🙁)/u;
const USELESS =
  /^(?:no|nel|nop|para nada|nada)$|\bno (?:me )?(?:ha )?(?:sirve|sirvio|sirvieron|ayuda|ayudo|ayudan|es util|fue util|era eso|entendi|entiendo|resolvio|resuelve|es lo que|era lo que|helpful|useful)\b|\b(?:inutil|useless|not helpful|not useful)\b|\bno sirve\b/;
const USEFUL =
  /^(?:si|yes|yep|sip|sipi|ok si)$|\b(?:me )?(?:sirvio|sirve|ayudo|ayuda|resolvio)(?: mucho| bastante)?$|\b(?:muy|fue|es) util\b|^(?:util|excelente|perfecto|buenisimo|helpful|useful|very helpful)\b/;
/** A vote is short. A longer message asks or tells something. */
const WORDS = 7;

/** Whether a message says that the last answer helped, or did not; undefined when it says something else. */
export function ratingIn(text: string): 'useful' | 'useless' | undefined {
  const words = plainWords(text);
  if (text.includes('?') || words.split(' ').length > WORDS) return undefined;
  if (DOWN.test(text) || USELESS.test(words)) return 'useless';
  return UP.test(text) || USEFUL.test(words) ? 'useful' : undefined;
}
