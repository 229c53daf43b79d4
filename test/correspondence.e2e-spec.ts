import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AUDITOR,
  CaseWork,
  closure,
  DESK,
  HEAD,
  INVESTIGATOR,
  ok,
  OTHER_AREA,
  type ReporterBody,
} from './builders/cases.js';
import { Harness, type Receipt } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());

const seenBy = async (receipt: Receipt): Promise<ReporterBody> =>
  ok(await work.asReporter(receipt, 'GET', 'case'));
const reporterWrites = (receipt: Receipt, text: unknown) =>
  work.asReporter(receipt, 'POST', 'messages', { text });

const BY_STAFF = { from: 'staff', fromLabel: 'La institución', byPhone: false };
const BY_REPORTER = { from: 'reporter', fromLabel: 'Quien denuncia', byPhone: false };

describe('staff and reporter', () => {
  it.each([
    ['anonymous', {}],
    ['confidential', { reporter: { name: 'Rosa Zamora', phone: '+525511112222' } }],
    ['identified', { reporter: { name: 'Rosa Zamora', email: 'rosa@example.mx' } }],
  ])('write to each other when the report is %s', async (mode, more) => {
    const receipt = await work.bring('under_investigation', { mode, ...more });
    ok(await work.post(INVESTIGATOR, receipt.folio, 'messages', { text: '¿Tienes el recibo? Gracias.' }));
    expect((await reporterWrites(receipt, 'Sí, lo guardé.')).status).toBe(204);
    ok(await work.post(DESK, receipt.folio, 'messages', { text: 'Puedes llevarlo a la oficina.' }));

    expect((await seenBy(receipt)).messages).toEqual([
      { ...BY_STAFF, text: '¿Tienes el recibo? Gracias.', day: '2026-11-10' },
      { ...BY_REPORTER, text: 'Sí, lo guardé.', day: '2026-11-10' },
      { ...BY_STAFF, text: 'Puedes llevarlo a la oficina.', day: '2026-11-10' },
    ]);
    const { entries } = await work.read(receipt.folio, HEAD);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
    expect(entries.filter(({ kind }) => kind === 'message')).toMatchObject([
      { author: 'staff', by: 'Investigación (demostración)', at: '2026-11-10T10:00:00-06:00' },
      { author: 'reporter', by: null, at: null, day: '2026-11-10' },
      { author: 'staff', by: 'Mesa de control (demostración)', at: '2026-11-10T10:00:00-06:00' },
    ]);
  });

  it('ask and answer; a message is no answer', async () => {
    const receipt = await work.bring('under_investigation');
    const asked = ok(
      await work.post(INVESTIGATOR, receipt.folio, 'information-requests', {
        question: '¿Quién te atendió?',
        businessDays: 5,
      }),
    );
    // The holiday of 20 November would count for a sixth day only.
    expect(asked.dueOn).toBe('2026-11-17');
    expect((await reporterWrites(receipt, 'Voy a buscar el nombre.')).status).toBe(204);
    expect((await work.read(receipt.folio)).status).toBe('awaiting_reporter');

    const [open] = (await seenBy(receipt)).informationRequests;
    expect(open).toEqual({
      id: expect.any(String),
      question: '¿Quién te atendió?',
      answer: null,
      answeredByPhone: false,
      answeredByVoiceMenu: false,
      dueOn: '2026-11-17',
      state: 'open',
      stateLabel: 'Sin contestar',
    });
    const answer = (text: unknown) =>
      work.asReporter(receipt, 'POST', `information-requests/${open!.id}/answer`, { text });
    expect((await answer('')).status).toBe(400);
    expect((await answer('Un señor de la ventanilla dos.')).status).toBe(204);
    expect((await seenBy(receipt)).informationRequests).toEqual([
      { ...open, answer: 'Un señor de la ventanilla dos.', state: 'answered', stateLabel: 'Contestada' },
    ]);
    const again = await answer('Y otra cosa.');
    expect([again.status, again.body.code]).toEqual([409, 'INFORMATION_REQUEST_CLOSED']);
    expect((await work.read(receipt.folio)).status).toBe('under_investigation');
  });

  it.each([0, 61, 1.5, '5', null])('cannot ask with %p business days', async (businessDays) => {
    const { folio } = await work.bring('assigned');
    const body = { question: '¿Quién te atendió?', businessDays };
    expect((await work.post(DESK, folio, 'information-requests', body)).status).toBe(400);
  });

  it('cannot answer the question of another case', async () => {
    const [mine, other] = [await work.bring('assigned'), await work.bring('assigned')];
    const id = await work.ask(other.folio);
    const answer = await work.asReporter(mine, 'POST', `information-requests/${id}/answer`, {
      text: 'Yo no.',
    });
    expect([answer.status, answer.body.code]).toEqual([404, 'INFORMATION_REQUEST_NOT_FOUND']);
    expect((await work.read(other.folio)).status).toBe('awaiting_reporter');
  });

  it('write texts of any script and length that fits, unchanged', async () => {
    const receipt = await work.bring('assigned');
    const texts = [
      '👩‍👩‍👧 ñandú «¿qué?» <b>no es HTML</b> \u202E ok',
      'línea uno\nlínea dos\t.',
      'á'.repeat(10_000),
    ];
    for (const text of texts) {
      expect((await reporterWrites(receipt, text)).status).toBe(204);
      ok(await work.post(DESK, receipt.folio, 'messages', { text }));
    }
    expect((await seenBy(receipt)).messages.map(({ text }) => text)).toEqual(
      texts.flatMap((text) => [text, text]),
    );
  });

  it.each(['', '   ', 'a\0b', '\ud800', 'x'.repeat(10_001), 7, null, undefined, ['x']])(
    'cannot send %j',
    async (text) => {
      const receipt = await work.bring('assigned');
      for (const move of ['messages', 'notes']) {
        expect((await work.post(DESK, receipt.folio, move, { text })).status).toBe(400);
      }
      expect((await reporterWrites(receipt, text)).status).toBe(400);
      expect((await work.read(receipt.folio)).entries).toHaveLength(2);
    },
  );

  it('writing at the same time lose nothing and share no number', async () => {
    const receipt = await work.bring('under_investigation');
    const token = await h.trackingToken(receipt);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 2 === 0
          ? h.call('POST', '/tracking/messages', { token, body: { text: `mensaje ${n}` } })
          : work.post(INVESTIGATOR, receipt.folio, 'messages', { text: `mensaje ${n}` }),
      ),
    );
    expect(answers.every(({ status }) => status < 300)).toBe(true);
    const { entries } = await work.read(receipt.folio);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
    expect(entries.filter(({ kind }) => kind === 'message')).toHaveLength(12);
  });
});

