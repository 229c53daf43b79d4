import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

/**
 * A table has one owner: the folder whose SQL reads and writes it. Mapped tables belong to the folder of
 * their entity, these others to the folder named here.
 */
const UNMAPPED: Record<string, string> = {
  cases_in_scope: 'work/cases',
  clock_policy: 'platform',
  expediente_counters: 'work/cases',
  catalog_versions: 'foundations/catalogs',
  heartbeats: 'foundations/audit',
  idempotency_answers: 'work/intake',
  object_store: 'platform',
  key_checks: 'platform',
  rate_limits: 'platform',
  release_guards: 'insight/transparency',
  work_claims: 'platform',
  // Asked by functions of the database only.
  acting_secret: 'platform',
  wa_number_version: 'doors/whatsapp',
  room_trials: 'platform',
};

interface Foreign {
  tables: string;
  why: string;
}

/** What is read or written from elsewhere, with the reason; none may join without one. */
const FOREIGN: Record<string, Foreign> = {
  app: {
    tables:
      'accounts approvals areas calendar_closures cases categories channel_keys evidence evidence_files uploads object_store information_requests institutions notices release_guards routing_rules sla_terms stat_releases account_areas wa_numbers',
    why: 'Commands of the operator, and the demo, which looks up what it has made.',
  },
  'insight/transparency': {
    tables: 'cases categories institutions sla_clocks',
    why: 'Figures are grouped reads of cases with their clocks; releases count under a role that may read the frozen columns alone.',
  },
  'work/cases': {
    tables: 'sla_clocks',
    why: 'Finds cases whose place in the lists contradicts their clocks: both sides in one plan.',
  },
  'work/notifications': {
    tables: 'cases',
    why: 'Pages over notices of cases that the reader may see: the rights lie on the cases.',
  },
};

const SOURCES = resolve(import.meta.dirname, '..');
const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

/** `work/cases` of a storey with folders, else the storey. */
function folderOf(file: string): string {
  const [storey, folder] = relative(SOURCES, file).split('/');
  return storey === 'app' || storey === 'platform' ? storey : `${storey}/${folder}`;
}

/** Every text that stands in the code, those with holes in pieces. */
function textsOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return found;
}

/** Names that a piece of SQL reads from or writes to; the first argument of `tx.insert` stands alone. */
function namesIn(sql: string): string[] {
  const after = [
    ...sql.matchAll(
      /\b(?:from|join|into|update|using|only)\s+([a-z_]+)(?:\s+(?:as\s+)?[a-z]\w*)?((?:\s*,\s*[a-z_]+(?:\s+[a-z]\w*)?)*)/gi,
    ),
  ];
  const listed = after.flatMap(([, first, more]) => [
    first!,
    ...more!.split(',').map((part) => part.trim().split(/\s/)[0]!),
  ]);
  return /^[a-z_]+$/.test(sql) ? [sql] : listed;
}

const texts = files.map((file) => ({
  folder: folderOf(file),
  code: readFileSync(file, 'utf8'),
  texts: textsOf(file),
}));
const mapped = texts.flatMap(({ folder, code }) =>
  [...code.matchAll(/@Entity\('([a-z_]+)'\)/g)].map(([, table]) => [table!, folder] as const),
);
const owners = new Map([...Object.entries(UNMAPPED), ...mapped]);

it('each table of the migrations has one owner', () => {
  const folder = resolve(SOURCES, '../migrations');
  const texts = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').split('async down(')[0]!);
  const renamed = new Map(
    texts.flatMap((text) =>
      [...text.matchAll(/alter table (\w+) rename to (\w+)/gi)].map(([, old, name]) => [old!, name!]),
    ),
  );
  const made = texts.flatMap((text) =>
    [...text.matchAll(/create (?:unlogged )?(?:table|view)\s+([a-z_]+)/gi)].map(
      ([, name]) => renamed.get(name!) ?? name!,
    ),
  );
  expect(mapped.map(([table]) => table).sort()).toEqual([...new Set(mapped.map(([table]) => table))].sort());
  expect([...new Set(made)].filter((table) => !owners.has(table))).toEqual([]);
});

it('its owner alone reads and writes a table', () => {
  const foreign = new Map<string, Set<string>>();
  for (const { folder, code, texts: pieces } of texts) {
    const inserts = [...code.matchAll(/\.insert\(\s*'([a-z_]+)'/g)].map(([, table]) => table!);
    const sql = pieces.filter((piece) => /\s/.test(piece)).flatMap(namesIn);
    for (const table of [...inserts, ...sql]) {
      const owner = owners.get(table);
      if (owner === undefined || owner === folder) continue;
      foreign.set(folder, (foreign.get(folder) ?? new Set()).add(table));
    }
  }
  const told = [...foreign].map(([folder, tables]) => [folder, [...tables].sort()]);
  const known = Object.entries(FOREIGN).map(([folder, { tables }]) => [folder, tables.split(' ').sort()]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known));
});
