import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeApi } from '../src/app/openapi-document.js';
import { fieldIsNamed } from '../src/platform/http/names.js';
import {
  ADMIN,
  AUDITOR,
  CaseWork,
  closure,
  DESK,
  HEAD,
  INVESTIGATOR,
  moveTo,
  OPERATOR,
} from './builders/cases.js';
import { CHANNEL_KEY, START_TIME } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());

interface Refused {
  code: string;
  detail: string;
  permission?: string;
  permissionLabel?: string;
  errors: { field: string; code: string; message: string }[];
}
const ENGLISH = { 'Accept-Language': 'en' };
const report = (body: unknown, headers?: Record<string, string>) =>
  h.call<Refused>('POST', '/reports', { body, headers });
const messages = ({ body }: { body: Refused }): string[] => body.errors.map(({ message }) => message);

describe('what is missing', () => {
  it('is said by its name, in one error, wherever it is missing', async () => {
    const base = { institution: 'CONAVI-DEMO', mode: 'anonymous' };
    for (const narrative of [undefined, null]) {
      const { status, body } = await report({ ...base, narrative });
      expect([status, body.errors]).toEqual([
        400,
        [{ field: 'narrative', code: 'REQUIRED', message: 'Falta el relato (narrative).' }],
      ]);
    }
    expect(messages(await report({ ...base }, ENGLISH))).toEqual(['The narrative is missing (narrative).']);
    expect(messages(await report({}))).toEqual([
      'Falta la modalidad (mode).',
      'Falta el relato (narrative).',
    ]);
    expect(messages(await h.call<Refused>('POST', '/reports'))).toEqual([
      'Falta la modalidad (mode).',
      'Falta el relato (narrative).',
    ]);
    const narrative = 'Me pidieron dinero en la ventanilla.';
    expect(messages(await report({ mode: 'anonymous', narrative }))[0]).toMatch(
      /^Falta la institución \(institution\)/,
    );
    expect(messages(await report({ ...base, mode: 'identified', narrative }))[0]).toMatch(
      /^Faltan tus datos/,
    );
    // Deep inside, with the way to it.
    expect(messages(await report({ ...base, narrative, privacyNotice: { accepted: true } }))).toEqual([
      'Falta la versión (privacyNotice.version).',
    ]);
    expect(
      messages(
        await h.as<Refused>(ADMIN, 'POST', '/admin/calendars/closures', { days: [{ label: 'Cierre' }] }),
      ),
    ).toEqual(['Falta el día (days.0.day).']);
  });

  it('is not what is there and wrong', async () => {
    const wrong = async (change: object): Promise<string> =>
      messages(
        await report({ institution: 'CONAVI-DEMO', mode: 'anonymous', narrative: 'x'.repeat(20), ...change }),
      ).join();
    expect(await wrong({ narrative: 7 })).toContain('Debe ser texto.');
    expect(await wrong({ narrative: 'corto' })).toContain('de 10 a 20000');
    expect(await wrong({ mode: 'secret' })).toBe(
      'Usa uno de estos valores: anonymous, confidential, identified.',
    );
    for (const unknown of [1, null]) expect(await wrong({ unknown })).toBe('Este campo no existe.');
  });

  it.each([
    ['POST', '/auth/sessions', ['el correo', 'la contraseña']],
    ['POST', '/tracking/sessions', ['el folio', 'la clave de 16 dígitos']],
    ['GET', '/public/catalogs/areas', ['la institución']],
  ])('is named in %s %s', async (method, path, names) => {
    const body = method === 'POST' ? {} : undefined;
    const said = messages(await h.call<Refused>(method, path, { body }));
    expect(said).toEqual(names.map((name) => expect.stringMatching(new RegExp(`^Falta ${name} \\(`))));
  });

  it('is named in every move of a case', async () => {
    const { folio } = await work.bring('assigned');
    const say = async (email: string, move: string): Promise<string[]> =>
      messages(await h.as<Refused>(email, 'POST', `/cases/${folio}/${move}`, {}));
    expect(await say(DESK, 'triage')).toEqual(['Falta el motivo (reason).']);
    expect(await say(DESK, 'transfers')).toEqual(['Falta el área (area).', 'Falta el motivo (reason).']);
    expect(await say(DESK, 'messages')).toEqual(['Falta el texto (text).']);
    expect(await say(DESK, 'information-requests')).toEqual([
      'Falta la pregunta (question).',
      'Faltan los días hábiles (businessDays).',
    ]);
  });

  it('has a name, whatever member or parameter the document knows', () => {
    const document: OpenAPIObject = describeApi(h.app);
    type Schema = { $ref?: string; items?: Schema; allOf?: Schema[]; properties?: Record<string, Schema> };
    const found = new Set<string>();
    const walk = (schema: Schema | undefined, seen: readonly string[] = []): void => {
      if (!schema) return;
      const name = schema.$ref?.replace('#/components/schemas/', '');
      if (name !== undefined) {
        if (!seen.includes(name)) walk(document.components!.schemas![name] as Schema, [...seen, name]);
        return;
      }
      walk(schema.items, seen);
      for (const part of schema.allOf ?? []) walk(part, seen);
      for (const [member, inner] of Object.entries(schema.properties ?? {})) {
        found.add(member);
        walk(inner, seen);
      }
    };
    type Operation = {
      requestBody?: { content: Record<string, { schema?: Schema }> };
      parameters?: { in: string; name: string }[];
    };
    for (const [path, methods] of Object.entries(document.paths)) {
      // Meta sends those, and reads no words.
      if (path.includes('/whatsapp/')) continue;
      for (const { requestBody, parameters } of Object.values(methods as Record<string, Operation>)) {
        for (const { schema } of Object.values(requestBody?.content ?? {})) walk(schema);
        for (const { in: place, name } of parameters ?? []) if (place === 'query') found.add(name);
      }
    }
    expect(found.size).toBeGreaterThan(60);
    expect([...found].filter((name) => !fieldIsNamed(name))).toEqual([]);
  });
});

