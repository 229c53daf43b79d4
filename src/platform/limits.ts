import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { KeyRing } from './crypto/keyring.js';
import { Database } from './database/database.js';
import type { Tx } from './database/tx.js';

/** A number of points within a window. The window ends by itself. */
export interface Limit {
  points: number;
  seconds: number;
  /**
   * Windows stand at fixed times for everybody, instead of beginning with the first point. Otherwise the rest
   * of a window would tell when somebody else's first try was.
   */
  fixed?: true;
}

export interface Verdict {
  allowed: boolean;
  /** Whole seconds until the window ends, at least 1; 0 when allowed. */
  retryAfter: number;
  /** Points in the window so far. */
  used: number;
}

/** The key of the one counter that all callers of a name share. */
export const OVERALL = '*';

/** 128 bits of an HMAC: short, and enough to keep keys separate. */
const KEY_HEX = 32;

/**
 * Counters in PostgreSQL that all processes share. A key (an e-mail address, a folio, an account id) is
 * stored only as a keyed hash under the pepper. The address of a machine is never a key. Windows run on the
 * time of the machine and not on the service's clock: they measure spans of seconds, and a demo in another
 * month also needs them. Further points do not make a window longer, so every refusal ends by itself.
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

  /** Counts one point. Allowed while the window holds at most `limit.points`, including this one. */
  async take(name: string, key: string, limit: Limit): Promise<Verdict> {
    const { used, milliseconds } = await this.count(name, key, limit, 1);
    return verdict(used <= limit.points, used, milliseconds);
  }

  /** Counts nothing. Allowed while the window has room for one more point. */
  async peek(name: string, key: string, limit: Limit): Promise<Verdict> {
    const found = await this.limiter().get(this.counter(name, windowed(key, limit)));
    const used = found?.consumedPoints ?? 0;
    return verdict(used < limit.points, used, found?.msBeforeNext ?? 0);
  }

  /**
   * Step: finds those of these keys whose window has no room left, with the milliseconds until the window
   * ends.
   */
  async full(tx: Tx, name: string, keys: readonly string[], limit: Limit): Promise<Map<string, number>> {
    const counters = new Map(keys.map((key) => [this.counter(name, windowed(key, limit)), key]));
    const rows = await tx.query<{ key: string; left: number }>(
      `select key, (expire - $3)::float8 as left from rate_limits where key = any ($1) and points >= $2 and expire > $3`,
      [[...counters.keys()], limit.points, Date.now()],
    );
    return new Map(rows.map(({ key, left }) => [counters.get(key)!, left]));
  }

  /**
   * Counts points after the fact, e.g. for a wrong password. `allowed` tells whether the window has room for
   * one more.
   */
  async penalize(name: string, key: string, limit: Limit, points = 1): Promise<Verdict> {
    const { used, milliseconds } = await this.count(name, key, limit, points);
    return verdict(used < limit.points, used, milliseconds);
  }

  /** Forgets the window of a key. Not for fixed windows, which have a name of their own. */
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

/** Returns the number of the current window of this length since 1970, by the time of the machine. */
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
    // Leave out the name that the library gives its statements. A prepared statement does not survive a
    // transaction pooler.
    query: ({ text, values }: pg.QueryConfig) => database.appPool.query({ text, values }),
  };
  return new RateLimiterPostgres({
    storeClient,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: '',
    // Every call gives its own limit. The library only requires that these two values exist.
    points: 1,
    duration: 1,
    // Every five minutes, delete rows that ended more than an hour ago. The timer does not keep the process
    // alive.
    clearExpiredByTimeout: true,
  });
}
