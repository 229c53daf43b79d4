import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ADMIN,
  AUDITOR,
  CaseWork,
  closure,
  DESK,
  HEAD,
  INVESTIGATOR,
  moveTo,
  ok,
  OTHER_AREA,
  OTHER_INVESTIGATOR,
  type ReporterBody,
} from './builders/cases.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
beforeEach(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterEach(() => h.stop());

interface Refusal extends ReporterBody {
  detail: string;
  writeUntil: string;
}

const writes = (receipt: Receipt, text = 'No estoy de acuerdo.') =>
  work.asReporter<Refusal>(receipt, 'POST', 'messages', { text });
const answers = (receipt: Receipt, email = DESK) =>
  work.post(email, receipt.folio, 'messages', { text: 'Lo revisamos otra vez.' });
const writing = async (receipt: Receipt) => ok(await work.asReporter(receipt, 'GET', 'case')).writing;
const dismissed = async (
  outcome = 'inadmissible',
  report: Record<string, unknown> = {},
): Promise<Receipt> => {
  const receipt = await work.file(report);
  await work.close(receipt.folio, outcome, DESK);
  return receipt;
};
/** Who was told that the reporter wrote. */
const told = async (folio: string, ...people: string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const email of people) {
    const path = '/notifications?unread=true&limit=100';
    const { items } = ok(await h.as<{ items: { kind: string; folio: string }[] }>(email, 'GET', path));
    if (items.some((item) => item.kind === 'reporter_wrote' && item.folio === folio)) found.push(email);
  }
  return found;
};
const listed = async (email = HEAD): Promise<string[]> => {
  const { items } = ok(
    await h.as<{ items: { folio: string }[] }>(email, 'GET', '/cases?awaitingAnswer=true'),
  );
  return items.map(({ folio }) => folio);
};

/** Ten business days from Tuesday the 10th: the 16th is a working day, Friday the 20th is not. */
const LAST_DAY = '2026-11-25';
/** 23:59:59.999 of that day in Mexico City, and a millisecond later. */
const LAST_INSTANT = '2026-11-26T05:59:59.999Z';
const TOO_LATE = '2026-11-26T06:00:00.000Z';

describe.each(['inadmissible', 'withdrawn'])('after %s the reporter', (outcome) => {
  it('may write until the tenth business day ends where the institution is, and not a moment longer', async () => {
    const receipt = await dismissed(outcome);
    expect(await writing(receipt)).toEqual({
      allowed: true,
      until: LAST_DAY,
      text: expect.stringContaining('hasta el 25 de noviembre de 2026, incluido ese día'),
    });
    expect((await work.read(receipt.folio)).reporterWritesUntil).toBe(LAST_DAY);
    moveTo(h, LAST_INSTANT);
    expect((await writing(receipt)).allowed).toBe(true);
    expect((await writes(receipt)).status).toBe(204);

    moveTo(h, TOO_LATE);
    const refused = await writes(receipt);
    expect([refused.status, refused.body.code, refused.body.writeUntil]).toEqual([
      409,
      'REPORT_CLOSED',
      LAST_DAY,
    ]);
    // It says until when it was possible, and what to do now.
    expect(refused.body.detail).toContain('25 de noviembre de 2026');
    expect(refused.body.detail).toContain('presenta otra denuncia y menciona este folio');
    const after = await writing(receipt);
    expect([after.allowed, after.until, after.text]).toEqual([false, LAST_DAY, refused.body.detail]);
    const { messages } = ok(await work.asReporter(receipt, 'GET', 'case'));
    expect(messages).toHaveLength(1);
  });
});