describe('the end of a case', () => {
  it('shows its outcome, and keeps its state whatever the reporter writes then', async () => {
    const resolved = await work.bring('resolved');
    expect((await reporterWrites(resolved, 'No estoy de acuerdo.')).status).toBe(204);
    expect((await work.read(resolved.folio)).status).toBe('resolved');
    const closed = await work.bring('closed');
    expect((await seenBy(closed)).outcome).toEqual({
      outcome: 'inadmissible',
      outcomeLabel: 'Improcedente',
      text: closure('inadmissible').publicText,
      day: '2026-11-10',
    });
  });

  it('shows the newest outcome after a reopening, none in between', async () => {
    const receipt = await work.bring('resolved');
    ok(await work.post(AUDITOR, receipt.folio, 'reopening', { reason: 'Hay elementos nuevos.' }));
    expect((await seenBy(receipt)).outcome).toBeUndefined();
    const publicText = 'Con lo nuevo se inició un procedimiento.';
    ok(
      await work.post(INVESTIGATOR, receipt.folio, 'closure', {
        ...closure('sanction_proceedings'),
        publicText,
      }),
    );
    expect((await seenBy(receipt)).outcome).toMatchObject({
      outcome: 'sanction_proceedings',
      text: publicText,
    });
  });
});

describe('what the reporter sees', () => {
  /** Everything the reporter must not read carries this. */
  const INTERNAL = 'SOLO-PERSONAL';

  it('is the way of the case in days, without notes, names, reasons, grounds or times', async () => {
    const receipt = await work.file({ narrative: 'Me cobraron por la inscripción al programa de vivienda.' });
    const { folio } = receipt;
    ok(await work.post(DESK, folio, 'assignment', { assignee: DESK }));
    ok(await work.post(DESK, folio, 'triage', { reason: INTERNAL, priority: 'urgent' }));
    ok(await work.post(HEAD, folio, 'assignment', { assignee: INVESTIGATOR }));
    await work.investigate(folio);
    ok(await work.post(INVESTIGATOR, folio, 'notes', { text: INTERNAL }));
    ok(await work.post(HEAD, folio, 'notes', { text: INTERNAL }));
    const id = await work.ask(folio, 2);
    ok(await work.asReporter(receipt, 'POST', `information-requests/${id}/answer`, { text: 'El lunes.' }));
    ok(await work.post(HEAD, folio, 'transfers', { area: OTHER_AREA, reason: INTERNAL }));
    ok(
      await work.post('investigador2@conavi.demo', folio, 'closure', {
        ...closure('withdrawn'),
        grounds: INTERNAL,
      }),
    );
    ok(await work.post(AUDITOR, folio, 'reopening', { reason: INTERNAL }));

    const token = await h.trackingToken(receipt);
    const { status, body } = await h.call<ReporterBody>('GET', '/tracking/case', { token });
    expect(status).toBe(200);
    const text = JSON.stringify(body);
    expect(text).not.toContain(INTERNAL);
    expect(text).not.toMatch(
      /demostraci|@|\d\d:\d\d|"(by|at|seq|version|assignee|expediente|priority|stage)"/,
    );
    expect(body.timeline.map(({ kind, day }) => `${kind} ${day}`)).toEqual(
      [
        'received',
        'triaged',
        'investigation_started',
        'information_requested',
        'transferred',
        'closed',
        'reopened',
      ].map((kind) => `${kind} 2026-11-10`),
    );
    expect(body.messages).toEqual([]);
    expect(Object.keys(body).sort()).toEqual([
      'area',
      'awaitsVoice',
      'deadlines',
      'evidence',
      'folio',
      'folioDigits',
      'informationRequests',
      'messages',
      'newMessages',
      'receivedOn',
      'status',
      'statusLabel',
      'timeline',
      'writing',
    ]);
    expect(body.deadlines.every((deadline) => /^\d{4}-\d\d-\d\d$/.test(deadline.dueOn))).toBe(true);
  });

  it('has labels in Spanish, and in English for who reads English', async () => {
    const receipt = await work.bring('under_investigation');
    const token = await h.trackingToken(receipt);
    const spanish = await h.call<ReporterBody>('GET', '/tracking/case', { token });
    const headers = { 'Accept-Language': 'en' };
    const english = await h.call<ReporterBody>('GET', '/tracking/case', { token, headers });
    expect([spanish.body.statusLabel, english.body.statusLabel]).toEqual([
      'En investigación',
      'Under investigation',
    ]);
    const refused = await h.call<{ detail: string }>('POST', '/tracking/messages', {
      token,
      headers,
      body: {},
    });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('content-language')).toBe('en');
  });

  it('leaves an entry with the day only, whoever acted for the reporter', async () => {
    const receipt = await work.bring('assigned');
    await reporterWrites(receipt, 'Un dato más.');
    await seenBy(receipt);
    const rows = await h.sql<{ event: string; at: Date | null }>(
      'owner',
      `select a.event, a.at from audit_entries a join cases c on c.id = a.case_id
        where c.folio = $1 and a.actor_kind = 'reporter' order by a.event`,
      [receipt.folio],
    );
    expect(rows).toEqual([
      { event: 'REPORTER_READ', at: null },
      { event: 'REPORTER_WROTE', at: null },
    ]);
  });
});

describe('who reported', () => {
  const reporter = { name: 'Rosa Zamora', email: 'rosa@example.mx' };

  it.each([
    ['identified', { reporter }, reporter],
    ['confidential', { reporter }, null],
    ['anonymous', {}, null],
  ])(
    'of an %s report is shown as the mode allows, and only to who works in its area',
    async (mode, more, expected) => {
      const { folio } = await work.bring('assigned', { mode, ...more });
      for (const email of [INVESTIGATOR, HEAD, DESK, AUDITOR]) {
        const { body } = await h.as<{ mode: string; reporter: unknown }>(email, 'GET', `/cases/${folio}`);
        const handles = email === INVESTIGATOR || email === HEAD;
        expect([body.mode, body.reporter]).toEqual([mode, handles ? expected : null]);
      }
    },
  );
});
