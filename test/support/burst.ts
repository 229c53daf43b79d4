import { randomUUID } from 'node:crypto';

/**
 * What a reporter holds: with folio and code the report was acknowledged, without them the answer never came.
 */
export interface Filed {
  key: string;
  folio?: string;
  accessCode?: string;
}

const REPORT = {
  institution: 'CONAVI-DEMO',
  mode: 'anonymous',
  narrative: 'Me pidieron dinero en la ventanilla para inscribirme.',
};

/** Files one report. @returns the acknowledgement, or nothing when the service was away or said 503 */
export async function file(
  url: string,
  key: string,
  report: Record<string, unknown> = REPORT,
): Promise<Filed> {
  try {
    const response = await fetch(`${url}/api/v1/reports`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(report),
    });
    const body = (await response.json()) as { folio: string; accessCode: string };
    if (response.status === 201) return { key, folio: body.folio, accessCode: body.accessCode };
    if (response.status === 503) return { key };
    throw new Error(`a report was answered ${response.status}: ${JSON.stringify(body)}`);
  } catch (error) {
    // fetch says TypeError whenever the connection fails, whatever the reason; a broken answer is no
    // acknowledgement.
    if (['TypeError', 'SyntaxError'].includes((error as Error).name)) return { key };
    throw error;
  }
}

/**
 * Reporters who file one report after the other, each on a connection of its own, until the service goes
 * away.
 */
export class Burst {
  readonly filed: Filed[] = [];
  private readonly loops: Promise<void>[];
  private stopped = false;
  private readonly goals: { count: number; reached: () => void }[] = [];

  constructor(
    private readonly url: string,
    connections = 16,
  ) {
    this.loops = Array.from({ length: connections }, () => this.loop());
  }

  get acknowledged(): Filed[] {
    return this.filed.filter(({ folio }) => folio !== undefined);
  }

  /** Waits until so many reports are acknowledged. */
  async reaches(count: number): Promise<void> {
    if (this.acknowledged.length < count)
      await Promise.race([
        new Promise<void>((reached) => this.goals.push({ count, reached })),
        this.over().then(() => Promise.reject(new Error('the burst ended before its goal'))),
      ]);
  }

  /** Lets every reporter finish the report under way. */
  async stop(): Promise<Filed[]> {
    this.stopped = true;
    return this.over();
  }

  /** Waits until the service is gone and every reporter has noticed. */
  async over(): Promise<Filed[]> {
    await Promise.all(this.loops);
    return this.filed;
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      const filed = await file(this.url, randomUUID());
      this.filed.push(filed);
      if (filed.folio === undefined) return;
      const count = this.acknowledged.length;
      for (const goal of this.goals) if (count >= goal.count) goal.reached();
    }
  }
}