describe('the ten business days', () => {
  it('are the same after a conclusion, whether or not a sweep has archived the case', async () => {
    const receipt = await work.bring('resolved');
    expect(await writing(receipt)).toMatchObject({ allowed: true, until: LAST_DAY });
    moveTo(h, LAST_INSTANT);
    await h.sweep();
    expect((await work.read(receipt.folio)).status).toBe('resolved');
    expect((await writes(receipt)).status).toBe(204);
    moveTo(h, TOO_LATE);
    expect((await work.read(receipt.folio)).status).toBe('resolved');
    expect((await writes(receipt)).body.code).toBe('REPORT_CLOSED');
    await h.sweep();
    expect((await work.read(receipt.folio)).status).toBe('closed');
    expect((await writes(receipt)).body).toMatchObject({ code: 'REPORT_CLOSED', writeUntil: LAST_DAY });
  });

  it('leave out the holidays of the institution and the days it closes', async () => {
    const days = ['2026-11-12', '2026-11-13'].map((day) => ({ day, label: 'Cierre' }));
    ok(await h.as(ADMIN, 'POST', '/admin/calendars/closures', { days }));
    expect((await writing(await dismissed())).until).toBe('2026-11-27');
    // A promise that was given is not taken back, nor moved.
    const later = await dismissed();
    ok(
      await h.as(ADMIN, 'POST', '/admin/calendars/closures', {
        days: [{ day: '2026-11-17', label: 'Cierre' }],
      }),
    );
    expect((await writing(later)).until).toBe('2026-11-27');
    // Ended on a Saturday, over the turn of the year.
    moveTo(h, '2026-12-19T16:00:00Z');
    expect((await writing(await dismissed())).until).toBe('2027-01-05');
  });

  it('begin anew when a case that was reopened is closed again, and end with a reopening', async () => {
    const receipt = await dismissed();
    moveTo(h, '2026-11-24T16:00:00Z');
    ok(await work.post(HEAD, receipt.folio, 'reopening', { reason: 'Trae hechos nuevos.' }));
    expect(await writing(receipt)).toEqual({
      allowed: true,
      until: null,
      text: 'Puedes escribir mientras se atiende tu denuncia.',
    });
    expect((await work.read(receipt.folio)).reporterWritesUntil).toBeNull();
    moveTo(h, TOO_LATE);
    expect((await writes(receipt)).status).toBe(204);
    await work.close(receipt.folio, 'withdrawn', DESK);
    expect((await writing(receipt)).until).toBe('2026-12-10');
    moveTo(h, '2026-12-11T05:59:00Z');
    expect((await writes(receipt)).status).toBe(204);
    moveTo(h, '2026-12-11T06:00:00Z');
    expect((await writes(receipt)).body.writeUntil).toBe('2026-12-10');
  });

  it('hold for a report of a channel system, and speak English to who reads it', async () => {
    const body = { mode: 'anonymous', narrative: 'Me cobraron por inscribirme.' };
    const receipt = ok(await h.call<Receipt>('POST', '/reports', { key: `${CHANNEL_KEY}-cnv-web`, body }));
    await work.close(receipt.folio, 'inadmissible', DESK);
    expect((await writes(receipt)).status).toBe(204);
    const token = await h.trackingToken(receipt);
    const headers = { 'Accept-Language': 'en' };
    const { body: seen } = await h.call<ReporterBody>('GET', '/tracking/case', { token, headers });
    expect(seen.writing.text).toContain('you can write until 25 November 2026');
  });
});

describe('what a reporter writes after the end', () => {
  it('marks the case, changes nothing else, and carries the day only', async () => {
    const receipt = await dismissed();
    const before = await work.read(receipt.folio);
    expect([before.awaitingAnswer, await listed()]).toEqual([false, []]);
    moveTo(h, '2026-11-12T19:47:31.123Z');
    ok(await writes(receipt));
    const after = await work.read(receipt.folio);
    expect(after).toMatchObject({ status: 'closed', outcome: 'inadmissible', awaitingAnswer: true });
    expect(after.deadlines).toEqual(before.deadlines);
    expect(await listed()).toEqual([receipt.folio]);
    const rows = await h.sql<{ row: Record<string, unknown> }>(
      'owner',
      `select to_jsonb(e) as row from case_entries e where e.author = 'reporter' and e.kind = 'message'
       union all select to_jsonb(a) - 'sealed' from audit_entries a where a.event = 'REPORTER_WROTE'
       union all select to_jsonb(n) from notices n where n.kind = 'reporter_wrote'`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const { row } of rows) expect(JSON.stringify(row)).not.toMatch(/19:47|13:47|47:31/);
    expect(rows.map(({ row }) => row.at ?? null).filter((at) => at !== null)).toEqual(
      rows.filter(({ row }) => 'read_at' in row).map(() => '2026-11-12T06:00:00+00:00'),
    );
  });

  it.each([
    ['who worked it and the head', 'resolved', 'FRAUD', [INVESTIGATOR, HEAD]],
    ['the head, of a case of the desk', 'closed', 'FRAUD', [HEAD]],
    ['the desk and the auditor, where no head could reopen', 'closed', 'BAD_SERVICE', [DESK, AUDITOR]],
  ])('reaches %s', async (_, status, category, expected) => {
    const receipt = await work.bring(status, { category });
    ok(await writes(receipt));
    ok(await writes(receipt, 'Otra cosa.'));
    const people = [DESK, INVESTIGATOR, OTHER_INVESTIGATOR, HEAD, AUDITOR, ADMIN];
    expect((await told(receipt.folio, ...people)).sort()).toEqual([...expected].sort());
  });

  it('waits until staff answers, which the desk and the area may, or until the case is reopened', async () => {
    const [first, second] = [await dismissed(), await work.bring('resolved')];
    for (const receipt of [first, second]) ok(await writes(receipt));
    expect((await listed()).sort()).toEqual([first.folio, second.folio].sort());
    ok(await work.post(INVESTIGATOR, first.folio, 'messages', { text: 'Gracias, lo agregamos.' }));
    const seen = ok(await work.asReporter(first, 'GET', 'case'));
    expect(seen.messages.map(({ from, text }) => `${from}: ${text}`)).toEqual([
      'reporter: No estoy de acuerdo.',
      'staff: Gracias, lo agregamos.',
    ]);
    expect(await listed()).toEqual([second.folio]);
    ok(await work.post(HEAD, second.folio, 'reopening', { reason: 'Tiene razón.' }));
    expect([await listed(), (await work.read(second.folio)).awaitingAnswer]).toEqual([[], false]);
  });

  it('is answered in time also when it came on the last evening; afterwards nobody writes', async () => {
    const [late, silent] = [await dismissed(), await dismissed()];
    const resolved = await work.bring('resolved');
    moveTo(h, LAST_INSTANT);
    for (const receipt of [late, resolved]) ok(await writes(receipt));
    moveTo(h, '2026-12-02T16:00:00Z');
    await h.sweep();
    // Neither the night nor the archive takes the mark away.
    expect((await listed()).sort()).toEqual([late.folio, resolved.folio].sort());
    expect((await answers(silent)).body).toMatchObject({ code: 'ILLEGAL_MOVE' });
    for (const receipt of [late, resolved]) {
      expect((await answers(receipt)).status).toBe(201);
      const again = await answers(receipt);
      expect([again.status, again.body]).toEqual([
        409,
        expect.objectContaining({
          code: 'ILLEGAL_MOVE',
          currentStatus: 'closed',
          currentStatusLabel: 'Cerrada',
          moveLabel: 'Escribir',
          detail: expect.stringContaining('reabrir'),
        }),
      ]);
    }
    expect(await listed()).toEqual([]);
  });

  it('takes no note, question or move that an ended case did not take before', async () => {
    const receipt = await dismissed();
    ok(await writes(receipt));
    for (const [move, body] of [
      ['notes', { text: 'Nota.' }],
      ['information-requests', { question: '¿Cuándo fue?', businessDays: 3 }],
      ['closure', closure('withdrawn')],
      ['transfers', { area: OTHER_AREA, reason: 'Otra área.' }],
    ] as const) {
      expect([move, (await work.post(DESK, receipt.folio, move, body)).status]).toEqual([move, 409]);
    }
    // Outside of its area nobody answers, and the auditor reads only.
    expect((await answers(receipt, OTHER_INVESTIGATOR)).status).toBe(404);
    expect((await answers(receipt, AUDITOR)).status).toBe(403);
  });

  it('stops being taken at fifty messages that nobody answered, counted from the closing', async () => {
    const receipt = await work.file();
    const token = await h.trackingToken(receipt);
    const send = () => h.call<Refusal>('POST', '/tracking/messages', { token, body: { text: 'Más.' } });
    for (let n = 0; n < 49; n++) expect((await send()).status).toBe(204);
    await work.close(receipt.folio, 'inadmissible', DESK);
    for (let n = 0; n < 50; n++) expect((await send()).status).toBe(204);
    const refused = await send();
    expect([refused.status, refused.body.code]).toEqual([409, 'TOO_MANY_MESSAGES']);
  });
});

