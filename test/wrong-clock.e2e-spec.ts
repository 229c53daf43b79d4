import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClockWatch, confirmClock } from '../src/foundations/audit/clock-watch.js';
import { Sweeper } from '../src/platform/jobs/sweeper.js';
import { CaseWork, DESK, moveTo } from './builders/cases.js';
import { START_TIME } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';
import { publish } from './support/statistics.js';
import { until } from './support/until.js';

/** A machine whose clock is wrong for a moment: what is published then stays published. */
const DAY = 24 * 3600_000;

let h: Harness;
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());

const ready = async () => (await h.call<Record<string, string>>('GET', '//health/ready')).body;
/** Releases of months that were not over when the clock was right. */
const early = () => h.sql('owner', `select period from stat_releases where period >= '2026-11'`);
const statusOf = async (folio: string) =>
  (await h.sql<{ status: string }>('owner', 'select status from cases where folio = $1', [folio]))[0]!.status;

describe('a worker whose clock jumps by months', () => {
  let resolved: Receipt;

  beforeAll(async () => {
    resolved = await work.bring('resolved');
    const watch = h.app.get(ClockWatch);
    h.app.get(Sweeper).start(
      (at) => watch.beat(at),
      () => watch.trusted(),
    );
    await until(ready, ({ worker }) => worker === 'up');
    // Those that began by the right clock end by it.
    await h.sweep();
  });

  it('publishes, archives and marks nothing, goes on receiving reports, and says so in its readiness', async () => {
    moveTo(h, '2027-03-15T16:00:00Z');
    // What it does by itself every second or minute, asked for at once.
    await h.sweep();
    expect(await ready()).toMatchObject({ status: 'up', clock: 'jumped', worker: 'stale' });
    expect([await early(), await statusOf(resolved.folio)]).toEqual([[], 'resolved']);
    const marks = await h.sql(
      'owner',
      `select 1 from sla_clocks where state = 'breached' or warned_at is not null`,
    );
    expect(marks).toEqual([]);
    const refused = await publish(h, '2026-11');
    expect([refused.status, refused.body.code]).toEqual([409, 'CLOCK_HELD']);
    expect((await h.file()).status).toBe('received');
  });

  it('still stands when the clock is right again after something was written under the wrong one', async () => {
    // The test signed in for its release.
    moveTo(h, new Date(START_TIME.getTime() + 60_000));
    expect(await ready()).toMatchObject({ clock: 'behind' });
    expect(await h.app.get(ClockWatch).trusted()).toBe(false);
    await confirmClock(h.database.appPool, h.clock.now());
    expect((await ready()).clock).toBeUndefined();
    moveTo(h, new Date(START_TIME.getTime() + 20 * 60_000));
    expect(await h.app.get(ClockWatch).trusted()).toBe(true);
  });

  it('works in the new time when an operator confirms it', async () => {
    moveTo(h, '2027-03-15T16:00:00Z');
    await h.sweep();
    expect(await statusOf(resolved.folio)).toBe('resolved');
    await confirmClock(h.database.appPool, h.clock.now());
    // The watch looks again every ten seconds, or when the clock moves.
    h.clock.set(new Date(h.clock.now().getTime() + 10 * 60_000));
    await h.sweep();
    expect(await statusOf(resolved.folio)).toBe('closed');
  });
});

describe('a clock that jumped and came back', () => {
  it('needs no operator when nothing was written in between', async () => {
    const other = await Harness.start();
    try {
      const watch = other.app.get(ClockWatch);
      await watch.beat(START_TIME);
      other.clock.set(new Date('2027-03-15T16:00:00Z'));
      expect(await watch.trusted()).toBe(false);
      other.clock.set(START_TIME);
      expect(await watch.trusted()).toBe(true);
      expect((await other.call<Record<string, string>>('GET', '//health/ready')).body.clock).toBeUndefined();
    } finally {
      await other.stop();
    }
  });
});

