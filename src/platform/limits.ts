import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { KeyRing } from './crypto/keyring.js';
import { Database } from './database/database.js';
import type { Tx } from './database/tx.js';

/** So many points within a window that ends by itself. */
export interface Limit {
  points: number;
  seconds: number;
  /**
   * Windows stand at fixed times for everybody instead of beginning with the first point: what is left of one
   * then tells nobody when somebody else's first try was.
   */
  fixed?: true;
}

export interface Verdict {
  allowed: boolean;
  /** Whole seconds until the window ends, at least 1; 0 when allowed. */
  retryAfter: number;
  /** Points of the window so far. */
  used: number;
}

/** The key of the one bucket that all callers of a name share. */
export const OVERALL = '*';

/** 128 bits of an HMAC: enough to keep keys apart, and short. */
const KEY_HEX = 32;

/**
 * Counters that hold across processes, in PostgreSQL. A key (an e-mail address, a folio, an account id) is
 * stored only as a keyed hash under the pepper; an address of a machine is never a key. Windows run on the
 * machine's time, not on the service's clock: they measure spans of seconds, and a demo that lives in another
 * month needs them too. A window is not prolonged by further points, so every refusal ends by itself.
 */
@Injectable()
export class Limits {
  private readonly limiter: () => RateLimiterPostgres;

  constructor(
    database: Database,
    private readonly keys: KeyRing,
  ) {
    let made: RateLimiterPostgres | undefined;
    this.limiter = () => (made ??= connect(database));
  }

  /** Counts one point; allowed while the window holds no more than `limit.points`, this one included. */
  async take(name: string, key: string, limit: Limit): Promise<Verdict> {
    const { used, milliseconds } = await this.count(name, key, limit, 1);
    return verdict(used <= limit.points, used, milliseconds);
  }

  /** Counts nothing; allowed while the window has room for one more point. */
  async peek(name: string, key: string, limit: Limit): Promise<Verdict> {
    const found = await this.limiter().get(this.counter(name, windowed(key, limit)));
    const used = found?.consumedPoints ?? 0;
    return verdict(used < limit.points, used, found?.msBeforeNext ?? 0);
  }

  /** Step: milliseconds until the window ends, of those of these keys whose window has no room left. */
  async full(tx: Tx, name: string, keys: readonly string[], limit: Limit): Promise<Map<string, number>> {
    const counters = new Map(keys.map((key) => [this.counter(name, windowed(key, limit)), key]));
    const rows = await tx.query<{ key: string; left: number }>(
      `select key, (expire - $3)::float8 as left from rate_limits where key = any ($1) and points >= $2 and expire > $3`,
      [[...counters.keys()], limit.points, Date.now()],
    );
    return new Map(rows.map(({ key, left }) => [counters.get(key)!, left]));
  }

  /**
   * Counts points after the fact (a wrong password); allowed tells whether the window has room for one more.
   */
  async penalize(name: string, key: string, limit: Limit, points = 1): Promise<Verdict> {
    const { used, milliseconds } = await this.count(name, key, limit, points);
    return verdict(used < limit.points, used, milliseconds);
  }

  /** Forgets the window of a key. */
  async reset(name: string, key: string): Promise<void> {
    await this.limiter().delete(this.counter(name, key));
  }

  private async count(
    name: string,
    key: string,
    limit: Limit,
    points: number,
  ): Promise<{ used: number; milliseconds: number }> {
    const result = await this.limiter().penalty(this.counter(name, windowed(key, limit)), points, {
      customDuration: limit.fixed ? secondsLeft(limit.seconds) : limit.seconds,
    });
    return { used: result.consumedPoints, milliseconds: result.msBeforeNext };
  }

  private counter(name: string, key: string): string {
    return `${name}:${this.keys.hash(`limit/${name}`, key).toString('hex').slice(0, KEY_HEX)}`;
  }
}

/** Number of the present window of this length since 1970, by the machine's time. */
export function windowNumber(seconds: number): number {
  return Math.floor(Date.now() / 1000 / seconds);
}

function secondsLeft(seconds: number): number {
  return seconds - (Math.floor(Date.now() / 1000) % seconds);
}

function windowed(key: string, limit: Limit): string {
  return limit.fixed ? `${key}|${windowNumber(limit.seconds)}` : key;
}

function verdict(allowed: boolean, used: number, milliseconds: number): Verdict {
  return { allowed, used, retryAfter: allowed ? 0 : Math.max(1, Math.ceil(milliseconds / 1000)) };
}

function connect(database: Database): RateLimiterPostgres {
  const storeClient = {
    // The library names its statements; a prepared statement does not survive a transaction pooler.
    query: ({ text, values }: pg.QueryConfig) => database.appPool.query({ text, values }),
  };
  return new RateLimiterPostgres({
    storeClient,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: '',
    // Every call brings its own limit; these two satisfy the library only.
    points: 1,
    duration: 1,
    // Rows dead for an hour go every five minutes, on a timer that does not keep the process alive.
    clearExpiredByTimeout: true,
  });
}
