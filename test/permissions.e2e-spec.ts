import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AppModule } from '../src/app/app.module.js';
import { describeApi } from '../src/app/openapi-document.js';
import { PERMISSIONS, ROLES, type Role } from '../src/foundations/identity/permissions.js';
import { KeyRing } from '../src/platform/crypto/keyring.js';
import { httpAdapter, setup } from '../src/platform/http/setup.js';
import { openStore } from '../src/platform/storage/open-store.js';
import { Log } from '../src/platform/logging.js';
import { APART, REACH, ROUTES, UNPREFIXED, WHO, type Route, type Who } from './permissions.js';
import { formOf } from './builders/evidence.js';
import { SECRETS, testConfig } from './setup/constants.js';
import { Harness, type CallOptions } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { DOMAINS, furnish, whatsAppNumber, type Place } from './support/place.js';
import { servedRoutes } from './support/served-routes.js';

/** The demo account of each role; the head and the investigator work in the same area. */
const ACCOUNTS: Record<Role, string> = {
  operator: 'operador',
  triage: 'mesa',
  investigator: 'investigador',
  area_head: 'titular',
  auditor: 'auditor',
  transparency: 'transparencia',
  admin: 'admin',
};

interface Probe {
  /** Of whoever may call. */
  status: number;
  body?: (place: Place) => unknown;
  query?: (place: Place) => string;
  headers?: Record<string, string>;
  id?: (place: Place, folio: string) => string;
}

/**
 * A version no case has: whoever gets past permission, form and scope is answered 412 and changes nothing.
 */
const STALE = { 'If-Match': '"9999"' };
const TUS = { 'Tus-Resumable': '1.0.0' };
const of = (place: Place): string => `?institution=${place.code}`;
const reason = () => ({ reason: 'Porque sí procede.' });

const MENU = {
  languages: [
    {
      language: 'es-MX',
      name: 'Español',
      options: [{ code: 'denuncia', title: 'Presentar denuncia', start: 'report' }],
    },
  ],
};

