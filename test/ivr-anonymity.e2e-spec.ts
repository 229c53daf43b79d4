import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Log } from '../src/platform/logging.js';
import { folioDigits } from '../src/work/cases/folio-digits.js';
import { AUDITOR, CaseWork, DESK, moveTo, ok } from './builders/cases.js';
import { IVR_KEY, IvrWork, type IvrBody } from './builders/ivr.js';
import { CHANNEL_KEY, START_TIME } from './setup/constants.js';
import { Harness, NOTICE, type Answer } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { enoughOfTheWindow } from './support/windows.js';

const METRICS_TOKEN = 'metrics-token';
const CALLER = '+525551907723';

const lines: string[] = [];
const log = new Log('trace', { write: (line: string) => void lines.push(line.trim()) });
let h: Harness;
let work: CaseWork;
let ivr: IvrWork;
beforeAll(async () => {
  h = await Harness.start({ log, config: { metricsToken: METRICS_TOKEN } });
  log.start(h.clock);
  work = new CaseWork(h);
  ivr = new IvrWork(h);
  // The names of all routes stand in the lines of the start.
  lines.length = 0;
});
afterAll(async () => {
  log.end();
  await h.stop();
});

const codeOf = ({ status, body }: Answer<IvrBody>) => [status, body.code];
/** The number of rows of each table, but the counters of limits. */
async function rows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const line of await dumpDatabase(h)) {
    const [table] = line.split(': ');
    if (table !== 'rate_limits') counts[table!] = (counts[table!] ?? 0) + 1;
  }
  return counts;
}

describe('the number of a caller', () => {
  const NAMES = [
    ...[
      'callerId',
      'caller_id',
      'Caller',
      'From',
      'from',
      'ani',
      'ANI',
      'cli',
      'clid',
      'msisdn',
      'CallerName',
    ],
    ...[
      'FromCity',
      'phoneNumber',
      'phone_number',
      'telefono',
      'numero',
      'origen',
      'remote',
      'sipFrom',
      'Called',
    ],
  ];

  it('is refused in whatever field, at every step, with the reason, and stored nowhere', async () => {
    const before = await rows();
    const receipt = { folio: 'CNV-2026-7K3M-Q9TZ-4', accessCode: '4821-0937-5566-1204' };
    const steps = [
      (field: object) => ivr.post('menu', { language: '1', ...field }),
      (field: object) => ivr.post('folio', { folio: receipt.folio, ...field }),
      (field: object) => ivr.post('sessions', { ...receipt, ...field }),
      (field: object) => ivr.report(field),
      (field: object) => ivr.withToken('state', 'dai_x', field),
    ];
    for (const [n, name] of NAMES.entries()) {
      const { status, body } = await steps[n % steps.length]!({ [name]: CALLER });
      expect([name, status, body.code]).toEqual([name, 400, 'CALLER_NOT_TAKEN']);
      expect(body.detail).toMatch(/con él se sabría quién denunció/);
      expect(JSON.stringify(body)).not.toContain(CALLER.slice(3));
    }
    expect(await rows()).toEqual(before);
  });

  it('is refused beside a recording, which is then not kept', async () => {
    const { body } = await ivr.report();
    const before = await rows();
    for (const name of ['callerId', 'From']) {
      const answer = await ivr.record('messages', body.token, { more: { [name]: CALLER } });
      expect(codeOf(answer)).toEqual([400, 'CALLER_NOT_TAKEN']);
    }
    const caption = await ivr.record('messages', body.token, { more: { caption: 'Llamó Ana.' } });
    expect(codeOf(caption)).toEqual([400, 'INVALID_REQUEST']);
    expect(await rows()).toEqual(before);
  });

  it('is not what every other unknown field is called', async () => {
    const { status, body } = await ivr.post('menu', { digits: '1' });
    expect([status, body.code, body.errors]).toEqual([
      400,
      'INVALID_REQUEST',
      [expect.objectContaining({ field: 'digits', code: 'UNKNOWN_FIELD' })],
    ]);
  });
});

