import { Agent } from 'node:http';
import { round, send } from './load.js';

/** Result of a measurement of whole lives of cases. */
export interface LifecycleResult {
  /** Lives finished per second. */
  perSecond: number;
  /** Milliseconds of one life. */
  p50: number;
  p95: number;
  lives: number;
  failures: number;
}

export interface Office {
  port: number;
  /** `Authorization` of a triage account and of an investigator of the area OIC. */
  desk: string;
  investigator: string;
  /** Id of that investigator. */
  assignee: string;
}

const TEXT = 'Medición del servicio.';

/**
 * Keep `clients` offices at work for `seconds`. Each office files a report and takes it through its whole
 * life: triage, assignment, investigation, conclusion, a last read. A client sends one request at a time.
 * @param report body of the report
 */
export async function liveThrough(
  office: Office,
  clients: number,
  seconds: number,
  report: string,
): Promise<LifecycleResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let failures = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      try {
        await live(agent, office, report);
        times.push(performance.now() - began);
      } catch (error) {
        failures += 1;
        if (failures === 1) console.error(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const elapsed = (performance.now() - start) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (q: number): number => round(times[Math.floor(times.length * q)] ?? NaN);
  return {
    perSecond: round(times.length / elapsed),
    p50: at(0.5),
    p95: at(0.95),
    lives: times.length,
    failures,
  };
}

async function live(
  agent: Agent,
  { port, desk, investigator, assignee }: Office,
  report: string,
): Promise<void> {
  const call = async (path: string, token?: string, body?: string): Promise<string> => {
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: token };
    const method = body === undefined ? 'GET' : 'POST';
    const { status, text } = await send(agent, port, { method, path: `/api/v1${path}`, headers, body });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text;
  };
  const { folio } = JSON.parse(await call('/reports', undefined, report)) as { folio: string };
  const path = `/cases/${folio}`;
  const acts: [token: string, path: string, body: object][] = [
    [desk, '/triage', { area: 'OIC', category: 'BRIBERY', reason: TEXT }],
    [desk, '/assignment', { assignee }],
    [investigator, '/investigation', {}],
    [investigator, '/closure', { outcome: 'measures_taken', grounds: TEXT, publicText: TEXT }],
  ];
  for (const [token, act, body] of acts) await call(path + act, token, JSON.stringify(body));
  await call(path, investigator);
}