const PROBES: Record<string, Probe> = {
  'POST /reports': { status: 201, body: () => ({ mode: 'anonymous', narrative: 'Me pidieron dinero.' }) },
  // The institutions have numbers, and nobody here knows their tokens and secrets.
  'GET /channels/whatsapp/webhook': { status: 403 },
  'POST /channels/whatsapp/webhook': { status: 401, body: () => ({}) },
  'POST /tracking/sessions': { status: 400, body: () => ({}) },
  // No folio and no code.
  'POST /tracking/external-reference': { status: 400, body: () => ({}) },
  'POST /tracking/access-code': { status: 201 },
  'GET /tracking/case': { status: 200 },
  'POST /tracking/evidence': { status: 201, body: () => formOf({ bytes: Buffer.from('Una prueba.') }) },
  'POST /uploads': { status: 400, headers: TUS },
  'HEAD /uploads/{id}': { status: 200, headers: TUS, id: (place) => place.upload },
  'PATCH /uploads/{id}': {
    status: 409,
    headers: { ...TUS, 'Upload-Offset': '5', 'Content-Type': 'application/offset+octet-stream' },
    id: (place) => place.upload,
  },
  'DELETE /uploads/{id}': { status: 204, headers: TUS, id: (place) => place.upload },
  'POST /tracking/messages': { status: 204, body: () => ({ text: 'Un dato más.' }) },
  'POST /tracking/information-requests/{id}/answer': {
    status: 204,
    id: (place) => place.informationRequest,
    body: () => ({ text: 'En la oficina central.' }),
  },
  'GET /catalogs/phone-script': { status: 200 },
  'POST /phone/calls': { status: 201, body: () => ({ language: 'es' }) },
  'GET /phone/calls/{number}': { status: 200, id: (place) => place.call },
  'PUT /phone/calls/{number}/draft': { status: 200, id: (place) => place.call, body: () => ({}) },
  // Nothing is written down.
  'POST /phone/calls/{number}/report': { status: 409, id: (place) => place.call },
  'POST /phone/calls/{number}/end': { status: 204, id: (place) => place.call },
  'POST /phone/follow-up': { status: 400, body: () => ({}) },
  // Nobody opened one.
  'POST /phone/follow-up/answers': {
    status: 410,
    body: (place) => ({ informationRequest: place.informationRequest, text: 'Fue el lunes.' }),
  },
  'POST /phone/follow-up/messages': { status: 410, body: () => ({ text: 'Un dato más.' }) },
  'POST /phone/follow-up/access-code': { status: 410 },
  'DELETE /phone/follow-up': { status: 410 },
  'POST /ivr/menu': { status: 200, body: () => ({ language: '1' }) },
  'POST /ivr/folio': { status: 400, body: () => ({}) },
  // No Idempotency-Key.
  'POST /ivr/reports': { status: 400, body: () => ({ mode: '1' }) },
  'POST /ivr/sessions': { status: 400, body: () => ({}) },
  // Nobody opened one.
  'POST /ivr/state': { status: 410, body: () => ({}) },
  'POST /ivr/messages': { status: 410, body: () => formOf({ bytes: Buffer.from('Una voz.') }) },
  'POST /ivr/answers': { status: 410, body: () => formOf({ bytes: Buffer.from('Una voz.') }) },
  'POST /ivr/access-code': { status: 410 },
  'POST /auth/sessions': { status: 400, body: () => ({}) },
  'POST /auth/token': { status: 400, body: () => ({}) },
  'POST /auth/sessions/refresh': { status: 400, body: () => ({}) },
  'DELETE /auth/sessions/current': { status: 204 },
  'GET /auth/me': { status: 200 },
  'POST /auth/password': { status: 400, body: () => ({}) },
  'GET /cases': { status: 200 },
  'GET /cases/{folio}': { status: 200 },
  'GET /cases/{folio}/deadlines': { status: 200 },
  'GET /cases/{folio}/audit': { status: 200 },
  'GET /cases/{folio}/assignable': { status: 200 },
  'GET /cases/{folio}/evidence': { status: 200 },
  'GET /cases/{folio}/evidence/{id}/custody': { status: 200, id: (place, folio) => place.evidence[folio]! },
  'POST /cases/{folio}/evidence': {
    status: 201,
    body: () => formOf({ bytes: Buffer.from('Una prueba.') }),
  },
  // Kept, and not to be shown.
  'GET /cases/{folio}/evidence/{id}': { status: 409, id: (place, folio) => place.evidence[folio]! },
  'POST /cases/{folio}/triage': { status: 412, headers: STALE, body: reason },
  'POST /cases/{folio}/assignment': {
    status: 412,
    headers: STALE,
    body: () => ({ assignee: 'mesa@conavi.demo' }),
  },
  'POST /cases/{folio}/transfers': {
    status: 412,
    headers: STALE,
    body: (place) => ({ area: place.areas[1], ...reason() }),
  },
  'POST /cases/{folio}/investigation': { status: 412, headers: STALE, body: () => ({}) },
  'POST /cases/{folio}/information-requests': {
    status: 412,
    headers: STALE,
    body: () => ({ question: '¿Qué día fue?', businessDays: 5 }),
  },
  'POST /cases/{folio}/messages': { status: 412, headers: STALE, body: () => ({ text: 'Hola.' }) },
  'GET /cases/{folio}/evidence/{id}/original-requests': {
    status: 200,
    id: (place, folio) => place.evidence[folio]!,
  },
  'POST /cases/{folio}/evidence/{id}/original-requests': {
    status: 412,
    id: (place, folio) => place.evidence[folio]!,
    headers: STALE,
    body: () => ({ reason: 'El juzgado lo pide.' }),
  },
  // Nobody asked for it.
  'GET /cases/{folio}/evidence/{id}/original': { status: 403, id: (place, folio) => place.evidence[folio]! },
  'POST /cases/{folio}/evidence/{id}/transcript': {
    status: 412,
    id: (place, folio) => place.evidence[folio]!,
    headers: STALE,
    body: () => ({ text: 'Dice que pagó.' }),
  },
  'POST /cases/{folio}/notes': { status: 412, headers: STALE, body: () => ({ text: 'Nota.' }) },
  'POST /cases/{folio}/closure': {
    status: 412,
    headers: STALE,
    body: () => ({ outcome: 'withdrawn', grounds: 'Se desistió.', publicText: 'Cerramos tu denuncia.' }),
  },
  'POST /cases/{folio}/reopening': { status: 412, headers: STALE, body: reason },
  'GET /notifications': { status: 200 },
  'POST /notifications/{id}/read': { status: 204, id: (place) => place.notice },
  'GET /stats/cases': { status: 200 },
  'GET /stats/sla': { status: 200 },
  'POST /stats/releases': { status: 400, body: () => ({ table: 'reports', period: 'nunca' }) },
  'GET /admin/institution': { status: 200 },
  'PATCH /admin/institution': { status: 200, body: () => ({}) },
  'GET /admin/areas': { status: 200 },
  'POST /admin/areas': { status: 201, body: () => ({ code: 'NUEVA', label: 'Nueva' }) },
  'PATCH /admin/areas/{id}': {
    status: 200,
    id: ({ rows }) => rows.areas,
    body: () => ({ label: 'Archivo dos' }),
  },
  'GET /admin/categories': { status: 200 },
  'POST /admin/categories': {
    status: 201,
    body: () => ({ code: 'NEW', label: 'Nueva', labelEn: 'New', description: 'Una nueva.' }),
  },
  'PATCH /admin/categories/{id}': {
    status: 200,
    id: ({ rows }) => rows.categories,
    body: () => ({ label: 'Perdido' }),
  },
  'GET /admin/calendars': { status: 200 },
  'PATCH /admin/calendars': { status: 200, body: () => ({}) },
  'POST /admin/calendars/closures': {
    status: 201,
    body: () => ({ days: [{ day: '2027-04-30', label: 'Puente' }] }),
  },
  'DELETE /admin/calendars/closures/{id}': { status: 204, id: ({ rows }) => rows.closures },
  'GET /admin/menu': { status: 200 },
  'POST /admin/menu': { status: 201, body: () => MENU },
  'GET /admin/menu/versions/{version}': { status: 200, id: () => '1' },
  'POST /admin/menu/preview': { status: 200, body: () => MENU },
  'GET /admin/menu/figures': { status: 200 },
  'GET /admin/menu/unanswered': { status: 200 },
  'DELETE /admin/menu/unanswered/{id}': { status: 204, id: ({ rows }) => rows.questions },
  'GET /admin/privacy-notices': { status: 200 },
  'POST /admin/privacy-notices': { status: 201, body: () => ({ version: '2027-1', text: 'Un aviso.' }) },
  'GET /admin/routing-rules': { status: 200 },
  'POST /admin/routing-rules': {
    status: 201,
    body: (place) => ({ position: 901, label: 'Otra regla', words: ['regla'], area: place.areas[0] }),
  },
  'PATCH /admin/routing-rules/{id}': {
    status: 200,
    id: ({ rows }) => rows['routing-rules'],
    body: () => ({ position: 902 }),
  },
  'GET /admin/sla-terms': { status: 200 },
  'POST /admin/sla-terms': { status: 201, body: () => ({ metric: 'triage', businessDays: 5 }) },
  'PATCH /admin/sla-terms/{id}': {
    status: 200,
    id: ({ rows }) => rows['sla-terms'],
    body: () => ({ validTo: '2027-12-31' }),
  },
  'GET /admin/accounts': { status: 200 },
  'POST /admin/accounts': {
    status: 201,
    body: ({ domain }) => ({ email: `nueva@${domain}`, name: 'Nueva', roles: ['operator'] }),
  },
  'PATCH /admin/accounts/{id}': {
    status: 200,
    id: ({ rows }) => rows.accounts,
    body: () => ({ name: 'Otro' }),
  },
  'POST /admin/accounts/{id}/one-time-password': { status: 200, id: ({ rows }) => rows.accounts },
  'GET /admin/channels': { status: 200 },
  'POST /admin/channels': { status: 201, body: () => ({ channel: 'phone', label: 'Centro de llamadas' }) },
  'DELETE /admin/channels/{id}': { status: 204, id: ({ rows }) => rows.channels },
  'GET /admin/whatsapp-numbers': { status: 200 },
  // The same as that of the place, so that nobody who may call adds one.
  'POST /admin/whatsapp-numbers': { status: 409, body: ({ domain }) => whatsAppNumber(domain) },
  'PATCH /admin/whatsapp-numbers/{id}': {
    status: 200,
    id: ({ rows }) => rows['whatsapp-numbers'],
    body: () => ({ label: 'Denuncias' }),
  },
  // Nobody answers in the place of Meta, and that is told.
  'POST /admin/whatsapp-numbers/{id}/check': { status: 200, id: ({ rows }) => rows['whatsapp-numbers'] },
  'GET /approvals': { status: 200 },
  // Answered already, so that nobody who may call changes anything.
  'POST /approvals/{id}/agreement': { status: 409, id: ({ rows }) => rows.approvals },
  'POST /approvals/{id}/refusal': { status: 409, id: ({ rows }) => rows.approvals, body: reason },
  'GET /audit': { status: 200 },
  'GET /public/institutions': { status: 200 },
  'GET /public/privacy-notice': { status: 200, query: of },
  'GET /public/catalogs/areas': { status: 200, query: of },
  'GET /public/catalogs/categories': { status: 200, query: of },
  'GET /public/catalogs/channels': { status: 200, query: of },
  'GET /public/catalogs/faults': { status: 200, query: of },
  'GET /public/catalogs/municipalities': { status: 200, query: of },
  'GET /public/catalogs/entries': { status: 200, query: of },
  'GET /public/catalogs/events': { status: 200, query: of },
  'GET /public/catalogs/metrics': { status: 200, query: of },
  'GET /public/catalogs/modes': { status: 200, query: of },
  'GET /public/catalogs/moves': { status: 200, query: of },
  'GET /public/catalogs/outcomes': { status: 200, query: of },
  'GET /public/catalogs/priorities': { status: 200, query: of },
  'GET /public/catalogs/roles': { status: 200, query: of },
  'GET /public/catalogs/statuses': { status: 200, query: of },
  'GET /public/stats/plan': { status: 200, query: of },
  'GET /public/stats/releases': { status: 200, query: of },
  'GET /public/stats/reports': { status: 200, query: of },
};

