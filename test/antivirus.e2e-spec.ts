import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Log } from '../src/platform/logging.js';
import { testFile } from '../src/work/evidence/antivirus/clamd-scanner.js';
import { AUDITOR, CaseWork, DESK, INVESTIGATOR, moveTo } from './builders/cases.js';
import { EvidenceWork } from './builders/evidence.js';
import { Harness, type Receipt } from './setup/harness.js';
import { ClamdStandin } from './support/clamd-standin.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { removeFolder } from './support/remove-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'denuncia-clamd-'));
const socket = join(folder, 'clamd.ctl');
const lines: string[] = [];
let h: Harness;
let log: Log;
let work: CaseWork;
let evidence: EvidenceWork;
let clamd: ClamdStandin;
beforeAll(async () => {
  log = new Log('trace', { write: (line: string) => void lines.push(line) });
  h = await Harness.start({ config: { clamd: { path: socket } }, log });
  log.start(h.clock);
  work = new CaseWork(h);
  evidence = new EvidenceWork(h);
});
beforeEach(async () => {
  clamd = await ClamdStandin.start(socket);
});
afterEach(() => clamd.stop());
afterAll(async () => {
  log.end();
  await h.stop();
  removeFolder(folder);
});

const NAME = 'lupita-recibo.jpg';
const infected = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), testFile()]);
const photo = (): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: '#a03010' } })
    .jpeg()
    .toBuffer();
const prepareAll = (): Promise<number> => h.workJobs();
/** As ten minutes later. */
const again = async (): Promise<void> => {
  await h.run('prepare-waiting-evidence');
  await prepareAll();
};

const anHourLater = (): void => {
  h.clock.set(new Date(h.clock.now().getTime() + 3_600_000));
  log.writeDue(h.clock.now());
  h.forgetTokens();
};

async function send(receipt: Receipt, bytes: Buffer): Promise<string> {
  const { status, body } = await evidence.asReporter(receipt, { bytes, name: NAME });
  expect(status).toBe(201);
  await prepareAll();
  return body.id;
}
const itemsOf = async (receipt: Receipt) => evidence.list(DESK, receipt.folio);
const stateOf = async (receipt: Receipt) => {
  const [{ state, stateText, copy }] = (await itemsOf(receipt)) as [
    Awaited<ReturnType<typeof itemsOf>>[number],
  ];
  return { state, stateText, copy };
};
const countsOf = async (receipt: Receipt) =>
  (await work.asReporter<{ evidence: object }>(receipt, 'GET', 'case')).body.evidence;

type Entry = { event: string; at: string | null; data: Record<string, unknown> };
/** What the system writes on a day shows when the day is over. */
async function trailOf(receipt: Receipt, event: string): Promise<Entry[]> {
  h.clock.set(new Date(h.clock.now().getTime() + 24 * 3_600_000));
  h.forgetTokens();
  type Trail = { integrity: string; items: Entry[] };
  const { body } = await h.as<Trail>(AUDITOR, 'GET', `/cases/${receipt.folio}/audit?limit=100`);
  expect(body.integrity).toBe('ok');
  return body.items.filter((item) => item.event === event);
}

interface Notice {
  kind: string;
  folio: string;
  at: string;
  summary: string;
}
async function noticesOf(email: string, receipt: Receipt): Promise<Notice[]> {
  const { body } = await h.as<{ items: Notice[] }>(email, 'GET', '/notifications?limit=100');
  return body.items.filter(({ folio, kind }) => folio === receipt.folio && kind === 'evidence_quarantined');
}

describe('a file in which harmful software is found', () => {
  let receipt: Receipt;
  let id: string;
  beforeAll(async () => {
    clamd = await ClamdStandin.start(socket);
    moveTo(h, '2026-11-10T18:34:56.789Z');
    receipt = await work.bring('under_investigation');
    id = await send(receipt, infected);
    await clamd.stop();
  });

  it('stands in quarantine, with the name of it, and has no copy', async () => {
    expect(await stateOf(receipt)).toEqual({
      state: 'quarantined',
      stateText: 'En cuarentena: contiene un programa dañino (Eicar-Test-Signature).',
      copy: null,
    });
    expect(
      readdirSync(h.files, { recursive: true }).filter((name) => /[0-9a-f]{40}$/.test(String(name))),
    ).toHaveLength(1);
  });

  it('is refused to whoever wants to open it', async () => {
    const refused = await h.as<{ code: string; detail: string }>(
      INVESTIGATOR,
      'GET',
      `/cases/${receipt.folio}/evidence/${id}`,
    );
    expect([refused.status, refused.body.code]).toEqual([409, 'EVIDENCE_NOT_OPENABLE']);
    expect(refused.body.detail).toContain('En cuarentena: contiene un programa dañino');
  });

  it('counts as sealed for its reporter', async () => {
    expect(await countsOf(receipt)).toMatchObject({ received: 1, waiting: 0, sealed: 1 });
  });

  it('stands in the trail, by the day alone', async () => {
    const data = { evidence: id, number: 1, found: 'Eicar-Test-Signature' };
    expect(await trailOf(receipt, 'EVIDENCE_QUARANTINED')).toMatchObject([{ at: null, data }]);
    expect(await trailOf(receipt, 'EVIDENCE_PREPARED')).toEqual([]);
    expect(await work.read(receipt.folio)).toMatchObject({ integrity: 'ok' });
  });

  it('is told to who works the case, by the day alone, and once until it is read', async () => {
    await send(receipt, Buffer.concat([infected, Buffer.from('more')]));
    expect(await noticesOf(INVESTIGATOR, receipt)).toMatchObject([
      {
        at: '2026-11-10T00:00:00-06:00',
        summary: `Se encontró un programa dañino en un archivo del caso ${receipt.folio}: no se puede abrir.`,
      },
    ]);
    expect(await noticesOf(DESK, receipt)).toEqual([]);
  });

  it('is examined once', async () => {
    await again();
    expect(clamd.examined).toEqual([]);
    expect(await trailOf(receipt, 'EVIDENCE_QUARANTINED')).toHaveLength(2);
  });

  it('leaves its name and what was found in no table and no line of the log', async () => {
    const dump = await dumpDatabase(h);
    anHourLater();
    for (const text of ['lupita-recibo', 'Eicar-Test-Signature', testFile().toString()]) {
      expect(linesWith(dump, text)).toEqual([]);
      expect(lines.filter((line) => line.includes(text))).toEqual([]);
    }
  });
});

