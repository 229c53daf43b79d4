import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { JobRunner } from '../src/platform/jobs/job-runner.js';
import { CaseWork, DESK } from './builders/cases.js';
import { EvidenceWork } from './builders/evidence.js';
import { databaseUrl, Harness } from './setup/harness.js';
import { ClamdStandin } from './support/clamd-standin.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;

let clamd: ClamdStandin;
let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeEach(async () => {
  clamd = await ClamdStandin.start();
  h = await Harness.start({ config: { clamd: clamd.address } });
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterEach(async () => {
  await clamd.stop();
  await h.stop();
});

const film = (size: number): Buffer =>
  Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2', 'latin1'), randomBytes(size)]);
const photo = (width: number): Promise<Buffer> =>
  sharp({ create: { width, height: 24, channels: 3, background: '#a03010' } })
    .jpeg()
    .toBuffer();
const jobs = () =>
  h.sql<{ name: string; subject: string; priority: number }>(
    'jobs',
    `select t.identifier as name, j.payload ->> 'subject' as subject, j.priority from job_queue._private_jobs j
       join job_queue._private_tasks t on t.id = j.task_id order by t.identifier, j.priority`,
  );

describe('the jobs of files', () => {
  it('go by the size in the store and not by what a file is, also when they are added again', async () => {
    const receipt = await work.file();
    const ids = [];
    for (const bytes of [film(1000), await photo(32), film(17 * MIB), randomBytes(17 * MIB)])
      ids.push((await evidence.asReporter(receipt, { bytes })).body.id);
    const expected = [
      { name: 'prepare-evidence', subject: ids[0], priority: 0 },
      { name: 'prepare-evidence', subject: ids[1], priority: 1 },
      { name: 'prepare-large-evidence', subject: ids[2], priority: 2 },
      { name: 'prepare-large-evidence', subject: ids[3], priority: 3 },
    ];
    expect(await jobs()).toEqual(expected);
    await h.sql('jobs', 'delete from job_queue._private_jobs');
    await h.run('prepare-waiting-evidence');
    expect(await jobs()).toEqual(expected);
  });

  it('of small files are worked while large ones take their time', async () => {
    clamd.holdsAbove = 10 * MIB;
    const [large, small] = [await work.file(), await work.file()];
    for (let n = 0; n < 2; n++) await evidence.asReporter(large, { bytes: film(17 * MIB) });
    await h.app.get(JobRunner).start(databaseUrl(h.databaseName, 'jobs'));
    await until(
      async () => clamd.held,
      (held) => held > 0,
    );
    await evidence.asReporter(small, { bytes: await photo(32) });
    await until(
      () => evidence.list(DESK, small.folio),
      ([item]) => item!.state === 'ready',
    );
    expect((await evidence.list(DESK, large.folio)).map(({ state }) => state)).toEqual([
      'waiting',
      'waiting',
    ]);
    expect(clamd.held).toBe(1);
  });

  it('of one case let the first file of another case go before its second one', async () => {
    const [many, one] = [await work.file(), await work.file()];
    for (let n = 0; n < 5; n++) await evidence.asReporter(many, { bytes: await photo(100 + n) });
    const single = await photo(32);
    await evidence.asReporter(one, { bytes: single });
    await h.workJobs();
    expect(clamd.examined).toHaveLength(6);
    expect(clamd.examined.indexOf(sha256Hex(single))).toBeLessThanOrEqual(1);
  });
});
