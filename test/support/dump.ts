import type { Harness } from '../setup/harness.js';

/**
 * One text per row of every table of every schema of ours, as `table: row`; bytea stands in it as `\x` and
 * hex.
 */
export async function dumpDatabase(h: Harness): Promise<string[]> {
  const tables = await h.sql<{ name: string }>(
    'owner',
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const rows = await h.sql<{ row: string }>('owner', `select t::text as row from ${name} t`);
    lines.push(...rows.map(({ row }) => `${name.replace(/^public\./, '')}: ${row}`));
  }
  return lines;
}

/** How a text may stand in a dump: as it is, in hex, or in base64 from any of the three offsets. */
export function disguises(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // First and last group also hold bits of what stands beside the text.
    return encoded.slice(offset === 0 ? 0 : 4, -4);
  });
  return [text.toLowerCase(), bytes.toString('hex'), ...base64.map((part) => part.toLowerCase())];
}

/** The lines that hold a text in any disguise, whatever their case. */
export function linesWith(lines: readonly string[], text: string): string[] {
  const looks = disguises(text);
  return lines.filter((line) => {
    const lower = line.toLowerCase();
    return looks.some((look) => lower.includes(look));
  });
}
