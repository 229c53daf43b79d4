import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AREA,
  AUDITOR,
  CaseWork,
  DESK,
  HEAD,
  INVESTIGATOR,
  ok,
  OPERATOR,
  OTHER_INVESTIGATOR,
  type CaseBody,
} from './builders/cases.js';
import { EvidenceWork, recording, type EvidenceBody } from './builders/evidence.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { Harness, type Answer, type Receipt } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

interface VoiceCase extends CaseBody {
  awaitsVoice: boolean;
  report: { narrative: string; voice: boolean };
  evidence: WithTranscript[];
}
interface WithTranscript extends EvidenceBody {
  transcript: { version: number; text: string; by: string | null; at: string | null } | null;
}
interface Written {
  transcript: WithTranscript['transcript'];
  proposal: {
    label: string;
    area: { code: string };
    category: { code: string } | null;
    priority: string;
  } | null;
  caseVersion: number;
  code: string;
}

const VOICE = { institution: 'CONAVI-DEMO', mode: 'anonymous', voice: true };
const sendVoice = async (more: Record<string, unknown> = {}): Promise<Receipt> =>
  ok(await h.call<Receipt>('POST', '/reports', { body: { ...VOICE, ...more } }));
const read = async (folio: string): Promise<VoiceCase> => (await work.read(folio, DESK)) as VoiceCase;
const waiting = async (email = DESK): Promise<string[]> => {
  type Page = { items: { folio: string; awaitsVoice: boolean }[] };
  const { items } = ok(await h.as<Page>(email, 'GET', '/cases?awaitsVoice=true&limit=100'));
  expect(items.every(({ awaitsVoice }) => awaitsVoice)).toBe(true);
  return items.map(({ folio }) => folio);
};
const transcribe = (
  email: string,
  folio: string,
  id: string,
  text: string,
  headers?: Record<string, string>,
): Promise<Answer<Written>> =>
  h.as<Written>(email, 'POST', `/cases/${folio}/evidence/${id}/transcript`, { text }, headers);

