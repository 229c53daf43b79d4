import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { CaseWork, DESK, HEAD, INVESTIGATOR } from './builders/cases.js';
import { asSuperuser, databaseUrl, Harness, type Receipt } from './setup/harness.js';

/**
 * Whoever has the password of the application login and sends statements of his own. Every attempt runs as
 * that login, on a database whose clock is bound to the server's, as in production.
 */
let h: Harness;
let work: CaseWork;
let client: pg.Client;
let target: { id: string; institution: string; seq: number; folio: string };
let foreign: { id: string; institution: string };
let accounts: { mine: string; other: string };

beforeAll(async () => {
  h = await Harness.start({ at: new Date() });
  work = new CaseWork(h);
  await h.sql('owner', 'update clock_policy set free = false');
  const { folio } = await work.bring('under_investigation');
  const theirs = await h.file({ institution: 'ACOLMAN-DEMO' });
  target = { folio, ...(await idsOf(folio)) };
  foreign = await idsOf(theirs.folio);
  const rows = await h.sql<{ id: string; email: string }>('owner', 'select id, email from accounts');
  const account = (email: string): string => rows.find((row) => row.email === email)!.id;
  accounts = { mine: account(INVESTIGATOR), other: account(HEAD) };
  client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await h.stop();
});

async function idsOf(folio: string): Promise<{ id: string; institution: string; seq: number }> {
  const [row] = await h.sql<{ id: string; institution: string; seq: number }>(
    'owner',
    'select id, institution_id as institution, last_seq as seq from cases where folio = $1',
    [folio],
  );
  return row!;
}

type Statement = readonly [sql: string, parameters?: readonly unknown[]];

