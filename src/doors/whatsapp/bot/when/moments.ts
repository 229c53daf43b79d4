import {
  contains,
  dayIn,
  daysFrom,
  earlier,
  hull,
  isBefore,
  lengthOf,
  monthIn,
  monthsOf,
  oneDay,
  overlaps,
  weekdayFrom,
  yearOf,
  yearsOf,
  type Day,
  type Span,
} from './calendar.js';

/**
 * What a part of an expression says about time. "el lunes" comes again each week, "ayer" is one day only,
 * and "lunes" of "el lunes 12" only confirms what "12" says. Moments beside each other say one thing
 * together: "12", "marzo" and "el año pasado".
 */
export interface Moment {
  /** What is larger is read first: the year before the month, the month before the day. */
  rank: number;
  /** Where it lies in a span. */
  within: (span: Span) => Span[];
  /** One place in time, which needs no other moment. */
  fixed?: Span;
  /** What it means when it stands alone. Without this: the last time that it began. */
  alone?: (today: Day) => Span | undefined;
  /** It only confirms what other moments say. */
  confirms?: true;
}

export const RANK = { year: 60, season: 50, month: 40, week: 30, weekend: 20, holiday: 15, day: 10 };
const CONFIRMING = 0;

/** How many months back a moment is looked for, step by step. 29 February may lie eight years back. */
const MONTHS_BACK = [2, 26, 156];
/** Several places of one moment ("un lunes de marzo") are told as the span that holds them, if short. */
const LONGEST_HULL = 31;

export function fixedMoment(span: Span, rank: number): Moment {
  const within = (other: Span): Span[] =>
    contains(other, span) ? [span] : contains(span, other) ? [other] : [];
  return { rank, fixed: span, within };
}

/** "hace dos semanas": beside a date ("el 10, hace dos semanas") it only confirms. */
export function amountMoment(span: Span, confirms: boolean): Moment {
  const within = (other: Span): Span[] => (confirms && overlaps(span, other) ? [other] : []);
  return { rank: CONFIRMING, fixed: span, within, confirms: true };
}

export function yearMoment(year: number): Moment {
  return fixedMoment(yearOf(year), RANK.year);
}

/** @param month a number that somebody wrote: there is no month 0 and no month 13 */
export function monthMoment(month: number): Moment {
  const isMonth = month >= 1 && month <= 12;
  return yearly(RANK.month, (year) => (isMonth ? monthIn(year, month) : undefined));
}

/** A moment of each year. It belongs to the year of its last day: New Year's Eve to the new year. */
export function yearly(rank: number, inYear: (year: number) => Span | undefined): Moment {
  const within = (span: Span): Span[] =>
    yearsOf(span)
      .map(inYear)
      .filter((one) => one !== undefined && contains(span, oneDay(one.to))) as Span[];
  return { rank, within };
}

/** "el 12": a day of each month that has it. */
export function dayOfMonth(day: number): Moment {
  const within = (span: Span): Span[] =>
    monthsOf(span).flatMap(({ from }) => {
      const found = dayIn(from.year, from.month, day);
      return found && contains(span, oneDay(found)) ? [oneDay(found)] : [];
    });
  return { rank: RANK.day, within };
}

/** A day of the week. How it is said decides what it means alone. */
export function weekdayMoment(weekday: number, alone?: (today: Day) => Span): Moment {
  const within = (span: Span): Span[] => {
    const days: Span[] = [];
    for (let day = weekdayFrom(span.from, weekday); !isBefore(span.to, day); day = day.add({ days: 7 })) {
      days.push(oneDay(day));
    }
    return days;
  };
  return { rank: CONFIRMING + 1, within, confirms: true, ...(alone ? { alone } : {}) };
}

/** "a principios de marzo", "la primera semana de marzo": a part of each place of another moment. */
export function partOf(whole: Moment, part: (span: Span) => Span | undefined): Moment {
  const parts = (spans: Span[]): Span[] => spans.map(part).filter((one) => one !== undefined);
  const { fixed } = whole;
  const place = fixed && part(fixed);
  return {
    rank: whole.rank - 1,
    within: (span) => parts(whole.within(span)),
    ...(fixed ? (place ? { fixed: place } : { within: () => [] }) : {}),
  };
}

/**
 * What moments beside each other mean together on a day: their last place that has begun, up to this day.
 * Undefined when there is none: a day that does not exist, a day to come, or moments that contradict.
 * @param begunBy the day on which the place must have begun, if not today
 */
export function lastOf(moments: readonly Moment[], today: Day, begunBy = today): Span | undefined {
  const [largest, ...smaller] = [...moments].sort((one, other) => other.rank - one.rank);
  if (!largest) return undefined;
  if (smaller.length === 0 && largest.alone) return largest.alone(begunBy);
  const saying = smaller.filter(({ confirms }) => !confirms);
  const confirming = smaller.filter(({ confirms }) => confirms);
  for (const place of placesOf(largest, begunBy)) {
    const begun = narrowed([place], saying).filter(({ from }) => !isBefore(begunBy, from));
    if (begun.length === 0) continue;
    const past = begun.map(({ from, to }) => ({ from, to: earlier(to, today) }));
    const confirmed = narrowed(past, confirming);
    if (confirmed.length === 0) return undefined;
    const whole = hull(confirmed);
    return confirmed.length === 1 || lengthOf(whole) <= LONGEST_HULL ? whole : undefined;
  }
  return undefined;
}

function narrowed(spans: Span[], moments: readonly Moment[]): Span[] {
  return moments.reduce((places, moment) => places.flatMap((place) => moment.within(place)), spans);
}

/** The places of a moment that began until a day, the last one first. */
function* placesOf({ fixed, within }: Moment, begunBy: Day): Generator<Span> {
  if (fixed) {
    yield fixed;
    return;
  }
  let to = begunBy.add({ years: 1 });
  for (const months of MONTHS_BACK) {
    const from = begunBy.subtract({ months });
    yield* within({ from, to })
      .filter((place) => !isBefore(begunBy, place.from))
      .reverse();
    to = from.subtract({ days: 1 });
  }
}

/** The place of moments that is nearest to a span, before or after it, and has begun. */
export function nearestTo(moments: readonly Moment[], span: Span, today: Day): Span | undefined {
  const horizons = [0, 7, 31, 183, 366].map((days) => earlier(today, span.from.add({ days })));
  const places = horizons
    .map((horizon) => lastOf(moments, today, horizon))
    .filter((place) => place !== undefined);
  const distance = (place: Span): number => Math.abs(daysFrom(place.from, span.from));
  return places.sort((one, other) => distance(one) - distance(other))[0];
}
