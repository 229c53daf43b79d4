import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Log } from '../src/platform/logging.js';
import { databaseUrl, Harness } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { Bot } from './support/whatsapp-bot.js';
import { addNumber, changeNumber, numberOf, type NumberView } from './support/whatsapp-numbers.js';
import type { Account } from './support/whatsapp/numbers.js';

/** What administrators keep, and what nobody may read of it. */
const ADMIN = 'admin@conavi.demo';
const OTHERS = 'admin@acolman.demo';
const PATH = '/admin/whatsapp-numbers';
const METRICS = 'metrics-token-of-this-test';

interface Body extends NumberView {
  items: NumberView[];
  environment: { phoneNumberId: string; state: string } | null;
  code: string;
  detail: string;
  errors?: { field: string; code: string }[];
  advice: string;
  verifiedName: string | null;
}

let bot: Bot;
const lines: string[] = [];
const log = new Log('info', { write: (line) => void lines.push(line) });
beforeAll(async () => {
  bot = await Bot.start({ log });
});
afterAll(() => bot.stop());

const as = (who: string, method: string, path = '', body?: unknown, headers?: Record<string, string>) =>
  bot.harness.as<Body>(who, method, PATH + path, body, headers);

let made = 0;
/** An account of the stand-in that no institution has. */
function account(): Account {
  made += 1;
  return bot.graph.accounts.add({
    phoneNumberId: `40000000000${String(made).padStart(4, '0')}`,
    accessToken: `token-of-account-${made}-canary`,
    appSecret: `secret-of-account-${made}-canary`,
  });
}

