import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { describeApi } from '../src/app/openapi-document.js';
import { Log } from '../src/platform/logging.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { asSuperuser, Harness, NOTICE, type CallOptions, type Receipt } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { signed } from './support/whatsapp/signing.js';
import { postSigned } from './support/whatsapp/webhook-sender.js';

/** Planted through every entrance; found nowhere but in answers to those who may know. */
const CANARY = {
  name: 'Canaria Nombrequez Ixtlahua',
  email: 'canario.correo@pajarera.example',
  phone: '+52 55 5190 7723',
  narrative: 'CANARIO-RELATO me pidieron dinero en la ventanilla del fondo',
  place: 'CANARIO-LUGAR detrás del mercado',
  accused: 'CANARIO-ACUSADO Pérez',
  accusedPosition: 'CANARIO-PUESTO',
  witness: 'CANARIO-TESTIGO López',
  witnessContact: '55 5190 8834',
  lateReason: 'CANARIO-TARDE no había sistema',
  externalReference: 'CANARIO-REFERENCIA LLAMADA 008834',
  reporterMessage: 'CANARIO-MENSAJE de quien denuncia',
  answer: 'CANARIO-RESPUESTA fue el lunes',
  staffMessage: 'CANARIO-OFICIO recibimos tu denuncia',
  question: 'CANARIO-PREGUNTA ¿qué día fue?',
  note: 'CANARIO-NOTA pedir el padrón',
  reason: 'CANARIO-MOTIVO es de esa área',
  grounds: 'CANARIO-FUNDAMENTO nada se acreditó',
  publicText: 'CANARIO-CIERRE no encontramos elementos',
  ip: '203.0.113.77',
  userAgent: 'CanarioBrowser/99.7 (Pajarera)',
  referer: 'https://canario-origen.example/pagina',
  wrongFolio: 'CNV-2026-CANA-R10X-Z',
  wrongCode: '7007 1991 3553 8118',
  webhookPhone: '5215551907766',
};

const FROM = {
  'X-Forwarded-For': CANARY.ip,
  'User-Agent': CANARY.userAgent,
  Referer: CANARY.referer,
  Forwarded: `for=${CANARY.ip}`,
};
const APP_SECRET = 'whatsapp-app-secret';
const METRICS_TOKEN = 'metrics-token';

const lines: string[] = [];
const log = new Log('trace', { write: (line: string) => void lines.push(line.trim()) });
let h: Harness;
beforeAll(async () => {
  h = await Harness.start({
    log,
    config: {
      trustProxy: true,
      metricsToken: METRICS_TOKEN,
      whatsapp: {
        graphUrl: 'http://127.0.0.1:9',
        apiVersion: 'v25.0',
        number: {
          appSecrets: [APP_SECRET],
          verifyToken: 'verify',
          accessToken: 'access',
          phoneNumberId: '100000000000001',
        },
      },
    },
  });
});
afterAll(async () => {
  log.end();
  await h.stop();
});

const MESA = 'mesa@conavi.demo';
const HEAD = 'titular@conavi.demo';

const send = <T = Record<string, never>>(method: string, path: string, options: CallOptions = {}) =>
  h.call<T>(method, path, { ...options, headers: { ...FROM, ...options.headers } });

const report = (mode: string): Record<string, unknown> => ({
  mode,
  narrative: CANARY.narrative,
  place: { description: CANARY.place },
  accused: [{ name: CANARY.accused, position: CANARY.accusedPosition }],
  witnesses: [{ name: CANARY.witness, contact: CANARY.witnessContact }],
  ...(mode === 'anonymous'
    ? {}
    : { reporter: { name: CANARY.name, email: CANARY.email, phone: CANARY.phone }, ...NOTICE }),
});

interface Filed {
  mode: string;
  key: string;
  receipt: Receipt;
}

/** A report in every mode and on every channel; the operator enters the call late. */
async function fileEverywhere(): Promise<Filed[]> {
  const filed: Filed[] = [];
  for (const mode of ['anonymous', 'confidential', 'identified']) {
    const entrances: [CallOptions, Record<string, unknown>][] = [
      [{}, { institution: 'CONAVI-DEMO' }],
      [{ key: `${CHANNEL_KEY}-cnv-web` }, { externalReference: CANARY.externalReference }],
      [
        { token: await h.token('operador@conavi.demo') },
        { call: { startedAt: '2026-11-06T10:00:00-06:00', reason: CANARY.lateReason } },
      ],
    ];
    for (const [as, more] of entrances) {
      const key = randomUUID();
      const body = { ...report(mode), ...more };
      const answer = await send<Receipt>('POST', '/reports', {
        ...as,
        body,
        headers: { 'Idempotency-Key': key },
      });
      expect(answer.status).toBe(201);
      filed.push({ mode, key, receipt: answer.body });
    }
  }
  return filed;
}