describe('what an account may not do', () => {
  it.each([
    [DESK, 'POST', 'reopening', { reason: 'Otra vez.' }, 'cases.reopen', 'Reabrir casos'],
    [AUDITOR, 'POST', 'messages', { text: 'Hola.' }, 'cases.write', 'Escribir mensajes y notas'],
    [DESK, 'POST', 'closure', closure('no_elements'), 'cases.conclude', 'Concluir investigaciones'],
    [INVESTIGATOR, 'GET', 'audit', undefined, 'cases.audit', 'Ver la bitácora de un caso'],
  ])(
    '%s %s %s names the permission, for people and for programs',
    async (email, method, move, body, code, label) => {
      const { folio } = await work.bring('under_investigation');
      const path = `/cases/${folio}/${move}`;
      const refused = await h.as<Refused>(email, method, path, body);
      expect([refused.status, refused.body]).toEqual([
        403,
        expect.objectContaining({ code: 'FORBIDDEN', permission: code, permissionLabel: label }),
      ]);
      expect(refused.body.detail).toContain(`«${label}» (${code})`);
      const english = await h.as<Refused>(email, method, path, body, ENGLISH);
      expect(english.body.permissionLabel).not.toBe(label);
      expect(english.body.detail).toContain(`(${code})`);
    },
  );

  it('is told to whoever files, lists or administers without the permission too', async () => {
    const { body } = await h.as<Refused>(DESK, 'POST', '/reports', {
      mode: 'anonymous',
      narrative: 'Llamó para denunciar un cobro.',
    });
    expect(body).toMatchObject({
      permission: 'reports.create',
      permissionLabel: 'Registrar denuncias por teléfono',
    });
    for (const [email, path, permission] of [
      [OPERATOR, '/cases', 'cases.read'],
      [HEAD, '/admin/areas', 'admin.catalogs'],
      [DESK, '/stats/cases', 'stats.read'],
    ] as const) {
      const refused = await h.as<Refused>(email, 'GET', path);
      expect([refused.status, refused.body.permission, refused.body.detail]).toEqual([
        403,
        permission,
        expect.stringContaining(`(${permission})`),
      ]);
    }
  });
});

