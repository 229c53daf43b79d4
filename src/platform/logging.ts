import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import { sqlStateOf } from './database/sql-state.js';

/** The only fields a log line may carry. Anything else is dropped: what is not listed cannot leak. */
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
  'count',
  'process',
  'errorName',
  'sqlState',
  'where',
]);

/** The zone of the days in lines about reporters: a UTC day beside local ones would tell the evening. */
export const LOG_ZONE = 'America/Mexico_City';

export type LogFields = Partial<Record<string, string | number | boolean>>;

/**
 * JSON lines on standard output through pino. Lines about reporters' routes carry the day instead of the time,
 * so that a log cannot be joined with a report.
 */
export class Log implements LoggerService {
  private readonly timed: Logger;
  private readonly untimed: Logger;

  /** @param destination absent = standard output */
  constructor(level: string = 'info', destination: DestinationStream = pino.destination(1)) {
    const options = { level, base: null, formatters: { log: allowed } };
    this.timed = pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, destination);
    this.untimed = pino({ ...options, timestamp: false }, destination);
  }

  info(event: string, fields: LogFields = {}): void {
    this.timed.info({ event, ...fields });
  }

  warning(event: string, fields: LogFields = {}): void {
    this.logger(event, fields).warn({ event, ...fields });
  }

  /** For routes of reporters: no time, only the day. */
  withoutTime(event: string, fields: LogFields): void {
    this.untimed.warn({ event, ...fields });
  }

  /** An unexpected error: its class, SQL state and the first lines of our own stack, never its message. */
  fault(event: string, error: unknown, fields: LogFields = {}): void {
    this.logger(event, fields).error({ event, ...describe(error), ...fields });
  }

  /** The same for routes of reporters: no time, only the day. */
  faultWithoutTime(event: string, error: unknown, fields: LogFields): void {
    this.untimed.error({ event, ...describe(error), ...fields });
  }

  /** Lines about a messenger or with a day carry no time: it would tell when somebody wrote. */
  private logger(event: string, fields: LogFields): Logger {
    const ofReporters =
      event.startsWith('whatsapp') || String(fields.sweep ?? '').startsWith('whatsapp') || 'day' in fields;
    return ofReporters ? this.untimed : this.timed;
  }

  // Nest's own messages: names of modules and routes at debug level, faults of the framework as errors.
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

/** What may be told of an error: messages can quote parameters or user input, so they stay out. */
export function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const sqlState = sqlStateOf(error);
  const where = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 6)
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/\S*\/(dist|src|node_modules)\//, '($1/'))
    .join(' < ');
  return { errorName: error.name, ...(sqlState === '' ? {} : { sqlState }), where };
}

function allowed(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => ALLOWED.has(key)));
}
