import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { Sweeper } from '../src/platform/jobs/sweeper.js';
import { asSuperuser, databaseUrl } from './setup/harness.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { say } from './support/whatsapp/say.js';

/**
 * The login that reads published figures, in the hands of somebody who wants to know when people report, or
 * to stop it.
 */
let bot: Bot;
let spy: pg.Client;
const heard: unknown[] = [];
beforeAll(async () => {
  bot = await Bot.start();
  spy = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'public') });
  spy.on('notification', (message) => heard.push(message));
  await spy.connect();
});
afterAll(async () => {
  await spy.end();
  await bot.stop();
});

describe('the public login', () => {
  it('hears nothing of a conversation on WhatsApp, a report on the web and one by phone', async () => {
    const sources = readdirSync('src', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(sources.filter((text) => /pg_notify\(|[`'"]\s*(notify|listen) /i.test(text))).toEqual([]);
    for (const channel of ['denuncia_sweeps', 'denuncia', 'sweeps', 'whatsapp', 'public'])
      await spy.query(`listen ${channel}`);
    // A worker of its own, which ends with this test.
    const worker = await Bot.start({ share: bot });
    worker.harness.app.get(Sweeper).start(async () => undefined);
    const person = somebody();
    const words = [
      'hola',
      'denunciar',
      'acepto',
      'anónima',
      'Me pidieron dinero en la ventanilla tres.',
      'listo',
      'resumen',
      'enviar',
    ];
    await bot.graph.say(bot.webhook, person, ...words.map((word) => say.text(word)));
    await bot.harness.file();
    const call = { startedAt: '2026-11-10T08:00:00-06:00' };
    const report = { mode: 'anonymous', narrative: 'Llamó para decir que la obra tiene grietas.', call };
    expect((await bot.harness.as('operador@conavi.demo', 'POST', '/reports', report)).status).toBe(201);
    // All answers, the receipt among them.
    await bot.graph.waitForSent(8, 40_000);
    await worker.stop({ keepGraph: true });
    expect(bot.receiptsOf(person)).toHaveLength(1);
    await spy.query('select 1');
    expect(heard).toEqual([]);
  }, 90_000);

  it('stops nothing with notifications, nor whoever else holds the locks that once were its own', async () => {
    const locks = ['whatsapp-inbox', 'whatsapp-talk', 'whatsapp-receipts', 'whatsapp-submissions'];
    // As on a server that is not ours, on which advisory locks are anybody's.
    await asSuperuser(async (holder) => {
      for (const name of locks)
        await holder.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
      for (let n = 0; n < 100; n++) await spy.query(`notify denuncia_sweeps, 'whatsapp-talk'`);
      const person = somebody();
      await bot.tellAtOnce(person);
      await bot.text(person, 'enviar');
      expect(bot.receiptsOf(person)).toHaveLength(1);
    }, bot.harness.databaseName);
  });

  it.each([
    ['locks a claim', `select 1 from work_claims for update`],
    ['locks the table of claims', `lock table work_claims in access exclusive mode`],
    ['takes an advisory lock', `select pg_advisory_lock(482614)`],
    ['tries an advisory lock', `select pg_try_advisory_xact_lock(1, 2)`],
    ['makes a temporary table', `create temporary table mine (id int)`],
    ['makes a temporary table of a query', `select 1 as one into temporary mine`],
    ['makes a temporary view', `create temporary view mine as select 1`],
    ['makes a table', `create table mine (id int)`],
    ['makes a large object', `select lo_create(0)`],
    ['fills the queue of notifications', `select pg_notify('any', 'x')`],
    ['looks at locks', `select * from pg_locks`],
    ['looks at sessions', `select * from pg_stat_activity`],
    ['looks at the counts of a table', `select n_tup_ins from pg_stat_all_tables where relname = 'cases'`],
    ['looks at the counts of all tables', `select * from pg_stat_user_tables`],
    ['looks at the use of indexes', `select idx_scan from pg_stat_user_indexes`],
    ['looks at blocks read', `select * from pg_statio_user_tables`],
    ['counts transactions of the database', `select xact_commit from pg_stat_database`],
    ['counts rows by function', `select pg_stat_get_tuples_inserted('wa_inbox'::regclass)`],
    ['watches the log grow', `select pg_current_wal_lsn()`],
    ['writes into the log', `select pg_logical_emit_message(false, 'x', 'y')`],
    ['watches the counter of transactions', `select txid_current_snapshot()`],
    ['takes a number of a transaction', `select pg_current_xact_id()`],
    ['does the same by its new name', `select pg_current_snapshot()`],
    ['does the same by the age of a transaction', `select age('3'::xid)`],
    ['watches a table grow', `select pg_relation_size('wa_inbox')`],
    ['watches the database grow', `select pg_database_size(current_database())`],
    ['asks the control file', `select * from pg_control_checkpoint()`],
  ])('is refused when it %s', async (_what, sql) => {
    await spy.query('begin');
    try {
      await expect(spy.query(sql)).rejects.toThrow(/permission denied/);
    } finally {
      await spy.query('rollback');
    }
  });

  it.each(['postgres', 'template1'])('does not come into the database %s', async (database) => {
    const url = new URL(databaseUrl(database, 'public'));
    const client = new pg.Client({ connectionString: url.toString() });
    await expect(client.connect()).rejects.toThrow(/permission denied for database/);
  });

  it('still reads what is published, and nothing else', async () => {
    await expect(spy.query('select count(*) from stat_cells')).resolves.toBeDefined();
    await expect(spy.query('select count(*) from wa_opened')).rejects.toThrow(/permission denied/);
  });
});

describe('the other logins of the service', () => {
  it('make no temporary tables either', async () => {
    await expect(bot.harness.sql('app', 'create temporary table mine (id int)')).rejects.toThrow(
      /permission denied/,
    );
  });

  it('lock the claims and change nothing of them', async () => {
    await expect(bot.harness.sql('app', 'select 1 from work_claims for update')).resolves.toHaveLength(2);
    await expect(bot.harness.sql('app', `update work_claims set name = 'x'`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(bot.harness.sql('app', `update work_claims set locked = false`)).rejects.toThrow(
      /check constraint/,
    );
    await expect(bot.harness.sql('app', 'delete from work_claims')).rejects.toThrow(/permission denied/);
  });
});
