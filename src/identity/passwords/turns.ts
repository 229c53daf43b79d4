import { DomainError } from '../../platform/errors.js';

/** Lets so many callers work at once and the others wait in line, first come first served. */
export class Turns {
  private running = 0;
  private readonly line: (() => void)[] = [];

  /**
   * @param atOnce how many work at the same time
   * @param longest how many may wait; the next one is refused, so that a flood cannot fill the memory
   */
  constructor(
    private readonly atOnce: number,
    private readonly longest: number,
  ) {}

  /** @throws DomainError UNAVAILABLE (503) when the line is full */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.atOnce) {
      this.running++;
    } else {
      if (this.line.length >= this.longest) throw busy();
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => this.line.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.running--;
    }
  }
}

function busy(): DomainError {
  return new DomainError(
    'UNAVAILABLE',
    503,
    {
      es: 'Hay demasiadas personas entrando al mismo tiempo. Vuelve a intentarlo en unos segundos.',
      en: 'Too many people are signing in at once. Try again in a few seconds.',
    },
    { retryAfter: 2 },
  );
}