describe('a number', () => {
  it('is added, listed, changed, and counts its changes', async () => {
    const own = account();
    const added = await as(ADMIN, 'POST', '', numberOf(own, { label: 'Denuncia', purpose: 'reports' }));
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      label: 'Denuncia',
      purpose: 'reports',
      purposeLabel: 'Denuncias',
      phoneNumberId: own.phoneNumberId,
      active: true,
      state: 'unchecked',
      stateLabel: 'Sin comprobar',
      stateOn: null,
      version: 1,
    });
    expect(added.body.credentials).toEqual({
      accessToken: { setOn: '2026-11-10' },
      appSecret: { setOn: '2026-11-10' },
      previousAppSecret: null,
      verifyToken: { setOn: '2026-11-10' },
    });
    const { id } = added.body;
    const changed = await as(ADMIN, 'PATCH', `/${id}`, { label: 'Otra', displayPhone: null });
    expect(changed.body).toMatchObject({ label: 'Otra', displayPhone: null, purpose: 'reports', version: 2 });
    // Nothing changed: no entry, no version.
    expect((await as(ADMIN, 'PATCH', `/${id}`, { label: 'Otra' })).body.version).toBe(2);
    const { items } = (await as(ADMIN, 'GET')).body;
    expect(items.find((one) => one.id === id)).toEqual(changed.body);
  });

  it('is changed only as it was read, when the version is sent', async () => {
    const { id } = await addNumber(bot, 'conavi.demo');
    const change = (label: string, version: string) =>
      as(ADMIN, 'PATCH', `/${id}`, { label }, { 'If-Match': version });
    expect((await change('Primera', '"1"')).status).toBe(200);
    const stale = await change('Segunda', '"1"');
    expect([stale.status, stale.body.code, stale.body.version]).toEqual([412, 'STALE_VERSION', 2]);
    expect((await change('Segunda', '"2"')).status).toBe(200);
  });

  it.each([
    ['an unknown field', { secret: 'x' }, 'secret', 'UNKNOWN_FIELD'],
    ['a blank token', { accessToken: ' '.repeat(20) }, 'accessToken', 'FORMAT'],
    ['an empty app secret', { appSecret: '' }, 'appSecret', 'FORMAT'],
    ['an app secret that can be guessed', { appSecret: 'short' }, 'appSecret', 'FORMAT'],
    [
      'a token that would end a header',
      { accessToken: 'token-token-token\r\nx: y' },
      'accessToken',
      'FORMAT',
    ],
    ['a telephone as the id of Meta', { phoneNumberId: '+52 55 5000 0001' }, 'phoneNumberId', 'FORMAT'],
    ['a purpose that does not exist', { purpose: 'sales' }, 'purpose', 'NOT_A_VALUE'],
    ['no verify token', { verifyToken: undefined }, 'verifyToken', 'REQUIRED'],
  ])('with %s is refused, field by field', async (_what, wrong, field, code) => {
    const { status, body } = await as(ADMIN, 'POST', '', numberOf(account(), wrong));
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(body.errors).toEqual([expect.objectContaining({ field, code })]);
  });

  it('that anybody has is refused with one answer, which does not tell whose it is', async () => {
    const mine = await addNumber(bot, 'conavi.demo');
    const theirs = await addNumber(bot, 'acolman.demo');
    const answers = [];
    for (const taken of [mine.account, theirs.account, bot.graph.number]) {
      const { status, body } = await as(ADMIN, 'POST', '', numberOf(taken));
      const { requestId: _random, ...said } = body as unknown as { requestId: string };
      answers.push({ status, ...said });
    }
    expect(answers[0]).toMatchObject({ status: 409, code: 'WHATSAPP_NUMBER_EXISTS' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('is not there for another institution, by any route', async () => {
    const theirs = await addNumber(bot, 'acolman.demo');
    expect((await as(ADMIN, 'GET')).body.items.map(({ id }) => id)).not.toContain(theirs.id);
    expect((await as(ADMIN, 'PATCH', `/${theirs.id}`, { active: false })).body.code).toBe(
      'WHATSAPP_NUMBER_NOT_FOUND',
    );
    expect((await as(ADMIN, 'POST', `/${theirs.id}/check`)).body.code).toBe('WHATSAPP_NUMBER_NOT_FOUND');
    expect((await as(ADMIN, 'PATCH', '/not-an-id', { active: false })).status).toBe(404);
  });

  it('of the environment shows to its institution, which cannot change it here', async () => {
    const { phoneNumberId } = bot.graph.number;
    expect((await as(ADMIN, 'GET')).body.environment).toMatchObject({ phoneNumberId, state: 'unchecked' });
    expect((await as(OTHERS, 'GET')).body.environment).toBeNull();
  });

  it('is the last one when an institution has ten', async () => {
    const h = await Harness.start();
    try {
      const add = (n: number) =>
        h.as<Body>(ADMIN, 'POST', PATH, numberOf({ ...bot.graph.number, phoneNumberId: `5000000${n}` }));
      for (let n = 1; n <= 10; n++) expect((await add(n)).status).toBe(201);
      const { status, body } = await add(11);
      expect([status, body.code]).toEqual([409, 'TOO_MANY_WHATSAPP_NUMBERS']);
      // One that is switched off makes room, and comes back only when there is room.
      const [first] = (await h.as<{ items: NumberView[] }>(ADMIN, 'GET', PATH)).body.items;
      const turn = (active: boolean) => h.as<Body>(ADMIN, 'PATCH', `${PATH}/${first!.id}`, { active });
      expect((await turn(false)).status).toBe(200);
      expect((await add(12)).status).toBe(201);
      expect(await turn(true)).toMatchObject({ status: 409, body: { code: 'TOO_MANY_WHATSAPP_NUMBERS' } });
    } finally {
      await h.stop();
    }
  });
});

describe('credentials', () => {
  it('are in no answer, log line, metric, trail or table, also after a refusal and a failed check', async () => {
    lines.length = 0;
    const own = account();
    const secrets = [own.accessToken, own.appSecret, `verify-token-of-${own.phoneNumberId}`];
    const told: string[] = [];
    const tell = (answer: { body: unknown }): void => void told.push(JSON.stringify(answer.body));
    const added = await as(ADMIN, 'POST', '', numberOf(own));
    tell(added);
    const { id } = added.body;
    tell(await as(ADMIN, 'POST', '', numberOf(own)));
    tell(await as(ADMIN, 'POST', '', numberOf(own, { purpose: 'sales' })));
    const next = { accessToken: 'another-access-token-canary', appSecret: 'another-app-secret-canary' };
    secrets.push(...Object.values(next));
    tell(await as(ADMIN, 'PATCH', `/${id}`, next));
    tell(await as(ADMIN, 'POST', `/${id}/check`));
    tell(await as(ADMIN, 'GET'));
    tell(await bot.harness.as('auditor@conavi.demo', 'GET', '/audit?limit=100'));
    bot.graph.fail({ code: 190 });
    log.end();
    const rows = await dumpDatabase(bot.harness);
    expect(rows.some((row) => row.startsWith('wa_numbers:') && row.includes(own.phoneNumberId))).toBe(true);
    for (const secret of secrets) {
      expect(linesWith(rows, secret)).toEqual([]);
      expect(linesWith(told, secret)).toEqual([]);
      expect(linesWith(lines, secret)).toEqual([]);
    }
    bot.graph.messageFaults.clear();
  });

  it('leave the names of what was replaced in the trail, and nothing else', async () => {
    const number = await addNumber(bot, 'conavi.demo');
    await changeNumber(bot, number, { appSecret: 'the-next-secret-of-the-app', label: 'Con otra clave' });
    const { items } = (
      await bot.harness.as<{
        items: { event: string; eventLabel: string; data: Record<string, unknown> }[];
      }>('auditor@conavi.demo', 'GET', '/audit?event=WHATSAPP_NUMBER_CHANGED&limit=100')
    ).body;
    expect(items.find(({ data }) => data.id === number.id)).toMatchObject({
      eventLabel: 'Cambió un número de WhatsApp',
      data: {
        id: number.id,
        changes: { label: { from: number.account.name, to: 'Con otra clave' } },
        credentials: ['appSecret', 'previousAppSecret'],
      },
    });
  });

  it('do not open in the row of another number', async () => {
    const [one, other] = [await addNumber(bot, 'acolman.demo'), await addNumber(bot, 'acolman.demo')];
    await bot.harness.sql(
      'owner',
      'update wa_numbers set sealed = (select sealed from wa_numbers where id = $1) where id = $2',
      [one.id, other.id],
    );
    expect((await as(OTHERS, 'GET')).status).toBe(200);
    for (const answer of [
      await as(OTHERS, 'POST', `/${other.id}/check`),
      await as(OTHERS, 'PATCH', `/${other.id}`, { appSecret: 'one-secret-of-three-is-not-enough' }),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, 'WHATSAPP_CREDENTIALS_UNREADABLE']);
    expect((await as(OTHERS, 'PATCH', `/${other.id}`, { label: 'Dañado' })).status).toBe(200);
    const { accessToken, appSecret, verifyToken } = numberOf(other.account);
    const repaired = await as(OTHERS, 'PATCH', `/${other.id}`, { accessToken, appSecret, verifyToken });
    expect(repaired.body.credentials.previousAppSecret).toBeNull();
    expect((await as(OTHERS, 'POST', `/${other.id}/check`)).body.state).toBe('connected');
  });
});

describe('the database', () => {
  it('gives the login of the application no number without an institution, and only its own with one', async () => {
    const [{ id }] = [await addNumber(bot, 'conavi.demo')];
    const client = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'app') });
    await client.connect();
    try {
      expect((await client.query('select * from wa_numbers')).rows).toEqual([]);
      await client.query('begin');
      await client.query(
        `select act_as('staff', id::text, '') from institutions where code = 'ACOLMAN-DEMO'`,
      );
      const { rows } = await client.query<{ id: string }>('select id from wa_numbers');
      expect(rows.map((row) => row.id)).not.toContain(id);
      await client.query('rollback');
      await expect(client.query('select version from wa_number_version')).rejects.toThrow(
        'permission denied',
      );
      await expect(client.query('delete from wa_numbers')).rejects.toThrow('permission denied');
    } finally {
      await client.end();
    }
  });

  it('refuses a change of a number without its entry in the trail', async () => {
    const { id } = await addNumber(bot, 'conavi.demo');
    const client = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'app') });
    await client.connect();
    try {
      await client.query('begin');
      await client.query(`select act_as('staff', id::text, '') from institutions where code = 'CONAVI-DEMO'`);
      await client.query('update wa_numbers set active = false where id = $1', [id]);
      await expect(client.query('commit')).rejects.toThrow('needs its entry');
    } finally {
      await client.end();
    }
  });

  it('knows of a change by the version alone, and gives no row when nothing changed', async () => {
    const ask = (known: string | null) =>
      bot.harness.sql<{ version: string; id: string | null }>(
        'app',
        'select * from auth_whatsapp_numbers($1)',
        [known],
      );
    const [first] = await ask(null);
    expect(await ask(first!.version)).toEqual([
      expect.objectContaining({ version: first!.version, id: null }),
    ]);
    await addNumber(bot, 'acolman.demo');
    const again = await ask(first!.version);
    expect(again.length).toBeGreaterThan(1);
    expect(BigInt(again[0]!.version)).toBeGreaterThan(BigInt(first!.version));
  });
});

