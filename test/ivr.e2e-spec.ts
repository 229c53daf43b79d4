import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { folioDigits } from '../src/work/cases/folio-digits.js';
import {
  AUDITOR,
  CaseWork,
  DESK,
  HEAD,
  moveTo,
  ok,
  type CaseBody,
  type EntryBody,
} from './builders/cases.js';
import { EvidenceWork, recording } from './builders/evidence.js';
import { IVR_KEY, IvrWork, type IvrBody } from './builders/ivr.js';
import { CHANNEL_KEY, START_TIME } from './setup/constants.js';
import { Harness, NOTICE, type Answer, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';

const DAY = 24 * 3_600_000;
const MINUTE = 60_000;

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
let ivr: IvrWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
  ivr = new IvrWork(h);
});
afterAll(() => h.stop());

interface VoiceCase extends CaseBody {
  channel: string;
  mode: string;
  awaitsVoice: boolean;
  integrity: string;
  report: { narrative: string; voice: boolean; language: string };
  reporter: { phone?: string } | null;
  entries: (EntryBody & { byVoiceMenu: boolean; byPhone: boolean })[];
  informationRequests: (CaseBody['informationRequests'][number] & { answeredByVoiceMenu: boolean })[];
}
const read = async (folio: string, email = DESK): Promise<VoiceCase> =>
  (await work.read(folio, email)) as VoiceCase;
const opened = async (receipt: Pick<Receipt, 'folio' | 'accessCode'>, language?: string): Promise<string> =>
  ok(await ivr.open(receipt, language)).token;
const codeOf = ({ status, body }: Answer<IvrBody>) => [status, body.code];
const sentences = ({ body }: Answer<IvrBody>): string => body.say.join(' ');
const count = async (): Promise<number> =>
  (await h.sql<{ n: number }>('owner', 'select count(*)::int as n from cases'))[0]!.n;

describe('what a machine must not send', () => {
  it('is a query, which stands in the logs of proxies, or a field of the exchange', async () => {
    const query = await h.call<IvrBody>('POST', '/ivr/menu?caller=5555550100', { key: IVR_KEY, body: {} });
    expect([query.status, query.body.code]).toEqual([400, 'CALLER_NOT_TAKEN']);
    const other = await h.call<IvrBody>('POST', '/ivr/menu?x=1', { key: IVR_KEY, body: {} });
    expect([other.status, other.body.errors[0]!.field]).toEqual([400, 'x']);
    const { body } = await ivr.report();
    const exchange = await ivr.withToken('access-code', body.token, { caller: '5555550100' });
    expect([exchange.status, exchange.body.code]).toEqual([400, 'CALLER_NOT_TAKEN']);
  });
});

describe('a receipt', () => {
  it('is read at once though readers hold all their connections; the caller comes in with folio and code', async () => {
    const [general] = h.database.pools;
    const held = await Promise.all(Array.from({ length: general!.options.max }, () => general!.connect()));
    let filed: Answer<IvrBody>;
    try {
      filed = await ivr.report();
    } finally {
      for (const client of held) client.release();
    }
    expect(filed.status).toBe(201);
    expect(filed.body.token).toBeNull();
    expect((await ivr.open(filed.body)).status).toBe(201);
  });

  it('opens its session however many wrong codes others typed with the key', async () => {
    const other = await h.file();
    for (let n = 0; n < 61; n++)
      await ivr.open({ folio: other.folio, accessCode: `1111-2222-3333-${String(1000 + n)}` });
    const { body } = await ivr.report();
    expect(body.token).not.toBeNull();
  });

  it('of a code that was exchanged since reads no dead code', async () => {
    const key = randomUUID();
    const { body } = await ivr.report({}, key);
    await ivr.withToken('access-code', body.token);
    const again = await ivr.report({}, key);
    expect([again.status, again.body.token]).toEqual([201, null]);
    expect(sentences(again)).toContain('La clave se cambió después');
    expect(sentences(again)).not.toContain('Su clave es');
  });
});

