import pg from 'pg';
import { createApi } from '../../src/app/boot.js';
import { seedDemo } from '../../src/app/demo/seed.js';
import { ENTITIES } from '../../src/app/entities.js';
import { MIGRATIONS } from '../../src/app/migrations.js';
import { ManualClock } from '../../src/platform/clock.js';
import { KeyRing } from '../../src/platform/crypto/keyring.js';
import { freeClock } from '../../src/platform/database/clock-policy.js';
import { closeServer } from '../../src/platform/database/database-rights.js';
import { Database } from '../../src/platform/database/database.js';
import { migrate } from '../../src/platform/database/migrator.js';
import { checkKeys } from '../../src/platform/database/prepare.js';
import { createRoles, ownerSql, ROLES } from '../../src/platform/database/roles.js';
import { Log } from '../../src/platform/logging.js';
import { openStore } from '../../src/platform/storage/open-store.js';
import {
  CHANNEL_KEY,
  OWNER,
  PASSWORD,
  ROLE_PASSWORDS,
  SECRETS,
  SETUP_TIME,
  TEMPLATE,
  testConfig,
  urlFor,
} from './constants.js';

/**
 * Prepares the template database that every test clones: migrated, with the demo institutions and accounts,
 * no cases.
 */
export async function prepareTemplate(superuserUrl: string): Promise<void> {
  await createRoles(superuserUrl, ROLE_PASSWORDS);
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`create role ${OWNER.user} login password '${OWNER.password}'`);
  await client.query(ownerSql(OWNER.user));
  await client.query(`create database ${TEMPLATE} owner ${OWNER.user}`);
  await client.end();
  await closeServer(
    (name) => Object.assign(new URL(superuserUrl), { pathname: name }).toString(),
    TEMPLATE,
    OWNER.user,
  );

  const ownerUrl = urlFor(superuserUrl, TEMPLATE, OWNER.user, OWNER.password);
  await migrate(ownerUrl, MIGRATIONS);
  await freeClock(ownerUrl);
  const app = urlFor(superuserUrl, TEMPLATE, ROLES.app, ROLE_PASSWORDS.app);
  const publicUrl = urlFor(superuserUrl, TEMPLATE, ROLES.public, ROLE_PASSWORDS.public);
  const keys = new KeyRing(SECRETS);
  await checkKeys(app, keys);
  const database = await Database.connect({ app, public: publicUrl }, ENTITIES, {
    size: 4,
    connectTimeout: 5000,
  });
  const clock = new ManualClock(SETUP_TIME);
  const config = testConfig();
  const store = await openStore(config.storage);
  const api = await createApi({ config, clock, keys, log: new Log('silent'), database, store });
  await api.init();
  await seedDemo(api, ownerUrl, SETUP_TIME, { password: PASSWORD, channelKey: CHANNEL_KEY });
  await api.close();
  await database.close();
}