describe('a call to a voice menu', () => {
  it('leaves nothing behind, before it is a report or a visit', async () => {
    const receipt = await work.file();
    const before = await rows();
    for (const language of [undefined, '1', '2']) await ivr.post('menu', { language });
    await ivr.post('folio', { folio: folioDigits(receipt.folio) });
    ok(await ivr.open(receipt));
    await ivr.open({ ...receipt, accessCode: '1111-2222-3333-4444' });
    await ivr.post('sessions', { folio: '1', accessCode: '2' });
    expect(await rows()).toEqual(before);
  });

  it('stands in no table, log line or metric: neither its id, token, code nor what was typed', async () => {
    const call = `llamada-canario-${randomUUID()}`;
    const phone = '5551907734';
    const filed = ok(await ivr.report({ mode: '2', phone, language: '1', ...NOTICE }, call));
    const { folio, accessCode, token } = filed;
    const name = 'canario-grabacion-5551907723.wav';
    await ivr.record('messages', token, { name });
    const open = ok(await ivr.open({ folio, accessCode })).token;
    await ivr.withToken('state', open);
    const changed = ok(await ivr.withToken('access-code', open)).accessCode;
    await ivr.post('sessions', { folio: '288483439839674', accessCode: '7007199135538118' });
    await ivr.withToken('state', `${open}canario`);
    await h.sweep();
    log.writeDue(new Date(START_TIME.getTime() + 2 * 24 * 3_600_000));
    const metrics = await h.call<string>('GET', '//metrics', { token: METRICS_TOKEN });
    const places = [...(await dumpDatabase(h)), ...lines, ...metrics.body.split('\n')];
    const secrets = [
      call,
      phone,
      name,
      ...[token, open].map((one) => one.slice(4)),
      ...[accessCode, changed].flatMap((code) => [code, code.replaceAll('-', '')]),
      ...[folioDigits(folio), folioDigits(folio).replaceAll('-', '')],
      ...['288483439839674', '7007199135538118'],
      IVR_KEY,
    ];
    for (const secret of secrets) expect([secret, linesWith(places, secret)]).toEqual([secret, []]);
    expect(lines.filter((line) => line.includes('ivr'))).toEqual([]);
  });

  it('stands in the trail of its case by the day, and from the next day on by its key', async () => {
    const { body } = await ivr.report();
    ok(await ivr.withToken('state', body.token));
    ok(await ivr.record('messages', body.token));
    const trail = async () => {
      const items = await work.trail(body.folio);
      return items.filter(({ data }) => 'machine' in data) as unknown as {
        event: string;
        at: string | null;
        data: Record<string, unknown>;
        actor: { kind: string; id: string | null };
      }[];
    };
    expect((await trail()).map(({ event, at, data }) => [event, at, data.channelKey])).toEqual([
      ['EVIDENCE_RECEIVED', null, undefined],
    ]);
    moveTo(h, new Date(START_TIME.getTime() + 24 * 3_600_000));
    const seen = await trail();
    expect(seen.map(({ event, at, actor, data }) => [event, at, actor.kind, typeof data.channelKey])).toEqual(
      [
        ['EVIDENCE_RECEIVED', null, 'reporter', 'string'],
        ['REPORTER_READ', null, 'reporter', 'string'],
      ],
    );
    // The trail of the institution, which has times, says nothing.
    const { body: own } = await h.as<object>(AUDITOR, 'GET', '/audit?limit=100');
    expect(JSON.stringify(own)).not.toMatch(/ivr|channelKey|machine/);
    moveTo(h, START_TIME);
  });

  it('is no report of staff, nor of the web: it has the channel of its key', async () => {
    const { body } = await ivr.report();
    type Page = { items: { folio: string; channel: string }[] };
    const page = ok(await h.as<Page>(DESK, 'GET', `/cases?q=${body.folio}`));
    expect(page.items).toMatchObject([{ folio: body.folio, channel: 'phone' }]);
  });
});

describe('whoever guesses with a stolen key', () => {
  it('hears one refusal for an unknown folio, a wrong code and a case of another institution', async () => {
    const receipt = await work.file();
    const [wrong, unknown] = [
      await ivr.open({ ...receipt, accessCode: '0000-0000-0000-0000' }, '2'),
      await ivr.open({ folio: 'CNV-2026-0000-0000-0', accessCode: receipt.accessCode }, '2'),
    ];
    // The digits of a folio name no institution: at another one they are another folio.
    const foreign = await new IvrWork(h, `${CHANNEL_KEY}-aco-phone`).open(receipt, '2');
    const byLetters = await h.call<IvrBody>('POST', '/ivr/sessions', {
      key: `${CHANNEL_KEY}-aco-phone`,
      body: { folio: receipt.folio, accessCode: receipt.accessCode, language: '2' },
    });
    for (const { status, body } of [wrong, unknown, foreign, byLetters]) {
      expect([status, body.code]).toEqual([401, 'TRACKING_DENIED']);
      expect({ ...body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
    }
    expect(wrong.body.say).toEqual(['Folio and access code do not match. Check both and type them again.']);
  });

  it('is stopped at one folio as on the web, whichever door the tries come by', async () => {
    await enoughOfTheWindow(20);
    const receipt = await work.file();
    const wrong = { ...receipt, accessCode: '0000-0000-0000-0000' };
    const web = () =>
      h.call<IvrBody>('POST', '/tracking/sessions', {
        body: { folio: wrong.folio, accessCode: wrong.accessCode },
      });
    for (let n = 0; n < 8; n++) expect((await ivr.open(wrong)).status).toBe(401);
    for (let n = 0; n < 8; n++) await web();
    for (const answer of [await ivr.open(wrong), await web()]) expect(answer.status).toBe(429);
    expect((await ivr.open(wrong)).body.say).toEqual([
      'Hubo demasiados intentos. Cuelgue y llame en unos minutos.',
    ]);
    // What cannot be a folio or a code is no try.
    for (let n = 0; n < 20; n++)
      expect((await ivr.post('sessions', { folio: '1', accessCode: '2' })).status).toBe(400);
    expect((await ivr.open(receipt)).status).toBe(201);
    await h.sql('owner', 'delete from rate_limits');
  });

  it('is slowed down over all folios, and the callers of the same key still get in', async () => {
    await enoughOfTheWindow(60);
    const receipt = await work.file();
    const other = ok(
      await h.as<{ key: string }>('admin@conavi.demo', 'POST', '/admin/channels', {
        channel: 'phone',
        label: 'El centro de llamadas de otro lugar',
      }),
    );
    const guess = (n: number) =>
      ivr.open({
        folio: `CNV-20${10 + (n % 70)}-0000-0000-0`,
        accessCode: '0000-0000-0000-0000',
      });
    for (let n = 0; n < 60; n++) expect((await guess(n)).status).toBe(401);
    expect(codeOf(await guess(60))).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect((await ivr.open(receipt)).status).toBe(201);
    // Another key is not concerned, nor is the web.
    expect((await new IvrWork(h, other.key).open({ ...receipt, accessCode: '1'.repeat(16) })).status).toBe(
      401,
    );
    expect(await h.trackingToken(receipt)).toMatch(/^dat_/);
    await h.sql('owner', 'delete from rate_limits');
  });
});
