import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { exampleValues } from '../src/app/demo/example-values.js';
import { seedExamples } from '../src/app/demo/examples.js';
import { operationsOf, type Media, type Operation } from '../src/app/documentation/walk.js';
import { formOf } from './builders/evidence.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { Harness, type CallOptions } from './setup/harness.js';

/** Who is the right caller, by the permission that the document names. */
const CALLERS: Record<string, string> = {
  'cases.read': 'titular',
  'cases.audit': 'titular',
  'cases.assign': 'titular',
  'cases.triage': 'mesa',
  'cases.transfer': 'titular',
  'cases.investigate': 'investigador',
  'cases.ask': 'titular',
  'cases.write': 'titular',
  'cases.close': 'investigador',
  'cases.reopen': 'titular',
  'stats.read': 'auditor',
  'stats.release': 'transparencia',
  'audit.read': 'auditor',
  'approvals.read': 'auditor',
  'approvals.decide': 'auditor',
  'admin.accounts': 'admin',
  'admin.catalogs': 'admin',
  'admin.channels': 'admin',
  'phone.calls': 'operador',
  'phone.follow_up': 'operador',
  'signed-in': 'titular',
  'admin.menu': 'admin',
};

/**
 * Answered by a documented refusal: the passwords and tokens of the examples are nobody's, and Meta's secrets
 * are not set.
 */
const REFUSED: Record<string, number> = {
  'openSession ': 401,
  'refreshSession ': 401,
  'issueToken password': 400,
  'issueToken refresh': 400,
  'changePassword ': 400,
  'verifyWhatsAppWebhook ': 404,
  'receiveWhatsAppWebhook ': 404,
  // The demo has no number: its secrets would be nobody's.
  'changeWhatsAppNumber ': 404,
  'checkWhatsAppNumber ': 404,
  // No worker runs here that would make its safe copy.
  'openEvidence ': 409,
  // Nobody has agreed to it.
  'openOriginal ': 403,
  // Nobody has opened a follow-up with this token.
  'answerByPhone ': 410,
  'writeByPhone message': 410,
  'exchangeCodeByPhone ': 410,
  'endFollowUp ': 410,
  // What nobody could answer shows from the next day on.
  'removeUnansweredQuestion ': 404,
  // Nor a session of a voice menu.
  'hearIvrState ': 410,
  'leaveVoiceMessage ': 410,
  'answerByVoice ': 410,
  'exchangeCodeByIvr ': 410,
};
/** These end what the others need: a number turns the webhook on. */
const LAST = [
  'createWhatsAppNumber',
  'fileCall',
  'endCall',
  'endUpload',
  'exchangeAccessCode',
  'closeSession',
];

/** A Friday, the last day of a leap February, and a Sunday of the next year. */
const DAYS = ['2026-11-20T16:00:00Z', '2028-02-29T16:00:00Z', '2027-01-03T16:00:00Z'];

describe.each(DAYS)('on %s every example of the served document', (day) => {
  let h: Harness;
  let document: OpenAPIObject;
  beforeAll(async () => {
    h = await Harness.start({ at: new Date(day), examples: exampleValues });
    await seedExamples(h.app);
    document = (await h.call<OpenAPIObject>('GET', '//openapi.json')).body;
  });
  afterAll(() => h.stop());

  async function as(operation: Operation, example: string): Promise<CallOptions> {
    const permission = operation['x-permission']!;
    if (operation.operationId === 'createReport') {
      if (example === 'channel') return { key: `${CHANNEL_KEY}-cnv-web` };
      return ['web', 'voice'].includes(example) ? {} : { token: await h.token('operador@conavi.demo') };
    }
    if (permission.startsWith('channel.')) return { key: `${CHANNEL_KEY}-cnv-phone` };
    if (permission === 'public') return {};
    if (permission === 'reporter') {
      const opening = operationsOf(document).find((one) => one.operation.operationId === 'openTracking')!;
      const body = opening.operation.requestBody!.content['application/json']!.example;
      return { token: (await h.call<{ token: string }>('POST', '/tracking/sessions', { body })).body.token };
    }
    const user = CALLERS[permission];
    if (!user) throw new Error(`say in CALLERS who has ${permission}`);
    return { token: await h.token(`${user}@conavi.demo`) };
  }

  function examplesOf(content: Media): [name: string, value: unknown][] {
    if (content.examples) return Object.entries(content.examples).map(([name, { value }]) => [name, value]);
    return [['', content.example]];
  }

  it('is taken as it is, by the right caller', async () => {
    const wrong: unknown[] = [];
    const rank = ({ operationId }: Operation): number => LAST.indexOf(operationId);
    const all = operationsOf(document).sort((a, b) => rank(a.operation) - rank(b.operation));
    let sent = 0;
    for (const { name, operation } of all) {
      const [method, template] = name.split(' ') as [string, string];
      const required = (operation.parameters ?? []).filter((one) => one.required && one.in !== 'header');
      const path = required
        .filter((one) => one.in === 'path')
        .reduce(
          (so, one) => so.replace(`{${one.name}}`, String(one.example)),
          template.replace('/api/v1', ''),
        );
      const query = new URLSearchParams(
        required
          .filter((one) => one.in === 'query')
          .map((one): [string, string] => [one.name, String(one.example)]),
      );
      const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
      for (const [example, value] of content ? examplesOf(content) : [['', undefined] as const]) {
        const form = type === 'application/x-www-form-urlencoded';
        const file = type === 'multipart/form-data';
        const answer = await h.call<unknown>(method, `${path}?${query.toString()}`, {
          ...(await as(operation, example)),
          body: file
            ? formOf({ bytes: Buffer.from(`Prueba de ${operation.operationId}`) })
            : form
              ? new URLSearchParams(value as Record<string, string>).toString()
              : value,
          headers: {
            ...Object.fromEntries(
              (operation.parameters ?? [])
                .filter((one) => one.required && one.in === 'header')
                .map((one) => [one.name, String(one.example)]),
            ),
            ...(form || type === 'application/offset+octet-stream' ? { 'Content-Type': type } : {}),
          },
        });
        sent += 1;
        const expected = REFUSED[`${operation.operationId} ${example}`];
        const fine = expected === undefined ? answer.status < 300 : answer.status === expected;
        if (!fine) wrong.push([operation.operationId, example, path, value, answer.status, answer.body]);
      }
    }
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(75);
  });
});