describe('marks that a wrong clock left', () => {
  let other: Harness;
  let desk: CaseWork;
  beforeAll(async () => {
    other = await Harness.start();
    desk = new CaseWork(other);
  });
  afterAll(() => other.stop());

  const places = () =>
    other.sql<{ folio: string; urgency: number; next: string }>(
      'owner',
      'select folio, urgency, next_due_on::text as next from cases order by folio',
    );
  const sweep = async (): Promise<void> => {
    await other.run('sla');
    await other.run('correct-marks');
  };
  const clocks = () =>
    other.sql(
      'owner',
      'select metric, state, warned_at, breached_at from sla_clocks order by subject_id, metric, round',
    );

  it('are taken back in lists, clocks and detail, with an entry that says so; a later breach is told anew', async () => {
    const receipts = [await other.file(), await other.file(), await other.file()];
    const before = { places: await places(), clocks: await clocks() };
    // The worker of a wrong clock marked them, and the desk saved one of them under it.
    moveTo(other, new Date(START_TIME.getTime() + 200 * DAY));
    await sweep();
    await desk.triage(receipts[0]!.folio);
    expect((await places()).map(({ urgency }) => urgency)).toEqual([0, 0, 0]);

    moveTo(other, START_TIME);
    await sweep();
    const untouched = (all: { folio: string }[]) => all.filter(({ folio }) => folio !== receipts[0]!.folio);
    expect(untouched(await places())).toEqual(untouched(before.places));
    expect((await places()).map(({ urgency }) => urgency)).toEqual([2, 2, 2]);
    const stopped = (await clocks()).filter((clock) => clock.state === 'breached');
    // The triage came after two deadlines by the clock of then: a fact with its instant, not a mark.
    expect(stopped.map(({ metric }) => metric).sort()).toEqual(['acknowledgement', 'triage']);
    const { items } = (
      await other.as<{ items: { folio: string; sla: { stage: string } }[] }>(
        DESK,
        'GET',
        '/cases?sla=breached',
      )
    ).body;
    expect(items).toEqual([]);
    const detail = await desk.read(receipts[1]!.folio);
    expect(detail.entries.filter(({ kind }) => kind === 'deadline_corrected').length).toBeGreaterThan(0);
    expect(await sweepTwice()).toEqual([0, 0]);

    // The real breach comes later, and whoever answers for the area hears of it.
    await desk.triage(receipts[1]!.folio);
    await other.sql('owner', 'update notices set read_at = now()');
    moveTo(other, new Date('2026-11-26T06:00:00Z'));
    await sweep();
    const { body } = await other.as<{ items: { kind: string; folio: string }[] }>(
      DESK,
      'GET',
      '/notifications?unread=true',
    );
    expect(body.items.filter(({ kind }) => kind === 'deadline_breached').length).toBeGreaterThan(0);
  });

  async function sweepTwice(): Promise<number[]> {
    return [await other.run('sla'), await other.run('correct-marks')];
  }

  it('are taken back once, however many workers look', async () => {
    moveTo(other, new Date(START_TIME.getTime() + 200 * DAY));
    const receipts = [];
    for (let n = 0; n < 12; n++) receipts.push(await other.file());
    moveTo(other, new Date(START_TIME.getTime() + 400 * DAY));
    for (const { folio } of receipts) await desk.triage(folio);
    moveTo(other, new Date(START_TIME.getTime() + 200 * DAY));
    await other.run('sla');
    const second = await Harness.start({ share: other });
    try {
      await Promise.all([other, second].map((worker) => worker.run('correct-marks')));
    } finally {
      await second.stop();
    }
    const told = await other.sql<{ entries: number }>(
      'owner',
      `select count(e.id)::int as entries from cases c left join audit_entries e on e.case_id = c.id and e.event = 'DEADLINE_CORRECTED'
        where c.folio = any ($1) group by c.id`,
      [receipts.map(({ folio }) => folio)],
    );
    expect(told.map(({ entries }) => entries)).toEqual(receipts.map(() => 1));
  });

  it('of a clock that was behind are put forward', async () => {
    moveTo(other, START_TIME);
    const receipt = await other.file();
    moveTo(other, new Date('2026-11-24T16:00:00Z'));
    await sweep();
    const placeOf = async () =>
      (
        await other.sql<{ urgency: number }>('owner', 'select urgency from cases where folio = $1', [
          receipt.folio,
        ])
      )[0]!.urgency;
    expect(await placeOf()).toBe(0);
    // Saved under a clock that lies two weeks back.
    moveTo(other, START_TIME);
    await desk.triage(receipt.folio);
    expect(await placeOf()).toBe(2);
    // What is left after the triage is the first response, due the next day.
    moveTo(other, new Date('2026-11-24T16:00:00Z'));
    await sweep();
    expect(await placeOf()).toBe(1);
  });
});
