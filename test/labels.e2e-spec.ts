import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeApi } from '../src/app/openapi-document.js';
import { EVENT_LABELS } from '../src/foundations/audit/labels.js';
import { ROLES } from '../src/foundations/identity/permissions.js';
import { METRICS } from '../src/foundations/sla/deadline.js';
import { ENTRY_KINDS } from '../src/work/cases/case.entities.js';
import { OUTCOMES } from '../src/work/cases/lifecycle.js';
import { MOVE_NAMES } from '../src/work/cases/moves/moves.js';
import {
  ADMIN,
  AREA,
  AUDITOR,
  CaseWork,
  DESK,
  HEAD,
  INVESTIGATOR,
  moveTo,
  ok,
  OTHER_AREA,
} from './builders/cases.js';
import { Harness } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
let document: OpenAPIObject;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  document = describeApi(h.app);
});
afterAll(() => h.stop());

const ENGLISH = { 'Accept-Language': 'en' };
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Codes that stand alone, each with its reason. */
const ALONE: Readonly<Record<string, string>> = {
  'OAuthTokens.token_type': 'RFC 6749 gives the word, and a client reads it',
  'OAuthError.error': 'RFC 6749 gives the word; error_description says it to people',
  'OAuthError.code': 'stands beside detail, as in every refusal',
  'CaseFigures.filteredBy': 'the name of the member of cases by which the span filters; never another',
  'DeadlineFigures.filteredBy': 'the same',
  'PublishedReports.table': 'the table that was asked for by its address',
  'PublishedReports.unit': 'one value: a promise to programs of what a figure counts',
  'PlanView.categories':
    'the plan is compared by programs, digest for digest; names are in GET /public/catalogs/categories',
  'MenuLanguageContent.language': 'BCP 47; its name stands beside it',
  'MenuOptionContent.code': 'its word is `title`',
  'MenuSubOption.code': 'its word is `title`',
  'MenuOptionContent.start': 'what the editor of a menu sends, given back as it was sent',
  'MenuSubOption.start': 'the same',
  'PreviewAnswer.kind': 'the form of a message, for the program that draws it',
  'MenuFigure.language': 'BCP 47, as the editor of the menu wrote it',
  'UnansweredQuestion.language': 'the same',
  'Problem.code': 'its words are `title` and `detail`',
  'ProblemField.code': 'its word is `message`',
};

/** Names of members that hold a code also where the document lists no values. */
const CODES =
  /^(status|currentStatus|event|outcome|metric|source|stage|mode|channel|priority|thenPriority|state|role|author|kind|level|integrity|fault|area|category|thenCategory|municipality|territory|move|permission|roles|moves|permissions|faults|areas|categories|language|rule|scope|table|unit|periodKind|filteredBy|from)$/;