const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;

let h: Harness;
const places = new Map<string, Place>();
/** Tracking tokens of the cases in the own areas; each costs an argon2. */
const reporters = new Map<string, string>();
beforeAll(async () => {
  h = await Harness.start();
  for (const domain of DOMAINS) {
    places.set(domain, await furnish(h, domain));
    reporters.set(domain, await h.trackingToken(places.get(domain)!.own));
  }
});
afterAll(() => h.stop());

async function credential(who: Who, place: Place): Promise<CallOptions> {
  switch (who) {
    case 'nobody':
      return {};
    case 'channel':
      return { key: place.channelKey };
    case 'phone_channel':
      return { key: place.channelKey.replace(/web$/, 'phone') };
    case 'reporter':
      return { token: reporters.get(place.domain)! };
    default:
      return { token: await h.token(`${ACCOUNTS[who]}@${place.domain}`) };
  }
}

async function probe(route: Route, as: CallOptions, place: Place, folio = place.own.folio): Promise<number> {
  const { body, query, headers, id } = PROBES[nameOf(route)]!;
  const path =
    route.path.replace('{folio}', folio).replace(/\{(id|number|version)\}/, id?.(place, folio) ?? '') +
    (query?.(place) ?? '');
  const fields = body?.(place);
  // Only the public web says where a report goes.
  const anonymousReport = route.path === '/reports' && !as.key && !as.token;
  return (
    await h.call(route.method, path, {
      ...as,
      headers,
      body: anonymousReport ? { institution: place.code, ...(fields as object) } : fields,
    })
  ).status;
}

