import { hash } from 'node:crypto';
import type { Content } from '../../foundations/audit/payload.js';
import type { Tx } from '../../platform/database/tx.js';
import type { StoredPart } from '../cases/content-refs.js';
import type { EvidenceFileRow, EvidenceRow } from './evidence.entities.js';

/**
 * The content for which trail entries about evidence vouch: the row as it is stored, and its files. The
 * version in front says which entry counts.
 */
export function evidenceContent(
  { id, version, state, details, thumbnail }: EvidenceRow,
  files: readonly Pick<EvidenceFileRow, 'role' | 'object' | 'sealed'>[],
): Content {
  const parts = [
    Buffer.from(`${state}\n`),
    details,
    thumbnail ?? Buffer.alloc(0),
    ...[...files]
      .sort((a, b) => (a.role < b.role ? -1 : 1))
      .flatMap(({ role, object, sealed }) => [Buffer.from(`\n${role} ${object}\n`), sealed]),
  ];
  return { [`evidence/${id}`]: `${version} ${hash('sha256', Buffer.concat(parts), 'base64url')}` };
}

const storedOf = (cases: string): string => `
  select e.case_id as "caseId", 'evidence/' || e.id as part,
         rtrim(translate(encode(sha256(convert_to(e.state || chr(10), 'UTF8') || e.details || coalesce(e.thumbnail, '')
           || coalesce((select string_agg(convert_to(chr(10) || f.role || ' ' || f.object || chr(10), 'UTF8') || f.sealed, ''
                          order by f.role collate "C")
                          from evidence_files f where f.evidence_id = e.id), '')), 'base64'), '+/' || chr(10), '-_'), '=') as digest
    from evidence e where e.case_id ${cases}`;
/** A separate statement for one case: with `any` the server would make a new plan each time. */
const STORED_OF_ONE = storedOf('= $1');
const STORED_OF_MANY = storedOf('= any($1)');

/** Step: the same, from the tables. */
export function storedContent(tx: Tx, cases: readonly string[]): Promise<StoredPart[]> {
  return cases.length === 1
    ? tx.prepared<StoredPart>(STORED_OF_ONE, [cases[0]])
    : tx.prepared<StoredPart>(STORED_OF_MANY, [cases]);
}
