import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Clock } from './clock.js';
import { sqlStateOf } from './database/sql-state.js';
import { Suspicion } from './disk-full.js';
import { UntimedLines, type UntimedLine } from './untimed-lines.js';

/**
 * The only fields that a log line may have. All other fields are dropped, so that a field outside this list
 * cannot leak.
 */
const ALLOWED = new Set([
  'event',
  'level',
  'method',
  'route',
  'status',
  'ms',
  'code',
  'day',
  'requestId',
  'sweep',
  'job',
  'count',
  'process',
  'errorName',
  'sqlState',
  'where',
]);

export type LogFields = Partial<Record<string, string | number | boolean>>;

/** Milliseconds between two looks for lines that are due by the clock. */
const LOOK = 5_000;

/** Bytes of lines that may wait for room on the disk. Later lines are lost. */
const WAITING_BYTES = 1_000_000;

/**
 * Writes JSON lines on standard output through pino. Lines that an act of a reporter causes have no time and
 * no place among the other lines. They are counted, and written on the hour or when their day is over (see
 * `untimed-lines.ts`).
 */
export class Log implements LoggerService {
  private readonly timed: Logger;
  private readonly alarms: Logger;
  private readonly untimed: Logger;
  private readonly waiting = new UntimedLines();
  private timer?: NodeJS.Timeout;
  /** Notes lines that found no room, when standard output is a file. */
  readonly disk = new Suspicion();

  /** @param destination absent = standard output */
  constructor(level: string = 'info', destination?: DestinationStream) {
    destination ??= this.standardOutput();
    const options = { level, base: null, formatters: { log: allowed } };
    this.timed = pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, destination);
    this.alarms = this.timed.child({}, { level: 'warn' });
    this.untimed = pino({ ...options, timestamp: false }, destination);
  }

  /**
   * Lets lines that cannot be written wait, up to a limit. They never end the service, because a report is
   * worth more than a line.
   */
  private standardOutput(): DestinationStream {
    const output = pino.destination({ dest: 1, sync: true, maxLength: WAITING_BYTES });
    return output.on('error', (error: Error) => this.disk.note(error));
  }

  /** Writes waiting lines when they are due by this clock, whether a request comes or not. */
  start(clock: Clock): void {
    clearInterval(this.timer);
    this.writeDue(clock.now());
    this.timer = setInterval(() => this.writeDue(clock.now()), LOOK).unref();
  }

  /** Writes the waiting lines that are due at an instant; `start` calls it. */
  writeDue(now: Date): void {
    this.write(this.waiting.due(now));
  }

  /** Writes the waiting faults and alarms, and drops the refusals of the current day. Call it last. */
  end(): void {
    clearInterval(this.timer);
    this.write(this.waiting.rest());
  }

  info(event: string, fields: LogFields = {}): void {
    this.timed.info({ event, ...fields });
  }

  warning(event: string, fields: LogFields = {}): void {
    if (ofReporters(fields)) this.waiting.add('warn', { event, ...fields });
    else this.timed.warn({ event, ...fields });
  }

  /** Writes what an operator must see at once, at every log level. */
  alarm(event: string, fields: LogFields = {}): void {
    this.alarms.warn({ event, ...fields });
  }

  /**
   * Logs an unexpected error: its class, its SQL state and the first lines of our own stack, never its
   * message.
   */
  fault(event: string, error: unknown, fields: LogFields = {}): void {
    if (ofReporters(fields)) this.faultWithoutTime(event, error, fields);
    else this.timed.error({ event, ...describe(error), ...fields });
  }

  /** Logs an unexpected error on a route of reporters. The line is written on the hour. */
  faultWithoutTime(event: string, error: unknown, fields: LogFields = {}): void {
    this.waiting.add('error', { event, ...describe(error), ...fields });
  }

  /** Logs an alarm on a route of reporters. The line is written on the hour. */
  warningWithoutTime(event: string, fields: LogFields = {}): void {
    this.waiting.add('warn', { event, ...fields });
  }

  /**
   * Counts a refusal on a route of reporters. There is one count per code, written when the day is over.
   * @param day local day of `LOG_ZONE`
   */
  refused(code: string, day: string): void {
    this.waiting.refuse(code, day);
  }

  private write(lines: readonly UntimedLine[]): void {
    for (const { level, fields } of lines) this.untimed[level](fields);
  }

  // Nest's own messages. Names of modules and routes are at debug level, faults of the framework are errors.
  log(message: unknown): void {
    this.timed.debug({ event: 'nest', where: String(message) });
  }
  error(message: unknown): void {
    this.timed.error({ event: 'nest', where: String(message).slice(0, 200) });
  }
  warn(message: unknown): void {
    this.timed.warn({ event: 'nest', where: String(message).slice(0, 200) });
  }
}

/**
 * Returns what a log may tell of an error. Messages can quote parameters or user input, so they are left out.
 */
export function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = sqlStateOf(error);
  // An error of another library may have any text as its code.
  const sqlState = /^([A-Z][A-Z0-9_]{1,39}|[0-9A-Z]{5})$/.test(code) ? code : '';
  const where = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 6)
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/\S*\/(dist|src|node_modules)\//, '($1/'))
    .join(' < ');
  return { errorName: error.name, ...(sqlState === '' ? {} : { sqlState }), where };
}

/** Tells whether a line is about an act of a reporter. Such a line has a day instead of a time. */
function ofReporters(fields: LogFields): boolean {
  return 'day' in fields;
}

function allowed(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => ALLOWED.has(key)));
}
