import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ADMIN, AUDITOR, CaseWork, HEAD, INVESTIGATOR } from './builders/cases.js';
import { SECRETS } from './setup/constants.js';
import { Harness } from './setup/harness.js';

/** What `docs/audit-format.md` asks a reader to bring. */
interface Given {
  kek: string;
  pepper: string;
  caseKeys: { id: string; audit_key: string }[];
  institutionKeys: { id: string; audit_key: string }[];
  entries: { id: string; commitment?: string }[];
  stored: { case: string; place: string; bytes: string }[];
}
interface Recomputed {
  id: string;
  commitment: string;
  payload: string;
  canonical: boolean;
  columns: boolean;
  content: boolean[];
}

const PROGRAMS: [string, string, string[]][] = [
  ['Node', process.execPath, [resolve('test/support/recompute.mjs')]],
];
if (spawnSync('python3', ['--version']).status === 0) {
  PROGRAMS.unshift(['Python without any library', 'python3', [resolve('test/support/recompute.py')]]);
}

describe.each(PROGRAMS)('an independent program in %s', (_name, command, args) => {
  const recompute = (given: Given): Recomputed[] =>
    JSON.parse(
      execFileSync(command, args, { input: JSON.stringify(given), maxBuffer: 1 << 26 }).toString(),
    ) as Recomputed[];

  let h: Harness;
  beforeAll(async () => {
    h = await Harness.start();
  });
  afterAll(() => h.stop());

  it('agrees with the test vector of the page', () => {
    const page = readFileSync('docs/audit-format.md', 'utf8');
    const vector = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(page)![1]!) as {
      given: Given;
      expected: { commitment: string; payload: string };
    };
    const { commitment, payload } = vector.expected;
    expect(recompute(vector.given)).toEqual([
      {
        id: vector.given.entries[0]!.id,
        commitment,
        payload,
        canonical: true,
        columns: true,
        content: [true],
      },
    ]);
  });

  it('recomputes every entry of a real trail from a dump and the two secrets', async () => {
    const work = new CaseWork(h);
    const receipt = await work.bring('resolved');
    await h.call('GET', '/tracking/case', { token: await h.trackingToken(receipt) });
    await h.as(INVESTIGATOR, 'GET', `/cases/${receipt.folio}`);
    await h.as(HEAD, 'GET', `/cases/${receipt.folio}/audit`);
    await h.as(AUDITOR, 'GET', '/cases?q=CNV');
    await h.as(ADMIN, 'POST', '/admin/areas', { code: 'NUEVA', label: 'Área «nueva» \u{1F600}' });
    await h.call('POST', '/auth/sessions', {
      body: { email: 'nadie@x.mx', password: 'no es la contraseña' },
    });
    await h.sweep();

    const given = await dump(h);
    const results = recompute(given);
    expect(results.length).toBeGreaterThan(20);
    const wrong = results.filter(
      ({ canonical, columns, content }) => !canonical || !columns || content.includes(false),
    );
    expect(wrong).toEqual([]);
    expect(results.map(({ id, commitment }) => [id, commitment])).toEqual(
      given.entries.map(({ id, commitment }) => [id, commitment]),
    );
    expect(results.flatMap(({ content }) => content).length).toBeGreaterThanOrEqual(5);
    const actors = new Set(
      results.map(({ payload }) => (JSON.parse(payload) as { actor: { kind: string } }).actor.kind),
    );
    expect(actors).toEqual(new Set(['staff', 'system', 'reporter', 'nobody']));
  });
});

async function dump(h: Harness): Promise<Given> {
  const rows = <T extends object>(sql: string): Promise<T[]> =>
    h.sql<T & Record<string, unknown>>('owner', sql);
  return {
    kek: SECRETS.keyEncryption.toString('hex'),
    pepper: SECRETS.pepper.toString('hex'),
    caseKeys: await rows(`select case_id as id, encode(audit_key, 'hex') as audit_key from case_keys`),
    institutionKeys: await rows(
      `select institution_id as id, encode(audit_key, 'hex') as audit_key from institution_keys`,
    ),
    entries: await rows(
      `select id, institution_id, case_id, case_seq, reading, event, actor_kind, account_id, day::text as day,
              to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, about_id,
              encode(sealed, 'hex') as sealed, encode(commitment, 'hex') as commitment
         from audit_entries order by id`,
    ),
    // The digest of an access code changes: the last entry that names it counts, so it is left to the
    // service's own check.
    stored: await rows(
      `select case_id as "case", 'report' as place, encode(content, 'hex') as bytes from case_reports
       union all select case_id, 'identity', encode(identity, 'hex') from case_reports
       union all select case_id, 'entry/' || id, encode(convert_to(kind || case when visible then ' visible' else ' hidden' end || chr(10), 'UTF8') || coalesce(body, ''), 'hex')
         from case_entries`,
    ),
  };
}
