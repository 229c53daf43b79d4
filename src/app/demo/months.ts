import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { confirmClock } from '../../foundations/audit/clock-watch.js';
import { isBusinessDay } from '../../foundations/catalogs/business-calendar.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { Releases } from '../../insight/transparency/releases/releases.service.js';
import { system, type StaffActor } from '../../platform/actor.js';
import { localDay, ManualClock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { DomainError } from '../../platform/errors.js';
import { Sweeper } from '../../platform/jobs/sweeper.js';
import { Correspondence } from '../../work/cases/correspondence.service.js';
import { AssignCase } from '../../work/cases/moves/assign.js';
import type { OnCase } from '../../work/cases/moves/case-moves.js';
import { CloseCase } from '../../work/cases/moves/close.js';
import { StartInvestigation } from '../../work/cases/moves/investigate.js';
import { TriageCase } from '../../work/cases/moves/triage.js';
import { IntakeService } from '../../work/intake/intake.service.js';
import { AppModule, type AppParts } from '../app.module.js';
import { DEMO_INSTITUTIONS, type DemoInstitution } from './institutions.js';
import { numbers, sampleReport } from './samples.js';
import { staffOf } from './staff.js';

const DAY = 24 * 3600_000;
const MONTHS = 3;
/** The time zone of both demo institutions. */
const ZONE = 'America/Mexico_City';

/**
 * The instant at which the demo's past begins: 9:00 in Mexico City on the first day of the month three months
 * ago.
 */
export function startOfPast(now: Date): Date {
  const [year, month] = localDay(now, ZONE).split('-').map(Number);
  return new Date(Date.UTC(year!, month! - 1 - MONTHS, 1, 15));
}

/**
 * Whether there are reports already. Then nothing more is generated. A first start that was killed before its
 * end leaves fewer examples; the worker publishes its open months.
 */
export async function hasPast(app: INestApplicationContext): Promise<boolean> {
  for (const { id } of await app.get(CatalogsReader).institutions()) {
    const rows = await app
      .get(Database)
      .tx(system('demo', id), (tx) => tx.query('select 1 from cases limit 1'));
    if (rows.length > 0) return true;
  }
  return false;
}

/**
 * Generate three closed months with the real commands and a clock of their own. Reports marked as generated
 * come in and are triaged, worked, answered and closed, some of them too late. Sweeps run, and the worker's
 * releases are published.
 */
export async function generatePast(parts: AppParts): Promise<void> {
  const now = parts.clock.now();
  const clock = new ManualClock(startOfPast(now));
  const app = await NestFactory.createApplicationContext(AppModule.of({ ...parts, clock }), {
    logger: parts.log,
  });
  // The institutions were set up today, before their past begins, so confirm the clock: it is not wrong.
  const publish = async (): Promise<void> => {
    await confirmClock(parts.database.appPool, clock.now());
    await app.get(Sweeper).run('release-statistics');
  };
  try {
    const events = eventsOfWorker(app, now, publish);
    for (const institution of DEMO_INSTITUTIONS) events.push(...(await storyOf(app, institution, now)));
    events.sort((a, b) => a.at - b.at);
    for (const event of events) {
      clock.set(new Date(event.at));
      await event.run();
    }
    clock.set(now);
    await publish();
    // On the first days of a month the worker has not yet published the last month. Publish it here, so that
    // the demo shows all three.
    const [year, month] = localDay(now, ZONE).split('-').map(Number);
    const last = new Date(Date.UTC(year!, month! - 1, 0, 12)).toISOString().slice(0, 7);
    for (const { id } of await app.get(CatalogsReader).institutions()) {
      await app.get(Releases).publish(system('demo', id), 'reports', last).catch(ignoreReleased);
    }
  } finally {
    await app.close();
  }
}

/** The work of the worker during these months. */
function eventsOfWorker(app: INestApplicationContext, now: Date, publish: () => Promise<void>): Event[] {
  const sweep = async (): Promise<void> => {
    for (const name of ['sla', 'archive-resolved', 'expire-questions']) await app.get(Sweeper).run(name);
  };
  const events: Event[] = [];
  for (let at = startOfPast(now).getTime() + 2 * DAY, day = 0; at < now.getTime(); at += DAY, day++) {
    if (localDay(new Date(at), ZONE).endsWith('-05')) events.push({ at, run: publish });
    // Each sweep takes some time, so every third day is enough for the examples.
    if (day % 3 === 0) events.push({ at, run: sweep });
  }
  return events;
}

function ignoreReleased(error: unknown): void {
  // In the first minutes of a month the last month still counts as open. The worker publishes it later.
  if (!(error instanceof DomainError && ['RELEASE_EXISTS', 'PERIOD_OPEN'].includes(error.code))) throw error;
}

interface Event {
  at: number;
  run(): Promise<unknown>;
}

/**
 * Everything that happens at one institution, as events in time. Every first start draws the same random
 * numbers.
 */
async function storyOf(app: INestApplicationContext, demo: DemoInstitution, now: Date): Promise<Event[]> {
  const found = (await app.get(CatalogsReader).institutions()).find(({ code }) => code === demo.code)!;
  const staff = await staffOf(app.get(Database), found.id, demo);
  const { institution } = await app
    .get(Database)
    .tx(system('demo', found.id), (tx) => app.get(CatalogsReader).snapshot(tx, found.id));
  const next = numbers(demo.code);
  const perDay = demo.kind === 'federal' ? 0.35 : 0.2;
  const events: Event[] = [];
  for (let day = startOfPast(now).getTime(); day < now.getTime() - DAY; day += DAY) {
    if (
      next() > perDay * 2 ||
      !isBusinessDay(institution.calendar, localDay(new Date(day), institution.timeZone))
    )
      continue;
    const one = { app, demo, staff, institutionId: found.id, next, day };
    events.push(...lifeOf(one).filter(({ at }) => at < now.getTime()));
  }
  return events;
}

interface Life {
  app: INestApplicationContext;
  demo: DemoInstitution;
  staff: Awaited<ReturnType<typeof staffOf>>;
  institutionId: string;
  next: () => number;
  /** When the report comes in. */
  day: number;
}

/** One generated report and the work of the office on it. */
function lifeOf({ app, demo, staff, institutionId, next, day }: Life): Event[] {
  const { report, channel } = sampleReport(demo.kind, next);
  // Some cases are slow, so that their clocks breach as in real life.
  const pace = next() < 0.25 ? 3 : 1;
  const ends = next();
  let folio = '';
  const by = (actor: StaffActor): OnCase => ({ actor, folio });
  const receive = async (): Promise<void> => {
    const [result] = await app
      .get(IntakeService)
      .receive(institutionId, [{ report, channel, actor: { kind: 'nobody' } }]);
    if (!result || !('receipt' in result)) throw result?.refusal;
    folio = result.receipt.folio;
  };
  const events: Event[] = [{ at: day, run: receive }];
  const later = (days: number, run: () => Promise<unknown>): void => {
    events.push({ at: day + days * pace * DAY + Math.floor(next() * 6 * 3600_000), run });
  };
  const close =
    (actor: StaffActor, outcome: 'inadmissible' | 'measures_taken' | 'no_elements', said: string) => () =>
      app
        .get(CloseCase)
        .make(by(actor), { outcome, grounds: 'Ejemplo generado.', publicText: `${said} Ejemplo generado.` });
  if (ends < 0.15) {
    later(2, close(staff.desk, 'inadmissible', 'No es una denuncia que podamos atender aquí.'));
    return events;
  }
  later(2, () =>
    app
      .get(TriageCase)
      .make(by(staff.desk), { area: demo.areas[0], reason: 'Confirmado. Ejemplo generado.' }),
  );
  later(4, () => app.get(AssignCase).make(by(staff.head), { assignee: staff.investigator.accountId }));
  later(5, () => app.get(StartInvestigation).make(by(staff.investigator), {}));
  const said = 'Recibimos tu denuncia y ya la investigamos. Ejemplo generado.';
  later(7, () => app.get(Correspondence).message(by(staff.investigator), said));
  if (ends < 0.6) {
    const outcome = ends < 0.4 ? 'measures_taken' : 'no_elements';
    later(25, close(staff.investigator, outcome, 'Concluimos la investigación.'));
  }
  return events;
}
