import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createApi } from './app/boot.js';
import { readArguments } from './app/commands/arguments.js';
import { loadConfig } from './app/config.js';
import { ENTITIES } from './app/entities.js';
import { describeApi } from './app/openapi-document.js';
import { Clock } from './platform/clock.js';
import { KeyRing } from './platform/crypto/keyring.js';
import { Database } from './platform/database/database.js';
import { Log } from './platform/logging.js';
import { run } from './platform/run.js';
import { newSecret, SECRET_NAMES } from './platform/secrets.js';
import { openStore } from './platform/storage/open-store.js';

const COMMAND = {
  usage: 'npm run openapi [-- --to FILE]',
  does: 'Writes the OpenAPI document of the API.',
  example: 'npm run openapi -- --to /tmp/openapi.json',
};
const OPTIONS = {
  to: {
    type: 'string',
    default: 'openapi/openapi.json',
    value: 'FILE',
    text: 'where it goes (openapi/openapi.json)',
  },
} as const;

/**
 * Writes the OpenAPI document to `openapi/openapi.json`, or to the file of `--to`. Needs no database and no
 * configuration: the modules are put together but never started, and the environment does not change the
 * document.
 */
await run(async () => {
  const { to } = readArguments(COMMAND, OPTIONS);
  const file = resolve(to);
  const url = 'postgres://nobody@127.0.0.1:1/none';
  // In production nothing is made in DATA_DIR.
  const config = loadConfig({
    NODE_ENV: 'production',
    DATABASE_URL: url,
    DATABASE_PUBLIC_URL: url,
    ...Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, newSecret()])),
  });
  const app = await createApi({
    config,
    clock: new Clock(),
    keys: new KeyRing(config.secrets),
    log: new Log('error'),
    database: Database.unconnected({ app: url, public: url }, ENTITIES, { size: 1, connectTimeout: 1 }),
    store: await openStore(config.storage),
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(describeApi(app), null, 2)}\n`);
  console.log(`Wrote ${file}`);
  // Nothing was started, so there is nothing to end; timers of libraries must not keep the process.
  process.exit();
});
