import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '../src/platform/logging.js';
import { findTools } from '../src/work/evidence/conversion/tools.js';
import { AUDITOR, CaseWork, DESK, INVESTIGATOR, type CaseBody } from './builders/cases.js';
import { EvidenceWork, recording, type EvidenceBody } from './builders/evidence.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { leftovers } from './support/converted.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { HOSTILE_FILES, type HostileFile } from './support/hostile-files.js';
import { CANARY } from './support/hostile/canary.js';

/**
 * The corpus of hostile files through the doors that people use, and what a person who looks everywhere
 * finds of it afterwards.
 */
let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
let missing: Set<string>;
const lines: string[] = [];
beforeAll(async () => {
  const log = new Log('trace', { write: (line: string) => void lines.push(line) });
  h = await Harness.start({ log, config: { metricsToken: METRICS_TOKEN } });
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
  missing = new Set((await findTools()).filter(({ version }) => version === null).map(({ name }) => name));
});
afterAll(() => h.stop());

const METRICS_TOKEN = 'metrics-token';
const NAME = `${CANARY}-de-Lupita`;
const CAPTION = `Lo grabó ${CANARY}.`;

/** By a form of the reporter, by a form of staff, in parts. */
const DOORS = {
  reporter: (receipt: Receipt, bytes: Buffer, name: string) =>
    evidence.asReporter(receipt, { bytes, name, caption: CAPTION }),
  staff: (receipt: Receipt, bytes: Buffer, name: string) =>
    evidence.asStaff(DESK, receipt.folio, { bytes, name, caption: CAPTION }),
  parts: async (
    receipt: Receipt,
    bytes: Buffer,
    name: string,
  ): Promise<{ status: number; code?: string }> => {
    const token = await h.trackingToken(receipt);
    const headers = { Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0' };
    const base64 = (said: string): string => Buffer.from(said).toString('base64');
    const begun = await fetched(`${h.url}/api/v1/uploads`, {
      method: 'POST',
      headers: {
        ...headers,
        'Upload-Length': String(bytes.length),
        'Upload-Metadata': `filename ${base64(name)},caption ${base64(CAPTION)}`,
      },
    });
    if (begun.status !== 201) return { status: begun.status, ...((await begun.json()) as { code: string }) };
    const sent = await fetched(`${h.url}${begun.headers.get('location')!}`, {
      method: 'PATCH',
      headers: { ...headers, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
      body: new Uint8Array(bytes),
    });
    return sent.status === 204
      ? { status: 201 }
      : { status: sent.status, ...((await sent.json()) as { code: string }) };
  },
};
const doors = Object.keys(DOORS) as (keyof typeof DOORS)[];

const convertAll = (): Promise<number> => h.workJobs();
const folders = (): string[] =>
  [tmpdir(), '/dev/shm'].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));

/** What becomes of a file on this machine. */
function expected({ becomes, needs }: HostileFile): { state: string; event: string; copy?: string } {
  const tools = needs === 'office' ? ['soffice', 'pdfinfo', 'pdftoppm'] : ['pdfinfo', 'pdftoppm'];
  if (needs && tools.some((tool) => missing.has(tool))) return { state: 'waiting', event: 'EVIDENCE_WAITS' };
  return typeof becomes === 'string'
    ? { state: 'ready', event: 'EVIDENCE_PREPARED', copy: becomes }
    : { state: 'sealed', event: 'EVIDENCE_KEPT_SEALED' };
}

