import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type pg from 'pg';
import type { Person } from '../../foundations/audit/payload.js';
import { createInstitution, type SetupResult } from '../../foundations/catalogs/institution-setup.js';
import { AccountSteps } from '../../foundations/identity/accounts/account.steps.js';
import { oneTimePassword } from '../../foundations/identity/passwords/password-rules.js';
import { hashPassword } from '../../foundations/identity/passwords/passwords.js';
import { compatible } from '../../foundations/identity/permissions.js';
import { addTerms } from '../../foundations/sla/terms-setup.js';
import { ensureDomain } from '../../insight/transparency/releases/domain-setup.js';
import { system } from '../../platform/actor.js';
import { localDay } from '../../platform/clock.js';
import { connect } from '../../platform/database/connect.js';
import { Database } from '../../platform/database/database.js';
import { StartError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { RoutingService } from '../../work/triage/routing.service.js';
import { AppModule } from '../app.module.js';
import { openFoundation, type Foundation } from '../boot.js';
import { readRequest, type InstitutionRequest } from './institution-options.js';
import { ownerUrlOf } from './owner.js';

/** Create a real institution and its administrator, or add what is missing. Existing data stays unchanged. */
await run(async () => {
  const request = readRequest(process.argv.slice(2));
  const foundation = await openFoundation(process.env, 'command', (line) => console.error(line));
  try {
    const ownerUrl = ownerUrlOf(process.env, foundation, 'setting up an institution needs');
    const owner = await connect(ownerUrl, 'DATABASE_OWNER_URL');
    const app = await NestFactory.createApplicationContext(AppModule.of(foundation.parts), {
      logger: foundation.parts.log,
      abortOnError: false,
    });
    try {
      await refuseOtherAccount(owner, request);
      const { institution, terms } = await setUp(owner, request, foundation);
      const rules = await app
        .get(Database)
        .tx(system('setup', institution.id), (tx) =>
          app.get(RoutingService).addFirst(tx, institution.id, request.rules),
        );
      tellInstitution(request, institution, rules, terms);
      for (const line of await ensureAdmin(app, institution.id, request)) console.log(line);
    } finally {
      await app.close();
      await owner.end();
    }
  } finally {
    await foundation.close();
  }
});

/**
 * Refuse an address whose account has other roles, before anything is made. This command makes administrators
 * only and gives no account another role.
 */
async function refuseOtherAccount(
  owner: pg.Client,
  { adminEmail, setup }: InstitutionRequest,
): Promise<void> {
  const { rows } = await owner.query<{ roles: string[] }>(
    `select a.roles from accounts a join institutions i on i.id = a.institution_id where a.email = $1 and i.code = $2`,
    [adminEmail, setup.code],
  );
  const [found] = rows;
  if (found && !found.roles.includes('admin'))
    throw new StartError(
      `--admin-email ${adminEmail} has an account at ${setup.code} without the role admin. Use another address.`,
    );
  if (found && !compatible(found.roles))
    throw new StartError(
      `--admin-email ${adminEmail} has an account at ${setup.code} whose roles no longer go together (${found.roles.join(', ')}). Use another address.`,
    );
}

async function setUp(
  owner: pg.Client,
  { setup, terms }: InstitutionRequest,
  { parts }: Foundation,
): Promise<{ institution: SetupResult; terms: number }> {
  const now = parts.clock.now();
  await owner.query('begin');
  const institution = await createInstitution(owner, { ...setup, now });
  const today = localDay(now, setup.timeZone);
  const added = await addTerms(owner, institution, terms, { today, now });
  await ensureDomain(owner, { institutionId: institution.id, now });
  await owner.query('commit');
  return { institution, terms: added };
}

async function ensureAdmin(
  app: INestApplicationContext,
  institutionId: string,
  { adminEmail, newPassword }: InstitutionRequest,
): Promise<string[]> {
  const steps = app.get(AccountSteps);
  const password = oneTimePassword();
  const passwordHash = await hashPassword(password);
  const state = await app.get(Database).tx(system('setup', institutionId), async (tx) => {
    const [found] = await tx.query<Person>('select id, name, email from accounts where email = $1', [
      adminEmail,
    ]);
    if (found && !newPassword) return 'exists';
    if (found) await steps.setPassword(tx, found, passwordHash, true);
    else
      await steps.create(tx, {
        email: adminEmail,
        name: adminEmail,
        roles: ['admin'],
        areas: [],
        passwordHash,
        oneTime: true,
      });
    return found ? 'new password' : 'created';
  });
  if (state === 'exists')
    return [`Administrator ${adminEmail} exists; no new password was made (--new-password makes one)`];
  return [
    `Administrator ${adminEmail}${state === 'created' ? ' created' : ''}`,
    `One-time password ${password}`,
    'It is shown here only, holds for 72 hours and must be changed at the first sign-in.',
  ];
}

function tellInstitution(
  { setup }: InstitutionRequest,
  { created, added, differs }: SetupResult,
  rules: number,
  terms: number,
): void {
  const parts = [
    count(added.areas.length, 'area', 'areas'),
    count(added.categories.length, 'category', 'categories'),
    count(rules, 'routing rule', 'routing rules'),
    count(terms, 'term', 'terms'),
    added.notice ? 'the privacy notice' : '',
  ].filter(Boolean);
  const what = parts.length > 0 ? `added ${parts.join(', ')}` : 'nothing to add';
  console.log(`Institution ${setup.code} ${created ? 'created' : 'exists'}: ${what}`);
  if (created) {
    const place = setup.territory ?? 'none (a municipality needs --territory)';
    console.log(`Kind ${setup.kind}, territory ${place}; neither can be changed later.`);
  }
  if (differs.length > 0) console.log(`Left as it is, although asked otherwise: ${differs.join(', ')}`);
  if (created && setup.notice === null)
    console.log(
      'It has no privacy notice yet: add one in POST /api/v1/admin/privacy-notices or in privacy_notice.txt.',
    );
}

function count(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${number} ${number === 1 ? one : many}`;
}
