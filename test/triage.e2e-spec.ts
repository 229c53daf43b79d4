import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
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
import { CHANNEL_KEY, START_TIME } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());
afterEach(() => moveTo(h, START_TIME.toISOString()));

interface Rule {
  id: string;
  position: number;
  label: string;
  category: string | null;
  municipality: string | null;
  channel: string | null;
  words: string[];
  area: string;
  thenCategory: string | null;
  thenPriority: string | null;
  validFrom: string;
  validTo: string | null;
  code: string;
}
const rules = async (): Promise<Rule[]> => ok(await h.as<Rule[]>(ADMIN, 'GET', '/admin/routing-rules'));
const create = (rule: Record<string, unknown>, email = ADMIN) =>
  h.as<Rule>(email, 'POST', '/admin/routing-rules', { label: 'Regla de prueba', ...rule });
const change = (id: string, body: unknown, email = ADMIN) =>
  h.as<Rule>(email, 'PATCH', `/admin/routing-rules/${id}`, body);
const end = (id: string) => change(id, { validTo: '2026-11-09' });
const routed = async (receipt: Receipt): Promise<string> => {
  const { routing } = await work.read(receipt.folio);
  return `${receipt.area.code} ${receipt.category?.code ?? '-'} ${receipt.priority} (${routing?.label ?? 'no rule'})`;
};

describe('routing of a new report', () => {
  it.each([
    ['the category stated', { category: 'FRAUD' }, 'OIC FRAUD high (Categoría: Fraude o engaño)'],
    [
      'danger before the category',
      { category: 'BAD_SERVICE', narrative: 'Me amenazaron con una pistola en la ventanilla.' },
      'OIC BAD_SERVICE urgent (Amenazas o violencia)',
    ],
    [
      'words, when nothing was stated: accents and capitals do not matter',
      { narrative: 'PIDIERON UNA MORDIDA por inscribirme al programa.' },
      'OIC BRIBERY high (Palabras: soborno)',
    ],
    [
      'words, when «something else» was stated',
      { category: 'OTHER', narrative: 'Un gestor cobra por meterte al programa.' },
      'JURIDICO IMPERSONATION high (Palabras: falsos gestores)',
    ],
    [
      'the stated category, never overruled by a word',
      { category: 'BAD_SERVICE', narrative: 'Quieren una mordida por atender bien a la gente.' },
      'SUBSIDIOS BAD_SERVICE normal (Categoría: Mal servicio o mal trato)',
    ],
    [
      'the desk, when nothing matches',
      { narrative: 'No sé cómo llamarle a lo que vi en la oficina.' },
      'MESA - normal (Todo lo demás)',
    ],
  ])('follows %s', async (_name, report, expected) => {
    expect(await routed(await h.file(report))).toBe(expected);
  });

  it('goes to the fallback desk without any rule, so that nothing is unrouted', async () => {
    const all = await rules();
    for (const { id } of all) await end(id);
    const receipt = await h.file();
    const { routing } = await work.read(receipt.folio);
    expect([receipt.area.code, routing]).toEqual(['MESA', null]);
    for (const { id } of all) await change(id, { validTo: null });
    expect(await rules()).toEqual(all);
  });

  it('takes the first rule in order, whenever it was made', async () => {
    const second = ok(await create({ position: 2, label: 'Segunda', words: ['zapote'], area: 'OBRA' }));
    const first = ok(await create({ position: 1, label: 'Primera', words: ['zapote'], area: 'JURIDICO' }));
    const narrative = 'Pasó junto al zapote de la plaza mayor.';
    expect((await h.file({ narrative })).area.code).toBe('JURIDICO');
    ok(await change(first.id, { position: 3 }));
    expect((await h.file({ narrative })).area.code).toBe('OBRA');
    for (const { id } of [first, second]) ok(await end(id));
    expect((await h.file({ narrative })).area.code).toBe('MESA');
  });

  it('needs all conditions of a rule, and one of its words', async () => {
    const rule = ok(
      await create({
        position: 1,
        municipality: '15002',
        channel: 'phone',
        words: ['zapote', 'pirul'],
        area: OTHER_AREA,
        thenCategory: 'WORKS_QUALITY',
        thenPriority: 'low',
      }),
    );
    const narrative = 'Pasó junto al pirul de la plaza.';
    const phone = async (report: Record<string, unknown>): Promise<Receipt> =>
      ok(
        await h.call<Receipt>('POST', '/reports', {
          key: `${CHANNEL_KEY}-cnv-phone`,
          body: { mode: 'anonymous', narrative, ...report },
        }),
      );
    const matching = await phone({ municipality: '15002' });
    expect(await routed(matching)).toBe(`${OTHER_AREA} WORKS_QUALITY low (Regla de prueba)`);
    for (const receipt of [
      await phone({ municipality: '09015' }),
      await phone({ municipality: '15002', narrative: 'Pasó en la plaza mayor.' }),
      await h.file({ municipality: '15002', narrative }),
    ])
      expect(receipt.area.code).toBe('MESA');
    ok(await end(rule.id));
  });

  it('passes over a rule whose area has ended, not yet in force or over', async () => {
    const area = ok(
      await h.as<{ id: string }>(ADMIN, 'POST', '/admin/areas', {
        code: 'BREVE',
        label: 'Área por terminar',
      }),
    );
    const toBrief = ok(await create({ position: 1, words: ['zapote'], area: 'BREVE' }));
    const later = ok(
      await create({ position: 2, words: ['zapote'], area: 'JURIDICO', validFrom: '2026-11-11' }),
    );
    const file = () => h.file({ narrative: 'Pasó junto al zapote de la plaza mayor.' });
    expect((await file()).area.code).toBe('BREVE');
    ok(await h.as(ADMIN, 'PATCH', `/admin/areas/${area.id}`, { validTo: '2026-11-09' }));
    expect((await file()).area.code).toBe('MESA');
    moveTo(h, '2026-11-11T16:00:00Z');
    expect((await file()).area.code).toBe('JURIDICO');
    for (const { id } of [toBrief, later]) ok(await change(id, { validTo: '2026-11-10' }));
    expect((await file()).area.code).toBe('MESA');
  });
});

