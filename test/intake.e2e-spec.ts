import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { folioDigits } from '../src/work/cases/folio-digits.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { Harness, NOTICE, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

const base = {
  institution: 'CONAVI-DEMO',
  mode: 'anonymous',
  narrative: 'Me pidieron dinero en la ventanilla tres.',
};

describe('POST /reports', () => {
  it('gives folio, code, area, clocks and an acknowledgement to a public web report', async () => {
    const receipt = await h.file({ category: 'FRAUD', municipality: '15002' });
    expect(receipt).toMatchObject({
      folio: expect.stringMatching(/^CNV-2026-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$/),
      accessCode: expect.stringMatching(/^\d{4}-\d{4}-\d{4}-\d{4}$/),
      mode: 'anonymous',
      channel: 'web',
      status: 'received',
      receivedOn: '2026-11-10',
      area: { code: 'OIC' },
      category: { code: 'FRAUD' },
    });
    expect(receipt.deadlines.map(({ metric, dueOn }) => `${metric} ${dueOn}`)).toEqual([
      'acknowledgement 2026-11-13',
      'triage 2026-11-13',
      'first_response 2026-11-25',
      'resolution 2027-02-08',
    ]);
    expect(receipt.acknowledgement).toContain(receipt.folio);
  });

  it('takes channel and institution from a channel key, and the phone channel from an operator', async () => {
    const { institution: _none, ...report } = base;
    for (const channel of ['web', 'whatsapp', 'phone']) {
      const { status, body } = await h.call<Receipt>('POST', '/reports', {
        key: `${CHANNEL_KEY}-aco-${channel}`,
        body: report,
      });
      expect([status, body.channel, body.folio.slice(0, 3)]).toEqual([201, channel, 'ACO']);
      // In digits for whoever has a telephone and no keyboard.
      expect(body.folioDigits).toBe(channel === 'phone' ? folioDigits(body.folio) : undefined);
    }
    const call = { startedAt: '2026-11-09T18:00:00-06:00' };
    const phone = await h.as<Receipt>('operador@conavi.demo', 'POST', '/reports', { ...report, call });
    expect([phone.status, phone.body.channel, phone.body.receivedOn]).toEqual([201, 'phone', '2026-11-09']);
    expect(
      (await h.call('POST', '/reports', { key: 'wrong-key-wrong-key-wrong', body: report })).status,
    ).toBe(401);
    expect((await h.as('mesa@conavi.demo', 'POST', '/reports', report)).status).toBe(403);
  });

  it.each([
    ['no narrative', { narrative: undefined }, 'narrative'],
    ['a narrative of nine characters', { narrative: '123456789' }, 'narrative'],
    ['NUL in the narrative', { narrative: 'uno dos tres\u0000 cuatro' }, 'narrative'],
    ['an unpaired surrogate', { narrative: 'uno dos tres \ud800 cuatro' }, 'narrative'],
    ['20001 characters', { narrative: 'x'.repeat(20_001) }, 'narrative'],
    ['an unknown field', { nombre: 'x' }, 'nombre'],
    ['an unknown nested field', { place: { street: 'x' } }, 'place.street'],
    ['an unknown mode', { mode: 'secret' }, 'mode'],
    ['a reporter in an anonymous report', { reporter: { name: 'Ana' } }, 'reporter'],
    ['no data in a confidential report', { mode: 'confidential' }, 'reporter'],
    ['an empty reporter in an identified report', { mode: 'identified', reporter: {} }, 'reporter'],
    [
      'half a character as e-mail',
      { mode: 'identified', reporter: { email: 'a\ud800@b.mx' } },
      'reporter.email',
    ],
    ['six digits as a phone', { mode: 'identified', reporter: { phone: '55-55 0 1' } }, 'reporter.phone'],
    ['data without a notice', { mode: 'confidential', reporter: { name: 'Ana' } }, 'privacyNotice'],
    [
      'data under a notice nobody published',
      { mode: 'identified', reporter: { name: 'Ana' }, privacyNotice: { version: '1999-1', accepted: true } },
      'privacyNotice.version',
    ],
    [
      'data under the notice of a conversation on the web',
      {
        mode: 'identified',
        reporter: { name: 'Ana' },
        privacyNotice: { version: 'general', accepted: true },
      },
      'privacyNotice.version',
    ],
    ['a day that does not exist', { occurred: { from: '2026-02-30' } }, 'occurred.from'],
    ['a day in the future', { occurred: { from: '2026-11-11' } }, 'occurred.from'],
    ['days in the wrong order', { occurred: { from: '2026-11-03', to: '2026-11-01' } }, 'occurred.to'],
    ['a number as text', { narrative: 12345678901 }, 'narrative'],
    ['a latitude of 91', { place: { latitude: 91, longitude: -98 } }, 'place.latitude'],
    ['a longitude of -180.5', { place: { latitude: 19, longitude: -180.5 } }, 'place.longitude'],
    ['a text as latitude', { place: { latitude: '19.5', longitude: -98 } }, 'place.latitude'],
    ['a latitude without longitude', { place: { latitude: 19 } }, 'place.longitude'],
    ['a longitude beside a null', { place: { latitude: null, longitude: -98 } }, 'place.latitude'],
    ['a call on the web', { call: { startedAt: '2026-11-10T09:00:00-06:00' } }, 'call'],
    ['a list as accused entry', { accused: ['x'] }, 'accused'],
    ['no institution', { institution: undefined }, 'institution'],
    [
      'a privacy notice not accepted',
      { privacyNotice: { version: '1', accepted: false } },
      'privacyNotice.accepted',
    ],
  ])('refuses %s with 400 and stores nothing', async (_name, change, field) => {
    const before = await count();
    const { status, body, headers } = await h.call<{
      code: string;
      errors: { field: string }[];
      requestId: string;
    }>('POST', '/reports', {
      body: { ...base, ...change },
    });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(body.errors.map((error) => error.field)).toContain(field);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await count()).toBe(before);
  });

  it.each([
    ['bytes of another encoding', 'application/json', 'latin1', 400, 'BODY_NOT_UTF8'],
    ['another charset', 'application/json; charset=iso-8859-1', 'utf8', 415, 'BODY_NOT_UTF8'],
    ['JSON sent as text', 'text/plain', 'utf8', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ] as const)(
    'refuses %s, which it would store as something else',
    async (_name, type, encoding, status, code) => {
      const before = await count();
      const body = Buffer.from(
        JSON.stringify({ ...base, narrative: 'Núñez pidió dinero para la inscripción.' }),
        encoding,
      );
      const response = await fetched(`${h.url}/api/v1/reports`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body,
      });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
      expect(await count()).toBe(before);
    },
  );

  it.each([
    ['place.longitude', 'REQUIRED', { place: { latitude: 0 } }],
    ['place.latitude', 'TOO_GREAT', { place: { latitude: 90.01, longitude: 0 } }],
    ['place.longitude', 'TOO_SMALL', { place: { latitude: 0, longitude: -181 } }],
    ['place.latitude', 'NOT_NUMBER', { place: { latitude: 'norte', longitude: 0 } }],
    ['privacyNotice', 'REQUIRED', { mode: 'identified', reporter: { name: 'Ana' } }],
    ['occurred.to', 'IN_THE_FUTURE', { occurred: { to: '2026-11-11' } }],
  ])('tells what is wrong with %s by the code %s', async (field, code, change) => {
    const body = { ...base, ...change };
    const answer = await h.call<{ errors: unknown }>('POST', '/reports', { body });
    expect(answer.body.errors).toEqual([{ field, code, message: expect.any(String) }]);
  });

  it('takes a coordinate of two small numbers', async () => {
    const place = { latitude: 0.0000001, longitude: 0 };
    expect((await h.call('POST', '/reports', { body: { ...base, place } })).status).toBe(201);
  });

  it('takes data under an earlier notice, which a form may have shown, not under one to come', async () => {
    const publish = (version: string, validFrom: string) =>
      h.as('admin@conavi.demo', 'POST', '/admin/privacy-notices', {
        version,
        text: 'Otro aviso.',
        validFrom,
      });
    expect((await publish('2026-2', '2026-11-10')).status).toBe(201);
    expect((await publish('2027-1', '2027-01-01')).status).toBe(201);
    const under = async (version: string) => {
      const given = {
        mode: 'confidential',
        reporter: { name: 'Ana' },
        privacyNotice: { version, accepted: true },
      };
      return (await h.call('POST', '/reports', { body: { ...base, ...given } })).status;
    };
    expect([await under('2026-1'), await under('2026-2'), await under('2027-1')]).toEqual([201, 201, 400]);
    // A name that would give nobody away is asked of nobody.
    const anonymous = { ...base, privacyNotice: { version: 'otra', accepted: true } };
    expect((await h.call('POST', '/reports', { body: anonymous })).status).toBe(201);
  });

  it('takes today of the easternmost zone, where the day began already', async () => {
    const now = h.clock.now();
    // 23:30 in Mexico City, half past midnight in Cancún.
    h.clock.set(new Date('2026-11-11T05:30:00Z'));
    try {
      const on = async (day: string) =>
        (await h.call('POST', '/reports', { body: { ...base, occurred: { from: day } } })).status;
      expect([await on('2026-11-11'), await on('2026-11-12')]).toEqual([201, 400]);
    } finally {
      h.clock.set(now);
    }
  });

  it('takes a telephone number as people write it', async () => {
    const reporter = { phone: '55 55 55 01 00 ext. 12' };
    expect(
      (await h.call('POST', '/reports', { body: { ...base, mode: 'identified', reporter, ...NOTICE } }))
        .status,
    ).toBe(201);
  });

  it('tells the limits of a text, and that zero-width characters say nothing', async () => {
    for (const narrative of ['corto', '\u200b'.repeat(30)]) {
      const { body } = await h.call<{ errors: { code: string; message: string }[] }>('POST', '/reports', {
        body: { ...base, narrative },
      });
      expect(body.errors).toEqual([
        { field: 'narrative', code: 'LENGTH', message: 'Debe tener de 10 a 20000 caracteres.' },
      ]);
    }
  });

  it('promises no first answer for a day that is over when the call is registered', async () => {
    const { institution: _none, ...report } = base;
    const told = async (startedAt: string) =>
      (
        await h.as<{ acknowledgement: string }>('operador@conavi.demo', 'POST', '/reports', {
          ...report,
          call: { startedAt, reason: 'El sistema no estaba disponible.' },
        })
      ).body.acknowledgement;
    expect(await told('2026-11-10T09:00:00-06:00')).toMatch(/a más tardar el 25 de noviembre de 2026\.$/);
    expect(await told('2026-10-14T09:00:00-06:00')).toMatch(/No podemos recuperar la clave\.$/);
  });

  it.each([
    ['in the future', '2026-11-10T16:30:00Z', undefined],
    ['31 days back', '2026-10-09T16:00:00Z', 'tarde'],
    ['two days back without a reason', '2026-11-08T10:00:00Z', undefined],
  ])('refuses a call %s', async (_name, startedAt, reason) => {
    const { institution: _none, ...report } = base;
    const { status } = await h.as('operador@conavi.demo', 'POST', '/reports', {
      ...report,
      call: { startedAt, reason },
    });
    expect(status).toBe(400);
  });

  it('answers in English when asked, in Spanish otherwise', async () => {
    const bad = { body: { ...base, mode: 'x' } };
    const spanish = await h.call<{ title: string }>('POST', '/reports', bad);
    const english = await h.call<{ title: string }>('POST', '/reports', {
      ...bad,
      headers: { 'Accept-Language': 'en-US,en;q=0.9' },
    });
    expect([spanish.body.title, english.body.title]).toEqual(['Solicitud no válida', 'Bad request']);
  });

  it.each([
    ['broken JSON', '{"mode":', 'application/json', 400],
    ['another content type', 'mode=anonymous', 'application/x-www-form-urlencoded', 415],
    [
      'a body above 4 MiB',
      JSON.stringify({ ...base, narrative: 'x'.repeat(4_300_000) }),
      'application/json',
      413,
    ],
    ['a list', '[1]', 'application/json', 400],
  ])('answers %s with problem+json', async (_name, body, type, expected) => {
    const { status, headers } = await h.call('POST', '/reports', { body, headers: { 'Content-Type': type } });
    expect([status, headers.get('content-type')?.startsWith('application/problem+json')]).toEqual([
      expected,
      true,
    ]);
  });
});

