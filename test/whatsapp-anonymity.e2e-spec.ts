import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { databaseUrl } from './setup/harness.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { statusWebhook } from './support/whatsapp/envelope.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());

type Row = Record<string, unknown> & { xmin: string };

/** Every row of every table, with the transaction that wrote it. */
async function dump(): Promise<Map<string, Row[]>> {
  const client = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'owner') });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const found = new Map<string, Row[]>();
    for (const { name } of tables) {
      found.set(name, (await client.query<Row>(`select xmin::text, t.* from "${name}" t`)).rows);
    }
    return found;
  } finally {
    await client.end();
  }
}

const OF_CASES = /^(cases|case_|sla_clocks|audit_|information_requests|notices|evidence|wa_case_files)/;
/** Rows that carry what a sender is found by, or what is said to one, or what one sent. */
const OF_SENDERS = /^wa_(inbox|events|sessions|aliases|outbox|seen|files)/;

function rowsOf(tables: Map<string, Row[]>, names: RegExp): Row[] {
  return [...tables].filter(([name]) => names.test(name)).flatMap(([, rows]) => rows);
}

/** Values that could join two rows: neither days, states nor numbers. */
function joinable(rows: Row[]): Set<string> {
  const values = rows.flatMap(({ xmin: _xmin, institution_id: _institution, ...row }) =>
    Object.values(row).flatMap((value) => {
      if (Buffer.isBuffer(value)) return [value.toString('hex')];
      return typeof value === 'string' && value.length >= 10 ? [value] : [];
    }),
  );
  return new Set(values);
}

function shared(one: Set<string>, other: Set<string>): string[] {
  return [...one].filter((value) => other.has(value));
}

function transactions(rows: Row[]): Set<string> {
  return new Set(rows.map(({ xmin }) => xmin));
}

/**
 * Every form in which a number or id may have leaked: plain, hexadecimal, base64 at each of its three
 * offsets.
 */
function traces(secret: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64');
    // The first and last characters also hold bits of what stands around.
    return text.replace(/=+$/, '').slice(offset === 0 ? 0 : offset + 1, -1);
  });
  return [secret, Buffer.from(secret).toString('hex'), ...encoded];
}

/** All bytes of a dump as text: once as they are, once in hexadecimal. */
function textOf(tables: Map<string, Row[]>): string {
  return [...tables.values()]
    .flat()
    .flatMap((row) => Object.values(row))
    .map((value) => {
      if (Buffer.isBuffer(value)) return `${value.toString('latin1')}\n${value.toString('hex')}`;
      return typeof value === 'string' ? value : JSON.stringify(value);
    })
    .join('\n');
}

function secretsOf(person: Person): string[] {
  const ten = person.phone.slice(-10);
  return [`521${ten}`, `52${ten}`, ten, person.bsuid!, person.name!].flatMap(traces);
}

/** Neither value nor transaction joins a sender with a case. */
async function expectUnjoined(): Promise<void> {
  const tables = await dump();
  const cases = rowsOf(tables, OF_CASES);
  const senders = rowsOf(tables, OF_SENDERS);
  expect(shared(joinable(senders), joinable(cases))).toEqual([]);
  expect(shared(joinable(rowsOf(tables, /^wa_(submissions|opened)/)), joinable(cases))).toEqual([]);
  expect(shared(transactions(senders), transactions(cases))).toEqual([]);
  // A submission belongs to the sender's transaction or to the case's, never to both.
  const submissions = rowsOf(tables, /^wa_submissions/);
  for (const submission of submissions) {
    const both = transactions(senders).has(submission.xmin) && transactions(cases).has(submission.xmin);
    expect(both).toBe(false);
  }
}

