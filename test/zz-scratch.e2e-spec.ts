import { expect, it } from '@jest/globals';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { say } from './support/whatsapp-webhooks.js';
import { createDataSource } from '../src/platform/database/database.js';
import { migrationSource } from '../src/platform/database/migrator.js';
import { ENTITIES } from '../src/entities.js';
import { MIGRATIONS } from '../src/migrations.js';
import { databaseUrl } from './setup/harness.js';
it('scratch', async () => {
  const bot = await Bot.start();
  const p = somebody();
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const t = performance.now();
    await bot.graph.say(bot.webhook, p, say.text('hola ' + i));
    times.push(performance.now() - t);
  }
  times.sort((a, b) => a - b);
  console.log('median', times[30], 'max', times[59]);
  let t = performance.now();
  await bot.split.run();
  console.log('split', performance.now() - t);
  t = performance.now();
  while (await bot.talk.run());
  console.log('talk', performance.now() - t);
  const par = performance.now();
  await Promise.all(Array.from({ length: 200 }, (_, i) => bot.graph.say(bot.webhook, p, say.text('par ' + i))));
  console.log('200 parallel', performance.now() - par);
  const doc = await bot.harness.call<{ paths: Record<string, unknown> }>('GET', '//openapi.json');
  console.log(JSON.stringify(Object.fromEntries(Object.entries(doc.body.paths).filter(([k]) => k.includes('whatsapp'))), null, 1).slice(0, 6000));
  const source = createDataSource(databaseUrl(bot.harness.databaseName, 'owner'), ENTITIES, { size: 2, connectTimeout: 5000 });
  await source.initialize();
  const sql = await source.driver.createSchemaBuilder().log();
  console.log(sql.upQueries.map((q) => q.query).filter((q) => q.includes('wa_')));
  await source.destroy();
  const m = migrationSource(databaseUrl(bot.harness.databaseName, 'owner'), MIGRATIONS);
  await m.initialize();
  const names = (await m.query('select name from schema_migrations order by id')).map((r: {name: string}) => r.name);
  while (names.length) { await m.undoLastMigration(); if (names.pop()!.startsWith('WhatsApp')) break; }
  console.log(await m.query(`select tablename from pg_tables where tablename like 'wa\\_%'`));
  await m.runMigrations();
  await m.destroy();
  await bot.stop();
  expect(1).toBe(1);
});
