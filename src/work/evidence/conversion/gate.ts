/** Lets a number of conversions run at once. The others wait in their order. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly places: number) {}

  /**
   * @returns what gives the place back; only its first call counts
   * @throws the reason of the signal, when it is aborted before there is a place
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.inside < this.places) this.inside++;
    else await this.wait(signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      // The place goes to the next one, or is free.
      const next = this.waiting.shift();
      if (next) next();
      else this.inside--;
    };
  }

  private async wait(signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(signal!.reason as Error);
      };
      this.waiting.push(enter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

/** A gate for each key, such as an account. A key without anybody inside or waiting takes no memory. */
export class Gates {
  private readonly gates = new Map<string, { gate: Gate; users: number }>();

  constructor(private readonly places: number) {}

  /** @see Gate.enter */
  async enter(key: string, signal?: AbortSignal): Promise<() => void> {
    const known = this.gates.get(key) ?? { gate: new Gate(this.places), users: 0 };
    this.gates.set(key, known);
    known.users++;
    let gone = false;
    const forget = (): void => {
      if (gone) return;
      gone = true;
      if (--known.users === 0) this.gates.delete(key);
    };
    try {
      const leave = await known.gate.enter(signal);
      return () => {
        leave();
        forget();
      };
    } catch (error) {
      forget();
      throw error;
    }
  }
}
