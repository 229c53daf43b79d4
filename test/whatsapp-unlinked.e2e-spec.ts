import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { personOf } from '../src/doors/whatsapp/gateway/incoming.js';
import { identify } from '../src/doors/whatsapp/gateway/sender.js';
import { WhatsAppKeys } from '../src/doors/whatsapp/whatsapp-keys.js';
import { databaseUrl } from './setup/harness.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { addNumber } from './support/whatsapp-numbers.js';
import { statusWebhook } from './support/whatsapp/envelope.js';
import type { Account } from './support/whatsapp/numbers.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

/**
 * What somebody sees who holds the application's login, and even the pepper, on a system on which nothing
 * happens but one report: all rows with the transactions that wrote them, at every moment, and each look
 * compared with all others.
 */
let bot: Bot;
let spy: pg.Client;
beforeAll(async () => {
  bot = await Bot.start();
  spy = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'app') });
  await spy.connect();
});
afterAll(async () => {
  await spy.end();
  await bot.stop();
});

interface Row {
  table: string;
  ctid: string;
  xmin: string;
  /** Every value by its column; bytes in hexadecimal. */
  values: Record<string, string>;
}

/** Everything that the application's login can read, with every institution and area in its scope. */
async function look(): Promise<Row[]> {
  const rows: Row[] = [];
  await spy.query('begin');
  try {
    const { rows: institutions } = await spy.query<{ id: string }>('select id from institutions');
    const { rows: tables } = await spy.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')`,
    );
    const seen = new Set<string>();
    for (const { id } of institutions) {
      await spy.query(
        `select set_config('app.institution', $1, true), set_config('app.areas', '*', true), set_config('app.actor', 'staff', true)`,
        [id],
      );
      for (const { name } of tables) {
        const found = await spy.query<{ ctid: string; xmin: string; row: Record<string, unknown> }>(
          `select t.ctid::text, t.xmin::text, to_jsonb(t) as row from "${name}" t`,
        );
        for (const { ctid, xmin, row } of found.rows) {
          if (seen.has(`${name} ${ctid}`)) continue;
          seen.add(`${name} ${ctid}`);
          const values = Object.entries(row).map(([column, value]) => [
            column,
            String(value).replace(/^\\x/, ''),
          ]);
          rows.push({
            table: name,
            ctid,
            xmin,
            values: Object.fromEntries(values) as Record<string, string>,
          });
        }
      }
    }
  } finally {
    await spy.query('rollback');
  }
  return rows;
}

/** What the person is found by, as whoever holds the pepper computes it from a phone or an id. */
function marksOf(person: Person, number: string): string[] {
  const keys = bot.harness.app.get(WhatsAppKeys);
  return keys
    .aliases(personOf(identify(person.phone, person.bsuid), number))
    .map((alias) => alias.toString('hex'));
}

function marked(rows: readonly Row[], person: Person, number = 'env'): Row[] {
  const marks = marksOf(person, number);
  return rows.filter(({ values }) =>
    marks.some((mark) => Object.values(values).some((value) => value.includes(mark))),
  );
}

const CASE = /^(cases|case_|sla_clocks|audit_|notices|evidence)/;
/** The same for all: institutions and what belongs to them, days, states, numbers. */
const SHARED = /^(institution_id|area_id|category_id|routed_by|day|received_on|registered_on|.*_on)$/;

/**
 * All rows that hang together with the given ones over any number of looks: by the transaction that wrote
 * them, by a value that two of them hold, by being the same row at two moments.
 */
function connected(looks: readonly (readonly Row[])[], from: readonly Row[]): Row[] {
  const hints = ({ table, xmin, values }: Row): string[] => [
    `written by ${xmin}`,
    ...Object.entries(values)
      .filter(([column, value]) => !SHARED.test(column) && /^[0-9a-f-]{32,}$/.test(value))
      .map(([, value]) => `holds ${value}`),
    ...(values.id === undefined ? [] : [`is ${table} ${values.id}`]),
    // The pepper leads from a submission to what its opening left.
    ...(table === 'wa_submissions' ? [`holds ${ticketOf(values.id!)}`] : []),
  ];
  const all = looks.flat();
  const byHint = new Map<string, Row[]>();
  for (const row of all) for (const hint of hints(row)) byHint.set(hint, [...(byHint.get(hint) ?? []), row]);
  const reached = new Set<Row>();
  const open = [...from];
  for (let row = open.pop(); row; row = open.pop()) {
    if (reached.has(row)) continue;
    reached.add(row);
    for (const hint of hints(row)) open.push(...byHint.get(hint)!);
  }
  return [...reached];
}

