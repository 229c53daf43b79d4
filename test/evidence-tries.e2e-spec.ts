import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { ChildEnded } from '../src/work/evidence/conversion/answer.js';
import { DELIVERY } from '../src/work/evidence/conversion/cage/limits.js';
import { wasKilled } from '../src/work/evidence/conversion/cage/signals.js';
import { convert, NotReadInTime } from '../src/work/evidence/conversion/convert.js';
import { findCage } from '../src/work/evidence/conversion/sandbox.js';
import { CaseWork, DESK } from './builders/cases.js';
import { type EvidenceBody, EvidenceWork } from './builders/evidence.js';
import { Harness, type Receipt } from './setup/harness.js';
import { pathWith } from './support/cages.js';
import { ClamdStandin } from './support/clamd-standin.js';
import { inPieces } from './support/converted.js';
import { descendants } from './support/descendants.js';
import { photograph } from './support/hostile/images.js';
import { removeFolder } from './support/remove-folder.js';
import { S3Standin } from './support/s3-standin.js';
import { bucketAt } from './support/stores.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const JPEG = { type: 'image/jpeg', extension: 'jpg', kind: 'image', executable: false } as const;
const FILM = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2', 'latin1');
const { PATH } = process.env;

let clamd: ClamdStandin;
let bucket: S3Standin;
let h: Harness;
let work: CaseWork;
let evidence: EvidenceWork;
beforeAll(async () => {
  // Its trial starts children as well.
  await findCage();
});
beforeEach(async () => {
  clamd = await ClamdStandin.start();
  bucket = await S3Standin.start();
  h = await Harness.start({ config: { clamd: clamd.address, storage: bucketAt(bucket.url) } });
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
afterEach(async () => {
  process.env.PATH = PATH;
  await h.stop();
  await bucket.stop();
  await clamd.stop();
});

/** A PATH of programs for films that do nothing else. There is no cage but limits on it. */
async function toolsThat(end: string): Promise<string> {
  const tools = await pathWith([]);
  for (const name of ['ffprobe', 'ffmpeg'])
    writeFileSync(join(tools, name), `#!/bin/sh\n${end}\n`, { mode: 0o755 });
  return tools;
}

/** Those of conversions. The database of the tests may be among the others. */
function killChildren(): number {
  const children = descendants(process.pid).filter(({ name }) => /^(sh|bwrap|node|MainThread)$/.test(name));
  for (const { pid } of children)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // The end of another one was its end as well.
    }
  return children.length;
}

/** Works the jobs, and ends every child as soon as it is there. */
async function workAndKill(): Promise<void> {
  const timer = setInterval(killChildren, 2);
  await h.workJobs().finally(() => clearInterval(timer));
}

async function only(receipt: Receipt): Promise<EvidenceBody> {
  const [item] = await evidence.list(DESK, receipt.folio);
  return item!;
}

/** What the system found, by name. */
async function events({ folio }: Receipt): Promise<string[]> {
  const rows = await h.sql<{ event: string }>(
    'owner',
    `select a.event from audit_entries a join cases c on c.id = a.case_id
      where c.folio = $1 and a.event ~ '^EVIDENCE_(WAITS|PREPARED|KEPT_SEALED)$' order by a.event`,
    [folio],
  );
  return rows.map(({ event }) => event);
}

/** As ten minutes later. */
async function again(): Promise<void> {
  await h.run('prepare-waiting-evidence');
}

/** Its copy has 13 MB, which are stored in two parts: of noise nothing can be saved. */
const large = (): Promise<Buffer> =>
  sharp(randomBytes(5000 * 4000 * 3), { raw: { width: 5000, height: 4000, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();

describe('a converter that is ended from outside', () => {
  it('is tried again, and then the file opens', async () => {
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: await (await photograph()).jpeg().toBuffer() });
    await workAndKill();
    expect(await only(receipt)).toMatchObject({
      state: 'waiting',
      stateText: expect.stringContaining('se intenta otra vez antes de diez minutos'),
    });
    // The job is done, and not tried at once again where memory is short.
    expect(await h.workJobs()).toBe(0);
    await again();
    await h.workJobs();
    expect((await only(receipt)).state).toBe('ready');
    expect(await events(receipt)).toEqual(['EVIDENCE_PREPARED', 'EVIDENCE_WAITS']);
  });

  it('is ended a third time: the file stays sealed, and no job comes back', async () => {
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: await (await photograph()).jpeg().toBuffer() });
    for (let n = 0; n < 3; n++) {
      await workAndKill();
      await again();
    }
    expect(await only(receipt)).toMatchObject({
      state: 'sealed',
      stateText: expect.stringContaining('demasiada memoria'),
    });
    expect(await events(receipt)).toEqual(['EVIDENCE_KEPT_SEALED', 'EVIDENCE_WAITS', 'EVIDENCE_WAITS']);
    expect(await h.workJobs()).toBe(0);
  });

  it('at the instant at which its cage is made leaves nobody who goes on', async () => {
    const bytes = await (await photograph()).jpeg().toBuffer();
    const outcomes = [];
    for (let n = 0; n < 20; n++) {
      const timer = setInterval(killChildren, 2);
      outcomes.push((await convert(inPieces(bytes), JPEG).finally(() => clearInterval(timer))).outcome);
    }
    expect(outcomes).toEqual(Array(20).fill('killed'));
  });

  it('in the middle of what it gives back counts as well, and leaves no object', async () => {
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: await large() });
    const kept = [...bucket.objects.keys()];
    // The copy is stored in parts. The child waits behind the first one.
    let goOn!: () => void;
    bucket.fail('begin', new Promise<void>((resolve) => (goOn = resolve)));
    const worked = h.workJobs();
    await until(
      async () => bucket.acts.filter((act) => act === 'begin').length,
      (begun) => begun === 2,
    );
    const killed = killChildren();
    goOn();
    await worked;
    expect(killed).toBeGreaterThan(0);
    expect(await only(receipt)).toMatchObject({ state: 'waiting', copy: null });
    expect([[...bucket.objects.keys()], bucket.uploads.size]).toEqual([kept, 0]);
    await again();
    await h.workJobs();
    expect(await only(receipt)).toMatchObject({ state: 'ready', copy: { type: 'image/jpeg' } });
  });

  it('is told to whoever reads from it; an end that was asked for is not', async () => {
    const bytes = await large();
    const begin = async (signal?: AbortSignal) => {
      const made = await convert(inPieces(bytes), JPEG, { signal });
      if (made.outcome !== 'converted') throw new Error(made.outcome);
      const rest = made.bytes[Symbol.asyncIterator]();
      await rest.next();
      return async () => {
        while (!(await rest.next()).done);
      };
    };
    const rest = await begin();
    killChildren();
    await expect(rest()).rejects.toThrow(ChildEnded);
    const asked = new AbortController();
    const other = await begin(asked.signal);
    asked.abort(new Error('enough'));
    await expect(other()).rejects.toThrow('enough');
  });

  it('or read too slowly, is no fault of the file', async () => {
    const { seconds } = DELIVERY;
    DELIVERY.seconds = 0;
    const made = await convert(inPieces(await large()), JPEG).finally(() => (DELIVERY.seconds = seconds));
    if (made.outcome !== 'converted') throw new Error(made.outcome);
    const read = async (): Promise<void> => {
      for await (const piece of made.bytes) if (piece.length > 0) await sleep(10);
    };
    await expect(read()).rejects.toThrow(NotReadInTime);
  });

  it.each(['kill -KILL $$', 'kill -TERM $$', 'exit 137'])('as its tool may be: %s', async (end) => {
    process.env.PATH = await toolsThat(end);
    const film = Buffer.concat([FILM, randomBytes(1000)]);
    const found = { type: 'video/mp4', extension: 'mp4', kind: 'video', executable: false } as const;
    expect(await convert(inPieces(film), found)).toEqual({ outcome: 'killed', reason: 'memory' });
    removeFolder(process.env.PATH);
  });

  it('is so too when its cage breaks before it is there, whatever code tells', async () => {
    const tools = await pathWith([]);
    const breaks = `case "$*" in *'"probe":true'*) echo ready;; *) exit 1;; esac`;
    writeFileSync(join(tools, 'bwrap'), `#!/bin/sh\n${breaks}\n`, { mode: 0o755 });
    process.env.PATH = tools;
    const made = await convert(inPieces(await (await photograph()).jpeg().toBuffer()), JPEG);
    expect(made).toEqual({ outcome: 'killed', reason: 'memory' });
    removeFolder(tools);
  });

  it('and what says so: the end by a signal that no file causes', () => {
    for (const end of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 137, 143]) expect(wasKilled(end)).toBe(true);
    for (const end of ['SIGSEGV', 'SIGABRT', 'SIGXCPU', 0, 1, 9, 134, 139, 255])
      expect([end, wasKilled(end)]).toEqual([end, false]);
  });
});