describe('who tries an example twice, or starts the demo again,', () => {
  let h: Harness;
  beforeAll(async () => {
    h = await Harness.start({ examples: exampleValues });
    await seedExamples(h.app);
  });
  afterAll(() => h.stop());

  const shown = async (operationId: string): Promise<string> => {
    const { body } = await h.call<OpenAPIObject>('GET', '//openapi.json');
    const { operation } = operationsOf(body).find((one) => one.operation.operationId === operationId)!;
    return String(operation.parameters!.find((one) => one.in === 'path')!.example);
  };

  it('finds another case in the state that a move needs, as long as there is one', async () => {
    const first = await shown('startInvestigation');
    const start = (folio: string) =>
      h.as('investigador@conavi.demo', 'POST', `/cases/${folio}/investigation`, {});
    expect((await start(first)).status).toBe(200);
    const second = await shown('startInvestigation');
    expect(second).not.toBe(first);
    expect((await start(second)).status).toBe(200);
  });

  it('finds no new draft beside the receipt of the example call', async () => {
    const path = `/phone/calls/${await shown('fileCall')}`;
    const operator = 'operador@conavi.demo';
    const filed = await h.as(operator, 'POST', `${path}/report`);
    expect(filed.status).toBe(201);
    await seedExamples(h.app);
    expect((await h.as<{ filed: boolean }>(operator, 'GET', path)).body.filed).toBe(true);
    expect((await h.as(operator, 'POST', `${path}/report`)).body).toEqual(filed.body);
  });

  it('changes nothing by starting again', async () => {
    const count = async () =>
      (
        await h.sql<{ n: number }>(
          'owner',
          'select (select count(*) from cases) + (select count(*) from audit_entries) as n',
        )
      )[0]!.n;
    const before = await count();
    await seedExamples(h.app);
    expect(await count()).toBe(before);
  });

  it('gets no new approval to agree to before both are answered', async () => {
    const one = await shown('agreeToApproval');
    expect((await h.as('auditor@conavi.demo', 'POST', `/approvals/${one}/agreement`)).status).toBe(200);
    expect(await shown('agreeToApproval')).toBe(await shown('refuseApproval'));
    await seedExamples(h.app);
    expect(await shown('agreeToApproval')).not.toBe(await shown('refuseApproval'));
  });
});

describe('an institution that is no demo', () => {
  it('shows the same examples as the committed document, and no row of its own', async () => {
    const h = await Harness.start({ examples: exampleValues });
    try {
      await h.sql('owner', 'update institutions set demo = false');
      await seedExamples(h.app);
      expect(await exampleValues(h.app)).toEqual({});
      const cases = await h.sql('owner', 'select 1 from cases');
      expect(cases).toEqual([]);
      const body = { folio: 'CNV-2026-7K3M-Q9TZ-4', accessCode: '4821-0937-5566-1204' };
      expect((await h.call('POST', '/tracking/sessions', { body })).status).toBe(401);
    } finally {
      await h.stop();
    }
  });
});
