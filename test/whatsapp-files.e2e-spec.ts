import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTION_MAX, FILES_MAX } from '../src/doors/whatsapp/bot/draft.js';
import { TEXTS } from '../src/doors/whatsapp/bot/texts.js';
import { WhatsAppKeys } from '../src/doors/whatsapp/whatsapp-keys.js';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { NoRoom, ObjectStore } from '../src/platform/storage/object-store.js';
import { LIMITS, MAX_CAPTION } from '../src/work/evidence/limits.js';
import { DESK } from './builders/cases.js';
import { EvidenceWork } from './builders/evidence.js';
import type { Receipt } from './setup/harness.js';
import { ACCOUNT, Bot, somebody } from './support/whatsapp-bot.js';
import { FILE, sample, sha256Of, type SentFile } from './support/whatsapp/files.js';
import type { MediaFault } from './support/whatsapp/faults.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

let bot: Bot;
let evidence: EvidenceWork;
beforeAll(async () => {
  bot = await Bot.start();
  evidence = new EvidenceWork(bot.harness);
});
afterAll(() => bot.stop());

type Part = Record<string, unknown>;

/** Somebody whose account is open. */
async function telling(more: Partial<Person> = {}): Promise<Person> {
  const person = somebody(more);
  await bot.text(person, 'denunciar', 'acepto', 'anónima', ACCOUNT);
  return person;
}

/** SHA-256 of the file that a part carries. */
function hashOf(part: Part): string {
  const inner = part[String(part.type)] as { [FILE]: SentFile };
  return sha256Of(inner[FILE].content).toString('hex');
}

/** The files of a case. The clock has moved: whoever looks signs in anew. */
async function listed(folio: string): ReturnType<EvidenceWork['list']> {
  bot.harness.forgetTokens();
  return evidence.list(DESK, folio);
}

async function filed(person: Person): Promise<Receipt> {
  await bot.text(person, 'listo', 'resumen', 'enviar');
  await bot.work();
  return bot.receiptOf(person)! as Receipt;
}

function objects(): string[] {
  return readdirSync(bot.harness.files, { recursive: true, withFileTypes: true })
    .filter((one) => /^[0-9a-f]{40}$/.test(one.name))
    .map((one) => join(one.parentPath, one.name));
}

async function following(receipt: Receipt): Promise<Record<string, unknown>> {
  const token = await bot.harness.trackingToken(receipt);
  const { body } = await bot.harness.call<Record<string, unknown>>('GET', '/tracking/case', { token });
  return body;
}

const fault = (...faults: MediaFault[]): void => bot.graph.mediaFaults.add(...faults);