describe('a clean file', () => {
  it('is examined whole before its copy is made', async () => {
    const receipt = await work.file();
    const bytes = await photo();
    await send(receipt, bytes);
    expect(clamd.examined).toEqual([createHash('sha256').update(bytes).digest('hex')]);
    expect(await stateOf(receipt)).toMatchObject({ state: 'ready', copy: { type: 'image/jpeg' } });
    expect(await noticesOf(DESK, receipt)).toEqual([]);
  });
});

describe('a file without a verdict', () => {
  const MISSING = 'Se recibió; falta revisarlo: falta el antivirus; avisa a quien opera el servidor.';

  it('waits, says so once, and is examined when clamd is back', async () => {
    await clamd.stop();
    const receipt = await work.file();
    await send(receipt, await photo());
    await again();
    expect(await stateOf(receipt)).toEqual({ state: 'waiting', stateText: MISSING, copy: null });
    expect(await countsOf(receipt)).toMatchObject({ waiting: 1, sealed: 0 });
    clamd = await ClamdStandin.start(socket);
    for (const fault of ['no-signatures', 'error', 'cut', 'empty', 'garbage'] as const) {
      clamd.fault = fault;
      await again();
      expect(await stateOf(receipt)).toMatchObject({ state: 'waiting', stateText: MISSING });
    }
    expect(await trailOf(receipt, 'EVIDENCE_WAITS')).toMatchObject([
      { at: null, data: { number: 1, scanner: 'away' } },
    ]);
    clamd.fault = undefined;
    await again();
    expect(await stateOf(receipt)).toMatchObject({ state: 'ready', stateText: 'Se puede abrir.' });
  });

  it('is asked about once more when clamd breaks off, which happens while it starts anew', async () => {
    const receipt = await work.file();
    clamd.cuts = 1;
    await send(receipt, await photo());
    expect(await stateOf(receipt)).toMatchObject({ state: 'ready' });
  });

  it('leaves a line without time, with the code, on the hour', async () => {
    await clamd.stop();
    lines.length = 0;
    await send(await work.file(), await photo());
    expect(lines.filter((line) => line.includes('antivirus'))).toEqual([]);
    anHourLater();
    const told = lines.filter((line) => line.includes('antivirus-gave-no-verdict'));
    expect(told.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ code: 'away', count: expect.any(Number) }),
    );
    expect(told.join()).not.toMatch(/"time"|lupita/);
    clamd = await ClamdStandin.start(socket);
    await again();
  });

  it('says what to change when clamd takes no file so large, and waits for that', async () => {
    clamd.maxLength = 500;
    const receipt = await work.file();
    await send(
      receipt,
      await sharp(await photo())
        .resize(800)
        .png()
        .toBuffer(),
    );
    const { state, stateText } = await stateOf(receipt);
    expect(state).toBe('waiting');
    expect(stateText).toContain('StreamMaxLength 110M');
    expect(await trailOf(receipt, 'EVIDENCE_WAITS')).toMatchObject([{ data: { scanner: 'size-limit' } }]);
    await clamd.stop();
    await again();
    expect(await stateOf(receipt)).toMatchObject({ stateText: MISSING });
    clamd = await ClamdStandin.start(socket);
    await again();
    expect(await stateOf(receipt)).toMatchObject({ state: 'ready' });
    expect(await trailOf(receipt, 'EVIDENCE_WAITS')).toHaveLength(2);
  });

  it('stays sealed when clamd could not examine all of it, and nobody calls it harmful', async () => {
    clamd.fault = 'limits';
    const receipt = await work.file();
    await send(receipt, await photo());
    expect(await stateOf(receipt)).toMatchObject({
      state: 'sealed',
      stateText: expect.stringContaining('el antivirus no lo pudo revisar completo'),
    });
    expect(await noticesOf(DESK, receipt)).toEqual([]);
  });
});