describe('Idempotency-Key', () => {
  const send = (key: string, body: unknown = base, credential?: string) =>
    h.call<Receipt & { code: string }>('POST', '/reports', {
      body,
      key: credential,
      headers: { 'Idempotency-Key': key },
    });

  it('gives the same folio and code to the same report, one report for parallel repeats', async () => {
    const key = randomUUID();
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(key)));
    expect(new Set(answers.map(({ body }) => body.folio)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.accessCode)).size).toBe(1);
    expect((await send(key)).body).toEqual(answers[0]!.body);
    expect(await count()).toBe(before + 1);
  });

  it('refuses another report under the same key, and keys that are too short', async () => {
    const key = randomUUID();
    await send(key);
    const other = await send(key, { ...base, narrative: 'Otra cosa muy distinta pasó ayer.' });
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    expect((await send('short')).status).toBe(400);
  });

  it('does not let one credential read the answer of another', async () => {
    const key = randomUUID();
    const { institution: _none, ...report } = base;
    const first = await send(key, report, `${CHANNEL_KEY}-cnv-web`);
    const second = await send(key, report, `${CHANNEL_KEY}-cnv-phone`);
    expect(second.status).toBe(201);
    expect(second.body.folio).not.toBe(first.body.folio);
  });

  it('keeps answers unreadable in the database and forgets them after two days', async () => {
    const key = randomUUID();
    const { body } = await send(key);
    const dump = JSON.stringify(
      await h.sql(
        'owner',
        `select encode(key_hash, 'escape') k, encode(answer, 'escape') a from idempotency_answers`,
      ),
    );
    for (const secret of [key, body.folio, body.accessCode, body.accessCode.replaceAll('-', '')])
      expect(dump).not.toContain(secret);
    h.clock.set(new Date(h.clock.now().getTime() + 49 * 3_600_000));
    await h.sweep();
    expect((await h.sql<{ n: string }>('owner', 'select count(*) n from idempotency_answers'))[0]!.n).toBe(
      '0',
    );
  });
});

async function count(): Promise<number> {
  return Number((await h.sql<{ n: string }>('owner', 'select count(*) n from cases'))[0]!.n);
}
