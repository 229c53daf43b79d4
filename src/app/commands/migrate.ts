import { migrate } from '../../platform/database/migrator.js';
import { run } from '../../platform/run.js';
import { MIGRATIONS } from '../migrations.js';
import { readArguments } from './arguments.js';
import { openOwner } from './owner.js';

const COMMAND = {
  usage: 'npm run migrate',
  does: 'Brings the schema of the database up to date, as the login of DATABASE_OWNER_URL. Safe to repeat.',
  example: 'DATABASE_OWNER_URL=postgres://denuncia_owner:…@db.example/denuncia npm run migrate',
};

/**
 * Bring the schema up to date. If two processes do this at the same time, the second waits and then finds
 * nothing to do.
 */
await run(async () => {
  readArguments(COMMAND, {});
  const owner = await openOwner(process.env, (line) => console.error(line));
  try {
    const applied = await migrate(owner.url, MIGRATIONS, owner.variable);
    for (const name of applied) console.log(`applied ${name}`);
    if (applied.length === 0) console.log('nothing to do');
  } finally {
    await owner.close();
  }
});