/** One transaction of the login, committed; under the actor given, seeing the whole institution. */
async function attempt(
  statements: readonly Statement[],
  actor: { kind?: string; institution?: string; account?: string } = {},
): Promise<void> {
  const { kind = 'staff', institution = target.institution, account = accounts.mine } = actor;
  try {
    await client.query('begin');
    await client.query('select act_as($1, $2, $3)', [kind, institution, account]);
    await client.query(`select set_config('app.areas', '*', true)`);
    for (const [sql, parameters] of statements) await client.query(sql, [...(parameters ?? [])]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

interface Forged {
  institution: string | null;
  caseId: string | null;
  seq: number | null;
  reading: boolean;
  event: string;
  kind: string;
  account: string | null;
  day: string;
  at: Date | null;
}

/** An entry that would be true, or what is wrong with it. */
function entry(wrong: Partial<Forged> = {}): readonly [string, unknown[]] {
  const now = new Date();
  const it: Forged = {
    institution: target.institution,
    caseId: target.id,
    seq: target.seq,
    reading: true,
    event: 'CASE_READ',
    kind: 'staff',
    account: accounts.mine,
    day: localDay(now),
    at: now,
    ...wrong,
  };
  return [
    `insert into audit_entries (id, institution_id, case_id, case_seq, reading, event, actor_kind, account_id, day, at, sealed, commitment)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '\\x01', decode(repeat('ab', 32), 'hex'))`,
    [
      randomUUID(),
      it.institution,
      it.caseId,
      it.seq,
      it.reading,
      it.event,
      it.kind,
      it.account,
      it.day,
      it.at,
    ],
  ];
}

function localDay(instant: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Mexico_City' }).format(instant);
}
const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

describe('an entry', () => {
  it('that is true goes through, and the database itself puts it into the queue', async () => {
    const [sql, parameters] = entry();
    await attempt([[sql, parameters]]);
    const pending = await h.sql(
      'owner',
      'select encode(commitment, $2) as c from audit_pending where entry_id = $1',
      [parameters[0], 'hex'],
    );
    expect(pending).toEqual([{ c: 'ab'.repeat(32) }]);
  });

  const forged: [name: string, wrong: () => Partial<Forged>, told: RegExp][] = [
    [
      'another institution',
      () => ({ institution: foreign.institution }),
      /row-level security|not true: institution/,
    ],
    ['no institution', () => ({ institution: null }), /row-level security|not true: institution/],
    ['another account', () => ({ account: accounts.other }), /not true: actor/],
    ['no account', () => ({ account: null }), /not true: actor/],
    ['the system for a person', () => ({ kind: 'system', account: null }), /not true: actor/],
    ['the reporter for a person', () => ({ kind: 'reporter', account: null, at: null }), /not true: actor/],
    ['an hour ago', () => ({ at: ago(60), day: localDay(ago(60)) }), /not true: (time|day)/],
    ['three minutes ago', () => ({ at: ago(3) }), /not true: time/],
    ['a time to come', () => ({ at: ago(-10) }), /not true: time/],
    ['no time at all', () => ({ at: null }), /not true: time/],
    [
      'no time under the name of what time alone does, without a case',
      () => ({ at: null, caseId: null, seq: null, reading: false, event: 'DEADLINE_WARNING' }),
      /not true: time/,
    ],
    [
      'a code that a person hardened',
      () => ({ at: null, seq: null, reading: false, event: 'ACCESS_CODE_HARDENED' }),
      /not true: actor/,
    ],
    ['a visit of a reporter by staff', () => ({ seq: null, event: 'REPORTER_READ' }), /not true: actor/],
    ['yesterday', () => ({ day: localDay(ago(24 * 60)) }), /not true: day/],
    ['a case of another institution', () => ({ caseId: foreign.id, seq: 1 }), /not true: case/],
    ['a case that does not exist', () => ({ caseId: randomUUID() }), /not true: case/],
    ['a number still to come', () => ({ seq: 99 }), /not true: case/],
    ['a read without a number', () => ({ seq: null }), /not true: number/],
    ['a number without a case', () => ({ caseId: null, seq: 3, reading: false }), /not true: number/],
    ['a write of a number taken', () => ({ reading: false, event: 'MESSAGE_SENT' }), /audit_entries_write/],
    [
      'a write without anything written',
      () => ({ reading: false, seq: 99, event: 'MESSAGE_SENT' }),
      /not true: number/,
    ],
    [
      'a second opening',
      () => ({ reading: false, seq: 1, event: 'CASE_OPENED', at: null }),
      /audit_entries_write/,
    ],
    [
      'an opening under another number',
      () => ({ reading: false, seq: 99, event: 'CASE_OPENED', at: null }),
      /not true/,
    ],
  ];
  it.each(forged)('with %s is refused', async (_, wrong, told) => {
    await expect(attempt([entry(wrong())])).rejects.toThrow(told);
  });

  it('names no other person than the transaction’s, whatever its settings say by then', async () => {
    const claim = entry({ account: accounts.other });
    const settings = [`select set_config('app.account', $1, true)`, [accounts.other]] as const;
    await expect(attempt([settings, claim])).rejects.toThrow(/not true: actor of the transaction/);
    // A seal that was good once is good no more: it holds the transaction.
    await client.query('begin');
    await client.query('select act_as($1, $2, $3)', ['staff', target.institution, accounts.other]);
    const { rows } = await client.query<{ seal: string }>(`select current_setting('app.seal') as seal`);
    await client.query('rollback');
    const seal = [`select set_config('app.seal', $1, true)`, [rows[0]!.seal]] as const;
    await expect(attempt([settings, seal, claim])).rejects.toThrow(/not true: actor of the transaction/);
  });

  it('cannot follow a change of the actor after the first write', async () => {
    const again = ['select act_as($1, $2, $3)', ['staff', target.institution, accounts.other]] as const;
    await expect(attempt([entry(), again])).rejects.toThrow(/before its first write/);
  });

  it('without any actor is refused', async () => {
    await client.query('begin');
    await client.query(`select set_config('app.institution', $1, true), set_config('app.areas', '*', true)`, [
      target.institution,
    ]);
    await expect(client.query(...(entry() as [string, unknown[]]))).rejects.toThrow(
      /not true: actor of the transaction/,
    );
    await client.query('rollback');
  });

  it('is refused while the secret that seals actors is missing', async () => {
    const [kept] = await h.sql<{ secret: Buffer }>('owner', 'delete from acting_secret returning secret');
    try {
      await expect(attempt([entry()])).rejects.toThrow(/not true: actor of the transaction/);
    } finally {
      await h.sql('owner', 'insert into acting_secret (secret) values ($1)', [kept!.secret]);
    }
    await attempt([entry()]);
  });

  it('cannot be queued under another commitment, or not at all', async () => {
    const [sql, parameters] = entry();
    const other = [
      `insert into audit_pending (entry_id, commitment, not_before) values ($1, $2, '2030-01-01')`,
    ] as const;
    await expect(
      attempt([
        [sql, parameters],
        [other[0], [parameters[0], Buffer.alloc(32)]],
      ]),
    ).rejects.toThrow(/permission denied/);
    await expect(attempt([['delete from audit_pending']])).rejects.toThrow(/permission denied/);
    await expect(attempt([['select 1 from audit_pending']])).rejects.toThrow(/permission denied/);
  });
});

describe('a change without its entry', () => {
  const changes: [name: string, sql: string, parameters: () => unknown[]][] = [
    [
      'closes a case',
      `update cases set status = 'closed', outcome = 'inadmissible' where id = $1`,
      () => [target.id],
    ],
    [
      'gives a case away',
      `update cases set assignee_id = $2 where id = $1`,
      () => [target.id, accounts.other],
    ],
    ['hides a case at the end of the lists', `update cases set urgency = 3 where id = $1`, () => [target.id]],
    [
      'raises the number of a case',
      `update cases set last_seq = last_seq + 1 where id = $1`,
      () => [target.id],
    ],
    [
      'turns a breach into a met deadline',
      `update sla_clocks set state = 'met', stopped_at = '2026-01-01' where subject_id = $1`,
      () => [target.id],
    ],
    [
      'overwrites a code',
      `update case_access_codes set digest = 'mine', hardened = false where case_id = $1`,
      () => [target.id],
    ],
    [
      'puts words into somebody’s mouth',
      `insert into case_entries (id, case_id, case_seq, kind, author, account_id, visible, day, at)
       values ($2, $1, $4, 'message', 'staff', $3, true, '2026-11-10', now())`,
      () => [target.id, randomUUID(), accounts.other, target.seq + 1],
    ],
    [
      'asks the reporter',
      `insert into information_requests (id, case_id, question_seq, due_on, state) values ($2, $1, 1, '2026-12-01', 'open')`,
      () => [target.id, randomUUID()],
    ],
    [
      'gives an account a role',
      `update accounts set roles = '{auditor}' where id = $1`,
      () => [accounts.mine],
    ],
    [
      'takes over an account',
      `update accounts set password_hash = 'mine' where id = $1`,
      () => [accounts.other],
    ],
    [
      'makes an account',
      `insert into accounts (id, institution_id, email, name, password_hash, roles, created_at)
       values ($1, $2, 'nadie@ejemplo.mx', 'Nadie', 'x', '{auditor}', now())`,
      () => [randomUUID(), target.institution],
    ],
    [
      'widens the areas of an account',
      `insert into account_areas (account_id, area_id) select $1, a.id from areas a where a.institution_id = $2
         and not exists (select from account_areas aa where aa.account_id = $1 and aa.area_id = a.id) limit 1`,
      () => [accounts.mine, target.institution],
    ],
    [
      'takes an area from an account',
      `delete from account_areas where account_id = $1`,
      () => [accounts.mine],
    ],
    ['replaces a channel key', `update channel_keys set key_hash = '\\x01' where channel = 'web'`, () => []],
    ['turns a rule off', `update routing_rules set valid_to = '2026-01-01'`, () => []],
    [
      'shortens a term',
      `insert into sla_terms (id, institution_id, metric, business_days, source, valid_from, created_at)
       values ($1, $2, 'triage', 2000, 'ley', '2020-01-01', now())`,
      () => [randomUUID(), target.institution],
    ],
    [
      'renames an area',
      `update areas set label = 'Otra' where institution_id = $1`,
      () => [target.institution],
    ],
    [
      'ends a category',
      `update categories set valid_to = '2020-01-01' where institution_id = $1`,
      () => [target.institution],
    ],
    [
      'decrees a closure',
      `insert into calendar_closures (id, institution_id, day, label, created_at) values ($1, $2, '2026-12-24', 'x', now())`,
      () => [randomUUID(), target.institution],
    ],
    ['moves the fallback', `update institutions set name = 'Otra' where id = $1`, () => [target.institution]],
  ];
  it.each(changes)('that %s does not commit', async (_, sql, parameters) => {
    await expect(attempt([[sql, parameters()]])).rejects.toThrow(/needs its entry in the audit trail/);
  });

  it('does not commit beside an entry about something else either', async () => {
    const elsewhere = await work.bring('assigned');
    const other = await idsOf(elsewhere.folio);
    await expect(
      attempt([
        entry({ caseId: other.id, seq: other.seq }),
        [`update cases set urgency = 3 where id = $1`, [target.id]],
      ]),
    ).rejects.toThrow(/needs its entry/);
    // A read is no entry of a change.
    await expect(
      attempt([entry(), [`update cases set urgency = 3 where id = $1`, [target.id]]]),
    ).rejects.toThrow(/needs its entry/);
    const about = entry({ caseId: null, seq: null, reading: false, event: 'ACCOUNT_CHANGED' });
    await expect(
      attempt([about, [`update accounts set roles = '{auditor}' where id = $1`, [accounts.mine]]]),
    ).rejects.toThrow(/needs its entry/);
  });

  it.each([
    ['accounts', 'SESSION_OPENED', `roles = '{auditor}'`],
    ['routing_rules', 'AREA_CHANGED', `valid_to = '2026-01-01'`],
    ['institutions', 'SESSION_OPENED', `web_form_url = 'https://x.mx'`],
    ['areas', 'ACCOUNT_CHANGED', `label = 'Otra'`],
  ])('of %s does not commit beside an entry about it of another kind (%s)', async (table, event, change) => {
    const own = table === 'institutions' ? 'id' : 'institution_id';
    const [row] = await h.sql<{ id: string }>('owner', `select id from ${table} where ${own} = $1 limit 1`, [
      target.institution,
    ]);
    const [insert, values] = entry({ caseId: null, seq: null, reading: false, event });
    const about = insert.replace('commitment)', 'commitment, about_id)').replace(/\)$/, ', $11)');
    const update = `update ${table} set ${change} where id = $1`;
    await expect(
      attempt([
        [about, [...values, row!.id]],
        [update, [row!.id]],
      ]),
    ).rejects.toThrow(/needs its entry/);
  });

  it.each(['NOTE_WRITTEN', 'TRANSCRIPT_WRITTEN'])(
    'of a case does not commit beside words (%s)',
    async (event) => {
      const seq = target.seq + 1;
      const note: Statement = [
        `insert into case_entries (id, case_id, case_seq, kind, author, account_id, visible, day, at)
       values ($1, $2, $3, 'note', 'staff', $4, false, current_date, now())`,
        [randomUUID(), target.id, seq, accounts.mine],
      ];
      const written = entry({ seq, reading: false, event });
      for (const change of [`status = 'resolved', outcome = 'no_elements'`, `status = 'closed'`]) {
        const sql = `update cases set last_seq = $2, ${change} where id = $1`;
        await expect(attempt([note, [sql, [target.id, seq]], written])).rejects.toThrow(
          /needs its entry|not true/,
        );
      }
    },
  );

  it('of an access code covers nothing else, and a number below one is none', async () => {
    const unnumbered = entry({
      at: null,
      account: null,
      kind: 'system',
      seq: null,
      reading: false,
      event: 'ACCESS_CODE_HARDENED',
    });
    const met = `update sla_clocks set state = 'met', stopped_at = '2026-01-01' where subject_id = $1`;
    await expect(
      attempt([unnumbered, [met, [target.id]]], { kind: 'system:harden', account: '' }),
    ).rejects.toThrow(/needs its entry/);
    const zero = `insert into case_entries (id, case_id, case_seq, kind, author, visible, day) values ($2, $1, 0, 'note', 'system', true, current_date)`;
    await expect(attempt([[zero, [target.id, randomUUID()]]])).rejects.toThrow(/count_from_one/);
  });

  it('opens no session without its entry', async () => {
    const session = `insert into staff_sessions (id, institution_id, account_id, family_id, access_hash, refresh_hash, access_expires_at, refresh_expires_at)
      values ($1, $2, $3, $4, sha256('a'), sha256('b'), now() + interval '1 hour', now() + interval '1 hour')`;
    await expect(
      attempt([[session, [randomUUID(), target.institution, accounts.other, randomUUID()]]]),
    ).rejects.toThrow(/a session needs its entry/);

    // An entry about one session opens no other, and not one of somebody else.
    const opened = (about: string): [string, unknown[]] => {
      const [sql, parameters] = entry({ caseId: null, seq: null, reading: false, event: 'SESSION_OPENED' });
      const withAbout = sql
        .replace('commitment)', 'commitment, about_id)')
        .replace(/\)$/, `, $${parameters.length + 1})`);
      return [withAbout, [...parameters, about]];
    };
    const begin = (id: string, account: string): [string, unknown[]] => [
      session,
      [id, target.institution, account, randomUUID()],
    ];
    const id = randomUUID();
    await expect(attempt([opened(randomUUID()), begin(id, accounts.mine)])).rejects.toThrow(
      /a session needs its entry/,
    );
    await expect(attempt([opened(id), begin(id, accounts.other)])).rejects.toThrow(
      /a session needs its entry/,
    );
    await attempt([opened(id), begin(id, accounts.mine)]);
  });

  it('leaves everything as it was', async () => {
    const [row] = await h.sql<{ status: string; roles: string[] }>(
      'owner',
      'select c.status, a.roles from cases c, accounts a where c.id = $1 and a.id = $2',
      [target.id, accounts.mine],
    );
    expect(row).toEqual({ status: 'under_investigation', roles: ['investigator'] });
  });
});

describe('under a clock that is bound', () => {
  it('everything that people and sweeps do goes through', async () => {
    const receipt: Receipt = await work.bring('resolved');
    const token = await h.trackingToken(receipt);
    expect((await h.call('GET', '/tracking/case', { token })).status).toBe(200);
    expect((await h.call('POST', '/tracking/messages', { token, body: { text: 'Gracias.' } })).status).toBe(
      204,
    );
    expect((await h.as(DESK, 'GET', '/cases')).status).toBe(200);
    const { institution: _none, ...phone } = {
      institution: '',
      mode: 'anonymous',
      narrative: 'Me pidieron dinero.',
    };
    expect((await h.as('operador@conavi.demo', 'POST', '/reports', phone)).status).toBe(201);
    await h.sweep();
    expect((await h.as('auditor@conavi.demo', 'GET', `/cases/${receipt.folio}/audit`)).status).toBe(200);
  });
});

describe('the sequencer', () => {
  const asSequencer = <T extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<T[]> =>
    asSuperuser(async (superuser) => {
      await superuser.query('begin');
      await superuser.query('set local role denuncia_sequencer');
      const { rows } = await superuser.query<T>(sql, parameters);
      await superuser.query('commit');
      return rows;
    }, h.databaseName);

  it('takes entries out of the queue and can do nothing else', async () => {
    await h.file();
    const [first] = await asSequencer<{ entry_id: string }>('select entry_id from audit_pending limit 1');
    const taken = await asSequencer<{ commitment: Buffer }>(
      'delete from audit_pending where entry_id = $1 returning commitment',
      [first!.entry_id],
    );
    expect(taken[0]!.commitment).toHaveLength(32);
    for (const sql of [
      'select 1 from audit_entries',
      'select 1 from cases',
      `update audit_pending set commitment = '\\x00'`,
      'truncate audit_pending',
      `insert into audit_pending (entry_id, commitment, not_before) values (gen_random_uuid(), '\\x00', '2026-01-01')`,
    ])
      await expect(asSequencer(sql)).rejects.toThrow(/permission denied/);
  });

  it('is told to keep what a reporter did for the next day, mixed with the rest of the day', async () => {
    const { folio } = await h.file();
    const [row] = await h.sql<{ same: boolean; later: boolean }>(
      'owner',
      `select bool_or(e.at is null and p.not_before = e.day + 1) as later, bool_and(e.at is null or p.not_before = e.day) as same
         from audit_pending p join audit_entries e on e.id = p.entry_id join cases c on c.id = e.case_id where c.folio = $1`,
      [folio],
    );
    expect(row).toEqual({ same: true, later: true });
  });
});
