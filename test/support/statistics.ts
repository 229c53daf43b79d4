import { ensureDomain } from '../../src/insight/transparency/releases/domain-setup.js';
import type { Harness } from '../setup/harness.js';

/** First period the tests publish. */
export const FIRST_DAY = '2026-06-01';

export interface Figure {
  category?: string | null;
  categoryLabel?: string;
  territory?: string;
  territoryLabel?: string;
  period?: string;
  value: number;
  margin: number;
  periodCount: number;
  display: string;
  belowMargin: boolean;
}

export interface Published {
  privacy: { epsilon: number; statement: string };
  periods: string[];
  rows: Figure[];
  total: Omit<Figure, 'category' | 'territory' | 'period'> | null;
}

export interface Cell {
  period: string;
  territory: string;
  category: string;
  value: number;
}

export async function institutionId(h: Harness, code: string): Promise<string> {
  const [row] = await h.sql<{ id: string }>('owner', 'select id from institutions where code = $1', [code]);
  return row!.id;
}

/** Gives both demo institutions a first version that rules from June on, unless their setup did. */
export async function fixDomains(h: Harness): Promise<void> {
  const client = {
    query: async (sql: string, parameters?: unknown[]) => ({
      rows: await h.sql<Record<string, unknown>>('owner', sql, parameters),
    }),
  };
  for (const code of ['CONAVI-DEMO', 'ACOLMAN-DEMO']) {
    await ensureDomain(client, {
      institutionId: await institutionId(h, code),
      now: h.clock.now(),
      from: FIRST_DAY,
    });
  }
}

/** Moves the clock; tokens of staff live 15 minutes. */
export function goTo(h: Harness, instant: string): void {
  h.clock.set(new Date(instant));
  h.forgetTokens();
}

export function publish(h: Harness, period: string, email = 'transparencia@conavi.demo') {
  return h.as<{ code?: string; period?: string; publishedOn?: string; version?: number; epsilon?: number }>(
    email,
    'POST',
    '/stats/releases',
    { table: 'reports', period },
  );
}

export function frozenCells(h: Harness, institution: string): Promise<Cell[]> {
  return h.sql<Cell>(
    'public',
    'select period, territory, category, value from stat_cells where institution_id = $1 order by period, territory, category',
    [institution],
  );
}

export async function published(h: Harness, query: string): Promise<Published> {
  const { status, body } = await h.call<Published>(
    'GET',
    `/public/stats/reports?institution=CONAVI-DEMO${query}`,
  );
  if (status !== 200) throw new Error(`published reports answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** A small generator with a fixed seed, so that a failing filter comes again. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function someOf<T>(items: readonly T[], next: () => number): T[] {
  return items.filter(() => next() < 0.5);
}
