import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'node:http';
import { isFolio } from '../src/work/cases/folio.js';
import { Harness, type Receipt } from './setup/harness.js';

const REPORTS = 10_000;
const CONNECTIONS = 64;

let first: Harness;
let second: Harness;
beforeAll(async () => {
  first = await Harness.start();
  second = await Harness.start({ share: first });
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

describe('a burst of 10,000 reports over 64 connections into two processes on one database', () => {
  it('stores each exactly once, each with its own folio, code, clocks and audit entry, and answers nothing but 201', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const receipts: Receipt[] = [];
    const refused: number[] = [];
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < REPORTS) {
        const n = sent++;
        const answer = await post(agent, n % 2 === 0 ? first.url : second.url, {
          // Two institutions, so that two queues of each process commit at once.
          institution: n % 5 === 0 ? 'ACOLMAN-DEMO' : 'CONAVI-DEMO',
          mode: 'anonymous',
          narrative: `Reporte número ${n} de una ráfaga de prueba.`,
        });
        if (answer.status === 201) receipts.push(answer.body);
        else refused.push(answer.status);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    agent.destroy();

    expect(refused).toEqual([]);
    expect(receipts).toHaveLength(REPORTS);
    expect(receipts.every(({ folio }) => isFolio(folio))).toBe(true);
    expect(new Set(receipts.map(({ folio }) => folio)).size).toBe(REPORTS);
    expect(new Set(receipts.map(({ accessCode }) => accessCode)).size).toBe(REPORTS);
    const [stored] = await first.sql<Record<string, string>>(
      'owner',
      `select (select count(*) from cases) as cases, (select count(*) from case_keys) as keys,
              (select count(*) from case_reports) as reports, (select count(*) from case_access_codes) as codes,
              (select count(*) from case_entries) as entries, (select count(*) from sla_clocks) as clocks,
              (select count(*) from audit_entries where event = 'CASE_OPENED') as audited,
              (select count(*) from cases where folio = any($1)) as found`,
      [receipts.map(({ folio }) => folio)],
    );
    const each = String(REPORTS);
    expect(stored).toEqual({
      cases: each,
      keys: each,
      reports: each,
      codes: each,
      entries: each,
      clocks: String(REPORTS * 4),
      audited: each,
      found: each,
    });
    // A bound for what hangs. The machine may be slow.
  }, 400_000);
});

function post(agent: Agent, base: string, body: unknown): Promise<{ status: number; body: Receipt }> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const message = request(
      `${base}/api/v1/reports`,
      {
        agent,
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Receipt,
          }),
        );
        response.on('error', reject);
      },
    );
    message.on('error', reject);
    message.end(text);
  });
}