describe('the table of permissions', () => {
  it('lists every route that the server answers, and no other', () => {
    const served = servedRoutes(h.app);
    const expected = [
      ...ROUTES.map(({ method, path }) => `${method} /api/v1${path}`),
      ...UNPREFIXED.map((path) => `GET ${path}`),
    ];
    expect(served).toEqual(expected.sort());
  });

  it('agrees with the OpenAPI document, permission by permission', () => {
    const { paths } = describeApi(h.app);
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const { 'x-permission': permission } = operation as { 'x-permission'?: string };
        return `${method.toUpperCase()} ${path} ${permission}`;
      }),
    );
    expect(documented.sort()).toEqual(
      ROUTES.map(({ method, path, permission }) => `${method} /api/v1${path} ${permission}`).sort(),
    );
  });

  it('agrees with what each role is permitted', () => {
    const byRole = (may: (route: Route, role: Role) => boolean) =>
      ROLES.map((role) => [role, ROUTES.filter((route) => may(route, role)).map(nameOf)]);
    const guarded = ROUTES.filter(({ permission }) => permission.includes('.'));
    expect(
      byRole((route, role) => guarded.includes(route) && PERMISSIONS[role].includes(route.permission)),
    ).toEqual(byRole((route, role) => guarded.includes(route) && route.verdicts[role] === 'ok'));
  });

  it('has a probe for every route', () => {
    expect(Object.keys(PROBES).sort()).toEqual(ROUTES.map(nameOf).sort());
  });
});