describe('routing rules', () => {
  it('are listed in the order in which they are tried', async () => {
    const positions = (await rules())
      .filter(({ label }) => label !== 'Regla de prueba')
      .map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    const mine = (await rules()).find(({ label }) => label === 'Obra con riesgo de caer');
    expect(mine).toMatchObject({
      category: 'WORKS_QUALITY',
      area: 'OBRA',
      thenPriority: 'urgent',
      validTo: null,
    });
  });

  it.each<[Record<string, unknown>, number]>([
    [{ position: 1 }, 400],
    [{ area: AREA }, 400],
    [{ position: -1, area: AREA }, 400],
    [{ position: 1.5, area: AREA }, 400],
    [{ position: 1, area: AREA, words: 'mordida' }, 400],
    [{ position: 1, area: AREA, words: ['(.*)'] }, 400],
    [{ position: 1, area: AREA, words: ['mordida', 'ni?'] }, 400],
    [{ position: 1, area: AREA, words: ['ni\ufffd'] }, 400],
    [{ position: 1, area: AREA, words: ['ni'] }, 400],
    [{ position: 1, area: AREA, words: ['\u200bni\u2800'] }, 400],
    [{ position: 1, area: AREA, words: ['中文字'] }, 400],
    [{ position: 1, area: AREA, channel: 'fax' }, 400],
    [{ position: 1, area: AREA, thenPriority: 'máxima' }, 400],
    [{ position: 1, area: AREA, municipality: '1' }, 400],
    [{ position: 1, area: AREA, validFrom: 'mañana' }, 400],
    [{ position: 1, area: AREA, script: 'x' }, 400],
    [{ position: 1, area: 'NADA' }, 422],
    [{ position: 1, area: AREA, category: 'NADA' }, 422],
    [{ position: 1, area: AREA, thenCategory: 'NADA' }, 422],
  ])('%j is refused with %i', async (rule, status) => {
    const before = await rules();
    expect((await create(rule)).status).toBe(status);
    expect(await rules()).toEqual(before);
  });

  it('are changed in order, label and last day only, never deleted', async () => {
    const rule = ok(await create({ position: 900, words: ['zapote'], area: AREA }));
    expect(ok(await change(rule.id, { position: 950, label: 'Otro nombre' }))).toMatchObject({
      ...rule,
      position: 950,
      label: 'Otro nombre',
    });
    expect((await change(rule.id, { area: 'OBRA' })).status).toBe(400);
    expect((await change(rule.id, { label: null })).status).toBe(400);
    expect((await change(rule.id, { position: null })).status).toBe(400);
    expect((await change('01234567-89ab-4def-8123-456789abcdef', { position: 1 })).body.code).toBe(
      'ROUTING_RULE_NOT_FOUND',
    );
    expect((await h.as(ADMIN, 'DELETE', `/admin/routing-rules/${rule.id}`)).status).toBe(404);
    ok(await end(rule.id));
    expect((await rules()).find(({ id }) => id === rule.id)?.validTo).toBe('2026-11-09');
    const audited = await h.sql('owner', `select 1 from audit_entries where event like 'ROUTING\\_RULE\\_%'`);
    expect(audited.length).toBeGreaterThanOrEqual(3);
  });

  it('are at most two hundred that have not ended, counted one administrator at a time', async () => {
    const other = await Harness.start({ share: h });
    const [{ id }] = (await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    )) as [{ id: string }];
    // What a set-up brought stays, however much it is.
    await h.sql(
      'owner',
      `insert into routing_rules (id, institution_id, position, label, area_id, valid_from, created_at)
       select gen_random_uuid(), $1, 99999, 'Regla de relleno', (select id from areas where institution_id = $1 and code = $2),
              '2026-11-10', now()
         from generate_series(1, 198 - (select count(*)::int from routing_rules
                                         where institution_id = $1 and (valid_to is null or valid_to >= '2026-11-10')))`,
      [id, AREA],
    );
    try {
      const rule = { label: 'Regla de prueba', position: 99_999, area: AREA, channel: 'phone' };
      const token = await other.token(ADMIN);
      const answers = await Promise.all([
        ...Array.from({ length: 4 }, () => create(rule)),
        ...Array.from({ length: 4 }, () => other.call('POST', '/admin/routing-rules', { token, body: rule })),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, ...Array<number>(6).fill(409)]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
        code: 'TOO_MANY_ROUTING_RULES',
      });

      const filler = (await rules()).filter(({ label }) => label === 'Regla de relleno');
      await h.sql(
        'owner',
        `insert into routing_rules select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
                              from routing_rules r where id = $1`,
        [filler[1]!.id],
      );
      ok(await change(filler[0]!.id, { validTo: '2026-11-20' }));
      ok(await end(filler[2]!.id));
      expect((await create(rule)).status).toBe(409);
      ok(await end(filler[0]!.id));
      ok(await create(rule));
      expect((await change(filler[0]!.id, { validTo: null })).body.code).toBe('TOO_MANY_ROUTING_RULES');
      ok(await change(filler[0]!.id, { label: 'Regla terminada' }));
    } finally {
      await other.stop();
      await h.sql('owner', `delete from routing_rules where position = 99999`);
    }
  });

  it('of one institution are not seen or changed by another, nor by who is no administrator', async () => {
    const [rule] = await rules();
    expect((await change(rule!.id, { position: 1 }, 'admin@acolman.demo')).status).toBe(404);
    for (const email of [DESK, HEAD])
      expect((await create({ position: 1, area: AREA }, email)).status).toBe(403);
    const theirs = ok(await h.as<Rule[]>('admin@acolman.demo', 'GET', '/admin/routing-rules'));
    expect(theirs.some(({ id }) => id === rule!.id)).toBe(false);
  });
});