describe('a credential that is refused', () => {
  const refusal = async (path: string, options: object): Promise<string> => {
    const { status, body } = await h.call<Refused>('GET', path, options);
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    return body.detail;
  };

  it('says what its holder can do: three holders, three texts', async () => {
    const receipt = await work.file();
    const tracking = await h.trackingToken(receipt);
    const staff = await h.token(DESK);
    moveTo(h, '2026-11-10T16:31:00Z');
    const deadTracking = await refusal('/tracking/case', { token: tracking });
    const deadSession = await refusal('/cases', { token: staff });
    moveTo(h, START_TIME.toISOString());
    const body = { mode: 'anonymous', narrative: 'Me pidieron dinero en la ventanilla.' };
    const badKey = await h.call<Refused>('POST', '/reports', { key: 'dak_no-es-ninguna-clave', body });
    expect(badKey.status).toBe(401);
    expect(badKey.body.detail).toMatch(/X-Api-Key/);
    expect(badKey.body.detail).not.toMatch(/[Ii]nicia sesión/);
    expect(deadTracking).toMatch(/folio y tu clave/);
    expect(deadTracking).not.toMatch(/[Ii]nicia sesión/);
    expect(deadSession).toMatch(/Inicia sesión de nuevo/);
    expect(new Set([badKey.body.detail, deadTracking, deadSession]).size).toBe(3);
  });

  it('is told nothing of why a token of a reporter is dead', async () => {
    const receipt = await work.file();
    const first = await h.trackingToken(receipt);
    const exchanged = await h.call('POST', '/tracking/access-code', { token: first });
    expect(exchanged.status).toBe(201);
    const texts = new Set([
      await refusal('/tracking/case', { token: first }),
      await refusal('/tracking/case', { token: 'dat_forjadoforjadoforjado' }),
    ]);
    expect(texts.size).toBe(1);
  });

  it('is answered by where it was sent, too', async () => {
    const key = `${CHANNEL_KEY}-cnv-web`;
    const staff = await h.token(DESK);
    const tracking = await h.trackingToken(await work.file());
    expect(await refusal('/cases', {})).toMatch(/personal.*Inicia sesión/);
    expect(await refusal('/cases', { token: tracking })).toMatch(/personal.*Inicia sesión/);
    expect(await refusal('/cases', { key })).toMatch(/sirve para enviar denuncias/);
    expect(await refusal('/tracking/case', { key })).toMatch(/sirve para enviar denuncias/);
    for (const options of [{}, { token: staff }])
      expect(await refusal('/tracking/case', options)).toMatch(/su folio y su clave/);
    for (const path of ['/cases', '/tracking/case']) {
      expect(await refusal(path, { token: 'otra-cosa-que-nadie-dio' })).toMatch(/no se reconoce/);
      expect(await refusal(path, { token: staff, key })).toMatch(/no las dos/);
      expect(await refusal(path, { key: 'dak_mala' })).toMatch(/no es válida o fue revocada/);
    }
    expect(
      (await h.call<Refused>('POST', '/auth/sessions/refresh', { body: { refreshToken: 'dar_x' } })).body
        .detail,
    ).toMatch(/Inicia sesión de nuevo/);
    expect(await refusal('/cases', { headers: { ...ENGLISH }, token: 'das_nadienadienadie' })).toMatch(
      /Sign in again/,
    );
  });
});

describe('every refusal', () => {
  it('of a path that holds no id says so', async () => {
    const receipt = await work.bring('awaiting_reporter');
    const token = await h.trackingToken(receipt);
    const answers = [
      await h.as<Refused>(DESK, 'POST', '/notifications/foo/read'),
      await h.as<Refused>(ADMIN, 'PATCH', '/admin/routing-rules/foo', { label: 'Otra regla' }),
      await h.call<Refused>('POST', '/tracking/information-requests/foo/answer', {
        token,
        body: { text: 'Sí.' },
      }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.code, body.detail]).toEqual([
        400,
        'INVALID_REQUEST',
        expect.stringContaining('errors'),
      ]);
      expect(body.errors).toEqual([
        { field: 'id', code: 'NOT_UUID', message: expect.stringContaining('No es un identificador') },
      ]);
    }
  });

  it('of the server itself says what to do', async () => {
    const json = { 'Content-Type': 'application/json' };
    for (const [status, method, path, options] of [
      [404, 'GET', '/no/existe', {}],
      [400, 'POST', '/reports', { body: '{"mode":', headers: json }],
      [
        415,
        'POST',
        '/reports',
        { body: 'a=b', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      ],
      [413, 'POST', '/reports', { body: `{"mode":"${'x'.repeat(1_100_000)}"}`, headers: json }],
    ] as const) {
      for (const language of ['es', 'en']) {
        const headers = { ...('headers' in options ? options.headers : {}), 'Accept-Language': language };
        const answer = await h.call<Refused>(method, path, { ...options, headers });
        expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(/\S.{20,}\.$/)]);
      }
    }
  });
});

describe('a receipt', () => {
  it('tells what the institution must do, not what the reporter must', async () => {
    const spanish = await h.file();
    expect(spanish.acknowledgement).toContain(
      'La institución debe darte una primera respuesta a más tardar el 25 de noviembre de 2026.',
    );
    expect(spanish.acknowledgement).not.toMatch(/[Dd]ebes/);
    const english: Receipt = await h.file({ language: 'en' });
    expect(english.acknowledgement).toContain(
      'The institution must give you a first answer by 25 November 2026.',
    );
    expect(english.acknowledgement).not.toMatch(/[Yy]ou (should|must)/);
  });
});
