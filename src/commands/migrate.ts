import { MIGRATIONS } from '../migrations.js';
import { migrate } from '../platform/database/migrator.js';
import { run } from '../platform/run.js';
import { readArguments } from './arguments.js';
import { openOwner } from './owner.js';

/** Brings the schema up to date. Of two at once the second waits, and then finds nothing to do. */
await run(async () => {
  readArguments({}, 'npm run migrate');
  const owner = await openOwner(process.env, (line) => console.error(line));
  try {
    const applied = await migrate(owner.url, MIGRATIONS, owner.variable);
    for (const name of applied) console.log(`applied ${name}`);
    if (applied.length === 0) console.log('nothing to do');
  } finally {
    await owner.close();
  }
});
