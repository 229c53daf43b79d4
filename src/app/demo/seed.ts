import { randomBytes } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { Person } from '../../foundations/audit/payload.js';
import { CHANNELS } from '../../foundations/catalogs/channels.js';
import { DEFAULT_AREAS, DEFAULT_CATEGORIES } from '../../foundations/catalogs/default-catalog.js';
import { DEFAULT_ROUTING_RULES } from '../../foundations/catalogs/default-routing-rules.js';
import { createInstitution } from '../../foundations/catalogs/institution-setup.js';
import { MenusService } from '../../doors/whatsapp/menus/menus.service.js';
import { AccountSteps } from '../../foundations/identity/accounts/account.steps.js';
import { ChannelKeysService } from '../../foundations/identity/channels/channel-keys.service.js';
import { hashPassword, verifyPassword } from '../../foundations/identity/passwords/passwords.js';
import { ensureDomain } from '../../insight/transparency/releases/domain-setup.js';
import { system } from '../../platform/actor.js';
import { Client } from '../../platform/database/client.js';
import { Database } from '../../platform/database/database.js';
import { KeptSecrets } from '../../platform/secrets.js';
import { RoutingService } from '../../work/triage/routing.service.js';
import { DEMO_ACCOUNTS, DEMO_INSTITUTIONS, DEMO_NOTICE, type DemoInstitution } from './institutions.js';

export interface DemoAccess {
  password: string;
  /** Prefix of the channel keys: `<value>-cnv-web` and so on. */
  channelKey: string;
}

/**
 * Password and key prefix of the demo. They come from the environment, or are made once and kept in
 * `DATA_DIR`.
 */
export function demoAccess(dataDir: string, given: { password?: string; channelKey?: string }): DemoAccess {
  const kept = new KeptSecrets(dataDir);
  if (given.password !== undefined) kept.set('demo-password', given.password);
  return {
    password: kept.get('demo-password', () => randomBytes(12).toString('base64url')),
    channelKey:
      given.channelKey ?? kept.get('demo-channel-key', () => `demo-${randomBytes(16).toString('hex')}`),
  };
}

/**
 * Create the demo institutions, accounts, channel keys and rules that are missing. Set passwords and keys
 * again when their values changed. Safe to repeat at every start.
 * @param ownerUrl setting up an institution needs the owner's login
 * @param since from when the catalogues are in force and periods are published
 */
export async function seedDemo(
  app: INestApplicationContext,
  ownerUrl: string,
  since: Date,
  access: DemoAccess,
): Promise<void> {
  const database = app.get(Database);
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    // Two processes may start at the same time on one database. The lock ends with the connection.
    await owner.query('select pg_advisory_lock(482617)');
    for (const [index, institution] of DEMO_INSTITUTIONS.entries()) {
      await owner.query('begin');
      const { id } = await createInstitution(owner, {
        ...institution,
        demo: true,
        areas: DEFAULT_AREAS[institution.kind],
        categories: DEFAULT_CATEGORIES[institution.kind],
        notice: DEMO_NOTICE,
        // Set them a moment apart, so that "the first demo institution" is the first of the list.
        now: new Date(since.getTime() + index),
      });
      await ensureDomain(owner, { institutionId: id, now: since });
      await owner.query('commit');
      await seedAccounts(app, id, institution, access);
      await seedKeys(app, id, institution, access.channelKey);
      await database.tx(system('demo', id), (tx) =>
        app
          .get(RoutingService)
          .addFirst(tx, id, DEFAULT_ROUTING_RULES[institution.kind], since.toISOString().slice(0, 10)),
      );
      await app.get(MenusService).publishFirst(system('demo', id), {
        languages: institution.menu,
        validFrom: since.toISOString().slice(0, 10),
      });
    }
  } finally {
    await owner.end();
  }
}

async function seedAccounts(
  app: INestApplicationContext,
  institutionId: string,
  { domain, areas }: DemoInstitution,
  access: DemoAccess,
): Promise<void> {
  const actor = system('demo', institutionId);
  const database = app.get(Database);
  const steps = app.get(AccountSteps);
  const existing = await database.tx(actor, (tx) =>
    tx.query<Person & { password_hash: string }>('select id, name, email, password_hash from accounts'),
  );
  // All demo accounts share one password. So the first account shows whether the password has changed.
  const changed =
    existing[0] !== undefined && !(await verifyPassword(existing[0].password_hash, access.password));
  for (const { user, name, role, area } of DEMO_ACCOUNTS) {
    const email = `${user}@${domain}`;
    const found = existing.find((account) => account.email === email);
    if (found && !changed) continue;
    const passwordHash = await hashPassword(access.password);
    await database.tx(actor, async (tx) => {
      if (found) await steps.setPassword(tx, found, passwordHash, false);
      else
        await steps.create(tx, {
          email,
          name,
          roles: [role],
          areas: area === undefined ? [] : [areas[area]],
          passwordHash,
          oneTime: false,
        });
    });
  }
}

async function seedKeys(
  app: INestApplicationContext,
  institutionId: string,
  { prefix }: DemoInstitution,
  channelKey: string,
): Promise<void> {
  const channels = app.get(ChannelKeysService);
  for (const channel of CHANNELS) {
    const key = `${channelKey}-${prefix.toLowerCase()}-${channel}`;
    await app
      .get(Database)
      .tx(system('demo', institutionId), (tx) =>
        channels.set(tx, { channel, label: `Demostración ${channel}`, key }),
      );
  }
}