describe('at the same time', () => {
  it('a reporter and a closing lose neither: the message stands before or after it', async () => {
    for (let n = 0; n < 6; n++) {
      const receipt = await work.file();
      const token = await h.trackingToken(receipt);
      const [wrote, closed] = await Promise.all([
        h.call('POST', '/tracking/messages', { token, body: { text: 'Espera.' } }),
        work.post(DESK, receipt.folio, 'closure', closure('inadmissible')),
      ]);
      expect([wrote.status, closed.status]).toEqual([204, 200]);
      const { entries, awaitingAnswer, status } = await work.read(receipt.folio);
      const kinds = entries.map(({ kind }) => kind);
      expect([status, kinds.length]).toEqual(['closed', 3]);
      // Before the closing it was answered by its text, after it waits.
      expect(awaitingAnswer).toBe(kinds.at(-1) === 'message');
    }
  });

  it('a sweep that archives and a reporter who comes too late leave the case as it was', async () => {
    const receipts = [await work.bring('resolved'), await work.bring('resolved')];
    moveTo(h, TOO_LATE);
    const tokens = await Promise.all(receipts.map((receipt) => h.trackingToken(receipt)));
    const [, ...wrote] = await Promise.all([
      h.run('archive-resolved'),
      ...tokens.map((token) => h.call('POST', '/tracking/messages', { token, body: { text: 'Tarde.' } })),
    ]);
    expect(wrote.map(({ status }) => status)).toEqual([409, 409]);
    // A sweep leaves a case that somebody holds for its next turn.
    await h.sweep();
    for (const { folio } of receipts) {
      expect(await work.read(folio)).toMatchObject({ status: 'closed', awaitingAnswer: false });
    }
  });

  it('a sweep on the last evening and a reporter: the message is kept and the case is not archived', async () => {
    const receipt = await work.bring('resolved');
    moveTo(h, LAST_INSTANT);
    const token = await h.trackingToken(receipt);
    const [archived, wrote] = await Promise.all([
      h.run('archive-resolved'),
      h.call('POST', '/tracking/messages', { token, body: { text: 'A tiempo.' } }),
    ]);
    expect([archived, wrote.status]).toEqual([0, 204]);
    expect(await work.read(receipt.folio)).toMatchObject({ status: 'resolved', awaitingAnswer: true });
  });
});