describe('a report by voice', () => {
  it('is a case at once, with its clocks, and waits for the recording where everybody concerned sees it', async () => {
    const receipt = await sendVoice();
    expect(receipt).toMatchObject({ acknowledgement: expect.stringContaining('Todavía falta tu grabación') });
    expect(await read(receipt.folio)).toMatchObject({
      awaitsVoice: true,
      report: { narrative: 'Relato por voz', voice: true },
      status: 'received',
    });
    expect((await work.deadlines(receipt.folio)).length).toBeGreaterThan(0);
    expect(await waiting()).toContain(receipt.folio);
    expect((await work.asReporter(receipt, 'GET', 'case')).body).toMatchObject({ awaitsVoice: true });

    // A photo is no voice.
    await evidence.asReporter(receipt, {
      bytes: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
      name: 'a.jpg',
    });
    expect(await read(receipt.folio)).toMatchObject({ awaitsVoice: true });

    expect((await evidence.asReporter(receipt, { bytes: recording(), name: 'nota.wav' })).status).toBe(201);
    expect(await read(receipt.folio)).toMatchObject({ awaitsVoice: false, report: { voice: true } });
    expect(await waiting()).not.toContain(receipt.folio);
    expect((await work.asReporter(receipt, 'GET', 'case')).body).toMatchObject({ awaitsVoice: false });
    expect((await work.trail(receipt.folio)).length).toBeGreaterThan(2);
    expect(await read(receipt.folio)).toMatchObject({ integrity: 'ok' });
  });

  it('comes through every door, in any mode, and may say a part in writing', async () => {
    const channel = await h.call<Receipt>('POST', '/reports', {
      body: { mode: 'anonymous', voice: true },
      key: `${CHANNEL_KEY}-cnv-web`,
    });
    const phone = await h.as<Receipt>(OPERATOR, 'POST', '/reports', { mode: 'anonymous', voice: true });
    for (const answer of [channel, phone]) {
      expect(answer.status).toBe(201);
      expect(await read(answer.body.folio)).toMatchObject({ awaitsVoice: true });
    }
    const both = await sendVoice({ narrative: 'Lo demás lo digo en la grabación.' });
    expect(await read(both.folio)).toMatchObject({
      awaitsVoice: true,
      report: { narrative: 'Lo demás lo digo en la grabación.', voice: true },
    });
    // The recording of a call is brought by staff.
    await evidence.asStaff(DESK, phone.body.folio, { bytes: recording(), name: 'llamada.wav' });
    expect(await read(phone.body.folio)).toMatchObject({ awaitsVoice: false });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no narrative and no voice', { voice: undefined }, 'narrative'],
    ['no narrative and a voice that is none', { voice: false }, 'narrative'],
    ['a voice in a word', { voice: 'true' }, 'voice'],
    ['a narrative of three letters beside the voice', { narrative: 'Así' }, 'narrative'],
    ['a narrative that is null', { narrative: null, voice: true }, 'narrative'],
  ])('is refused with %s', async (_, change, field) => {
    const { status, body } = await h.call<{ errors: { field: string }[] }>('POST', '/reports', {
      body: { ...VOICE, ...change },
    });
    expect([status, body.errors.map((one) => one.field)]).toEqual([400, expect.arrayContaining([field])]);
  });

  it('looks in the database like any other as soon as its recording is there', async () => {
    const told = [
      'Cobran por inscribir.',
      'El encargado pide dinero a cada familia por el trámite. '.repeat(3),
    ];
    const written = await Promise.all(told.map((narrative) => h.file({ narrative })));
    const reports = [await sendVoice(), ...written];
    for (const receipt of reports) await evidence.asReporter(receipt, { bytes: recording() });
    const rows = await h.sql<Record<string, unknown>>(
      'owner',
      `select c.awaits_voice, c.last_seq, octet_length(r.content) as content, octet_length(e.details) as details
         from cases c join case_reports r on r.case_id = c.id join evidence e on e.case_id = c.id
        where c.folio = any($1)`,
      [reports.map(({ folio }) => folio)],
    );
    expect(rows).toEqual(Array(3).fill(rows[0]));
    expect(linesWith(await dumpDatabase(h), 'Relato por voz')).toEqual([]);
  });
});