describe('the beginning of a call', () => {
  it('asks for the language in both, and then says everything in the one that was chosen', async () => {
    const asked = ok(await ivr.post('menu'));
    // A program may send no body at all.
    const bare = await h.call<IvrBody>('POST', '/ivr/menu', { key: IVR_KEY });
    expect([bare.status, bare.body]).toEqual([200, asked]);
    expect(asked).toMatchObject({
      language: null,
      prompts: null,
      say: ['Para español, marque uno.', 'For English, press two.'],
      options: [
        { digit: '1', action: 'spanish', path: '/ivr/menu' },
        { digit: '2', action: 'english', path: '/ivr/menu' },
      ],
    });
    const spanish = ok(await ivr.post('menu', { language: '1#' }));
    expect(spanish).toMatchObject({
      language: 'es',
      noticeVersion: '2026-1',
      options: [
        { digit: '1', action: 'report', actionLabel: 'Presentar una denuncia', path: '/ivr/reports' },
        { digit: '2', action: 'follow', path: '/ivr/sessions' },
      ],
    });
    expect(spanish.say).toContain('Para denunciar con su voz, marque uno.');
    const english = ok(await ivr.post('menu', { language: 'English' }));
    expect(english.say).toContain('To report with your voice, press one.');
    expect(Object.keys(english.prompts!)).toEqual(Object.keys(spanish.prompts!));
    for (const [name, say] of Object.entries(english.prompts!))
      expect([name, say]).not.toEqual([name, spanish.prompts![name]]);
  });

  it('tells what to press when something else was pressed', async () => {
    const { status, body } = await ivr.post('menu', { language: '7' });
    expect([status, body.code, body.errors]).toEqual([
      400,
      'INVALID_REQUEST',
      [{ field: 'language', code: 'NOT_A_VALUE', message: expect.any(String) }],
    ]);
    expect(body.say).toEqual(['Para español, marque uno. For English, press two.']);
    const wrong = await ivr.report({ mode: '9', language: '2' });
    expect([wrong.status, wrong.body.say]).toEqual([
      400,
      ['There is no such option. Press one, two or three.'],
    ]);
  });
});