describe('files that come over WhatsApp', () => {
  it('are evidence of the case, byte by byte as they were sent: an album of ten among them', async () => {
    const person = await telling();
    const parts = [
      ...say.album(10),
      say.voice(),
      say.video('lo grabé desde el mostrador'),
      say.document('recibo-CURP.pdf', sample('document', 'note'), 'el recibo que me dieron'),
    ];
    await Promise.all(parts.map((part) => bot.graph.say(bot.webhook, person, part)));
    await bot.work();
    const receipt = await filed(person);
    const items = await listed(receipt.folio);
    expect(items.map(({ sha256 }) => sha256).sort()).toEqual(parts.map(hashOf).sort());
    expect(items.map(({ kind }) => kind).sort()).toEqual(
      [...Array<string>(10).fill('image'), 'audio', 'pdf', 'video'].sort(),
    );
    expect(items.every(({ source }) => source === 'reporter')).toBe(true);
    expect(items.map(({ number }) => number)).toEqual(items.map((_item, at) => at + 1));
    expect(items.find(({ kind }) => kind === 'pdf')).toMatchObject({
      name: 'recibo-CURP.pdf',
      caption: 'el recibo que me dieron',
    });
    expect(await following(receipt)).toMatchObject({ evidence: { received: 13 } });
    // Nothing of them stays with the channel, and the copies at Meta are gone.
    for (const table of ['wa_files', 'wa_case_files'])
      expect([table, await bot.count(table)]).toEqual([table, 0]);
    const ids = parts.map((part) => (part[String(part.type)] as { id: string }).id);
    expect(ids.filter((id) => bot.graph.media.find(id))).toEqual([]);
  });

  it('are told in the summary, and a voice alone is a report', async () => {
    const person = somebody();
    await bot.text(person, 'denunciar', 'acepto', 'anónima');
    const voice = say.voice();
    await bot.hear(person, voice);
    expect(await bot.text(person, 'listo', 'resumen')).toContain('Archivos: 1 (1 nota de voz)');
    const receipt = await filed(person);
    const [item] = await listed(receipt.folio);
    expect(item).toMatchObject({ kind: 'audio', sha256: hashOf(voice) });
    expect(await following(receipt)).toMatchObject({ awaitsVoice: false });
  });

  it('wait for nothing: the report is registered while its files are still on their way', async () => {
    const person = await telling();
    const photo = say.image();
    fault(...Array<MediaFault>(8).fill({ at: 'describe', what: { status: 503 } }));
    await bot.hear(person, photo);
    const receipt = await filed(person);
    expect(await listed(receipt.folio)).toEqual([]);
    expect(await bot.count('wa_case_files')).toBe(1);
    bot.graph.mediaFaults.clear();
    bot.passTime(3600);
    await bot.work();
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
    expect(await following(receipt)).toMatchObject({ evidence: { received: 1 } });
  });

  it.each<[string, MediaFault[]]>([
    [
      'a fault of Meta',
      [
        { at: 'describe', what: { status: 503 } },
        { at: 'download', what: { status: 500 } },
      ],
    ],
    ['an address that is gone', [{ at: 'download', what: { status: 404 } }]],
    ['a limit', [{ at: 'describe', what: { status: 429 } }]],
    ['half a file', [{ at: 'download', what: 'truncated' }]],
    ['other bytes', [{ at: 'download', what: 'wrong_bytes' }]],
    ['a page of a login', [{ at: 'download', what: 'login_page' }]],
    ['a redirect', [{ at: 'download', what: 'redirect' }]],
    ['another length than told', [{ at: 'describe', what: 'wrong_size' }]],
    [
      'silence in the middle',
      [
        { at: 'describe', what: 'hang' },
        { at: 'download', what: 'hang' },
      ],
    ],
  ])('come in spite of %s', async (_what, faults) => {
    const person = await telling();
    const photo = say.image();
    fault(...faults);
    await bot.hear(person, photo);
    for (const _fault of faults) {
      bot.passTime(60);
      await bot.work();
    }
    const receipt = await filed(person);
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
    expect(bot.graph.mediaFaults.waiting).toEqual([]);
  });

  it('come when the length is told as a text, as in Meta’s examples', async () => {
    const person = await telling();
    fault({ at: 'describe', what: 'text_size' });
    await bot.hear(person, say.image());
    expect(await listed((await filed(person)).folio)).toHaveLength(1);
  });

  it('that never come are told before the report is sent', async () => {
    const person = await telling();
    const [lost, kept] = [say.image(), say.image()];
    await bot.graph.say(bot.webhook, person, lost);
    bot.graph.media.remove((lost.image as { id: string }).id);
    await bot.work();
    for (let n = 0; n < 26; n++) {
      bot.passTime(3600);
      await bot.work();
    }
    bot.graph.heard(person);
    expect(bot.alarms).toContain('whatsapp-file-lost');
    await bot.hear(person, kept);
    const asked = await bot.text(person, 'listo');
    expect(asked).toContain(TEXTS.filesLost(1));
    expect(await bot.text(person, 'resumen')).toContain('Archivos: 1 (1 foto)');
    await bot.text(person, 'enviar');
    const receipt = bot.receiptOf(person)! as Receipt;
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(kept)]);
    expect(await bot.count('wa_files')).toBe(0);
  });

  it('that never come after the report was sent are told in the case, to both sides', async () => {
    const person = await telling();
    const photo = say.image();
    fault({ at: 'describe', what: { status: 503 } });
    await bot.hear(person, photo);
    const receipt = await filed(person);
    bot.graph.media.remove((photo.image as { id: string }).id);
    for (let n = 0; n < 26; n++) {
      bot.passTime(3600);
      await bot.work();
    }
    expect(await listed(receipt.folio)).toEqual([]);
    const { timeline } = (await following(receipt)) as { timeline: { kind: string; summary?: string }[] };
    expect(timeline.filter(({ kind }) => kind === 'evidence_lost')).toHaveLength(1);
    const { body } = await bot.harness.as(DESK, 'GET', `/cases/${receipt.folio}`);
    expect(JSON.stringify(body)).toContain('evidence_lost');
    expect(body).toMatchObject({ integrity: 'ok' });
    expect(await bot.count('wa_files')).toBe(0);
    expect(await bot.count('wa_case_files')).toBe(0);
  });

  it('are known as passed on when they are', async () => {
    const person = somebody();
    await bot.text(person, 'denunciar', 'acepto', 'anónima');
    await bot.hear(person, say.forwarded(say.voice(), true));
    expect(await bot.text(person, 'listo')).toContain('Falta que nos cuentes');
    await bot.text(person, 'cancelar', 'sí');
  });

  it('wait in the store for their case, however long it has no room for them', async () => {
    const person = await telling();
    const photo = say.image();
    await bot.hear(person, photo);
    await bot.text(person, 'listo', 'resumen');
    const store = bot.harness.app.get(ObjectStore);
    const put = jest.spyOn(store, 'put').mockImplementation(async (_name, bytes) => {
      for await (const _piece of bytes);
      throw new NoRoom();
    });
    await bot.text(person, 'enviar');
    for (let day = 0; day < 9; day++) {
      bot.passTime(24 * 3600);
      await bot.work();
      await bot.harness.run('whatsapp-forget');
    }
    put.mockRestore();
    await bot.work();
    const receipt = bot.receiptOf(person)! as Receipt;
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
  });

  it('of a report on its way are not forgotten when no process ran for a week', async () => {
    const person = await telling();
    const photo = say.image();
    await bot.hear(person, photo);
    await bot.text(person, 'listo', 'resumen');
    await bot.graph.say(bot.webhook, person, say.text('enviar'));
    for (const sweep of [bot.split, bot.talk]) while ((await sweep.run()) > 0);
    bot.passTime(7 * 24 * 3600);
    await bot.harness.run('whatsapp-forget');
    bot.graph.heard(person);
    await bot.work();
    const receipt = bot.receiptOf(person)! as Receipt;
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
  });

  it('are no programs, and no films of more than 100 MB', async () => {
    const person = await telling();
    const program = { content: Buffer.from('MZ'.padEnd(5000, 'x')), mimeType: 'application/pdf' };
    await bot.hear(person, say.document('recibo.pdf', program));
    fault({ at: 'download', what: 'endless' });
    await bot.hear(person, say.video());
    await bot.hear(
      person,
      say.document('vacio.pdf', { content: Buffer.alloc(0), mimeType: 'application/pdf' }),
    );
    expect(await bot.text(person, 'listo')).toContain(TEXTS.filesLost(3));
    const before = objects().length;
    const receipt = await filed(person);
    expect(await listed(receipt.folio)).toEqual([]);
    expect(objects()).toHaveLength(before);
  }, 120_000);

  it('wait while the store has no room, and come when it has', async () => {
    const store = bot.harness.app.get(ObjectStore);
    const put = jest.spyOn(store, 'put').mockImplementation(async (_name, bytes) => {
      for await (const _piece of bytes);
      throw new NoRoom();
    });
    const person = await telling();
    const photo = say.image();
    await bot.hear(person, photo);
    expect(bot.alarms).toContain('whatsapp-file-waits');
    put.mockRestore();
    bot.passTime(60);
    await bot.work();
    const receipt = await filed(person);
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
  });

  it('are as many as a case takes, with words as long', () => {
    expect([FILES_MAX, CAPTION_MAX]).toEqual([LIMITS.files, MAX_CAPTION]);
  });
});