describe('a transcript', () => {
  const SAID = 'Me cobró dinero para inscribirme en la lista, es un fraude.';

  it('counts versions, keeps all of them, and is the account for rules', async () => {
    const receipt = await sendVoice();
    const { folio } = receipt;
    await evidence.asReporter(receipt, { bytes: recording() });
    const [file] = await evidence.list(DESK, folio);
    const first = ok(await transcribe(DESK, folio, file!.id, 'Un ruido.'));
    expect(first).toMatchObject({
      transcript: { version: 1, text: 'Un ruido.' },
      proposal: { label: 'Todo lo demás' },
    });
    const second = ok(await transcribe(DESK, folio, file!.id, SAID));
    expect(second.transcript).toMatchObject({
      version: 2,
      text: SAID,
      at: expect.stringContaining('-06:00'),
    });
    const detail = await read(folio);
    expect(detail).toMatchObject({
      version: second.caseVersion,
      integrity: 'ok',
      evidence: [{ number: 1, transcript: { version: 2, text: SAID } }],
    });
    const kept = detail.entries.filter(({ kind }) => kind === 'transcript');
    expect(kept.map(({ body }) => body)).toEqual([
      { text: 'Un ruido.', evidence: 1, version: 1 },
      { text: SAID, evidence: 1, version: 2 },
    ]);
    expect(kept[0]!.summary).toBe('Se transcribió: prueba 1.');
    // The same words, written: the rules say the same.
    const written = await h.call<Receipt & CaseBody>('POST', '/reports', {
      body: { ...VOICE, voice: undefined, narrative: SAID },
    });
    expect(second.proposal).toMatchObject({
      area: { code: written.body.area.code },
      category: { code: written.body.category!.code },
      priority: written.body.priority,
    });
    // A proposal moves nothing.
    expect(detail.area.code).not.toBe(second.proposal!.area.code);
    expect(await work.triage(folio, { area: second.proposal!.area.code })).toMatchObject({
      area: { code: AREA },
    });
  });

  it('is written from several recordings in their order, whoever writes last', async () => {
    const receipt = await sendVoice();
    for (const seconds of [1, 2]) await evidence.asReporter(receipt, { bytes: recording(seconds) });
    const [one, two] = await evidence.list(DESK, receipt.folio);
    ok(await transcribe(DESK, receipt.folio, two!.id, 'Si no pago la mordida, me amenaza.'));
    const last = ok(await transcribe(DESK, receipt.folio, one!.id, 'Fui a la ventanilla.'));
    expect(last.proposal).toMatchObject({ label: 'Amenazas o violencia', priority: 'urgent' });
    const both = await Promise.all(
      ['Uno.', 'Dos.'].map((text) => transcribe(DESK, receipt.folio, one!.id, text)),
    );
    expect(both.map(({ body }) => body.transcript!.version).sort()).toEqual([2, 3]);
  });

  it('stands in the custody of its file, and never before the reporter', async () => {
    const receipt = await work.bring('under_investigation');
    await evidence.asReporter(receipt, { bytes: recording() });
    const [file] = await evidence.list(INVESTIGATOR, receipt.folio);
    ok(await transcribe(INVESTIGATOR, receipt.folio, file!.id, SAID));
    const custody = ok(
      await h.as<{ transcript: unknown; entries: { event: string; data: unknown }[] }>(
        AUDITOR,
        'GET',
        `/cases/${receipt.folio}/evidence/${file!.id}/custody`,
      ),
    );
    expect(custody).toMatchObject({ integrity: 'ok', transcript: { version: 1 } });
    expect(custody.entries.find(({ event }) => event === 'TRANSCRIPT_WRITTEN')).toMatchObject({
      data: { evidence: file!.id, number: 1, version: 1 },
    });
    const { body } = await work.asReporter(receipt, 'GET', 'case');
    expect(JSON.stringify(body)).not.toMatch(/transcri|fraude/i);
    expect(linesWith(await dumpDatabase(h), SAID)).toEqual([]);
  });

  it('is refused to whoever does not handle the case, of another case, and without words', async () => {
    const [receipt, other] = [await work.bring('under_investigation'), await work.file()];
    await evidence.asReporter(receipt, { bytes: recording() });
    const { folio } = receipt;
    const [file] = await evidence.list(DESK, folio);
    const refused = async (email: string, at: string, text: string, headers?: Record<string, string>) => {
      const { status, body } = await transcribe(email, at, file!.id, text, headers);
      return [status, body.code];
    };
    expect(await refused(OTHER_INVESTIGATOR, folio, 'Hola.')).toEqual([404, 'CASE_NOT_FOUND']);
    expect(await refused(AUDITOR, folio, 'Hola.')).toEqual([403, 'FORBIDDEN']);
    expect(await refused(OPERATOR, folio, 'Hola.')).toEqual([403, 'FORBIDDEN']);
    expect(await refused(HEAD, other.folio, 'Hola.')).toEqual([404, 'EVIDENCE_NOT_FOUND']);
    expect(await refused(HEAD, folio, '   ')).toEqual([400, 'INVALID_REQUEST']);
    expect(await refused(HEAD, folio, 'Hola.', { 'If-Match': '"1"' })).toEqual([412, 'STALE_VERSION']);
    expect((await evidence.list(DESK, folio))[0]).toMatchObject({ transcript: null });
    // What comes after the end is heard too.
    await work.close(folio, 'measures_taken');
    expect((await transcribe(HEAD, folio, file!.id, 'Hola.')).status).toBe(201);
  });
});