function ticketOf(submissionId: string): string {
  return bot.harness.app.get(WhatsAppKeys).ticket(submissionId).toString('hex');
}

/** A report with a photo and a voice note, with a look before and after every step of every sweep. */
async function watchReport(
  person: Person,
  account: Account = bot.graph.number,
): Promise<{ before: Row[][]; after: Row[][] }> {
  const tell = (part: Record<string, unknown>) => bot.graph.sayTo(account, person, [part], bot.webhook);
  const before = [await look()];
  const words = ['hola', 'denunciar', 'acepto', 'anónima', 'Me pidieron dinero en la ventanilla tres.'];
  for (const part of [
    ...words.map((text) => say.text(text)),
    say.image(),
    say.voice(),
    say.text('listo'),
    say.text('resumen'),
  ]) {
    await tell(part);
    for (const sweep of [bot.split, bot.talk, bot.fetching, bot.sending]) {
      await sweep.run();
      before.push(await look());
    }
  }
  await tell(say.text('enviar'));
  await bot.split.run();
  before.push(await look());
  const after: Row[][] = [];
  const { talk, sending, open, entering, receipts } = bot;
  for (const sweep of [talk, sending, open, entering, entering, receipts, sending]) {
    await sweep.run();
    after.push(await look());
  }
  return { before, after };
}

