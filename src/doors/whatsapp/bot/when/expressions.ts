import { amountAt } from './amounts.js';
import type { Day } from './calendar.js';
import { DAYS } from './days.js';
import { HOLIDAYS } from './holidays.js';
import { partAt, weekOfDayAt } from './parts.js';
import { pattern } from './words/pattern.js';
import { longestRow, surest, type Found } from './rows.js';
import { SPANS } from './spans.js';
import type { Token } from './words/token.js';

const ROWS = [...DAYS, ...SPANS, ...HOLIDAYS];

/** What is about days and says none: what comes again and again, and days that nobody names. */
const SAYS_NO_DAY = [
  'hoy en dia|dias',
  'todos los dias',
  'todo el dia',
  'todo el tiempo',
  'los|cada|un|algun|unos {weekday}',
  'todos los {weekday}',
  'fue|era {weekday}',
  'de {weekday} a {weekday}',
  '{weekday} a {weekday}',
  'el primero',
  'un dia',
  'el|del otro dia',
  'la otra semana',
  'entre semana',
].map(pattern);

/** Behind these words a number is no day: "oficina 12", "calle 5 de mayo", "folio 12/2026". */
const NAMES_PLACE = new Set(
  (
    'calle avenida av ave col colonia calz calzada esquina numero num no nro oficina ventanilla modulo piso ' +
    'edificio unidad ruta camion micro folio expediente oficio exp articulo art placa placas linea estacion ' +
    'escuela primaria secundaria prepa mercado plaza jardin parque hospital clinica cuarto consultorio casa ' +
    'lote manzana km kilometro carretera seccion distrito zona sector barrio ejido boulevard blvd andador ' +
    'privada cerrada callejon sucursal caja mesa area turno ficha # $'
  ).split(' '),
);

/** What may begin a new clause behind an expression: "el 12 me cobraron", "en 2024 fui". */
const BEGINS_CLAUSE = new Set(
  (
    ', me nos le les se te fui fuimos iba ibamos cuando un una unos unas como a al en y yo mi mis nosotros ' +
    'ellos ella pero porque por fue llegue llegamos estaba estabamos el la los las entre hubo con sin vino ' +
    'vinieron paso ocurrio sucedio pague pagamos pidieron pidio cobraron cobro durante mas aproximadamente ' +
    'creo ahi alla ya desde hasta no si o tambien'
  ).split(' '),
);

const BETWEEN_MOMENTS = ['de', 'del', 'la', 'el', 'los', 'en', 'dia', 'como', 'por', ','];
const MOST_BETWEEN = 3;
const VAGUE = ['como', 'por'];

/** Whether the clause ends here, so that a number before it counts nothing. */
export function endsClause(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at];
  if (!next) return true;
  return BEGINS_CLAUSE.has(next.word) && tokens[at + 1]?.word !== 'ciento';
}

/** The end of what is about days and says none. */
export function noDayEnd(tokens: readonly Token[], at: number): number {
  return Math.max(at, ...SAYS_NO_DAY.map((matches) => matches(tokens, at)?.end ?? at));
}

/** The number of an address, a room or a file. */
export function isOfPlace(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.number === undefined) return false;
  const before = tokens[at - 1]?.word ?? '';
  if (before === 'la' || NAMES_PLACE.has(before)) return true;
  return ['de', 'del', 'numero', 'no'].includes(before) && NAMES_PLACE.has(tokens[at - 2]?.word ?? '');
}

/** Moments that stand beside each other: "el lunes de la semana pasada", "el 12 de marzo del año pasado". */
export function expressionAt(tokens: readonly Token[], at: number, today: Day): Found | undefined {
  let found = momentAt(tokens, at, today);
  for (let more = found; found && more;) {
    more = nextMoment(tokens, found.end, today);
    if (!more) break;
    found = {
      ...found,
      end: more.end,
      moments: [...found.moments, ...more.moments],
      strength: surest([found.strength, more.strength]),
      vague: found.vague === true || more.vague === true,
    };
  }
  return found;
}

function nextMoment(tokens: readonly Token[], from: number, today: Day): Found | undefined {
  for (let at = from; at <= from + MOST_BETWEEN; at++) {
    const found = momentAt(tokens, at, today);
    const before = tokens[at - 1]?.word;
    const belongs = before === 'de' || before === 'del' || before === 'la';
    const isSure = found?.strength === 'anywhere';
    const isUnsure = found?.strength === 'alone' && before === ',';
    if (found && (isSure || (!isUnsure && (belongs || endsClause(tokens, found.end))))) {
      return { ...found, vague: tokens.slice(from, at).some(({ word }) => VAGUE.includes(word)) };
    }
    if (!BETWEEN_MOMENTS.includes(tokens[at]?.word ?? '')) return undefined;
  }
  return undefined;
}

function momentAt(tokens: readonly Token[], at: number, today: Day): Found | undefined {
  if (isOfPlace(tokens, at)) return undefined;
  const readings = [
    longestRow(ROWS, tokens, at, today),
    partAt(tokens, at, today),
    weekOfDayAt(tokens, at, today),
    amountAt(tokens, at, today),
  ];
  const longest = readings.reduce((one, other) => ((other?.end ?? 0) > (one?.end ?? 0) ? other : one));
  return longest && noDayEnd(tokens, at) < longest.end && !isCut(tokens, longest.end) ? longest : undefined;
}

/** Only a part of "12/03/2026" was read. */
function isCut(tokens: readonly Token[], end: number): boolean {
  return tokens[end]?.word === '/' && tokens[end - 1]?.number !== undefined;
}