describe.each(DOMAINS)('at %s', (domain) => {
  // These end the session or the token they are called with, so each of their calls begins with another one.
  const ending = 'DELETE /auth/sessions/current';
  const exchange = 'POST /tracking/access-code';

  it.each(
    ROUTES.filter((route) => ![ending, exchange].includes(nameOf(route))).map(
      (route) => [nameOf(route), route] as const,
    ),
  )('%s answers each kind of caller as the table says', async (name, route) => {
    const place = places.get(domain)!;
    const answers: Partial<Record<Who, number>> = {};
    const expected: Partial<Record<Who, number>> = {};
    for (const who of WHO) {
      answers[who] = await probe(route, await credential(who, place), place);
      const verdict = route.verdicts[who];
      const allowed = verdict === 'ok';
      // What belongs to one person only is not there for the others who may call the route.
      const elsewhere = allowed && name === 'POST /notifications/{id}/read' && who !== 'area_head';
      expected[who] = elsewhere ? 404 : allowed ? PROBES[name]!.status : Number(verdict);
    }
    expect(answers).toEqual(expected);
  });

  it(`${exchange} answers each kind of caller as the table says, and the reporter once per token`, async () => {
    const place = places.get(domain)!;
    const route = ROUTES.find((one) => nameOf(one) === exchange)!;
    for (const who of WHO.filter((one) => one !== 'reporter')) {
      expect([who, await probe(route, await credential(who, place), place)]).toEqual([who, 401]);
    }
    const token = reporters.get(domain)!;
    const { status, body } = await h.call<{ token: string }>('POST', '/tracking/access-code', { token });
    expect([status, await probe(route, { token }, place)]).toEqual([201, 401]);
    reporters.set(domain, body.token);
  });

  it(`${ending} ends the session of every account, and of nobody else`, async () => {
    const place = places.get(domain)!;
    const route = ROUTES.find((one) => nameOf(one) === ending)!;
    for (const who of WHO) {
      if (ROLES.includes(who as Role)) h.forgetTokens();
      const as = await credential(who, place);
      const expected = route.verdicts[who] === 'ok' ? 204 : 401;
      expect([who, await probe(route, as, place)]).toEqual([who, expected]);
      if (expected === 204) expect(await probe(route, as, place)).toBe(401);
    }
    h.forgetTokens();
  });
});

