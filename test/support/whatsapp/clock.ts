const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3600_000, d: 24 * 3600_000 };

export const HOUR = 3600_000;
export const DAY = 24 * HOUR;

/** The time of the stand-in: that of the machine, until it is pushed forward. Nobody waits 24 hours. */
export class StandinClock {
  private ahead = 0;

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.ahead;
  }

  /** Unix seconds, as webhooks carry them. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** @param by milliseconds, or for example `25h`, `7d` */
  advance(by: number | string): void {
    const ms = typeof by === 'number' ? by : durationOf(by);
    if (!(ms >= 0)) throw new Error(`the clock cannot be pushed by ${by}`);
    this.ahead += ms;
  }
}

function durationOf(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  return count === undefined ? NaN : Number(count) * UNITS[unit!]!;
}