describe('one report on a silent system', () => {
  it.each([1, 2, 3])(
    'leaves nothing that its sender is found by, from the confirmation on (%i)',
    async (n) => {
      const person = somebody({ hidesPhone: n === 2 });
      const cases = await bot.count('cases');
      const { before, after } = await watchReport(person);
      expect(await bot.count('cases')).toBe(cases + 1);
      expect(bot.receiptsOf(person)).toHaveLength(1);
      // The looks find what is there: a session while there is a draft, with what its person is found by.
      expect(before.some((rows) => marked(rows, person).some(({ table }) => table === 'wa_aliases'))).toBe(
        true,
      );
      for (const rows of after) expect(marked(rows, person)).toEqual([]);
    },
  );

  it('does not hang together with its sender over any number of looks', async () => {
    const person = somebody();
    const { before, after } = await watchReport(person);
    const known = before.flatMap((rows) => marked(rows, person));
    const reached = connected([...before, ...after], known);
    // It goes far: over the aliases to the session, its transactions, the answers and the webhooks written
    // with it.
    expect([...new Set(reached.map(({ table }) => table))].sort()).toEqual([
      'wa_aliases',
      'wa_events',
      'wa_files',
      'wa_inbox',
      'wa_outbox',
      'wa_seen',
      'wa_sessions',
    ]);
    const told = bot.graph.sentTo(person).slice(-2);
    for (const { opaque } of told) expect(reached.filter(({ values }) => values.id === opaque)).toEqual([]);
    // And from the other side: the case leads to its mark, with the pepper to its submission and receipt, and
    // no further.
    const last = after.at(-1)!;
    const own = last.filter(
      ({ table, values }) => table === 'cases' && !before[0]!.some((row) => row.values.id === values.id),
    );
    expect(own).toHaveLength(1);
    const around = connected([...before, ...after], own);
    const beyond = around.filter(({ table }) => !CASE.test(table));
    expect([...new Set(beyond.map(({ table }) => table))].sort()).toEqual([
      'wa_case_files',
      'wa_opened',
      'wa_outbox',
      'wa_submissions',
    ]);
    expect(marked(beyond, person)).toEqual([]);
    expect(beyond.filter((row) => reached.includes(row))).toEqual([]);
  });

  it('does not hang together with the number that its sender wrote to', async () => {
    const { account, id } = await addNumber(bot, 'conavi.demo');
    const person = somebody();
    const { before, after } = await watchReport(person, account);
    // Everything was delivered, and counted for the number.
    for (const sent of bot.graph.sentTo(person)) {
      await bot.graph.report(bot.webhook, person, sent, 'delivered');
      await bot.split.run();
      after.push(await look());
    }
    await bot.harness.run('whatsapp-watch');
    after.push(await look());
    const counted = after.at(-1)!.filter(({ values }) => values.number === id);
    expect(counted.map(({ table }) => table).sort()).toEqual(['wa_deliveries', 'wa_number_states']);
    const known = before.flatMap((rows) => marked(rows, person, id));
    for (const rows of after) expect(marked(rows, person, id)).toEqual([]);
    const reached = connected([...before, ...after], known);
    expect(reached.length).toBeGreaterThan(10);
    const told = reached.filter(({ table }) => /^wa_(number|deliver)|^audit_|^case/.test(table));
    expect(told).toEqual([]);
    expect(reached.filter(({ values }) => Object.values(values).some((value) => value.includes(id)))).toEqual(
      [],
    );
  });

  it('keeps no row of the messages about it once they are sent: Meta knows their ids', async () => {
    const person = somebody();
    await watchReport(person);
    const ids = bot.graph
      .sentTo(person)
      .slice(-2)
      .map(({ opaque }) => opaque!);
    expect(ids).toHaveLength(2);
    const rows = await look();
    expect(rows.filter(({ values }) => ids.includes(values.id ?? ''))).toEqual([]);
    const [sent] = bot.graph.sentTo(person).slice(-1);
    await bot.graph.deliver(bot.webhook, statusWebhook(bot.graph.number, person, sent!, 'delivered'));
    await bot.work();
    expect((await look()).filter(({ values }) => ids.includes(values.id ?? ''))).toEqual([]);
  });

  it.each([
    ['hola', say.text('hola')],
    ['gracias', say.text('¡Muchas gracias!')],
    [
      'a long word of thanks',
      say.text('Gracias por recibir mi denuncia, ojalá que esta vez sí acabe la corrupción'),
    ],
    ['a question', say.text('¿ya quedó mi denuncia?')],
    ['911', say.text('911')],
    ['a number of the menu', say.text('2')],
    ['enviar again', say.text('enviar')],
    ['cancelar', say.text('cancelar')],
    ['a sticker', say.sticker()],
    ['a thumbs-up', say.reaction('wamid.x', '👍')],
    ['a photo', say.image()],
    ['a voice note', say.voice()],
    ['a place', say.location(19.6, -98.9)],
    ['something unreadable', say.unsupported()],
  ])('is followed by no stored conversation when the person then sends %s', async (_what, part) => {
    const person = somebody();
    await bot.tellAtOnce(person);
    await bot.text(person, 'enviar');
    await bot.hear(person, part, part);
    const rows = await look();
    expect(marked(rows, person)).toEqual([]);
    expect(rows.filter(({ table }) => /^wa_(sessions|aliases|events)$/.test(table))).toEqual([]);
  });

  it('is not joined with a sender by one statement of the application’s login', async () => {
    const pairs: unknown[] = [];
    for (let n = 0; n < 5; n++) {
      const person = somebody();
      await bot.tellAtOnce(person);
      await bot.text(person, 'enviar');
      await bot.text(person, 'gracias');
      await spy.query('begin');
      await spy.query(
        `select set_config('app.institution', id::text, true), set_config('app.areas', '*', true)
           from institutions where code = 'CONAVI-DEMO'`,
      );
      const { rows } = await spy.query(
        `select c.folio, s.id from cases c join case_keys k on k.case_id = c.id
           join wa_sessions s on (s.xmin::text::bigint - k.xmin::text::bigint) between -5 and 5
           join wa_aliases a on a.session_id = s.id`,
      );
      await spy.query('rollback');
      pairs.push(...rows);
    }
    expect(pairs).toEqual([]);
  });

  it('leaves nothing in clear of a sender whose message could not be worked', async () => {
    const person = somebody();
    await bot.graph.say(bot.webhook, person, say.text('hola'));
    await bot.split.run();
    await bot.harness.sql('owner', `update wa_events set sealed = 'damaged'`);
    for (let n = 0; n < 300; n++) await bot.talk.run();
    expect(await bot.count('wa_events', `state = 'failed'`)).toBe(1);
    expect(marked(await look(), person)).toEqual([]);
    await bot.harness.sql('owner', 'delete from wa_events');
  });
});
