import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { ApprovalsReader } from '../src/foundations/identity/approvals/approvals.reader.js';
import { Approvals } from '../src/foundations/identity/approvals/approvals.service.js';
import { system } from '../src/platform/actor.js';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { Database } from '../src/platform/database/database.js';
import {
  ADMIN,
  AUDITOR,
  CaseWork,
  DESK,
  HEAD,
  INVESTIGATOR,
  moveTo,
  ok,
  OTHER_AREA,
  OTHER_INVESTIGATOR,
} from './builders/cases.js';
import { EvidenceWork } from './builders/evidence.js';
import { Harness, type Answer } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { dumpDatabase, linesWith } from './support/dump.js';

const REASON = 'El juzgado pide el archivo como llegó.';
const MINUTE = 60_000;

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

interface Asked {
  id: string;
  state: string;
  reason: string;
  requestedBy: string;
  decidedBy: string | null;
  answer: string | null;
  opensUntil: string | null;
  code: string;
}
interface Listed {
  id: string;
  kind: string;
  state: string;
  subject: { folio: string; evidence: number } | null;
  reason: string | null;
  answer: string | null;
  mayDecide: boolean;
}

/** A case under investigation, with one file of which no copy exists. */
let folio: string;
let file: string;
let bytes: Buffer;
let path: string;
beforeEach(async () => {
  const receipt = await work.bring('under_investigation');
  ({ folio } = receipt);
  bytes = randomBytes(70_000);
  ok(await evidence.asReporter(receipt, { bytes, name: 'dato.dat' }));
  file = (await evidence.list(DESK, folio))[0]!.id;
  path = `/cases/${folio}/evidence/${file}`;
});

const ask = (email = INVESTIGATOR, reason = REASON): Promise<Answer<Asked>> =>
  h.as<Asked>(email, 'POST', `${path}/original-requests`, { reason });
const agree = (id: string, email = HEAD): Promise<Answer<{ approval: Listed; code: string }>> =>
  h.as(email, 'POST', `/approvals/${id}/agreement`);
const refuse = (
  id: string,
  reason: string,
  email = HEAD,
): Promise<Answer<{ approval: Listed; code: string }>> =>
  h.as(email, 'POST', `/approvals/${id}/refusal`, { reason });
const open = (email = INVESTIGATOR): Promise<Answer<{ code: string }>> =>
  h.as(email, 'GET', `${path}/original`);
const approvals = async (email: string): Promise<Listed[]> =>
  ok(await h.as<{ items: Listed[] }>(email, 'GET', '/approvals?limit=100')).items;
const notices = async (email: string): Promise<{ kind: string; folio: string | null; summary: string }[]> => {
  type Page = { items: { kind: string; folio: string | null; summary: string }[] };
  const { items } = ok(await h.as<Page>(email, 'GET', '/notifications?limit=100'));
  return items.filter((one) => one.folio === folio && one.kind.startsWith('approval_'));
};