describe.each(HOSTILE_FILES.map((file, at) => ({ ...file, file, door: doors[at % doors.length]! })))(
  '$name, sent by $door',
  ({ name, bytes, executable, file, door }) => {
    it('is kept or refused, shown or sealed, and the trail says which', async () => {
      const receipt = await work.file();
      const sent = await bytes();
      const answer = await DOORS[door](receipt, sent, `${NAME}-${name}`);
      const code = 'body' in answer ? answer.body.code : answer.code;
      if (executable) expect([answer.status, code]).toEqual([415, 'EVIDENCE_EXECUTABLE']);
      else if (sent.length === 0) expect([answer.status, code]).toEqual([400, 'EVIDENCE_EMPTY']);
      else expect(answer.status).toBe(201);
      await convertAll();
      const [item] = await evidence.list(DESK, receipt.folio);
      const { body } = await work.asReporter<{ evidence: { received: number } }>(receipt, 'GET', 'case');
      if (executable || sent.length === 0) {
        expect([item, body.evidence.received]).toEqual([undefined, 0]);
        return;
      }
      const { state, event, copy } = expected(file);
      expect(item).toMatchObject({ state, name: `${NAME}-${name}`, caption: CAPTION, size: sent.length });
      expect(item!.copy?.type).toBe(copy);
      expect(body.evidence.received).toBe(door === 'staff' ? 0 : 1);
      expect(JSON.stringify(body)).not.toContain(CANARY);
      const path = `${h.url}/api/v1/cases/${receipt.folio}/evidence/${item!.id}`;
      const download = await fetched(path, {
        headers: { Authorization: `Bearer ${await h.token(INVESTIGATOR)}` },
      });
      expect(download.status).toBe(state === 'ready' ? 200 : 409);
      const given = Buffer.from(await download.arrayBuffer());
      // The page of the mark has a font; it is the only word that the stored copy does not have.
      if (copy && copy !== 'application/pdf') expect(leftovers(given, copy)).toEqual([]);
      expect(given.includes(CANARY)).toBe(false);
      if (item!.thumbnail)
        expect(Buffer.from(item!.thumbnail.split(',')[1]!, 'base64').includes(CANARY)).toBe(false);
      // What the system finds stands in the trail from the next day on. The row says it at once.
      const events = await h.sql<{ event: string }>(
        'owner',
        `select a.event from audit_entries a join cases c on c.id = a.case_id where c.folio = $1 and a.event like 'EVIDENCE_%'`,
        [receipt.folio],
      );
      expect(events.map((one) => one.event)).toEqual(expect.arrayContaining(['EVIDENCE_RECEIVED', event]));
      expect(await work.read(receipt.folio)).toMatchObject({ integrity: 'ok' });
    });
  },
);

describe('whoever looks for a sender', () => {
  it('finds no name, caption, place or device of any file, in what is stored, logged, counted or left behind', async () => {
    // Also through a channel system, by phone, and in words that staff write about a file.
    const channel = await h.call<Receipt>('POST', '/reports', {
      body: { mode: 'anonymous', voice: true },
      key: `${CHANNEL_KEY}-cnv-web`,
    });
    await DOORS.reporter(channel.body, recording(), `${NAME}.wav`);
    const phone = await h.as<Receipt>('operador@conavi.demo', 'POST', '/reports', {
      mode: 'anonymous',
      narrative: `Llamó y dijo ${CANARY} por teléfono.`,
    });
    await DOORS.parts(phone.body, Buffer.from(`Nota de ${CANARY}`), `${NAME}.txt`);
    const [file] = await evidence.list(DESK, phone.body.folio);
    const at = `/cases/${phone.body.folio}/evidence/${file!.id}`;
    const written = await h.as<EvidenceBody>(DESK, 'POST', `${at}/transcript`, { text: `Dice ${CANARY}.` });
    expect(written.status).toBe(201);
    const asked = await h.as<CaseBody>(DESK, 'POST', `${at}/original-requests`, {
      reason: `Por ${CANARY} la pido.`,
    });
    expect(asked.status).toBe(201);
    await convertAll();

    // The dump holds every schema, the queue among them.
    const dump = await dumpDatabase(h);
    expect(dump.some((line) => line.startsWith('job_queue.'))).toBe(true);
    expect(linesWith(dump, CANARY)).toEqual([]);
    expect(linesWith(lines, CANARY)).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
    const { body: metrics } = await h.call<string>('GET', '//metrics', { token: METRICS_TOKEN });
    expect(metrics).not.toContain(CANARY);
    expect(metrics).not.toMatch(/CNV-\d{4}/);
    const objects = readdirSync(h.files, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(objects.length).toBeGreaterThan(20);
    for (const one of objects) {
      expect(one.name).not.toContain('Lupita');
      expect(readFileSync(join(one.parentPath, one.name)).includes(CANARY)).toBe(false);
    }
    expect(folders().filter((path) => path.includes(CANARY) || path.includes('Lupita'))).toEqual([]);
    // Auditors of the institution read the acts, and no word of a file.
    const { body: trail } = await h.as<unknown>(AUDITOR, 'GET', '/audit?limit=100');
    expect(JSON.stringify(trail)).not.toContain(CANARY);
  });
});