describe('a report by a voice menu', () => {
  it('is a case at once; folio and code are read twice, in words, and the recording is its account', async () => {
    const { status, body } = await ivr.report({ language: '1' });
    expect(status).toBe(201);
    expect(body.folioDigits).toBe(folioDigits(body.folio));
    const [filed, folio, code, again, ...rest] = body.say;
    expect(filed).toMatch(/quedó registrada/);
    expect(folio!.split(/[:,.] ?/).map((part) => part.trim().split(' ').length)).toEqual([3, 4, 4, 4, 3, 1]);
    expect(code!.split(/[:,.] ?/).map((part) => part.trim().split(' ').length)).toEqual([3, 4, 4, 4, 4, 1]);
    expect([again, ...rest.slice(0, 2)]).toEqual(['Repito.', folio, code]);
    expect(body.say.join(' ')).not.toMatch(/[\d<>&*#_]/);

    expect(await read(body.folio)).toMatchObject({
      channel: 'phone',
      mode: 'anonymous',
      awaitsVoice: true,
      report: { narrative: 'Relato por voz', voice: true, language: 'es' },
    });
    const kept = await ivr.record('messages', body.token, { name: '+525555550100-llamada.wav' });
    expect([kept.status, kept.body.number, kept.body.answered]).toEqual([201, 1, null]);
    expect(kept.body.say).toEqual([expect.stringContaining('se guardó')]);

    const detail = await read(body.folio);
    expect(detail).toMatchObject({ awaitsVoice: false, integrity: 'ok' });
    expect(detail.entries.at(-1)).toMatchObject({
      kind: 'evidence_received',
      author: 'reporter',
      at: null,
      byVoiceMenu: true,
      byPhone: false,
      summary: 'Llegó un archivo: prueba 1. Llegó por el menú de voz del teléfono.',
    });
    // Machines put the number of the caller into names.
    expect(await evidence.list(DESK, body.folio)).toMatchObject([
      { kind: 'audio', name: null, caption: null },
    ]);
  });

  it('may leave a number that the caller typed, in the modes that have one, and with the notice accepted', async () => {
    for (const [digit, mode] of [
      ['2', 'confidential'],
      ['3', 'identified'],
    ]) {
      const { body } = await ivr.report({ mode: digit, language: 'en', phone: '55 5555 0100#', ...NOTICE });
      expect(body.mode).toBe(mode);
      await work.triage(body.folio, { area: 'OIC' });
      const seen = await read(body.folio, HEAD);
      expect([seen.mode, seen.reporter]).toEqual([mode, digit === '3' ? { phone: '5555550100' } : null]);
      expect(seen.report.language).toBe('en');
      expect(body.say[0]).toBe('Your report was filed. Write down two numbers.');
    }
  });

  it.each<[string, object, string, RegExp]>([
    ['a number in an anonymous one', { mode: '1', phone: '5555550100' }, 'phone', /Siga sin marcarlo/],
    ['no number in a confidential one', { mode: '2', ...NOTICE }, 'reporter', /Falta el número/],
    ['a number of three digits', { mode: '2', phone: '911', ...NOTICE }, 'phone', /Márquelo otra vez/],
    ['data without the notice', { mode: '3', phone: '5555550100' }, 'privacyNotice', /aviso de privacidad/],
    ['a text of the account', { narrative: 'Me pidieron dinero.' }, 'narrative', /En este momento/],
    ['an invisible reference', { externalReference: 'A\u200bB' }, 'externalReference', /En este momento/],
  ])('refuses %s, says so, and stores nothing', async (_, body, field, said) => {
    const before = await count();
    const answer = await ivr.report(body);
    expect([answer.status, answer.body.errors.map((one) => one.field)]).toEqual([400, [field]]);
    expect(sentences(answer)).toMatch(said);
    expect(await count()).toBe(before);
  });

  it('is one, however often the call repeats it, in this process and in another', async () => {
    const call = randomUUID();
    const first = await ivr.report({ language: '2' }, call);
    const second = await Harness.start({ share: h });
    try {
      const elsewhere = new IvrWork(second);
      const answers = await Promise.all([
        ivr.report({ language: '2' }, call),
        elsewhere.report({ language: '2' }, call),
      ]);
      for (const { status, body } of answers) {
        const { folio, accessCode, say } = first.body;
        expect([status, body]).toEqual([201, expect.objectContaining({ folio, accessCode, say })]);
        expect((await ivr.withToken('state', body.token)).status).toBe(200);
      }
    } finally {
      await second.stop();
    }
    expect(codeOf(await ivr.report({ language: '1' }, call))).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    const without = await ivr.post('reports', { mode: '1' });
    expect([without.status, without.body.errors]).toEqual([
      400,
      [expect.objectContaining({ field: 'Idempotency-Key', code: 'REQUIRED' })],
    ]);
  });

  it('repeats the first code after an exchange, without a token: that code opens nothing any more', async () => {
    const call = randomUUID();
    const { body } = await ivr.report({}, call);
    const token = await h.trackingToken(body);
    await h.call('POST', '/tracking/access-code', { token });
    const again = await ivr.report({}, call);
    expect(again.body).toMatchObject({
      folio: body.folio,
      accessCode: body.accessCode,
      token: null,
      options: [],
    });
    expect(sentences(again)).not.toMatch(/tono/);
  });

  it('carries the reference of the system, which only its key reads', async () => {
    const { body } = await ivr.report({ externalReference: 'LLAMADA-DE-VOZ-17' });
    const { folio, accessCode } = body;
    const ask = (key: string) =>
      h.call<{ externalReference: string | null }>('POST', '/tracking/external-reference', {
        key,
        body: { folio, accessCode },
      });
    expect((await ask(IVR_KEY)).body.externalReference).toBe('LLAMADA-DE-VOZ-17');
    expect((await ask(`${CHANNEL_KEY}-cnv-web`)).body.externalReference).toBeNull();
  });
});

describe('a caller with folio and code', () => {
  it('enters however the keys are pressed', async () => {
    const { folio, accessCode } = await work.file();
    const [digits, code] = [folioDigits(folio).replaceAll('-', ''), accessCode.replaceAll('-', '')];
    const typed: [string, string][] = [
      [digits, code],
      [`${digits}#`, `${code}#`],
      [`*${digits}`, ` ${code} #`],
      [folioDigits(folio), accessCode],
      [digits.replace(/(.{3})/g, '$1 '), code.replace(/(.{2})/g, '$1*')],
      // The code first and the folio second.
      [code, digits],
      // A program that has the folio itself.
      [folio, code],
    ];
    for (const [first, second] of typed) {
      const answer = await ivr.post('sessions', { folio: first, accessCode: second });
      expect([first, answer.status]).toEqual([first, 201]);
    }
    expect(ok(await ivr.post('folio', { folio: `${digits}#` }))).toMatchObject({
      folioDigits: folioDigits(folio),
      say: [expect.stringContaining('dieciséis cifras')],
    });
  });

  it('hears which of the two was mistyped, as long as its form tells', async () => {
    const { folio, accessCode } = await work.file();
    const right = folioDigits(folio).replaceAll('-', '');
    const wrong = `${right.slice(0, 14)}${(Number(right[14]) + 1) % 10}`;
    for (const path of ['folio', 'sessions']) {
      const answer = await ivr.post(path, { folio: wrong, accessCode, language: '1' });
      // `accessCode` is no field of the check of a folio.
      if (path === 'folio') expect(answer.status).toBe(400);
      else expect(answer.body.say).toEqual(['Ese folio no es correcto. Marque otra vez las quince cifras.']);
    }
    expect((await ivr.post('folio', { folio: wrong })).body.say[0]).toMatch(/folio no es correcto/);
    const short = await ivr.post('sessions', { folio: right, accessCode: '123#', language: '2' });
    expect([short.status, short.body.say]).toEqual([
      400,
      ['That access code is not right. Type the sixteen digits again.'],
    ]);
    const missing = await ivr.post('sessions', { language: '2' });
    expect(missing.body.say).toHaveLength(2);
  });

  it('hears how it is going: state, deadline, messages, question, and what to press', async () => {
    moveTo(h, START_TIME);
    const receipt = await work.bring('under_investigation');
    ok(
      await work.post(HEAD, receipt.folio, 'messages', {
        text: 'Recibimos su denuncia. <b>Gracias</b> & suerte.',
      }),
    );
    const id = await work.ask(receipt.folio, 5, HEAD);
    const { body } = await ivr.withToken('state', await opened(receipt));
    expect(body).toMatchObject({
      status: 'awaiting_reporter',
      newMessages: 1,
      openQuestion: true,
      awaitsVoice: false,
      nextDeadline: { metric: 'resolution', dueOn: '2027-02-08', days: 90 },
    });
    expect(body.say).toEqual([
      'Su denuncia está así: en espera de información.',
      'La atiende: Órgano Interno de Control.',
      'El plazo que sigue es: resolución. Termina el ocho de febrero de dos mil veintisiete; faltan noventa días.',
      'Tiene un mensaje nuevo.',
      'La institución le escribió el diez de noviembre de dos mil veintiséis lo siguiente.',
      'Recibimos su denuncia. b Gracias /b y suerte.',
      'La institución le pregunta lo siguiente.',
      '¿Qué día ocurrió?',
      'Puede contestar hasta el diecisiete de noviembre de dos mil veintiséis; faltan siete días.',
      'Para oír cómo va su denuncia, marque uno.',
      'Para dejar un mensaje de voz, marque dos.',
      'Para contestar la pregunta con su voz, marque tres.',
      'Para oír todos los mensajes, marque cuatro.',
      'Para cambiar su clave por otra, marque cinco.',
    ]);
    const english = await ivr.withToken('state', await opened(receipt, '2'));
    expect(english.body.say.slice(0, 3)).toEqual([
      'The state of your report is: waiting for information.',
      'It is worked on by: Internal control body.',
      'The next deadline is: resolution. It ends on February eighth, two thousand twenty-seven; ninety days are left.',
    ]);
    // The day of the question is over, and background work has not ended it yet.
    const now = h.clock.now();
    h.clock.set(new Date('2026-11-18T16:00:00Z'));
    h.forgetTokens();
    const late = await ivr.withToken('state', await opened(receipt));
    expect([late.status, sentences(late)]).toEqual([200, expect.stringContaining('ese día ya pasó')]);
    h.clock.set(now);
    h.forgetTokens();
    // What the reporter wrote ends what is new.
    await work.asReporter(receipt, 'POST', `information-requests/${id}/answer`, { text: 'Fue el lunes.' });
    await work.asReporter(receipt, 'POST', 'messages', { text: 'Y también el martes.' });
    const token = await opened(receipt);
    expect((await ivr.withToken('state', token)).body).toMatchObject({ newMessages: 0, openQuestion: false });
    const all = await ivr.withToken('state', token, { messages: 'all' });
    expect(sentences(all)).toContain('En total hay dos mensajes.');
    expect(sentences(all)).toContain('Y también el martes.');
  });

  it('hears a deadline that was missed, an outcome, and until when a message may come', async () => {
    moveTo(h, START_TIME);
    const receipt = await work.bring('under_investigation');
    moveTo(h, new Date(START_TIME.getTime() + 30 * DAY));
    await work.close(receipt.folio, 'measures_taken');
    const said = sentences(await ivr.withToken('state', await opened(receipt)));
    expect(said).toContain('La institución no cumplió a tiempo este plazo: primera respuesta.');
    expect(said).toContain('Su denuncia terminó con este resultado: con medidas.');
    expect(said).toContain('Revisamos tu denuncia. Gracias por avisar.');
    expect(said).toMatch(
      /Todavía puede dejar mensajes hasta el veinticuatro de diciembre de dos mil veintiséis\./,
    );
    moveTo(h, new Date(START_TIME.getTime() + 90 * DAY));
    const token = await opened(receipt);
    const late = await ivr.withToken('state', token);
    expect(sentences(late)).toContain('Su denuncia ya no recibe mensajes.');
    expect(late.body.options.map(({ action }) => action)).not.toContain('message');
    const refused = await ivr.record('messages', token);
    expect([...codeOf(refused), refused.body.say]).toEqual([
      409,
      'REPORT_CLOSED',
      ['Su denuncia ya no recibe mensajes. Si hay hechos nuevos, presente otra y mencione este folio.'],
    ]);
    moveTo(h, START_TIME);
  });
});

describe('an answer by voice', () => {
  it('answers the question, and case and trail say that it came through a voice menu', async () => {
    const receipt = await work.bring('awaiting_reporter');
    const { folio } = receipt;
    const token = await opened(receipt);
    const answer = await ivr.record('answers', token);
    expect([answer.status, answer.body.answered, answer.body.say]).toEqual([
      201,
      true,
      ['Su respuesta se guardó. Llegará a quien atiende su denuncia.'],
    ]);
    const detail = await read(folio);
    expect(detail).toMatchObject({
      status: 'assigned',
      awaitingAnswer: true,
      integrity: 'ok',
      informationRequests: [{ state: 'answered', answer: 'Respuesta por voz', answeredByVoiceMenu: true }],
    });
    const [file, answered] = detail.entries.slice(-2);
    expect(file).toMatchObject({ kind: 'evidence_received', body: { evidence: 1 }, byVoiceMenu: true });
    expect(answered).toMatchObject({
      kind: 'answered',
      body: { text: 'Respuesta por voz', evidence: 1 },
      byVoiceMenu: true,
      at: null,
    });
    // The answer was lost on its way, and the call centre sends the recording again.
    const again = await ivr.record('answers', token);
    expect([again.status, again.body.answered, again.body.number]).toEqual([201, true, 1]);
    expect((await read(folio)).entries).toHaveLength(detail.entries.length);
    // Nor does an old recording answer the next question, when it comes late.
    await work.ask(folio);
    expect((await ivr.record('answers', token)).body.answered).toBe(true);
    const own = await work.asReporter(receipt, 'GET', 'case');
    expect(own.body.informationRequests[1]).toMatchObject({ state: 'open', answer: null });
    expect(own.body.informationRequests.slice(0, 1)).toMatchObject([
      { answer: 'Respuesta por voz', answeredByVoiceMenu: true, answeredByPhone: false },
    ]);

    moveTo(h, new Date(h.clock.now().getTime() + DAY));
    const trail = await work.trail(folio);
    const told = trail.filter(({ data }) => data.machine === 'ivr');
    expect(told.map(({ event, data }) => [event, typeof data.channelKey])).toEqual([
      ['EVIDENCE_RECEIVED', 'string'],
      ['REPORTER_ANSWERED', 'string'],
    ]);
    expect(told[1]).toMatchObject({ summary: 'Quien denuncia contestó: por un menú de voz del teléfono.' });
    moveTo(h, START_TIME);
  });

  it('is kept as a message when no question is open, and answers the next one only when it is sent for it', async () => {
    const receipt = await work.bring('assigned');
    const token = await opened(receipt, '2');
    const kept = await ivr.record('answers', token);
    expect([kept.status, kept.body.answered, kept.body.say[0]]).toEqual([
      201,
      false,
      'The question is no longer open. What you said was kept as a message.',
    ]);
    await work.ask(receipt.folio);
    expect((await read(receipt.folio)).informationRequests).toMatchObject([{ state: 'open' }]);
    expect((await ivr.record('messages', token)).body.answered).toBeNull();
    expect((await read(receipt.folio)).informationRequests).toMatchObject([{ state: 'open' }]);
    // The same words fit: no second file, and the question is answered.
    const same = await ivr.record('answers', token);
    expect([same.body.answered, same.body.number]).toEqual([true, 1]);
    expect(await read(receipt.folio)).toMatchObject({
      status: 'assigned',
      integrity: 'ok',
      informationRequests: [{ state: 'answered' }],
    });
  });

  it('is told to staff like every answer: one notice', async () => {
    const receipt = await work.bring('under_investigation');
    await work.ask(receipt.folio, 5, HEAD);
    const notices = async () =>
      (await h.sql('owner', `select 1 from notices where kind = 'reporter_wrote'`)).length;
    const before = await notices();
    await ivr.record('answers', await opened(receipt));
    const one = (await notices()) - before;
    await ivr.record('messages', await opened(receipt), { bytes: recording(2) });
    expect([one > 0, (await notices()) - before]).toEqual([true, one]);
  });

  it.each<[string, Buffer, number, string, RegExp]>([
    ['nothing', Buffer.alloc(0), 400, 'EVIDENCE_EMPTY', /Grabe otra vez/],
    [
      'sound without a header',
      Buffer.alloc(9000, 0xd5),
      415,
      'EVIDENCE_NO_RECORDING',
      /no se pudo reconocer/,
    ],
    [
      'a page in place of sound',
      Buffer.from('<html>404'),
      415,
      'EVIDENCE_NO_RECORDING',
      /no se pudo reconocer/,
    ],
    ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 415, 'EVIDENCE_NO_RECORDING', /no se pudo/],
    ['a program', Buffer.from('#!/bin/sh\nrm -rf /'), 415, 'EVIDENCE_EXECUTABLE', /no se pudo reconocer/],
  ])('is no %s', async (_, bytes, status, code, said) => {
    const receipt = await work.bring('awaiting_reporter');
    const answer = await ivr.record('answers', await opened(receipt), { bytes });
    expect(codeOf(answer)).toEqual([status, code]);
    expect(sentences(answer)).toMatch(said);
    expect((await read(receipt.folio)).informationRequests).toMatchObject([{ state: 'open' }]);
    expect(await evidence.list(DESK, receipt.folio)).toEqual([]);
  });
});

describe('the exchange of the code by a voice menu', () => {
  it('reads the new one twice, again for a repeat, and ends the old one and the session', async () => {
    const receipt = await work.file();
    const token = await opened(receipt);
    const { status, body } = await ivr.withToken('access-code', token);
    expect([status, body.accessCode === receipt.accessCode]).toEqual([201, false]);
    expect(body.say[0]).toMatch(/^Su clave nueva es: [a-z ]+, [a-z ]+, [a-z ]+, [a-z ]+\.$/);
    expect([body.say[1], body.say[2]]).toEqual(['Repito.', body.say[0]]);
    expect((await ivr.withToken('access-code', token)).body).toEqual(body);
    for (const path of ['state', 'messages', 'answers']) {
      const over = path === 'state' ? await ivr.withToken(path, token) : await ivr.record(path, token);
      expect([...codeOf(over), over.body.say]).toEqual([
        410,
        'IVR_SESSION_OVER',
        ['Pasó demasiado tiempo. Marque otra vez su folio y su clave.'],
      ]);
    }
    expect(codeOf(await ivr.open(receipt))).toEqual([401, 'TRACKING_DENIED']);
    expect((await ivr.open({ ...receipt, accessCode: body.accessCode })).status).toBe(201);
    // Another exchange, by the web: the token gives no code any more.
    await h.call('POST', '/tracking/access-code', {
      token: await h.trackingToken({ ...receipt, accessCode: body.accessCode }),
    });
    expect(codeOf(await ivr.withToken('access-code', token))).toEqual([410, 'IVR_SESSION_OVER']);
  });
});

describe('a token of a voice menu', () => {
  it('ends in the middle of a recording when the code is exchanged, and no trail keeps the time', async () => {
    const receipt = await work.file();
    const token = await opened(receipt);
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(recording(100))]), 'nota.wav');
    const body = new Response(form);
    const bytes = Buffer.from(await body.arrayBuffer());
    const refusals = () => h.sql('owner', `select 1 from audit_entries where event = 'CREDENTIAL_REFUSED'`);
    const before = (await refusals()).length;
    const stream = (async function* () {
      yield bytes.subarray(0, 300_000);
      await h.call('POST', '/tracking/access-code', { token: await h.trackingToken(receipt) });
      yield bytes.subarray(300_000);
    })();
    const sent = await fetched(`${h.url}/api/v1/ivr/messages`, {
      method: 'POST',
      headers: {
        'X-Api-Key': IVR_KEY,
        'Ivr-Token': token,
        'Content-Type': body.headers.get('content-type')!,
      },
      body: ReadableStream.from(stream),
      duplex: 'half',
    } as RequestInit);
    expect([sent.status, ((await sent.json()) as IvrBody).code]).toEqual([410, 'IVR_SESSION_OVER']);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await refusals()).toHaveLength(before);
    expect(await evidence.list(DESK, receipt.folio)).toEqual([]);
  });

  it('works with the key that opened it, for ten minutes, and nowhere else', async () => {
    const receipt = await work.file();
    const token = await opened(receipt, '2');
    const other = ok(
      await h.as<{ key: string }>('admin@conavi.demo', 'POST', '/admin/channels', {
        channel: 'phone',
        label: 'Otro centro',
      }),
    );
    const strangers = [other.key, `${CHANNEL_KEY}-aco-phone`].map((key) => new IvrWork(h, key));
    for (const stranger of strangers)
      expect(codeOf(await stranger.withToken('state', token))).toEqual([410, 'IVR_SESSION_OVER']);
    const tracking = await h.trackingToken(receipt);
    for (const wrong of ['', 'x', 'dai_', tracking, tracking.replace(/^dat_/, 'dai_'), `${token}x`])
      expect([wrong.slice(0, 4), ...codeOf(await ivr.withToken('state', wrong))]).toEqual([
        wrong.slice(0, 4),
        410,
        'IVR_SESSION_OVER',
      ]);
    expect(codeOf(await ivr.post('state'))).toEqual([410, 'IVR_SESSION_OVER']);
    for (const one of [token, token.replace(/^dai_/, 'dat_')])
      expect((await h.call('GET', '/tracking/case', { token: one })).status).toBe(401);

    moveTo(h, new Date(START_TIME.getTime() + 10 * MINUTE - 1));
    expect((await ivr.withToken('state', token)).status).toBe(200);
    moveTo(h, new Date(START_TIME.getTime() + 10 * MINUTE));
    const over = await ivr.withToken('state', token);
    expect([...codeOf(over), over.body.say]).toEqual([
      410,
      'IVR_SESSION_OVER',
      ['Too much time went by. Type your folio and your access code again.'],
    ]);
    moveTo(h, START_TIME);
  });

  it('needs a key of the telephone: others may not even ask for the menu', async () => {
    for (const channel of ['web', 'whatsapp']) {
      const answer = await new IvrWork(h, `${CHANNEL_KEY}-cnv-${channel}`).post('menu');
      expect(codeOf(answer)).toEqual([403, 'FORBIDDEN']);
      expect(answer.body.detail).toMatch(/«Atender llamadas con un menú de voz» \(channel\.ivr\)/);
    }
    const asStaff = await h.as<IvrBody>(AUDITOR, 'POST', '/ivr/menu', {});
    expect(codeOf(asStaff)).toEqual([401, 'UNAUTHENTICATED']);
  });
});
