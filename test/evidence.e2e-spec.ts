import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { CaseWork, DESK, INVESTIGATOR, OTHER_INVESTIGATOR } from './builders/cases.js';
import { EvidenceWork } from './builders/evidence.js';
import { Harness } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterAll(() => h.stop());

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
/** Begins like a JPEG: whatever follows, it is taken as one until it is examined. */
const photo = (size = 5000): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(size - 4)]);

describe('a file that a reporter sends', () => {
  it('is kept whole, numbered, with its caption, and shows in the case and in tracking', async () => {
    const receipt = await work.file();
    const bytes = photo();
    const sent = await evidence.asReporter(receipt, { bytes, name: 'recibo.jpg', caption: 'El recibo.' });
    expect(sent).toMatchObject({
      status: 201,
      body: { number: 1, size: bytes.length, sha256: sha256(bytes), state: 'waiting' },
    });
    const [item] = await evidence.list(DESK, receipt.folio);
    expect(item).toMatchObject({
      number: 1,
      kind: 'image',
      source: 'reporter',
      name: 'recibo.jpg',
      caption: 'El recibo.',
      sha256: sha256(bytes),
      receivedOn: '2026-11-10',
    });
    const detail = await work.read(receipt.folio);
    expect(detail).toMatchObject({ integrity: 'ok', evidence: [{ number: 1 }], awaitingAnswer: true });
    const { body: seen } = await work.asReporter(receipt, 'GET', 'case');
    expect(seen).toMatchObject({ evidence: { received: 1, waiting: 1 } });
    expect(JSON.stringify(seen)).not.toContain('recibo');
  });

  it('is nobody else’s: another area and another institution get 404', async () => {
    const receipt = await work.file();
    const { body } = await evidence.asReporter(receipt, { bytes: photo() });
    const path = `/cases/${receipt.folio}/evidence`;
    for (const email of [OTHER_INVESTIGATOR, 'mesa@acolman.demo'])
      for (const at of [path, `${path}/${body.id}`])
        expect((await h.as(email, 'GET', at)).body).toMatchObject({ code: 'CASE_NOT_FOUND' });
    const other = await work.file();
    expect(await h.as(INVESTIGATOR, 'GET', `/cases/${other.folio}/evidence/${body.id}`)).toMatchObject({
      status: 404,
      body: { code: 'EVIDENCE_NOT_FOUND' },
    });
  });
});
