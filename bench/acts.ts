import type pg from 'pg';
import { round } from './load.js';

/** Number of cases to work. */
const CASES = 60;
const TEXT = 'Medición del servicio.';

/**
 * Work cases through the acts of a desk and an investigator, one after the other. An act that takes much
 * longer than a read does too much.
 * @param tokens `Authorization` of a triage account and of an investigator of the area OIC
 * @returns median milliseconds by act; `detail` is the read
 */
export async function timeActs(
  owner: pg.Client,
  port: number,
  tokens: { desk: string; investigator: string },
): Promise<Record<string, number>> {
  const { rows: folios } = await owner.query<{ folio: string }>(
    `select folio from cases join institutions i on i.id = institution_id and i.code = 'CONAVI-DEMO'
      where status = 'received' and exists (select from case_reports r where r.case_id = cases.id) limit $1`,
    [CASES],
  );
  const { rows: accounts } = await owner.query<{ id: string }>(
    `select id from accounts where email = 'investigador@conavi.demo'`,
  );
  const { desk, investigator } = tokens;
  const acts: [name: string, token: string, path: string, body?: object][] = [
    ['detail', desk, ''],
    ['triage', desk, '/triage', { area: 'OIC', category: 'BRIBERY', reason: TEXT }],
    ['assignment', desk, '/assignment', { assignee: accounts[0]!.id }],
    ['investigation', investigator, '/investigation', {}],
    ['message', investigator, '/messages', { text: TEXT }],
  ];
  const times = new Map<string, number[]>();
  for (const { folio } of folios) {
    for (const [name, token, path, body] of acts) {
      const began = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/cases/${folio}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { Authorization: token, 'Content-Type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`${name}: ${response.status} ${answer}`);
      times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
}

function median(values: readonly number[]): number {
  return round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN);
}