/** Everything staff and reporter can write in a case, and the reads. */
async function converse({ receipt }: Filed): Promise<void> {
  const { folio, accessCode } = receipt;
  const path = `/cases/${folio}`;
  const act = async <T>(account: string, method: string, rest: string, body?: unknown): Promise<T> => {
    const answer = await h.as<T>(account, method, `${path}${rest}`, body, FROM);
    expect([rest, answer.status < 300]).toEqual([rest, true]);
    return answer.body;
  };
  await act(MESA, 'POST', '/triage', { area: 'OIC', reason: CANARY.reason });
  await act(HEAD, 'POST', '/investigation', {});
  await act(HEAD, 'POST', '/messages', { text: CANARY.staffMessage });
  await act(HEAD, 'POST', '/notes', { text: CANARY.note });
  const question = { question: CANARY.question, businessDays: 5 };
  const { id } = await act<{ id: string }>(HEAD, 'POST', '/information-requests', question);
  const { body } = await send<{ token: string }>('POST', '/tracking/sessions', {
    body: { folio, accessCode },
  });
  const { token } = body;
  const answer = { token, body: { text: CANARY.answer } };
  expect((await send('POST', `/tracking/information-requests/${id}/answer`, answer)).status).toBe(204);
  const message = { token, body: { text: CANARY.reporterMessage } };
  expect((await send('POST', '/tracking/messages', message)).status).toBe(204);
  expect((await send('GET', '/tracking/case', { token })).status).toBe(200);
  const key = `${CHANNEL_KEY}-cnv-web`;
  const mine = await send('POST', '/tracking/external-reference', { key, body: { folio, accessCode } });
  expect(mine.status).toBe(200);
  await act(HEAD, 'GET', '');
  await act('auditor@conavi.demo', 'GET', '/audit');
  expect((await h.as(MESA, 'GET', `/cases?q=${folio}`)).status).toBe(200);
  const outcome = { outcome: 'no_elements', grounds: CANARY.grounds, publicText: CANARY.publicText };
  await act(HEAD, 'POST', '/closure', outcome);
}

