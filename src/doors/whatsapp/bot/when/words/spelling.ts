import { oneLetterOff } from '../../language/one-letter.js';

/** Names of months and days. Their place in the list is their number, minus one. */
export const MONTHS = words(
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
);
export const WEEKDAYS = words('lunes martes miercoles jueves viernes sabado domingo');

/** Short forms. They count only beside a number or as the whole answer. "mar" is a month or a day. */
export const SHORT_MONTHS = words('ene feb mar abr may jun jul ago sep oct nov dic');
export const SHORT_WEEKDAYS = words('lun mar mie jue vie sab dom');

/** How people spell the words of this dialogue, without accents. First the word, then its other spellings. */
const SPELLINGS = [
  'que: q k ke qe',
  'por: x xr',
  'de: d',
  'del: dl',
  'como: cm cmo kmo komo com',
  'hace: ase hase ace hac jace asce haze aze',
  'hoy: oy hoi',
  'ayer: aller hayer ayr alles aier ayerr',
  'antier: antiel antir antyer antie antyier anteayer antiyer',
  'anoche: anoxe anche',
  'ahorita: aorita horita orita ahorit ahoritita',
  'ahora: aora ora',
  'rato: ratito ratico ratitito',
  'semana: semna cemana smana sem semanita zemana',
  'semanas: semnas cemanas smanas sems semanitas',
  'dias: diitas',
  'mes: mez',
  'meses: mezes mses',
  'ano: anio',
  'anos: anios',
  'quincena: kincena quinsena qincena quinzena',
  'pasado: pazado psado pasad pasdo',
  'pasada: pazada psada pasda',
  'antepasado: antespasado antespasado trasantepasado',
  'antepasada: antespasada',
  'anterior: anteriro',
  'desde: dsde dede desd',
  'recuerdo: rekuerdo recuerod recuedo recuerdp',
  'acuerdo: akuerdo acuerod acuedo',
  'enero: enro henero ener enreo',
  'marzo: marso marz marrzo',
  'abril: avril abrl abirl abrill',
  'junio: junoi junip jnio',
  'julio: jullio julo jlio jukio',
  'agosto: agsto agosot agosta',
  'septiembre: setiembre septiem',
  'sep: sept set',
  'lunes: lunez luness lumes lune lns',
  'martes: martez martess martrs marts',
  'miercoles: miercols mircoles miercole miercolez',
  'mie: mier mierc miec',
  'jueves: juebes juves jueve juebez',
  'viernes: vierns biernes vienres viernez virnes vierne',
  'sabado: savado sabdo zabado sabad sabados sabao',
  'domingo: domigo dominog domngo dmingo domingos domngio',
  'navidad: nabidad navida navidades',
  'nochebuena: nochevuena',
] as const;

/** Long names of which a spelling with one wrong letter is no other word. */
const UNMISTAKABLE = ['febrero', 'septiembre', 'octubre', 'noviembre', 'diciembre', 'miercoles'];

const CORRECT = new Map(
  SPELLINGS.flatMap((line) => {
    const [word = '', others = ''] = line.split(': ');
    return words(others).map((other) => [other, word] as const);
  }),
);

/** The word that a person meant. A word that nobody knows stays as it is. */
export function meantWord(word: string): string {
  const known = CORRECT.get(word);
  if (known !== undefined) return known;
  if (word.length < 6 || MONTHS.includes(word)) return word;
  return UNMISTAKABLE.find((name) => oneLetterOff(word, name)) ?? word;
}

function words(list: string): readonly string[] {
  return list.split(' ');
}