describe('a file that waits for a tool', () => {
  it('is shown to the antivirus once, and once more before the tool reads it', async () => {
    process.env.PATH = '/nonexistent';
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: Buffer.concat([FILM, randomBytes(1000)]) });
    await h.workJobs();
    expect(await only(receipt)).toMatchObject({
      state: 'waiting',
      stateText: expect.stringContaining('ffprobe'),
    });
    for (let n = 0; n < 3; n++) {
      await again();
      expect(await h.workJobs()).toBe(1);
    }
    expect(clamd.examined).toHaveLength(1);
    // They are there, and can read no film.
    process.env.PATH = await toolsThat('exit 1');
    await again();
    await h.workJobs();
    removeFolder(process.env.PATH);
    expect((await only(receipt)).state).toBe('sealed');
    expect(clamd.examined).toHaveLength(2);
  });

  it('is examined at once when an antivirus is there from now on', async () => {
    process.env.PATH = '/nonexistent';
    const without = await Harness.start({ share: h, config: { storage: bucketAt(bucket.url) } });
    const receipt = await work.file();
    await evidence.asReporter(receipt, { bytes: Buffer.concat([FILM, randomBytes(1000)]) });
    await without.workJobs();
    await without.stop();
    expect((await only(receipt)).stateText).toContain('ffprobe');
    expect(clamd.examined).toHaveLength(0);
    for (let n = 0; n < 2; n++) {
      await again();
      await h.workJobs();
    }
    expect(clamd.examined).toHaveLength(1);
  });

  it('that is not where the cage can see it waits for it without being read', async () => {
    const tools = await pathWith(['bwrap']);
    for (const name of ['soffice', 'pdfinfo', 'pdftoppm'])
      writeFileSync(join(tools, name), '#!/bin/sh\n', { mode: 0o755 });
    process.env.PATH = tools;
    const { confinement } = await findCage();
    const type = 'application/vnd.oasis.opendocument.text';
    const found = { type, extension: 'odt', kind: 'document', executable: false } as const;
    const unread = (async function* (): AsyncGenerator<Buffer> {
      throw new Error('it was read');
    })();
    expect(await convert(unread, found)).toEqual({
      outcome: 'tool-missing',
      tool: confinement === 'bubblewrap' ? 'soffice' : 'bwrap',
    });
    removeFolder(tools);
  });

  it('among a thousand has its job again', async () => {
    const ids = [];
    for (let n = 0; n < 21; n++) {
      const receipt = await work.file();
      ids.push((await evidence.asReporter(receipt, { bytes: randomBytes(MIB / 64) })).body.id);
    }
    // Each of them fifty times.
    await h.sql(
      'owner',
      `alter table evidence disable trigger user;
       insert into evidence select gen_random_uuid(), case_id, institution_id, number + n, source, state, version, day, details, thumbnail
         from evidence, generate_series(1, 49) n where id = any(string_to_array('${ids.join()}', ',')::uuid[]);
       insert into evidence_files select e.id, 'original', e.case_id, e.institution_id,
           encode(substr(sha256(e.id::text::bytea), 1, 20), 'hex'), 1000, '\\x00' from evidence e where number > 1;
       alter table evidence enable trigger user`,
    );
    await h.sql('jobs', 'delete from job_queue._private_jobs');
    await again();
    const [added] = await h.sql<{ jobs: number; last: number }>(
      'jobs',
      'select count(*)::int as jobs, max(priority) as last from job_queue._private_jobs',
    );
    expect(added).toEqual({ jobs: 21 * 50, last: 49 });
  });
});
