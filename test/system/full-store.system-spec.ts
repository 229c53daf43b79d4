import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../src/platform/crypto/sha256.js';
import { AUDITOR, CaseWork, DESK } from '../builders/cases.js';
import { EvidenceWork, formOf, type EvidenceBody } from '../builders/evidence.js';
import { Harness, type Receipt } from '../setup/harness.js';
import { fetched } from '../support/calls.js';
import { removeFolder } from '../support/remove-folder.js';
import { until } from '../support/until.js';

const MIB = 2 ** 20;
/** An upload needs its room twice: for the parts, and for the file that is made of them. */
const SIZE = '10m';

const disk = mkdtempSync(join(tmpdir(), 'denuncia-store-'));
const folder = join(disk, 'objects');
const filler = join(disk, 'filler');
let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  if (process.getuid?.() !== 0)
    throw new Error('A small disk can be mounted by root only: sudo npm run test:system');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', disk]);
  h = await Harness.start({ config: { storage: { kind: 'folder', folder, reserve: MIB } } });
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(async () => {
  await h.stop();
  execFileSync('umount', [disk]);
  removeFolder(disk);
});

const free = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize;
const stored = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name !== 'owner')
    .map((one) => one.name);
const ready = () => h.call<Record<string, string>>('GET', '//health/ready');

/** Sends a form of which the sender does not tell the length, so that nobody can refuse it before. */
async function withoutLength(
  receipt: Receipt,
  bytes: Buffer,
): Promise<{ status: number; body: EvidenceBody }> {
  const form = new Response(formOf({ bytes }));
  const answer = await fetched(`${h.url}/api/v1/tracking/evidence`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await h.trackingToken(receipt)}`,
      'Content-Type': form.headers.get('content-type')!,
    },
    body: form.body,
    duplex: 'half',
  } as RequestInit);
  return { status: answer.status, body: (await answer.json()) as EvidenceBody };
}

describe('a store whose disk is full', () => {
  it('refuses a file in the middle, keeps what is there, and leaves nothing of it', async () => {
    const receipt = await work.file();
    const kept = randomBytes(MIB);
    expect((await evidence.asReporter(receipt, { bytes: kept })).status).toBe(201);
    const before = stored();
    const room = free();
    expect(room).toBeGreaterThan(3 * MIB);
    expect(await withoutLength(receipt, randomBytes(12 * MIB))).toMatchObject({
      status: 507,
      body: { code: 'EVIDENCE_NO_ROOM', detail: expect.stringContaining('Tu denuncia está a salvo') },
    });
    expect(stored()).toEqual(before);
    expect(free()).toBeGreaterThan(room - 100_000);
    const [item, ...others] = await evidence.list(DESK, receipt.folio);
    expect([item!.sha256, others]).toEqual([sha256Hex(kept), []]);
    const custody = await h.as<{ original: { stored: string } }>(
      AUDITOR,
      'GET',
      `/cases/${receipt.folio}/evidence/${item!.id}/custody`,
    );
    expect(custody.body.original.stored).toBe('ok');
    // There is room for a smaller one, and the report itself never needed any.
    expect((await evidence.asReporter(receipt, { bytes: Buffer.from('más pequeño') })).status).toBe(201);
  });

  it('keeps the parts of an upload, which goes on when there is room', async () => {
    const receipt = await work.file();
    const bytes = randomBytes(2 * MIB);
    const token = await h.trackingToken(receipt);
    const tus = async (method: string, path: string, headers: Record<string, string>, part?: Buffer) =>
      fetched(`${h.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0', ...headers },
        body: part && new Uint8Array(part),
      });
    const begun = await tus('POST', '/api/v1/uploads', { 'Upload-Length': String(bytes.length) });
    expect(begun.status).toBe(201);
    const path = begun.headers.get('location')!;
    const send = (from: number) =>
      tus(
        'PATCH',
        path,
        { 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream' },
        bytes.subarray(from),
      );
    writeFileSync(filler, Buffer.alloc(free() - Math.floor(2.5 * MIB)));
    const refused = await send(0);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      507,
      'EVIDENCE_NO_ROOM',
    ]);
    const kept = Number((await tus('HEAD', path, {})).headers.get('upload-offset'));
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(bytes.length);
    rmSync(filler);
    expect((await send(kept)).status).toBe(204);
    expect(await evidence.list(DESK, receipt.folio)).toMatchObject([{ sha256: sha256Hex(bytes) }]);
  });

  it('shows in readiness until there is room, and takes reports all the time', async () => {
    writeFileSync(filler, Buffer.alloc(free() - MIB / 2));
    expect(await until(ready, ({ body }) => body.files === 'full')).toMatchObject({
      // Reports need no room here. A balancer shall not take this process away.
      status: 200,
    });
    const receipt = await work.file();
    expect(await evidence.asReporter(receipt, { bytes: Buffer.from('algo') })).toMatchObject({
      status: 507,
      body: { code: 'EVIDENCE_NO_ROOM' },
    });
    rmSync(filler);
    expect((await until(ready, ({ body }) => body.files === undefined)).body).not.toHaveProperty('files');
    expect((await evidence.asReporter(receipt, { bytes: Buffer.from('algo') })).status).toBe(201);
  });
});