describe('what people entrust to the service', () => {
  const filed: Filed[] = [];

  beforeAll(async () => {
    filed.push(...(await fileEverywhere()));
    for (const one of filed.slice(0, 9).filter((_, n) => n % 3 === 0)) await converse(one);
    // Repeats, refusals and failures handle the same values.
    for (const { key, receipt } of filed.slice(0, 1)) {
      const body = { ...report('anonymous'), institution: 'CONAVI-DEMO' };
      const again = await send<Receipt>('POST', '/reports', { body, headers: { 'Idempotency-Key': key } });
      expect(again.body).toEqual(receipt);
      const other = { ...body, narrative: `${CANARY.narrative} y más` };
      expect(
        (await send('POST', '/reports', { body: other, headers: { 'Idempotency-Key': key } })).status,
      ).toBe(422);
    }
    const wrong = [
      { folio: CANARY.wrongFolio, accessCode: CANARY.wrongCode },
      { folio: filed[0]!.receipt.folio, accessCode: CANARY.wrongCode },
    ];
    for (const body of wrong) expect((await send('POST', '/tracking/sessions', { body })).status).toBe(401);
    expect((await send('GET', `/tracking/${CANARY.wrongFolio}`)).status).toBe(404);
    expect(
      (await send('POST', '/reports', { body: { ...report('anonymous'), [CANARY.name]: 1 } })).status,
    ).toBe(400);
    const webhook = signed({ entry: [{ changes: [{ value: { from: CANARY.webhookPhone } }] }] }, APP_SECRET);
    expect(await postSigned(`${h.url}/api/v1/channels/whatsapp/webhook`, webhook)).toBe(200);
    await failing();
    await h.sweep();
    // What waits for its hour or its day is searched as well.
    log.writeDue(new Date('2026-11-11T16:00:00Z'));
  });

  /** An error of the database that quotes what was sent. */
  async function failing(): Promise<void> {
    const ruin = (sql: string) => asSuperuser((client) => client.query(sql), h.databaseName);
    await ruin(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'cannot store % % %', new, '${CANARY.name}', '${CANARY.ip}'; end $$;
       create trigger broken before insert on case_entries for each row execute function broken();`,
    );
    const body = { ...report('anonymous'), institution: 'CONAVI-DEMO' };
    expect((await send('POST', '/reports', { body })).status).toBe(500);
    const { folio } = filed[1]!.receipt;
    const reason = { reason: CANARY.reason };
    expect((await h.as(MESA, 'POST', `/cases/${folio}/triage`, reason, FROM)).status).toBe(500);
    await ruin('drop trigger broken on case_entries; drop function broken()');
  }

  /**
   * The planted texts, and what the service itself gave out: codes, tokens, keys, folio together with code.
   */
  const secrets = (): string[] => [
    ...Object.values(CANARY),
    CANARY.phone.replace(/\D/g, ''),
    CANARY.witnessContact.replace(/\D/g, ''),
    CANARY.wrongFolio.replaceAll('-', ''),
    CANARY.wrongCode.replaceAll(' ', ''),
    ...filed.flatMap(({ key, receipt: { folio, accessCode } }) => {
      const digits = accessCode.replaceAll('-', '');
      return [
        key,
        accessCode,
        digits,
        accessCode.replaceAll('-', ' '),
        `${folio}|${digits}`,
        folio + accessCode,
      ];
    }),
  ];

  it('stands in no table, not even hidden in hex or base64', async () => {
    const dump = await dumpDatabase(h);
    expect(dump.filter((line) => line.startsWith('cases: '))).toHaveLength(filed.length);
    // The search itself finds what is there.
    const { folio } = filed[0]!.receipt;
    expect(linesWith(dump, folio).map((line) => line.split(':')[0])).toEqual(['cases']);
    expect(
      linesWith(['x: (\\x00' + Buffer.from(CANARY.note).toString('hex') + '00)'], CANARY.note),
    ).toHaveLength(1);
    for (const offset of ['', 'a', 'ab']) {
      expect(
        linesWith([Buffer.from(`${offset}${CANARY.note} etc.`).toString('base64')], CANARY.note),
      ).toHaveLength(1);
    }
    for (const secret of secrets()) expect([secret, linesWith(dump, secret)]).toEqual([secret, []]);
  });

  it('stands in no statement that the database shows or remembers', async () => {
    const statements = await asSuperuser(
      async (client) => (await client.query<{ query: string }>('select query from pg_stat_activity')).rows,
    );
    const texts = statements.map(({ query }) => query);
    for (const secret of secrets()) expect([secret, linesWith(texts, secret)]).toEqual([secret, []]);
  });

  it('stands in no log line, no metric and no error', async () => {
    expect(lines.length).toBeGreaterThan(20);
    const metrics = await h.call<string>('GET', '//metrics', { token: METRICS_TOKEN });
    expect(metrics.body).toContain('http_request_duration_seconds');
    const texts = [...lines, ...metrics.body.split('\n')];
    for (const { receipt } of filed) expect(linesWith(texts, receipt.folio)).toEqual([]);
    for (const secret of secrets()) expect([secret, linesWith(texts, secret)]).toEqual([secret, []]);
    expect(linesWith(texts, '127.0.0.1')).toEqual([]);
  });

  it('leaves no line when a reporter’s request succeeds, and neither time nor id when it fails', async () => {
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(
      parsed.filter(({ route }) => /\/(reports|tracking|channels)(\/|$)/.test(String(route ?? ''))),
    ).toEqual([]);
    const untimed = parsed.filter(({ time }) => time === undefined);
    const told = untimed.map(
      ({ event, code, sqlState, count }) => `${event} ${code ?? sqlState ?? '-'} ${count}`,
    );
    expect(told.sort()).toEqual(
      [
        'refused IDEMPOTENCY_MISMATCH 1',
        'refused INVALID_REQUEST 1',
        'refused TRACKING_DENIED 2',
        'unexpected-error P0001 1',
        'unmatched-routes - 1',
        'whatsapp-unknown envelope 1',
      ].sort(),
    );
    const fields = new Set(untimed.flatMap((line) => Object.keys(line)));
    expect([...fields].sort()).toEqual(
      ['code', 'count', 'day', 'errorName', 'event', 'level', 'sqlState', 'where'].sort(),
    );

    lines.length = 0;
    const { body: receipt } = await send<Receipt>('POST', '/reports', {
      body: { ...report('anonymous'), institution: 'CONAVI-DEMO' },
    });
    const token = await h.trackingToken(receipt);
    await send('GET', '/tracking/case', { token });
    await send('POST', '/tracking/messages', { token, body: { text: CANARY.reporterMessage } });
    await send(
      'GET',
      '/channels/whatsapp/webhook?hub.mode=subscribe&hub.verify_token=verify&hub.challenge=1',
    );
    await postSigned(`${h.url}/api/v1/channels/whatsapp/webhook`, signed({ entry: [] }, APP_SECRET));
    expect(lines).toEqual([]);
    await h.as(MESA, 'GET', `/cases/${receipt.folio}`);
    expect(lines.map((line) => (JSON.parse(line) as { route: string }).route)).toEqual([
      '/api/v1/cases/:folio',
    ]);
  });

  it('shows in metrics no number from which reports could be counted', async () => {
    const { body } = await h.call<string>('GET', '//metrics', { token: METRICS_TOKEN });
    const names = [...body.matchAll(/^(\w+)\{route=/gm)].map(([, name]) => name);
    expect([...new Set(names)]).toEqual(['http_request_duration_seconds', 'http_error_ratio']);
    expect(body).not.toMatch(/^(http|report|case|intake|tracking)\w*_(total|count|sum)\b/m);
  });
});

describe('the mode of a report', () => {
  /**
   * Everything stored for a case, with what must differ (ids, hashes, random bytes) reduced to its length.
   */
  async function shapeOf(folio: string): Promise<Record<string, unknown[]>> {
    const columns = await h.sql<{ table: string; column: string; type: string; link: string | null }>(
      'owner',
      `select c.table_name as table, c.column_name as column, c.data_type as type,
              (select k.column_name from information_schema.columns k where k.table_schema = 'public' and k.table_name = c.table_name
                and (k.column_name in ('case_id', 'subject_id') or (k.table_name = 'cases' and k.column_name = 'id')) limit 1) as link
         from information_schema.columns c where c.table_schema = 'public' order by 1, c.ordinal_position`,
    );
    const shape: Record<string, unknown[]> = {};
    for (const table of new Set(columns.filter(({ link }) => link !== null).map((column) => column.table))) {
      const own = columns.filter((column) => column.table === table);
      const fields = own.map(({ column, type }) =>
        type === 'bytea' || type === 'uuid' || ['folio', 'digest'].includes(column)
          ? `octet_length(${column}::text) as ${column}`
          : `${column}::text as ${column}`,
      );
      const rows = await h.sql<Record<string, unknown>>(
        'owner',
        `select ${fields.join(', ')} from ${table} where ${own[0]!.link} = (select id from cases where folio = $1)`,
        [folio],
      );
      shape[table] = rows.map((row) => JSON.stringify(row)).sort();
    }
    return shape;
  }

  const reporters: Record<string, Record<string, string> | undefined> = {
    anonymous: undefined,
    confidential: {
      name: 'N'.repeat(200),
      email: `${'c'.repeat(60)}@${'d'.repeat(60)}.example`,
      phone: '+52 55 5190 7723',
    },
    identified: { phone: '55 5190 7723' },
  };

  it('shows in no column, no length and no number of rows', async () => {
    const shapes: Record<string, unknown[]>[] = [];
    for (const [mode, reporter] of Object.entries(reporters)) {
      const receipt = await h.file({ mode, reporter, narrative: CANARY.narrative });
      const token = await h.trackingToken(receipt);
      await h.call('POST', '/tracking/messages', { token, body: { text: 'Un dato más.' } });
      await h.as(MESA, 'POST', `/cases/${receipt.folio}/triage`, { area: 'OIC', reason: 'Procede.' });
      await h.as(HEAD, 'GET', `/cases/${receipt.folio}`);
      await h.sweep();
      shapes.push(await shapeOf(receipt.folio));
    }
    expect(Object.keys(shapes[0]!)).toEqual(
      expect.arrayContaining([
        'audit_entries',
        'case_entries',
        'case_keys',
        'case_reports',
        'cases',
        'sla_clocks',
      ]),
    );
    expect(shapes[1]).toEqual(shapes[0]);
    expect(shapes[2]).toEqual(shapes[0]);
  });

  it('shows in no length of a kept answer', async () => {
    await h.sql('owner', 'delete from idempotency_answers');
    for (const [mode, reporter] of Object.entries(reporters)) {
      for (let n = 0; n < 3; n++) {
        const data = reporter ? { reporter, ...NOTICE } : {};
        const body = { institution: 'CONAVI-DEMO', mode, ...data, narrative: CANARY.narrative };
        const headers = { 'Idempotency-Key': randomUUID() };
        const first = await h.call<Receipt>('POST', '/reports', { body, headers });
        const again = await h.call<Receipt>('POST', '/reports', { body, headers });
        expect([again.body, again.body.mode]).toEqual([first.body, mode]);
      }
    }
    const lengths = await h.sql('owner', 'select distinct octet_length(answer) from idempotency_answers');
    expect(lengths).toHaveLength(1);
  });

  it('is not betrayed by an identity too long for the space that all are given', async () => {
    const reporter = {
      name: '😀'.repeat(200),
      email: `${'c'.repeat(60)}@${'d'.repeat(60)}.${'e'.repeat(60)}.example`,
      phone: '+52 55 5190 7723 0000 0000',
    };
    const body = {
      institution: 'CONAVI-DEMO',
      mode: 'confidential',
      narrative: CANARY.narrative,
      reporter,
      ...NOTICE,
    };
    const { status, body: problem } = await h.call<{ errors: { field: string }[] }>('POST', '/reports', {
      body,
    });
    expect([status, problem.errors.map(({ field }) => field)]).toEqual([400, ['reporter']]);
    const whole = { ...body, reporter: { name: '😀'.repeat(200) } };
    expect((await h.call('POST', '/reports', { body: whole })).status).toBe(201);
  });
});

describe('who reported', () => {
  const reporter = { name: CANARY.name, email: CANARY.email, phone: CANARY.phone };
  const readers = ['mesa', 'titular', 'investigador', 'investigador2', 'auditor'] as const;

  async function seenBy(folio: string): Promise<Record<string, unknown>> {
    const seen: Record<string, unknown> = {};
    for (const user of readers) {
      const { status, body } = await h.as<{ reporter?: unknown }>(
        `${user}@conavi.demo`,
        'GET',
        `/cases/${folio}`,
      );
      seen[user] = status === 200 ? body.reporter : status;
    }
    return seen;
  }
  const fileFor = async (mode: string): Promise<string> => {
    const { folio } = await h.file({ mode, ...(mode === 'anonymous' ? {} : { reporter }) });
    await h.as(MESA, 'POST', `/cases/${folio}/triage`, { area: 'OIC', reason: 'Procede.' });
    return folio;
  };

  it.each(['confidential', 'anonymous'])('is told to nobody when the report is %s', async (mode) => {
    const folio = await fileFor(mode);
    expect(await seenBy(folio)).toEqual({
      mesa: null,
      titular: null,
      investigador: null,
      investigador2: 404,
      auditor: null,
    });
    for (const user of readers) {
      const { body } = await h.as<object>(`${user}@conavi.demo`, 'GET', `/cases/${folio}`);
      for (const canary of Object.values(reporter)) expect(JSON.stringify(body)).not.toContain(canary);
    }
  });

  it('is told to the area that handles an identified report, and to no other reader', async () => {
    const folio = await fileFor('identified');
    expect(await seenBy(folio)).toEqual({
      mesa: null,
      titular: reporter,
      investigador: reporter,
      investigador2: 404,
      auditor: null,
    });
    await h.as(MESA, 'POST', `/cases/${folio}/transfers`, { area: 'SUBSIDIOS', reason: 'Es de esa área.' });
    expect(await seenBy(folio)).toEqual({
      mesa: null,
      titular: 404,
      investigador: 404,
      investigador2: reporter,
      auditor: null,
    });
  });

  it('stands in no list, history, trail or notice of staff', async () => {
    const folio = await fileFor('identified');
    const reads = [
      '/cases?limit=100',
      `/cases/${folio}/deadlines`,
      `/cases/${folio}/audit?limit=100`,
      '/notifications',
    ];
    for (const path of reads) {
      const { status, body } = await h.as<object>(HEAD, 'GET', path);
      expect(status).toBe(200);
      for (const canary of Object.values(reporter)) expect(JSON.stringify(body)).not.toContain(canary);
    }
  });
});

describe('what the service promises', () => {
  it('is neither a seal nor an anonymity that it cannot give', () => {
    // That a file stays closed is no promise about a person.
    const ofFiles =
      /se conservan? sellados?(; no se puede mostrar| y no se pueden mostrar)?|Kept sealed|"sealed"|`sealed`/gi;
    const document = JSON.stringify(describeApi(h.app)).replaceAll(ofFiles, '');
    expect(document).not.toMatch(
      /sellad|sealed|100 ?%|anonimato (absoluto|total|garantizado)|imposible saber/i,
    );
  });
});
