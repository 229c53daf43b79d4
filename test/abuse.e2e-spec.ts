import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { AccountSteps } from '../src/foundations/identity/accounts/account.steps.js';
import type { Role } from '../src/foundations/identity/permissions.js';
import { system } from '../src/platform/actor.js';
import { withAgreement, type AccountBody } from './builders/accounts.js';
import { Harness } from './setup/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

/** What the server answers to these characters over a connection of its own, until it closes. */
async function spoken(sent: string): Promise<string> {
  const socket = connect(Number(new URL(h.url).port), '127.0.0.1');
  socket.write(sent);
  return text(socket);
}

const report = {
  institution: 'CONAVI-DEMO',
  mode: 'anonymous',
  narrative: 'Me pidieron dinero en la ventanilla tres.',
};

describe('bodies made to hurt', () => {
  it.each([
    [
      '100,000 empty people',
      { ...report, accused: Array.from({ length: 100_000 }, () => ({})) },
      'BODY_SHAPE',
    ],
    [
      '20,000 unknown fields',
      { ...report, ...Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1])) },
      'BODY_SHAPE',
    ],
    [
      '900 people of the wrong kind',
      { ...report, accused: Array.from({ length: 900 }, () => 1) },
      'BODY_SHAPE',
    ],
    [
      '90 people of the wrong kind',
      { ...report, accused: Array.from({ length: 90 }, () => 1) },
      'INVALID_REQUEST',
    ],
    ['half a million brackets', '['.repeat(500_000), 'BODY_SHAPE'],
  ])('%s are one short 400', async (_name, body, code) => {
    const { status, body: problem } = await h.call<{ code: string }>('POST', '/reports', { body });
    expect([status, problem.code]).toEqual([400, code]);
    expect(JSON.stringify(problem).length).toBeLessThan(20_000);
  });

  it.each([
    ['a list', '[]'],
    ['a text', '"hola"'],
    ['a number', '7'],
    ['true', 'true'],
  ])('%s in place of an object is told as such, not as fields that are missing', async (_name, body) => {
    const { status, body: problem } = await h.call<{ code: string; detail: string }>('POST', '/reports', {
      body,
    });
    expect([status, problem.code, problem.detail]).toEqual([
      400,
      'BODY_SHAPE',
      expect.stringContaining('objeto JSON'),
    ]);
  });

  it('a body of three thousand levels is 400 on every entrance, not a fault', async () => {
    const deep = `${'['.repeat(3000)}${']'.repeat(3000)}`;
    for (const [path, body] of [
      ['/reports', `{"institution":"CONAVI-DEMO","mode":"anonymous","narrative":"doce letras","x":${deep}}`],
      ['/tracking/sessions', `{"folio":"x","accessCode":${deep}}`],
      ['/auth/sessions', `{"email":${deep},"password":"x"}`],
    ]) {
      const { status } = await h.call('POST', path!, {
        body,
        headers: { 'Content-Type': 'application/json' },
      });
      expect(status).toBe(400);
    }
  });

  it('the longest narrative counts the spaces around it', async () => {
    const padded = { ...report, narrative: `${' '.repeat(20_000)}${report.narrative}` };
    expect((await h.call('POST', '/reports', { body: padded })).status).toBe(400);
    expect(
      (await h.call('POST', '/reports', { body: { ...report, narrative: '😡'.repeat(20_000) } })).status,
    ).toBe(201);
  });

  it('a path that cannot be read is answered like every other refusal', async () => {
    const { status, headers } = await h.call('GET', '/cases/%F0');
    expect([
      status,
      headers.get('content-type')?.startsWith('application/problem+json'),
      headers.get('cache-control'),
    ]).toEqual([400, true, 'no-store']);
  });

  it('what follows a report and is no HTTP is not answered in its place', async () => {
    const body = JSON.stringify(report);
    const post = `POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await spoken(`${post}${body}\u0001\r\n\r\n`)).not.toContain('400');
  });

  it('what is null counts as left out', async () => {
    const nulls = { ...report, category: null, municipality: null, reporter: null, place: null, call: null };
    expect((await h.call('POST', '/reports', { body: nulls })).status).toBe(201);
    const nobody = { ...report, mode: 'identified', reporter: { name: null } };
    expect((await h.call('POST', '/reports', { body: nobody })).status).toBe(400);
  });
});

describe('a reporter who writes and looks', () => {
  it('writes fifty messages in a row, and more after an answer', async () => {
    const receipt = await h.file();
    const token = await h.trackingToken(receipt);
    const write = () =>
      h.call<{ code: string }>('POST', '/tracking/messages', { token, body: { text: 'Otro mensaje.' } });
    for (let n = 0; n < 50; n++) expect((await write()).status).toBe(204);
    const refused = await write();
    expect([refused.status, refused.body.code]).toEqual([409, 'TOO_MANY_MESSAGES']);
    await h.as('mesa@conavi.demo', 'POST', `/cases/${receipt.folio}/messages`, { text: 'Te leemos.' });
    expect((await write()).status).toBe(204);
  });

  it('shows in the trail from the next day on: who polls it must not learn the minute of a visit', async () => {
    const receipt = await h.file({ category: 'FRAUD' });
    await h.call('GET', '/tracking/case', { token: await h.trackingToken(receipt) });
    const events = async (): Promise<string[]> => {
      const { body } = await h.as<{ items: { event: string }[] }>(
        'auditor@conavi.demo',
        'GET',
        `/cases/${receipt.folio}/audit?limit=100`,
      );
      return body.items.map(({ event }) => event);
    };
    // A note after the visit must not tell, tomorrow, that the visit was before it.
    await h.as('mesa@conavi.demo', 'POST', `/cases/${receipt.folio}/notes`, { text: 'Revisar.' });
    expect(await events()).not.toContain('REPORTER_READ');
    h.clock.set(new Date(h.clock.now().getTime() + 24 * 3_600_000));
    h.forgetTokens();
    const trail = await events();
    expect(trail.indexOf('REPORTER_READ')).toBeGreaterThan(trail.indexOf('NOTE_WRITTEN'));
    expect(
      await h.sql('owner', `select distinct case_seq from audit_entries where event = 'REPORTER_READ'`),
    ).toEqual([{ case_seq: null }]);
  });
});

describe('accounts that would see too much', () => {
  it('an administrator gives itself no other role or area', async () => {
    const me = await h.as<{ id: string }>('admin@conavi.demo', 'GET', '/auth/me');
    for (const change of [{ roles: ['admin', 'transparency'] }, { areas: ['OIC'] }, { active: false }]) {
      const { status, body } = await h.as<{ code: string }>(
        'admin@conavi.demo',
        'PATCH',
        `/admin/accounts/${me.body.id}`,
        change,
      );
      expect([status, body.code]).toEqual([409, 'OWN_ACCOUNT']);
    }
  });

  it.each([
    [['admin', 'triage']],
    [['admin', 'investigator']],
    [['admin', 'area_head']],
    [['admin', 'auditor']],
    [['admin', 'transparency']],
    [['admin', 'operator', 'transparency']],
    [['triage', 'auditor']],
    [['operator', 'auditor', 'triage']],
    [['triage', 'investigator']],
    [['auditor', 'area_head']],
  ])('%j do not go into one account', async (roles) => {
    const { status, body } = await h.as<{ code: string }>('admin@conavi.demo', 'POST', '/admin/accounts', {
      email: `${roles.join('.')}@conavi.demo`,
      name: 'Cuenta de prueba',
      roles,
      areas: ['OIC'],
    });
    expect([status, body.code]).toEqual([422, 'ROLES_INCOMPATIBLE']);
  });

  it.each([
    [['operator'], ['operator', 'triage', 'auditor']],
    [['transparency'], ['transparency', 'admin']],
    [['auditor'], ['auditor', 'triage']],
  ])('an account of %j is not changed to %j, nor made so by another way in', async (before, after) => {
    const asked = await h.as<AccountBody>('admin@conavi.demo', 'POST', '/admin/accounts', {
      email: `${after.join('.')}@conavi.demo`,
      name: 'Cuenta de prueba',
      roles: before,
    });
    const path = `/admin/accounts/${(await withAgreement(h, asked)).id}`;
    const { status, body } = await h.as<{ code: string }>('admin@conavi.demo', 'PATCH', path, {
      roles: after,
    });
    expect([status, body.code]).toEqual([422, 'ROLES_INCOMPATIBLE']);
    // The step that the demo and institution:create use.
    const [institution] = await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    );
    const account = { email: 'otra@conavi.demo', name: 'x', areas: [], passwordHash: 'x', oneTime: true };
    const create = h.database.tx(system('setup', institution!.id), (tx) =>
      h.app.get(AccountSteps).create(tx, { ...account, roles: after as Role[] }),
    );
    await expect(create).rejects.toMatchObject({ code: 'ROLES_INCOMPATIBLE' });
  });
});