describe('what a person takes back', () => {
  it.each<[string, (person: Person) => Promise<unknown>]>([
    ['cancelled', (person) => bot.text(person, 'cancelar', 'sí')],
    ['begun anew', (person) => bot.text(person, 'empezar de nuevo')],
    ['deleted', (person) => bot.text(person, 'borrar')],
  ])('is %s with its files: neither row nor content stays', async (_what, take) => {
    const before = objects();
    const person = await telling();
    await bot.hear(person, ...say.album(3));
    expect(objects()).toHaveLength(before.length + 3);
    expect(await bot.count('wa_files')).toBe(3);
    await take(person);
    expect(await bot.count('wa_files')).toBe(0);
    expect(objects()).toEqual(before);
    await bot.text(person, 'cancelar');
  });

  it('is a single photo, deleted in the chat, before or after it was fetched', async () => {
    const before = objects();
    const person = await telling();
    const { ids } = await bot.graph.say(bot.webhook, person, say.image(), say.image());
    await bot.work();
    expect(objects()).toHaveLength(before.length + 2);
    await bot.hear(person, say.revoke(ids[0]!));
    expect(objects()).toHaveLength(before.length + 1);
    const late = await bot.graph.say(bot.webhook, person, say.image());
    await bot.split.run();
    await bot.talk.run();
    await bot.graph.say(bot.webhook, person, say.revoke(late.ids[0]!));
    await bot.split.run();
    await bot.talk.run();
    await bot.work();
    expect(objects()).toHaveLength(before.length + 1);
    expect(await bot.text(person, 'listo', 'resumen')).toContain('Archivos: 1');
    await bot.text(person, 'cancelar', 'sí');
  });

  it('ends with the draft that nobody continues', async () => {
    const before = objects();
    const person = await telling();
    await bot.hear(person, say.image());
    bot.passTime(73 * 3600);
    await bot.harness.run('whatsapp-forget');
    expect(await bot.count('wa_files')).toBe(0);
    expect(objects()).toEqual(before);
  });

  it('ends, under a key that nobody has, with the days', async () => {
    const before = objects();
    const person = await telling();
    await bot.hear(person, say.image());
    await bot.harness.sql('owner', `update wa_sessions set sealed = sha512(sealed)`);
    bot.passTime(30 * 3600);
    await bot.harness.run('whatsapp-forget');
    expect(await bot.count('wa_sessions')).toBe(0);
    expect(await bot.count('wa_files')).toBe(1);
    bot.passTime(96 * 3600);
    await bot.harness.run('whatsapp-forget');
    expect(await bot.count('wa_files')).toBe(0);
    expect(objects()).toEqual(before);
  });

  it('lives as long as its draft is continued', async () => {
    const person = await telling();
    const photo = say.image();
    await bot.hear(person, photo);
    for (let day = 0; day < 4; day++) {
      bot.passTime(40 * 3600);
      bot.graph.heard(person);
      await bot.text(person, `y además el día ${day}`);
      await bot.harness.run('whatsapp-forget');
    }
    const receipt = await filed(person);
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
  });
});