describe('the original of a file', () => {
  it('opens for whoever asked, after a second person agreed, for one hour', async () => {
    expect(await open()).toMatchObject({ status: 403, body: { code: 'ORIGINAL_NOT_AGREED' } });
    const asked = ok(await ask());
    expect(asked).toMatchObject({ state: 'open', reason: REASON, decidedBy: null, opensUntil: null });
    expect(await open()).toMatchObject({ status: 403, body: { code: 'ORIGINAL_NOT_AGREED' } });

    // Those who may answer are told, and see of what it is.
    for (const email of [HEAD, AUDITOR]) {
      expect(await notices(email)).toMatchObject([
        {
          kind: 'approval_requested',
          summary: expect.stringContaining(`original de una prueba del caso ${folio}`),
        },
      ]);
      expect((await approvals(email)).find(({ id }) => id === asked.id)).toMatchObject({
        kind: 'evidence_original',
        subject: { folio, evidence: 1 },
        reason: REASON,
        mayDecide: true,
      });
    }
    expect(await notices(DESK)).toEqual([]);

    expect(ok(await agree(asked.id)).approval).toMatchObject({ state: 'agreed', subject: { folio } });
    expect(await notices(INVESTIGATOR)).toMatchObject([{ kind: 'approval_answered' }]);
    const token = await h.token(INVESTIGATOR);
    const answer = await fetched(`${h.url}/api/v1${path}/original`, {
      headers: { Authorization: `Bearer ${token}`, Range: 'bytes=0-1' },
    });
    expect(answer.status).toBe(200);
    expect(sha256Hex(Buffer.from(await answer.arrayBuffer()))).toBe(sha256Hex(bytes));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="prueba-1-original.bin"',
      'content-length': String(bytes.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    // For nobody else, also not for whoever agreed.
    for (const email of [HEAD, DESK])
      expect(await open(email)).toMatchObject({ status: 403, body: { code: 'ORIGINAL_NOT_AGREED' } });
    expect((await open(AUDITOR)).status).toBe(403);
    expect((await open(OTHER_INVESTIGATOR)).status).toBe(404);

    const [listed] = ok(await h.as<Asked[]>(INVESTIGATOR, 'GET', `${path}/original-requests`));
    const until = new Date(listed!.opensUntil!);
    const before = h.clock.now();
    moveTo(h, new Date(until.getTime() - MINUTE));
    expect((await open()).status).toBe(200);
    moveTo(h, until);
    expect(await open()).toMatchObject({ status: 403, body: { code: 'ORIGINAL_NOT_AGREED' } });
    moveTo(h, before);
  });

  it('leaves each step in the trail, in the custody and in the case', async () => {
    const { id } = ok(await ask());
    ok(await agree(id, AUDITOR));
    // No byte leaves by HEAD, and no entry tells of it.
    const head = await fetched(`${h.url}/api/v1${path}/original`, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${await h.token(INVESTIGATOR)}` },
    });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    await open();
    const custody = ok(
      await h.as<{ integrity: string; entries: { event: string; data: Record<string, unknown> }[] }>(
        AUDITOR,
        'GET',
        `${path}/custody`,
      ),
    );
    expect(custody.integrity).toBe('ok');
    const steps = custody.entries.filter(({ event }) => event.startsWith('ORIGINAL_'));
    expect(steps.map(({ event }) => event)).toEqual([
      'ORIGINAL_REQUESTED',
      'ORIGINAL_AGREED',
      'ORIGINAL_OPENED',
    ]);
    expect(steps[0]!.data).toMatchObject({ evidence: file, number: 1, approval: id, reason: REASON });
    expect(steps[2]!.data).toMatchObject({ approval: id, sha256: sha256Hex(bytes) });
    const { entries } = await work.read(folio);
    expect(entries.slice(-2).map(({ summary }) => summary)).toEqual([
      'Se pidió abrir el original: prueba 1.',
      'Se acordó abrir el original: prueba 1.',
    ]);
  });

  it('stays closed after a refusal, which says why and can be followed by another request', async () => {
    const first = ok(await ask());
    expect(ok(await refuse(first.id, 'Basta con la copia segura.')).approval).toMatchObject({
      state: 'refused',
      answer: 'Basta con la copia segura.',
    });
    expect((await open()).status).toBe(403);
    expect(await agree(first.id)).toMatchObject({ status: 409, body: { code: 'APPROVAL_CLOSED' } });
    const second = ok(await ask(INVESTIGATOR, 'El perito pide los metadatos.'));
    ok(await agree(second.id));
    expect((await open()).status).toBe(200);
    const listed = ok(await h.as<Asked[]>(AUDITOR, 'GET', `${path}/original-requests`));
    expect(listed.map(({ state, answer }) => [state, answer])).toEqual([
      ['refused', 'Basta con la copia segura.'],
      ['agreed', null],
    ]);
  });

  it('is asked for once at a time by each person, and again when nobody answered in a week', async () => {
    const first = ok(await ask());
    expect(await ask()).toMatchObject({ status: 409, body: { code: 'ORIGINAL_ASKED' } });
    // Somebody else may need it too.
    const ofHead = ok(await ask(HEAD));
    const before = h.clock.now();
    moveTo(h, new Date(before.getTime() + 7 * 24 * 60 * MINUTE));
    expect(await agree(first.id)).toMatchObject({ status: 409, body: { code: 'APPROVAL_CLOSED' } });
    expect((await ask()).status).toBe(201);
    moveTo(h, before);
    expect(await agree(ofHead.id, HEAD)).toMatchObject({ status: 403, body: { code: 'APPROVAL_NOT_YOURS' } });
    ok(await agree(ofHead.id, AUDITOR));
    expect((await open(HEAD)).status).toBe(200);
  });

  it('is agreed to once when two answer at the same moment', async () => {
    const { id } = ok(await ask());
    const both = await Promise.all([agree(id), refuse(id, 'No hace falta.', AUDITOR)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it.each([
    ['too short a reason', { reason: 'Porque sí' }, 400, 'INVALID_REQUEST'],
    ['no reason', {}, 400, 'INVALID_REQUEST'],
  ])('is not asked for with %s', async (_, body, status, code) => {
    const answer = await h.as<Asked>(INVESTIGATOR, 'POST', `${path}/original-requests`, body);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(ok(await h.as<Asked[]>(AUDITOR, 'GET', `${path}/original-requests`))).toEqual([]);
  });
});

describe('a request for an original', () => {
  it('is unknown to whoever does not see the case, and never answered by the operator of the machine', async () => {
    const { id } = ok(await ask());
    expect((await approvals(ADMIN)).filter(({ kind }) => kind === 'evidence_original')).toEqual([]);
    expect((await agree(id, ADMIN)).status).toBe(403);
    expect((await agree(id, INVESTIGATOR)).status).toBe(403);
    const foreign = await h.as<{ code: string }>(
      'auditor@acolman.demo',
      'POST',
      `/approvals/${id}/agreement`,
    );
    expect(foreign).toMatchObject({ status: 404, body: { code: 'APPROVAL_NOT_FOUND' } });
    const [row] = await h.sql<{ id: string }>(
      'owner',
      `select institution_id as id from cases where folio = $1`,
      [folio],
    );
    const operator = system('operator', row!.id);
    const waiting = await h.app.get(Database).tx(operator, (tx) => h.app.get(ApprovalsReader).waiting(tx));
    expect(waiting.filter((one) => one.id === id)).toEqual([]);
    await expect(h.app.get(Approvals).agree(operator, id)).rejects.toThrow();
    expect((await open()).status).toBe(403);
  });

  it('ends when the case goes to another area, or whoever asked is gone', async () => {
    const { id } = ok(await ask());
    await work.transfer(folio, OTHER_AREA);
    // The head of the former area sees the case no more.
    expect((await agree(id, HEAD)).status).toBe(404);
    // An auditor may still agree, but whoever asked sees the case no more.
    expect(ok(await agree(id, AUDITOR)).approval.state).toBe('agreed');
    expect((await open()).status).toBe(404);
  });

  it('may be asked for again when the case went to another area, whose head answers', async () => {
    const first = ok(await ask(DESK));
    await work.transfer(folio, OTHER_AREA);
    const second = ok(await ask(DESK));
    expect(await ask(DESK)).toMatchObject({ status: 409, body: { code: 'ORIGINAL_ASKED' } });
    expect((await agree(second.id, HEAD)).status).toBe(404);
    expect((await agree(first.id, AUDITOR)).status).toBe(200);
    expect((await open(DESK)).status).toBe(200);
  });

  it('agreed to before the case went elsewhere opens nothing for who lost it', async () => {
    const { id } = ok(await ask());
    ok(await agree(id));
    await work.transfer(folio, OTHER_AREA);
    expect((await open()).status).toBe(404);
  });

  it('takes no place from requests about accounts', async () => {
    const receipts = [await work.bring('under_investigation'), await work.bring('under_investigation')];
    for (const receipt of receipts) {
      for (let n = 0; n < 26; n++) await evidence.asReporter(receipt, { bytes: randomBytes(100 + n) });
      for (const { id } of await evidence.list(DESK, receipt.folio)) {
        const at = `/cases/${receipt.folio}/evidence/${id}/original-requests`;
        ok(await h.as(INVESTIGATOR, 'POST', at, { reason: REASON }));
      }
    }
    const account = { email: 'nueva@conavi.demo', name: 'Nueva', roles: ['auditor'] };
    expect((await h.as(ADMIN, 'POST', '/admin/accounts', account)).status).toBe(202);
  });

  it('tells its reasons to the case alone', async () => {
    const { id } = ok(await ask(INVESTIGATOR, 'Testigo-Marcado en la grabación.'));
    ok(await refuse(id, 'Respuesta-Marcada a la solicitud.'));
    const lines = await dumpDatabase(h);
    for (const said of ['Testigo-Marcado', 'Respuesta-Marcada']) expect(linesWith(lines, said)).toEqual([]);
    const institution = ok(await h.as<unknown>(AUDITOR, 'GET', '/audit?limit=100&event=APPROVAL_REQUESTED'));
    expect(JSON.stringify(institution)).not.toMatch(/Testigo-Marcado|Respuesta-Marcada|"folio"/);
    const receipt = await work.file();
    expect(JSON.stringify((await work.asReporter(receipt, 'GET', 'case')).body)).not.toMatch(/original/i);
  });
});
