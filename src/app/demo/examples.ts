import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { INestApplicationContext } from '@nestjs/common';
import { EXAMPLE_CALL } from '../../doors/phone/calls/call.views.js';
import { Calls } from '../../doors/phone/calls/calls.js';
import { CalendarsService } from '../../foundations/catalogs/admin/calendars.service.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { AccountsService } from '../../foundations/identity/accounts/accounts.service.js';
import { ChannelKeysService } from '../../foundations/identity/channels/channel-keys.service.js';
import { SlaTermsService } from '../../foundations/sla/sla-terms.service.js';
import { system, type StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { violates } from '../../platform/database/sql-state.js';
import {
  EXAMPLE_ACCESS_CODE,
  EXAMPLE_CASES,
  EXAMPLE_FOLIO,
  type ExampleCase,
} from '../../work/cases/example-cases.js';
import { newAccessCode } from '../../work/cases/folio.js';
import { AskReporter } from '../../work/cases/moves/ask.js';
import { AssignCase } from '../../work/cases/moves/assign.js';
import type { OnCase } from '../../work/cases/moves/case-moves.js';
import { CloseCase } from '../../work/cases/moves/close.js';
import { StartInvestigation } from '../../work/cases/moves/investigate.js';
import { TriageCase } from '../../work/cases/moves/triage.js';
import { ReceiveEvidence } from '../../work/evidence/receive-evidence.js';
import { Uploads } from '../../work/evidence/uploads/uploads.js';
import { DomainError } from '../../platform/errors.js';
import { IntakeService } from '../../work/intake/intake.service.js';
import { OncePerKey } from '../../work/intake/once-per-key.js';
import { RoutingService } from '../../work/triage/routing.service.js';
import { DEMO_INSTITUTIONS } from './institutions.js';
import { staffOf, type DemoStaff } from './staff.js';

const DEMO = DEMO_INSTITUTIONS[0]!;
const AREA = DEMO.areas[0];
/** The label of rows for the examples, by which they are found again. */
export const EXAMPLE_LABEL = 'Ejemplo del documento';
export const EXAMPLE_ACCOUNT = `ejemplo@${DEMO.domain}`;
const REASON = 'Ejemplo generado.';
/** The longest term that may be given: the example of an answer should not expire while the demo is shown. */
const DAYS_TO_ANSWER = 60;
/** Number of open approvals: one to agree to, one to refuse. */
const APPROVALS = 2;
/** A picture of one grey point. */
const EXAMPLE_PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

/**
 * Make what the examples of the API document refer to, in the first demo institution and with the real
 * commands: cases under their folios, one of them with its access code, and rows that an administrator may
 * change. Make only what is missing.
 */
export async function seedExamples(app: INestApplicationContext): Promise<void> {
  const institution = (await app.get(CatalogsReader).institutions()).find(({ code }) => code === DEMO.code);
  if (!institution?.demo) return;
  const staff = await staffOf(app.get(Database), institution.id, DEMO);
  for (const example of EXAMPLE_CASES) await seedCase(app, institution.id, staff, example);
  try {
    await seedEvidence(app, staff.head);
  } catch (error) {
    // On a small disk the demo starts without its file, as reports go on without files.
    if (!(error instanceof DomainError && error.code === 'EVIDENCE_NO_ROOM')) throw error;
  }
  await seedRows(app, staff.admin);
  await seedCall(app, institution);
}

async function seedCase(
  app: INestApplicationContext,
  institutionId: string,
  staff: DemoStaff,
  { folio, status, tracked }: ExampleCase,
): Promise<void> {
  const found = await rowsOf(app, institutionId, 'select 1 from cases where folio = $1', [folio]);
  if (found.length > 0) return;
  const credentials = { folio, accessCode: tracked ? EXAMPLE_ACCESS_CODE : newAccessCode() };
  const report = {
    mode: 'anonymous',
    narrative: '[Ejemplo generado] En la ventanilla pidieron un pago para recibir los documentos del apoyo.',
    category: 'BRIBERY',
  } as const;
  try {
    await app
      .get(IntakeService)
      .receive(institutionId, [{ report, channel: 'web', actor: { kind: 'nobody' }, credentials }]);
  } catch (error) {
    // Another process starts at the same time and was faster.
    if (violates(error)) return;
    throw error;
  }
  const by = (actor: StaffActor): OnCase => ({ actor, folio });
  if (status === 'received') return;
  await app.get(TriageCase).make(by(staff.desk), { area: AREA, reason: REASON });
  if (status === 'assigned') return;
  if (status === 'awaiting_reporter') {
    const question = '¿En qué oficina y qué día ocurrió? (Ejemplo generado)';
    await app.get(AskReporter).make(by(staff.head), { question, businessDays: DAYS_TO_ANSWER });
    return;
  }
  await app.get(AssignCase).make(by(staff.head), { assignee: staff.investigator.accountId });
  await app.get(StartInvestigation).make(by(staff.investigator), {});
  if (status === 'under_investigation') return;
  const publicText = 'Concluimos la investigación. Ejemplo generado.';
  const outcome = 'measures_taken';
  await app.get(CloseCase).make(by(staff.investigator), { outcome, grounds: REASON, publicText });
}

/** Give the example case a file and an upload that has begun, which the examples of evidence name. */
async function seedEvidence(app: INestApplicationContext, actor: StaffActor): Promise<void> {
  const found = await rowsOf(
    app,
    actor.institutionId,
    'select 1 from evidence e join cases c on c.id = e.case_id where c.folio = $1',
    [EXAMPLE_FOLIO],
  );
  if (found.length > 0) return;
  const receiving = app.get(ReceiveEvidence);
  await receiving.receive(
    { actor, folio: EXAMPLE_FOLIO },
    {
      bytes: Readable.from([EXAMPLE_PICTURE]),
      name: 'ejemplo.png',
      caption: async () => 'Ejemplo generado.',
    },
  );
  const [{ id: caseId }] = (await rowsOf<{ id: string }>(
    app,
    actor.institutionId,
    'select id from cases where folio = $1',
    [EXAMPLE_FOLIO],
  )) as [{ id: string }];
  const { institutionId } = actor;
  const reporter = { kind: 'reporter', institutionId, caseId, codeGeneration: 0 } as const;
  await app.get(Uploads).begin(reporter, { name: 'ejemplo.mp4', length: 1_482_113 });
}

/** Keep the call that the examples of the telephone resume, with a draft that can be filed. */
async function seedCall(
  app: INestApplicationContext,
  { id: institutionId, timeZone }: { id: string; timeZone: string },
): Promise<void> {
  const [calls, clock, once] = [app.get(Calls), app.get(Clock), app.get(OncePerKey)];
  const key = { institutionId, number: EXAMPLE_CALL };
  // It was filed by an example. A draft beside its receipt would never be filed.
  if (await once.kept(calls.repeatable(key))) return;
  const today = clock.today(timeZone);
  const call = {
    startedAt: clock.now().toISOString(),
    begunAt: clock.now().toISOString(),
    language: 'es',
    version: 1,
    draft: { mode: 'anonymous', narrative: '[Ejemplo generado] Pidieron un pago por recibir los papeles.' },
  } as const;
  try {
    await app.get(Database).tx(system('demo', institutionId), async (tx) => {
      if (await calls.lock(tx, key, today)) return;
      await calls.drop(tx, key);
      await calls.add(tx, key, call, today);
    });
  } catch (error) {
    // Another process starts at the same time and was faster.
    if (!violates(error)) throw error;
  }
}

/** Make the rows that the `{id}` in the paths of the examples names. */
async function seedRows(app: INestApplicationContext, admin: StaffActor): Promise<void> {
  const { institutionId } = admin;
  const missing = async (sql: string, ...parameters: unknown[]): Promise<boolean> =>
    (await rowsOf(app, institutionId, sql, parameters)).length === 0;
  await seedApprovals(app, admin, missing);
  if (await missing('select 1 from channel_keys where label = $1 and revoked_at is null', EXAMPLE_LABEL)) {
    await app.get(ChannelKeysService).create(admin, { channel: 'web', label: EXAMPLE_LABEL });
  }
  const rules = 'select 1 from routing_rules where institution_id = $1 and label = $2';
  if (await missing(rules, institutionId, EXAMPLE_LABEL)) {
    const rule = { position: 99_000, label: EXAMPLE_LABEL, words: ['ejemplo del documento'], area: AREA };
    await app.get(RoutingService).create(admin, rule);
  }
  if (await missing('select 1 from sla_terms where institution_id = $1', institutionId)) {
    const term = { metric: 'resolution', category: 'HARASSMENT', businessDays: 60 } as const;
    await app.get(SlaTermsService).add(admin, term);
  }
  const today = app.get(Clock).today('America/Mexico_City');
  const closures =
    'select 1 from calendar_closures where institution_id = $1 and withdrawn_at is null and day > $2';
  if (await missing(closures, institutionId, today)) {
    const day = new Date(Date.parse(today) + 180 * 24 * 3_600_000).toISOString().slice(0, 10);
    await app.get(CalendarsService).addClosures(admin, { days: [{ day, label: EXAMPLE_LABEL }] });
  }
}

/** Make an account and approvals that wait for a second person. */
async function seedApprovals(
  app: INestApplicationContext,
  admin: StaffActor,
  missing: (sql: string, ...parameters: unknown[]) => Promise<boolean>,
): Promise<void> {
  const accounts = app.get(AccountsService);
  const account = { name: EXAMPLE_LABEL, areas: [] };
  if (await missing('select 1 from accounts where email = $1', EXAMPLE_ACCOUNT))
    await accounts.create(admin, { ...account, email: EXAMPLE_ACCOUNT, roles: ['operator'] });
  const waiting = `select 1 from approvals where state = 'open' and expires_at > $1`;
  const open = await rowsOf(app, admin.institutionId, waiting, [app.get(Clock).now()]);
  for (let n = open.length; n < APPROVALS; n++) {
    const email = `ejemplo-${randomBytes(4).toString('hex')}@${DEMO.domain}`;
    await accounts.create(admin, { ...account, email, roles: ['investigator'], areas: [AREA] }, REASON);
  }
}

export function rowsOf<Row>(
  app: INestApplicationContext,
  institutionId: string,
  sql: string,
  parameters: unknown[],
): Promise<Row[]> {
  return app.get(Database).tx(system('demo', institutionId), (tx) => tx.query<Row>(sql, parameters));
}