describe('a sender and a case', () => {
  it('cannot be joined at any moment, by value or by transaction', async () => {
    const person = somebody({ name: 'Guadalupe Inconfundible' });
    await bot.tellAtOnce(person);
    await bot.graph.say(bot.webhook, person, say.image('el recibo'), say.voice(), say.text('enviar'));
    const cases = await bot.count('cases');
    const { split, talk, fetching, open, entering, receipts, sending } = bot;
    const once = [
      split,
      talk,
      fetching,
      talk,
      fetching,
      open,
      entering,
      receipts,
      entering,
      receipts,
      sending,
    ];
    for (const sweep of once) {
      await sweep.run();
      await expectUnjoined();
    }
    expect(await bot.count('evidence')).toBe(2);
    expect(await bot.count('wa_files')).toBe(0);
    expect(await bot.count('cases')).toBe(cases + 1);
    const receipt = bot.receiptOf(person)!;
    const [sent] = bot.graph.sentTo(person).slice(-1);
    await bot.graph.deliver(bot.webhook, statusWebhook(bot.graph.number, person, sent!, 'delivered'));
    await bot.harness.sweep();
    await bot.harness.trackingToken(receipt);
    await expectUnjoined();
    // Of the answers a row stays that tells what became of them, of confirmation and receipt none.
    expect(await bot.count('wa_outbox', `state in ('held', 'waiting', 'sending', 'delivered')`)).toBe(0);
    expect(await bot.count('wa_outbox', `state = 'sent'`)).toBeGreaterThan(0);
  });

  it.each(['Anónima', 'Confidencial', 'Con mis datos'] as const)(
    'leave no number, id or name in clear in any table (%s)',
    async (mode) => {
      const person = somebody({ name: `Nombre Inconfundible ${mode.length}` });
      await bot.tellAll(person, mode);
      await bot.hear(person, say.document('Nombre Inconfundible.pdf'));
      await bot.graph.say(bot.webhook, person, bot.option(person, 'Enviar denuncia'));
      for (const sweep of [
        bot.split,
        bot.talk,
        bot.fetching,
        bot.open,
        bot.entering,
        bot.receipts,
        bot.sending,
      ]) {
        await sweep.run();
        const text = textOf(await dump());
        expect(secretsOf(person).filter((secret) => text.includes(secret))).toEqual([]);
      }
      const { folio, accessCode } = bot.receiptOf(person)!;
      await bot.harness.sweep();
      const tables = await dump();
      const text = textOf(tables);
      expect(traces(accessCode).filter((secret) => text.includes(secret))).toEqual([]);
      expect(text).not.toContain(accessCode.replaceAll('-', ''));
      // The folio stands in clear in its case, and nowhere on the side of the sender.
      expect(textOf(new Map([...tables].filter(([name]) => name.startsWith('wa_'))))).not.toContain(folio);
    },
  );

  it('carries days only: no column of the channel holds an instant', async () => {
    const columns = await bot.harness.sql<{ name: string }>(
      'owner',
      `select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and table_name like 'wa\\_%' and data_type ~ '(time|interval)'`,
    );
    expect(columns).toEqual([]);
  });

  it('tells in clear neither how far a conversation has come nor how long an answer is', async () => {
    const [begun, told] = [somebody(), somebody()];
    await bot.text(begun, 'denunciar');
    await bot.tellAtOnce(told);
    const shapes = async (table: string): Promise<string[]> => {
      const rows = await bot.harness.sql<Record<string, unknown>>(
        'owner',
        `select octet_length(sealed) as sealed, day from ${table} where sealed is not null`,
      );
      return rows.map((row) => JSON.stringify(row));
    };
    expect(await shapes('wa_sessions')).toHaveLength(2);
    expect(new Set(await shapes('wa_sessions')).size).toBe(1);
    await bot.graph.say(bot.webhook, told, say.text('enviar'));
    await bot.graph.say(bot.webhook, somebody(), say.text('hola'));
    await bot.split.run();
    await bot.talk.run();
    // An answer, a confirmation and a receipt.
    expect(await shapes('wa_outbox')).toHaveLength(3);
    expect(new Set(await shapes('wa_outbox')).size).toBe(1);
    await bot.work();
  });

  it('is reached by no login but the application’s', async () => {
    const grants = await bot.harness.sql<{ grantee: string }>(
      'owner',
      `select distinct grantee from information_schema.role_table_grants
        where table_name like 'wa\\_%' and grantee <> 'denuncia_owner'`,
    );
    expect(grants).toEqual([{ grantee: 'denuncia_app' }]);
    await expect(bot.harness.sql('public', 'select 1 from wa_sessions')).rejects.toThrow(/permission denied/);
  });
});
