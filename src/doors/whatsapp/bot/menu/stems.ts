import { plainWords } from '../../../../platform/typed-text.js';

/** What people write instead of the words below. */
const SPELLINGS: readonly [RegExp, string][] = [
  [/\bkier/g, 'quier'],
  [/\bn[ei][sc]+[ei]+[sc]it/g, 'necesit'],
  [/\bdenuns[iy]/g, 'denunci'],
  [/\bdenunca?r/g, 'denunciar'],
  [/\bk[ie]ja/g, 'queja'],
  [/\bkej/g, 'quej'],
  [/\b[ah]?aser\b|\bacer\b/g, 'hacer'],
  [/\bfuns?cionari/g, 'funcionari'],
  [/\bcorrupsion/g, 'corrupcion'],
  [/\bestors|\beztors/g, 'extors'],
  [/\bmordid(?=it)/g, 'mordida '],
  [/\bkobr/g, 'cobr'],
];
/** A longer message tells something; its first part is enough to know of what. */
const READ = 1_000;

/** The words of a message as the stems below are spelled. */
export function wordsOf(text: string): string {
  return SPELLINGS.reduce(
    (words, [form, word]) => words.replace(form, word),
    plainWords(text.slice(0, READ)),
  );
}

/** Somebody was wronged, or an official did what he must not. What has one of these may be an account. */
export const WRONG =
  /\b(?:mordid|mocha|moche|soborn|corrup|corrupt|cohech|extors|desvi[aoe]|acos|abus|hostig|maltrat|humill|discrim|amenaz|golpe|peg[ao]|violar|violo|viole|toc[ao] |manos|cobr|rob(?:o|a|an|aron|e|ar|ado)\b|ratero|fraud|estaf|tranz|transa|lava(?:n|do)? dinero|vend(?:e|en|io|ieron) (?:plaza|droga|lugar|puesto|la misma)|pid(?:e|en|io|ieron|ia|ian) (?:[a-z]+ ){0,3}(?:dinero|lana|feria|varo|pesos|cooperacion|cuota|quincena|moche|favor|algo a cambio|\d)|(?:dar|doy|dimos|damos|diera|den)(?:le|les)? (?:[a-z]+ )?(?:dinero|lana|feria)|quier(?:e|en|ia|ian) (?:[a-z]+ )?(?:dinero|lana|feria)|quit(?:o|aron|an) (?:[a-z]+ ){0,2}(?:dinero|celular|apoyo|tarjeta|papeles|cosas)|qued(?:a|an|o|aron) con (?:el|la|las|los)|acus|corr(?:er|ieron)(?:me)? (?:del?|por)|despid|despedir|bribe|steal|stole|extort|harass|corruption|asked? (?:me )?for money)/;
/** Words for a report itself. */
export const REPORT = /\b(?:denunci|report(?:ar|o|e|en|aron|ado)?\b|quej|demand|complain)/;