describe.each([
  ['conavi.demo', 'acolman.demo'],
  ['acolman.demo', 'conavi.demo'],
] as const)('whoever works at %s', (home, away) => {
  const cases = ROUTES.filter(({ scope }) => scope === 'case');

  it.each(cases.map((route) => [nameOf(route), route] as const))(
    `%s: 404 for a case of ${away}, and for one of another area unless the role reaches the institution`,
    async (name, route) => {
      const [mine, foreign] = [places.get(home)!, places.get(away)!];
      for (const role of ROLES.filter((one) => route.verdicts[one] === 'ok')) {
        const as = await credential(role, mine);
        const otherArea = REACH[role] === 'institution' ? PROBES[name]!.status : 404;
        expect([role, await probe(route, as, mine, mine.other.folio)]).toEqual([role, otherArea]);
        expect([role, await probe(route, as, foreign)]).toEqual([role, 404]);
      }
      if (route.verdicts.investigator !== 'ok') return;
      const second = { token: await h.token(`investigador2@${home}`) };
      expect(await probe(route, second, mine, mine.own.folio)).toBe(404);
      expect(await probe(route, second, mine, mine.other.folio)).toBe(PROBES[name]!.status);
    },
  );

  it.each(
    ROUTES.filter(({ scope }) => scope === 'row' || scope === 'own').map(
      (route) => [nameOf(route), route] as const,
    ),
  )(`%s: 404 for a row of ${away}`, async (_, route) => {
    const [mine, foreign] = [places.get(home)!, places.get(away)!];
    const allowed = WHO.filter((who) => route.verdicts[who] === 'ok');
    for (const who of allowed) {
      const as = await credential(who, mine);
      expect([who, await probe(route, as, foreign)]).toEqual([who, 404]);
    }
  });

  it('lists no case of another area or institution', async () => {
    const mine = places.get(home)!;
    const seen = async (user: string): Promise<string[]> =>
      (
        await h.as<{ items: { folio: string }[] }>(`${user}@${home}`, 'GET', '/cases?limit=100')
      ).body.items.map(({ folio }) => folio);
    const foreign = places.get(away)!;
    for (const user of ['mesa', 'auditor']) {
      expect(await seen(user)).toEqual(expect.arrayContaining([mine.own.folio, mine.other.folio]));
    }
    for (const user of ['mesa', 'auditor', 'investigador', 'titular', 'investigador2']) {
      const folios = await seen(user);
      expect(folios.filter((folio) => folio.slice(0, 3) !== mine.own.folio.slice(0, 3))).toEqual([]);
      expect(folios).not.toContain(foreign.own.folio);
    }
    for (const user of ['investigador', 'titular']) {
      expect(await seen(user)).toContain(mine.own.folio);
      expect(await seen(user)).not.toContain(mine.other.folio);
    }
    expect(await seen('investigador2')).toEqual([mine.other.folio]);
  });

  it('counts only its own cases in exact statistics', async () => {
    const total = async (user: string): Promise<string[]> =>
      JSON.stringify((await h.as(`${user}@${home}`, 'GET', '/stats/cases?by=area')).body).match(
        /[A-Z]{3,}/g,
      ) ?? [];
    const [mine, foreign] = [places.get(home)!, places.get(away)!];
    for (const area of mine.areas) expect(await total('auditor')).toContain(area);
    for (const user of ['auditor', 'transparencia', 'titular']) {
      for (const area of foreign.areas) expect(await total(user)).not.toContain(area);
    }
    expect(await total('titular')).not.toContain(mine.areas[1]);
  });
});

