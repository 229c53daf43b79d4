import { Agent, request } from 'node:http';

export interface LoadResult {
  /** Requests answered with the expected status, per second. */
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  requests: number;
  failures: number;
}

export interface Call {
  method: string;
  path: string;
  body?: string;
  headers?: Record<string, string>;
}

/** Keep `connections` requests under way against 127.0.0.1 for `seconds`. Return rate and latencies. */
export async function load(
  port: number,
  connections: number,
  seconds: number,
  next: () => Call,
  expected: number,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let failures = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      const { status } = await send(agent, port, next()).catch(() => ({ status: 0 }));
      if (status === expected) latencies.push(performance.now() - began);
      else failures += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const elapsed = (performance.now() - start) / 1000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (q: number): number =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? NaN);
  return {
    perSecond: round(latencies.length / elapsed),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    requests: latencies.length,
    failures,
  };
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * Send one request over a kept connection. `fetch` would cost the measured machine a third of what it
 * measures.
 */
export function send(
  agent: Agent,
  port: number,
  { method, path, body, headers }: Call,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const message = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: {
          ...headers,
          ...(body === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      },
    );
    message.on('error', reject);
    message.end(body);
  });
}