describe('a check', () => {
  const check = async (id: string) => (await as(ADMIN, 'POST', `/${id}/check`)).body;
  const listed = async (id: string) => (await as(ADMIN, 'GET')).body.items.find((one) => one.id === id)!;

  it('asks Meta with the token of the number, and keeps the day of the answer', async () => {
    const number = await addNumber(bot, 'conavi.demo', { name: 'Vivienda' });
    expect(await check(number.id)).toMatchObject({
      state: 'connected',
      stateLabel: 'Conectado',
      verifiedName: 'Vivienda',
      displayPhone: `+${number.account.displayPhoneNumber}`,
    });
    expect(await listed(number.id)).toMatchObject({ state: 'connected', stateOn: '2026-11-10' });
    const entries = await bot.harness.as<{ items: { event: string }[] }>(
      'auditor@conavi.demo',
      'GET',
      '/audit?event=WHATSAPP_NUMBER_CHECKED&limit=1',
    );
    expect(entries.body.items).toHaveLength(1);
  });

  it('says in words what is wrong', async () => {
    const number = await addNumber(bot, 'conavi.demo');
    number.account.revoked = true;
    const refused = await check(number.id);
    expect(refused).toMatchObject({ state: 'token_refused', stateLabel: 'Meta no acepta el token' });
    expect(refused.advice).toContain('usuario del sistema');
    expect(await listed(number.id)).toMatchObject({ state: 'token_refused' });
    number.account.revoked = false;
    // The token of one number asks for another.
    const other = await addNumber(bot, 'conavi.demo');
    await changeNumber(bot, other, { accessToken: number.account.accessToken });
    expect(await check(other.id)).toMatchObject({ state: 'unknown_to_meta' });
  });

  it('says that nobody answers, and waits no longer than for a message', async () => {
    const h = await Harness.start({ config: { metricsToken: METRICS } });
    try {
      const added = await h.as<Body>(ADMIN, 'POST', PATH, numberOf(bot.graph.number));
      const { body } = await h.as<Body>(ADMIN, 'POST', `${PATH}/${added.body.id}/check`);
      expect(body).toMatchObject({ state: 'unreachable', stateLabel: 'Meta no contesta' });
    } finally {
      await h.stop();
    }
  });
});