describe('two processes, and one that ends in the middle', () => {
  it('enter each file once, also when both work at the same time', async () => {
    const other = await Bot.start({ share: bot });
    const person = await telling();
    const parts = say.album(6);
    await Promise.all(parts.map((part) => bot.graph.say(bot.webhook, person, part)));
    await bot.split.run();
    while ((await bot.talk.run()) > 0);
    const both = (name: 'fetching' | 'entering'): Promise<unknown> =>
      Promise.all([bot[name].run(), other[name].run(), bot[name].run(), other[name].run()]);
    await both('fetching');
    await bot.text(person, 'listo', 'resumen');
    await bot.graph.say(bot.webhook, person, say.text('enviar'));
    for (const sweep of [bot.split, bot.talk, bot.open]) while ((await sweep.run()) > 0);
    await both('entering');
    await bot.work();
    const receipt = bot.receiptOf(person)! as Receipt;
    const items = await listed(receipt.folio);
    expect(items.map(({ sha256 }) => sha256).sort()).toEqual(parts.map(hashOf).sort());
    expect(items.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await bot.count('wa_files')).toBe(0);
    // Whoever came late and found no file any more told nobody that it was lost.
    const { timeline } = (await following(receipt)) as { timeline: { kind: string }[] };
    expect(timeline.map(({ kind }) => kind)).toEqual([
      'received',
      ...Array<string>(6).fill('evidence_received'),
    ]);
    await other.stop({ keepGraph: true });
  });

  it('fetch again what a process took and did not bring', async () => {
    const person = await telling();
    const photo = say.image();
    await bot.graph.say(bot.webhook, person, photo);
    await bot.split.run();
    while ((await bot.talk.run()) > 0);
    const sql = bot.harness.sql.bind(bot.harness);
    // As the process that took it left it: it had the file for itself for a quarter of an hour.
    const [row] = await sql<{ id: string }>('owner', `select id from wa_files where state = 'waiting'`);
    const keys = bot.harness.app.get(WhatsAppKeys);
    const until = bot.harness.clock.now().getTime() + 900_000;
    await sql('owner', 'update wa_files set due = $2 where id = $1', [
      row!.id,
      keys.sealInstant('wa_files.due', row!.id, until),
    ]);
    await bot.work();
    expect(await bot.count('wa_files', `state = 'waiting'`)).toBe(1);
    bot.passTime(901);
    const receipt = await filed(person);
    expect((await listed(receipt.folio)).map(({ sha256 }) => sha256)).toEqual([hashOf(photo)]);
  });

  it('a file that came twice into its case, because the end of it was lost, is there once', async () => {
    const person = await telling();
    const photo = say.image();
    await bot.hear(person, photo);
    const snapshot = async (table: string): Promise<unknown[]> =>
      bot.harness.sql('owner', `select to_jsonb(t) as row from ${table} t`);
    await bot.text(person, 'listo', 'resumen');
    await bot.graph.say(bot.webhook, person, say.text('enviar'));
    for (const sweep of [bot.split, bot.talk, bot.open]) while ((await sweep.run()) > 0);
    const [[file], [caseFile]] = await Promise.all([snapshot('wa_files'), snapshot('wa_case_files')]);
    const store = bot.harness.app.get(ObjectStore);
    const remove = jest.spyOn(store, 'remove').mockImplementation(async () => undefined);
    await bot.entering.run();
    remove.mockRestore();
    for (const [table, one] of [
      ['wa_files', file],
      ['wa_case_files', caseFile],
    ] as const)
      await bot.harness.sql(
        'owner',
        `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`,
        [JSON.stringify((one as { row: unknown }).row)],
      );
    await bot.work();
    const receipt = bot.receiptOf(person)! as Receipt;
    expect(await listed(receipt.folio)).toHaveLength(1);
    expect(await bot.count('wa_case_files')).toBe(0);
  });
});

