import { LOG_ZONE, localDay } from './clock.js';

const HOUR = 3_600_000;

/**
 * The largest number of different lines in one hour. Without this limit, many ever new lines could fill the
 * memory.
 */
const DISTINCT = 500;

/**
 * The fields that a line without a time may have. They tell what failed, never which request or route it was.
 */
const KEPT = new Set(['event', 'code', 'day', 'sweep', 'process', 'errorName', 'sqlState', 'where']);

export type LineFields = Readonly<Record<string, unknown>>;

export interface UntimedLine {
  level: 'warn' | 'error';
  fields: LineFields;
}

interface Counted extends UntimedLine {
  count: number;
}

/**
 * Lines that an act of a reporter causes. At their place in the log, the timed lines around them would tell
 * their time. So they are counted in memory and given out later, sorted: refusals when their day is over, all
 * others on the hour.
 */
export class UntimedLines {
  /** By local day of `LOG_ZONE`, then by problem code. */
  private readonly refusals = new Map<string, Map<string, number>>();
  private readonly alarms = new Map<string, Counted>();
  /** The current hour, in hours since 1970. */
  private hour?: number;

  /** Counts a refusal. @param day local day of `LOG_ZONE` */
  refuse(code: string, day: string): void {
    const ofDay = this.refusals.get(day) ?? new Map<string, number>();
    this.refusals.set(day, ofDay.set(code, (ofDay.get(code) ?? 0) + 1));
  }

  /** Counts a fault or an alarm. Keeps only those of its fields that tell nothing about a request. */
  add(level: 'warn' | 'error', fields: LineFields): void {
    let kept: LineFields = Object.fromEntries(Object.entries(fields).filter(([name]) => KEPT.has(name)));
    let key = JSON.stringify([level, kept]);
    if (!this.alarms.has(key) && this.alarms.size >= DISTINCT) {
      kept = { event: fields.event };
      key = JSON.stringify([level, kept]);
    }
    const known = this.alarms.get(key);
    if (known) known.count += 1;
    else this.alarms.set(key, { level, fields: kept, count: 1 });
  }

  /** Takes the lines that are due: alarms when another hour has begun, and refusals of earlier local days. */
  due(now: Date): UntimedLine[] {
    const hour = Math.floor(now.getTime() / HOUR);
    const alarms = hour === this.hour ? [] : this.takeAlarms();
    this.hour = hour;
    return [...alarms, ...this.takeRefusals(localDay(now, LOG_ZONE))];
  }

  /**
   * Takes the lines that may be told when the process ends. Refusals of the current day are dropped.
   * Otherwise a restart would tell whether anybody was refused since the last restart.
   */
  rest(): UntimedLine[] {
    this.refusals.clear();
    return this.takeAlarms();
  }

  private takeAlarms(): UntimedLine[] {
    const day = this.hour === undefined ? {} : { day: localDay(new Date(this.hour * HOUR), LOG_ZONE) };
    const lines = [...this.alarms.values()].map(({ level, fields, count }) => ({
      level,
      fields: { ...day, ...fields, count },
    }));
    this.alarms.clear();
    return inOrder(lines);
  }

  private takeRefusals(today: string): UntimedLine[] {
    const lines: UntimedLine[] = [];
    for (const [day, codes] of this.refusals) {
      if (day >= today) continue;
      for (const [code, count] of codes)
        lines.push({ level: 'warn', fields: { event: 'refused', day, code, count } });
      this.refusals.delete(day);
    }
    return inOrder(lines);
  }
}

/** Sorts lines by their text. The order in which they came would tell more than their number. */
function inOrder(lines: UntimedLine[]): UntimedLine[] {
  const texts = new Map(lines.map((line) => [line, JSON.stringify(line)]));
  return lines.sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}