describe('codes in answers', () => {
  /** Every schema that an answer can hold, by name. */
  function answered(): Map<string, Schema> {
    const found = new Map<string, Schema>();
    const walk = (schema: Schema | undefined): void => {
      if (!schema) return;
      if (schema.$ref) {
        const name = schema.$ref.replace('#/components/schemas/', '');
        if (found.has(name)) return;
        found.set(name, document.components!.schemas![name] as Schema);
        walk(found.get(name));
        return;
      }
      for (const inner of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
        walk(inner);
      walk(schema.items);
      for (const member of Object.values(schema.properties ?? {})) walk(member);
    };
    type Answers = { responses?: Record<string, { content?: Record<string, { schema?: Schema }> }> };
    for (const methods of Object.values(document.paths)) {
      for (const { responses } of Object.values(methods as Record<string, Answers>)) {
        for (const { content } of Object.values(responses ?? {})) {
          for (const { schema } of Object.values(content ?? {})) walk(schema);
        }
      }
    }
    return found;
  }

  const coded = (name: string, schema: Schema, properties: Record<string, Schema>): boolean => {
    const inner = schema.items ?? schema;
    if (inner.enum?.some((value) => typeof value === 'string')) return true;
    if (inner.$ref ?? inner.allOf ?? inner.properties) return false;
    if (name === 'code') return !('message' in properties && 'field' in properties);
    const texts = [inner.type ?? []].flat().includes('string');
    return texts && CODES.test(name) && !isDay(inner) && !isSentence(name, properties);
  };
  const isDay = (schema: Schema): boolean => (schema as { format?: string }).format === 'date';
  /** `from` and `to` of a history, which are texts. */
  const isSentence = (name: string, properties: Record<string, Schema>): boolean =>
    name === 'from' && 'to' in properties;

  it('never stand without their label where a person reads', () => {
    const schemas = answered();
    expect(schemas.size).toBeGreaterThan(50);
    const bare: string[] = [];
    const used = new Set<string>();
    let codes = 0;
    for (const [schema, { properties = {} }] of schemas) {
      for (const [name, member] of Object.entries(properties)) {
        if (!coded(name, member, properties)) continue;
        codes += 1;
        const place = `${schema}.${name}`;
        if (place in ALONE) {
          used.add(place);
          continue;
        }
        const labels =
          name === 'code'
            ? ['label', 'name']
            : member.items
              ? [`${name.replace(/ies$/, 'y').replace(/s$/, '')}Labels`]
              : [`${name}Label`];
        if (!labels.some((label) => label in properties)) bare.push(place);
      }
    }
    expect(bare).toEqual([]);
    expect(codes).toBeGreaterThan(60);
    // An exception that is no longer needed goes.
    expect(Object.keys(ALONE).filter((place) => !used.has(place) && place !== 'ProblemField.code')).toEqual(
      [],
    );
  });

  it('come with labels in the language that is asked for, in lists, details, moves and refusals', async () => {
    const receipt = await work.bring('under_investigation', { municipality: '15002' });
    const path = `/cases/${receipt.folio}`;
    const spanish = ok(await h.as<Record<string, unknown>>(HEAD, 'GET', path));
    const english = ok(await h.as<Record<string, unknown>>(HEAD, 'GET', path, undefined, ENGLISH));
    expect(spanish).toMatchObject({
      statusLabel: 'En investigación',
      channelLabel: 'Internet',
      modeLabel: 'Anónima',
      priorityLabel: 'Alta',
      municipalityLabel: 'Acolman',
      integrityLabel: 'Coincide',
      outcome: null,
      outcomeLabel: null,
      area: { code: AREA, label: 'Órgano Interno de Control' },
      moveLabels: expect.arrayContaining(['Concluir', 'Turnar a otra área']),
    });
    expect(english).toMatchObject({
      statusLabel: 'Under investigation',
      priorityLabel: 'High',
      area: { code: AREA, label: 'Internal control body' },
      category: { code: 'FRAUD', label: 'Fraud' },
      moveLabels: expect.arrayContaining(['Conclude', 'Transfer to another area']),
    });
    expect((english.moves as string[]).length).toBe((english.moveLabels as string[]).length);
    expect(english.deadlines).toContainEqual(
      expect.objectContaining({
        metric: 'resolution',
        metricLabel: 'Resolution',
        sourceLabel: 'A proposal, not law',
      }),
    );
    const list = ok(await h.as<{ items: object[] }>(HEAD, 'GET', '/cases', undefined, ENGLISH));
    expect(list.items[0]).toMatchObject({ statusLabel: 'Under investigation', channelLabel: 'Web' });
    const transfer = { area: OTHER_AREA, reason: 'Es materia de otra área.' };
    const moved = ok(await h.as(DESK, 'POST', `${path}/transfers`, transfer, ENGLISH));
    expect(moved).toMatchObject({
      statusLabel: 'Assigned to the area in charge',
      area: { code: OTHER_AREA },
    });
    expect(JSON.stringify(moved)).toContain('Subsidies and beneficiaries');
    const refused = await h.as(DESK, 'POST', `${path}/assignment`, { assignee: DESK }, ENGLISH);
    expect([refused.status, refused.body]).toEqual([
      409,
      expect.objectContaining({
        currentStatusLabel: 'Assigned to the area in charge',
        move: 'assign_to_triage',
        moveLabel: 'Assign to the desk',
      }),
    ]);
  });

  it('of accounts, terms, rules and approvals have theirs', async () => {
    const me = ok(await h.as(AUDITOR, 'GET', '/auth/me'));
    expect(me).toMatchObject({
      roleLabels: ['Auditoría'],
      permissionLabels: expect.arrayContaining(['Ver casos']),
    });
    const asked = ok(
      await h.as<{ approval: { request: object } }>(ADMIN, 'POST', '/admin/accounts', {
        email: 'nueva@conavi.demo',
        name: 'Nueva Persona',
        roles: ['investigator'],
        areas: ['OBRA', 'OIC'],
        reason: 'Entra hoy.',
      }),
    );
    expect(asked.approval).toMatchObject({
      kindLabel: 'Cuenta nueva que ve casos',
      stateLabel: 'Sin contestar',
      request: {
        roleLabels: ['Investigación'],
        areaLabels: ['Supervisión de obra', 'Órgano Interno de Control'],
      },
    });
    const [rule] = ok(await h.as<object[]>(ADMIN, 'GET', '/admin/routing-rules', undefined, ENGLISH));
    expect(rule).toMatchObject({ areaLabel: 'Works supervision', categoryLabel: 'Poor building works' });
    const { items } = ok(await h.as<{ items: object[] }>(ADMIN, 'GET', '/admin/sla-terms'));
    expect(items[0]).toMatchObject({ metricLabel: 'Acuse', sourceLabel: 'Propuesta, no es ley' });
  });

  it('of a receipt speak the language of the report, whoever files it', async () => {
    const english = await h.file({ language: 'en', category: 'FRAUD' });
    expect(english).toMatchObject({ statusLabel: 'Received', channelLabel: 'Web', modeLabel: 'Anonymous' });
    expect(english.deadlines[0]).toMatchObject({ metric: 'acknowledgement', metricLabel: 'Acknowledgement' });
    expect(await h.file()).toMatchObject({ statusLabel: 'Recibida', priorityLabel: 'Normal' });
  });
});

describe('the public catalogues of codes', () => {
  const list = (name: string, headers?: Record<string, string>) =>
    h.call<{ code: string; label: string }[]>('GET', `/public/catalogs/${name}`, { headers });

  it.each([
    ['outcomes', [...OUTCOMES]],
    ['metrics', [...METRICS]],
    ['events', Object.keys(EVENT_LABELS)],
    ['entries', [...ENTRY_KINDS]],
    ['roles', [...ROLES]],
    ['moves', [...MOVE_NAMES, 'write']],
    ['priorities', ['low', 'normal', 'high', 'urgent']],
    ['modes', ['anonymous', 'confidential', 'identified']],
  ])('hold all %s, in both languages, for anybody to keep', async (name, codes) => {
    const [spanish, english] = [await list(name), await list(name, ENGLISH)];
    expect(spanish.body.map(({ code }) => code).sort()).toEqual([...codes].sort());
    for (const { body } of [spanish, english])
      for (const { code, label } of body) expect(label).not.toBe(code);
    expect(spanish.body).not.toEqual(english.body);
    expect(spanish.headers.get('cache-control')).toContain('public');
  });
});

describe('what happened reads as a sentence', () => {
  interface Item {
    event: string;
    eventLabel: string;
    summary: string;
    actor: { kindLabel: string };
  }
  const trail = async (folio: string, headers?: Record<string, string>): Promise<Item[]> =>
    ok(await h.as<{ items: Item[] }>(AUDITOR, 'GET', `/cases/${folio}/audit?limit=100`, undefined, headers))
      .items;

  it('in the history of a case: names for codes and ids, and nothing between empty parts', async () => {
    const receipt = await h.file({ narrative: 'No sé cómo se llama lo que pasó en la oficina.' });
    const { folio } = receipt;
    expect(receipt.category?.code ?? null).toBeNull();
    ok(await work.post(DESK, folio, 'triage', { area: AREA, reason: 'Le toca al OIC.' }));
    ok(await work.post(HEAD, folio, 'assignment', { assignee: INVESTIGATOR }));
    await work.investigate(folio);
    await work.transfer(folio);
    const { entries } = await work.read(folio);
    const read = Object.fromEntries(entries.map(({ kind, summary }) => [kind, summary]));
    expect(read).toEqual({
      received: 'Se recibió la denuncia.',
      triaged:
        'La mesa cambió lo propuesto. Antes: Mesa de control, prioridad normal. Ahora: Órgano Interno de Control, prioridad normal.',
      assigned: 'Se asignó a Investigación (demostración).',
      investigation_started: 'Empezó la investigación.',
      transferred:
        'Se turnó a otra área. Antes: Órgano Interno de Control, prioridad normal. Ahora: Operación de subsidios y atención, prioridad normal.',
    });
    const text = JSON.stringify(entries);
    expect(text).not.toMatch(ID);
    expect(text).not.toMatch(/ \/ | {2}|, [,.]|MESA/);
    const [told] = entries.filter(({ kind }) => kind === 'triaged');
    expect(told!.body).toMatchObject({
      from: 'Mesa de control, prioridad normal',
      reason: 'Le toca al OIC.',
    });
  });

  it('in the trail of a case, in both languages', async () => {
    const { folio } = await work.bring('under_investigation');
    await work.transfer(folio);
    const spanish = await trail(folio);
    expect(spanish.map(({ summary }) => summary)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^Llegó la denuncia: área Órgano Interno de Control; categoría Fraude o engaño; prioridad Alta; canal Internet\.$/,
        ),
        'Turnó el caso a otra área: de Órgano Interno de Control; a Operación de subsidios y atención; motivo: Es materia de otra área.',
      ]),
    );
    const english = await trail(folio, ENGLISH);
    expect(english.find(({ event }) => event === 'INVESTIGATION_STARTED')).toMatchObject({
      eventLabel: 'Started the investigation',
      summary: 'Started the investigation: assigned to Investigación (demostración).',
      actor: { kindLabel: 'Staff' },
    });
    for (const { summary } of [...spanish, ...english]) {
      expect(summary).not.toMatch(ID);
      expect(summary).not.toMatch(/[;:] *\.|; ;| {2}|undefined|null|\[object/);
    }
  });

  it('in the trail of the institution and in notices', async () => {
    const { folio } = await work.file();
    moveTo(h, '2026-11-16T16:00:00Z');
    await h.sweep();
    const { items } = ok(
      await h.as<{ items: { folio: string; kindLabel: string; metricLabel: string; summary: string }[] }>(
        HEAD,
        'GET',
        '/notifications?limit=100',
      ),
    );
    expect(items.filter((item) => item.folio === folio)).toContainEqual(
      expect.objectContaining({
        kindLabel: 'Plazo vencido',
        metricLabel: 'Revisión inicial',
        summary: `Venció el plazo de revisión inicial del caso ${folio}.`,
      }),
    );
    ok(await h.as(ADMIN, 'PATCH', '/admin/institution', { name: 'Comisión de Vivienda' }));
    const audit = ok(await h.as<{ items: Item[] }>(AUDITOR, 'GET', '/audit?limit=100')).items;
    expect(audit.map(({ eventLabel }) => eventLabel)).toContain('Cambió los datos de la institución');
    for (const { summary, event, eventLabel } of audit) {
      expect(eventLabel).not.toBe(event);
      expect(summary).not.toMatch(ID);
      expect(summary).not.toMatch(/[;:] *\.|undefined|null|\[object/);
    }
  });

  it('to the reporter as well, who reads a label for each step', async () => {
    const receipt = await work.bring('closed');
    const seen = ok(
      await work.asReporter<{ timeline: { kind: string; kindLabel: string }[]; deadlines: object[] }>(
        receipt,
        'GET',
        'case',
      ),
    );
    expect(seen.timeline.map(({ kindLabel }) => kindLabel)).toEqual(['Se recibió la denuncia', 'Se cerró']);
    expect(seen.deadlines[0]).toMatchObject({ metricLabel: 'Acuse' });
  });
});