describe('what lies in the store and in the rows', () => {
  it('is sealed: no byte of a photo, no id of Meta, no name of a file is in clear', async () => {
    const person = await telling();
    const photo = say.image();
    const document = say.document('Recibo de Nombre Inconfundible.pdf');
    await bot.hear(person, photo, document);
    const rows = await bot.harness.sql<{ row: string }>(
      'owner',
      'select to_jsonb(t)::text as row from wa_files t',
    );
    const ids = [photo.image, document.document].map((part) => (part as { id: string }).id);
    const clear = rows.map(({ row }) => row).join('\n');
    for (const secret of [...ids, 'Inconfundible', hashOf(photo)]) expect(clear).not.toContain(secret);
    const shapes = await bot.harness.sql<{ shape: string }>(
      'owner',
      'select distinct octet_length(sealed) || octet_length(due)::text as shape from wa_files',
    );
    expect(shapes).toHaveLength(1);
    const bytes = (photo.image as { [FILE]: SentFile })[FILE].content as Buffer;
    const stored = objects().map((path) => readFileSync(path));
    expect(stored.some((content) => content.includes(bytes.subarray(0, 32)))).toBe(false);
    expect(sha256Hex(bytes)).toBe(hashOf(photo));
    await bot.text(person, 'cancelar', 'sí');
  });

  it('is not removed as remains while it waits', async () => {
    const person = await telling();
    await bot.hear(person, say.image());
    const [row] = await bot.harness.sql<{ object: string }>('owner', 'select object from wa_files');
    const known = await bot.harness.sql<{ name: string }>('app', 'select objects_of_evidence($1) as name', [
      [row!.object, '0'.repeat(40)],
    ]);
    expect(known).toEqual([{ name: row!.object }]);
    await bot.text(person, 'cancelar', 'sí');
  });
});