describe('the desk', () => {
  it('confirms what the rule proposed', async () => {
    const { folio } = await work.file();
    const before = await work.read(folio);
    expect(before.routing).toEqual({
      id: expect.any(String),
      label: 'Categoría: Fraude o engaño',
      confirmed: false,
    });
    expect(await work.triage(folio)).toMatchObject({ status: 'assigned', area: { code: AREA } });
    const after = await work.read(folio);
    expect(after.routing).toEqual({ ...before.routing, confirmed: true });
    expect([after.area, after.category, after.priority]).toEqual([
      before.area,
      before.category,
      before.priority,
    ]);
  });

  it('changes area, category and priority, with a reason that stays in the history; clocks run on as they began', async () => {
    const { folio } = await work.file();
    const before = await work.read(folio);
    const reason = 'Es un falso gestor, no personal de la institución.';
    const moved = await work.triage(folio, {
      area: 'JURIDICO',
      category: 'IMPERSONATION',
      priority: 'urgent',
      reason,
    });
    expect(moved.area.code).toBe('JURIDICO');
    const after = await work.read(folio);
    expect([after.area.code, after.category?.code, after.priority]).toEqual([
      'JURIDICO',
      'IMPERSONATION',
      'urgent',
    ]);
    expect(after.entries.at(-1)).toEqual({
      seq: 2,
      kind: 'triaged',
      kindLabel: 'Se revisó y se turnó al área responsable',
      author: 'staff',
      authorLabel: 'La institución',
      by: 'Mesa de control (demostración)',
      day: '2026-11-10',
      byPhone: false,
      byVoiceMenu: false,
      at: '2026-11-10T10:00:00-06:00',
      body: {
        reason,
        from: 'Órgano Interno de Control, Fraude o engaño, prioridad alta',
        to: 'Asuntos jurídicos, Falsos gestores, prioridad urgente',
      },
      summary: expect.stringContaining('Ahora: Asuntos jurídicos, Falsos gestores, prioridad urgente.'),
    });
    const days = (deadlines: typeof after.deadlines) =>
      deadlines.map(({ metric, dueOn }) => `${metric} ${dueOn}`);
    expect(days(after.deadlines)).toEqual(days(before.deadlines));
    expect((await work.trail(folio)).find(({ event }) => event === 'CASE_TRIAGED')?.data).toMatchObject({
      reason,
    });
    // The trail holds ids; beside them it says what they name.
    const { body } = await h.as<{
      items: { event: string; data: { area: string } }[];
      names: Record<string, string>;
    }>(AUDITOR, 'GET', `/cases/${folio}/audit`);
    expect(body.names[body.items.find(({ event }) => event === 'CASE_TRIAGED')!.data.area]).toMatch(
      /^[A-Z]{3,}$/,
    );
    // And again, from assigned: the history keeps both.
    await work.triage(folio, { area: AREA });
    expect((await work.read(folio)).entries.filter(({ kind }) => kind === 'triaged')).toHaveLength(2);
  });

  it('keeps the investigator when it confirms an assigned case, not when it moves the case elsewhere', async () => {
    const { folio } = await work.bring('assigned');
    ok(await work.post(HEAD, folio, 'assignment', { assignee: INVESTIGATOR }));
    await work.triage(folio, { priority: 'urgent' });
    expect((await work.read(folio)).assignee?.name).toContain('Investigación');
    await work.triage(folio, { area: OTHER_AREA });
    expect((await work.read(folio)).assignee).toBeNull();
  });

  it.each([
    ['no reason', {}, 400],
    ['a blank reason', { reason: '   ' }, 400],
    ['an unknown area', { reason: 'Por probar.', area: 'NADA' }, 422],
    ['an unknown category', { reason: 'Por probar.', category: 'NADA' }, 422],
    ['an unknown priority', { reason: 'Por probar.', priority: 'máxima' }, 400],
    ['an unknown field', { reason: 'Por probar.', status: 'closed' }, 400],
    ['a reason that is no text', { reason: 7 }, 400],
  ])('is refused with %s', async (_name, body, status) => {
    const { folio } = await work.file();
    expect((await work.post(DESK, folio, 'triage', body)).status).toBe(status);
    expect((await work.read(folio)).status).toBe('received');
  });

  it('leaves as it is what it sends as null', async () => {
    const { folio } = await work.file();
    const before = await work.read(folio);
    await work.triage(folio, { area: null, category: null, priority: null });
    const after = await work.read(folio);
    expect([after.area, after.category, after.priority]).toEqual([
      before.area,
      before.category,
      before.priority,
    ]);
  });

  it('cannot triage into an area or a category that has ended', async () => {
    const { folio } = await work.file();
    const area = ok(
      await h.as<{ id: string }>(ADMIN, 'POST', '/admin/areas', { code: 'VIEJA', label: 'Área vieja' }),
    );
    ok(await work.post(DESK, folio, 'triage', { reason: 'Por probar.', area: 'VIEJA' }));
    ok(await h.as(ADMIN, 'PATCH', `/admin/areas/${area.id}`, { validTo: '2026-11-09' }));
    const other = await work.file();
    const refused = await work.post(DESK, other.folio, 'triage', { reason: 'Por probar.', area: 'VIEJA' });
    expect([refused.status, refused.body.code]).toEqual([422, 'AREA_UNKNOWN']);
    // The case that lies there can still be read, and carried on.
    expect((await work.read(folio)).area.label).toBe('Área vieja');
    expect((await work.transfer(folio, AREA)).area.code).toBe(AREA);
  });

  it('closes what is no report as inadmissible, at once and with an answer for the reporter', async () => {
    const receipt = await h.file({ narrative: 'COMPRE AHORA visite nuestra página de ofertas.' });
    const closed = await work.close(receipt.folio, 'inadmissible', DESK);
    expect(closed.status).toBe('closed');
    const { body } = await work.asReporter(receipt, 'GET', 'case');
    expect([body.status, body.outcome?.outcome, body.outcome?.text]).toEqual([
      'closed',
      'inadmissible',
      'Revisamos tu denuncia. Gracias por avisar.',
    ]);
    expect(await work.stages(receipt.folio)).toEqual({
      acknowledgement: 'met',
      triage: 'met',
      first_response: 'met',
      resolution: 'met',
    });
  });
});