describe('a route without an access decorator', () => {
  @Controller('forgotten')
  class Forgotten {
    @Get()
    get(): string {
      return 'nobody should read this';
    }
  }
  @Module({ controllers: [Forgotten] })
  class ForgottenModule {}

  let app: NestFastifyApplication;
  afterAll(() => app.close());

  it('is refused to everybody', async () => {
    const log = new Log('silent');
    const module = await Test.createTestingModule({
      imports: [
        AppModule.of({
          config: testConfig(),
          clock: h.clock,
          keys: new KeyRing(SECRETS),
          log,
          database: h.database,
          store: await openStore(h.config.storage),
        }),
        ForgottenModule,
      ],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(httpAdapter({ trustProxy: false }), {
      logger: log,
    });
    setup(app, { corsOrigins: [] });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    const token = await h.token('mesa@conavi.demo');
    for (const headers of [undefined, { Authorization: `Bearer ${token}` }]) {
      const answer = await fetched(`http://127.0.0.1:${port}/api/v1/forgotten`, { headers });
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('FORBIDDEN')]);
    }
  });
});

describe('a credential that is not what it should be', () => {
  it.each([
    ['an unknown token', { token: 'das_unknown-unknown-unknown' }],
    ['a token of no kind', { token: 'hello-hello-hello' }],
    ['an unknown channel key', { key: 'unknown-unknown-unknown' }],
    ['an empty channel key', { headers: { 'X-Api-Key': '' } }],
    ['another scheme', { headers: { Authorization: 'Basic bWVzYTptZXNh' } }],
  ])('%s is answered 401, never taken for nobody', async (_, as: CallOptions) => {
    const body = { institution: 'CONAVI-DEMO', mode: 'anonymous', narrative: 'Me pidieron dinero.' };
    expect((await h.call('POST', '/reports', { ...as, body })).status).toBe(401);
    expect((await h.call('GET', '/cases', as)).status).toBe(401);
    expect((await h.call('GET', '/tracking/case', as)).status).toBe(401);
  });

  it('two credentials at once are answered 401', async () => {
    const as = { token: await h.token('operador@conavi.demo'), key: places.get('conavi.demo')!.channelKey };
    const body = { mode: 'anonymous', narrative: 'Me pidieron dinero.' };
    expect((await h.call('POST', '/reports', { ...as, body })).status).toBe(401);
  });

  it('a tracking token opens its own case and no other request of information', async () => {
    const [mine, foreign] = DOMAINS.map((domain) => places.get(domain)!) as [Place, Place];
    const token = await h.trackingToken(mine.other);
    for (const { informationRequest } of [mine, foreign]) {
      const path = `/tracking/information-requests/${informationRequest}/answer`;
      expect((await h.call('POST', path, { token, body: { text: 'No es mía.' } })).status).toBe(404);
    }
    const { body } = await h.call<{ folio: string }>('GET', '/tracking/case', { token });
    expect(body.folio).toBe(mine.other.folio);
  });
});

describe('two roles on one account', () => {
  const pairs = ROLES.flatMap((one, n) => ROLES.slice(n + 1).map((other): [Role, Role] => [one, other]));

  it.each(pairs)('%s and %s go together or not, as the table says', async (one, other) => {
    const apart = APART.some((pair) => pair.includes(one) && pair.includes(other));
    for (const roles of [[one, other], [...new Set([other, 'operator', one])]]) {
      const email = `${roles.join('.')}@conavi.demo`;
      const body = { email, name: 'Dos papeles', roles, areas: ['OIC'] };
      const { status } = await h.as('admin@conavi.demo', 'POST', '/admin/accounts', body);
      // What sees cases waits for a second person.
      const waits = roles.some((role) => REACH[role as Who] !== undefined);
      expect([roles, status]).toEqual([roles, apart ? 422 : waits ? 202 : 201]);
    }
  });
});
