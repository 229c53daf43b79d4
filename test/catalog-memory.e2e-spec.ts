import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CatalogsReader, type CatalogSnapshot } from '../src/foundations/catalogs/catalogs.reader.js';
import { system } from '../src/platform/actor.js';
import type { Tx } from '../src/platform/database/tx.js';
import { Harness } from './setup/harness.js';

let h: Harness;
let other: Harness;
let institutionId: string;
beforeAll(async () => {
  h = await Harness.start();
  other = await Harness.start({ share: h });
  const rows = await h.sql<{ id: string }>('owner', `select id from institutions where code = 'CONAVI-DEMO'`);
  institutionId = rows[0]!.id;
});
afterAll(async () => {
  await other.stop();
  await h.stop();
});

const read = (harness: Harness): Promise<CatalogSnapshot> =>
  harness.app.get(CatalogsReader).snapshotOf(institutionId);
/** As the administration does it, without its entry: the transaction of the test is given up. */
const rename = (tx: Tx, label: string): Promise<unknown> =>
  tx.query(`update areas set label = $1 where institution_id = $2 and code = 'OIC'`, [label, institutionId]);
const labelIn = ({ areas }: CatalogSnapshot): string => areas.find(({ code }) => code === 'OIC')!.label;

describe('catalogues in memory', () => {
  it('are those of the database at the next look, whichever process changed them, each kind of them', async () => {
    await Promise.all([read(h), read(other)]);
    const admin = (method: string, path: string, body: unknown) =>
      h.as<{ id: string }>('admin@conavi.demo', method, `/admin${path}`, body);
    const area = await admin('POST', '/areas', { code: 'NUEVA', label: 'Área nueva' });
    const category = await admin('POST', '/categories', {
      code: 'NUEVA',
      label: 'Nueva',
      labelEn: 'New',
      description: 'Otra cosa.',
    });
    const closure = await admin('POST', '/calendars/closures', {
      days: [{ day: '2027-03-02', label: 'Cierre' }],
    });
    const notice = await admin('POST', '/privacy-notices', {
      version: 'nueva',
      text: 'Aviso nuevo. '.repeat(10),
    });
    const changed = await admin('PATCH', '/institution', { contactText: 'Otro contacto' });
    expect([area, category, closure, notice, changed].map(({ status }) => status)).toEqual([
      201, 201, 201, 201, 200,
    ]);
    for (const found of [await read(h), await read(other)]) {
      expect(found.areas.map(({ code }) => code)).toContain('NUEVA');
      expect(found.categories.map(({ code }) => code)).toContain('NUEVA');
      expect(found.institution.calendar.closures.has('2027-03-02')).toBe(true);
      expect(found.noticeVersions).toContain('nueva');
      expect(found.institution.contactText).toBe('Otro contacto');
    }
  });

  it('are the very same while nothing changed, so that they were not brought again', async () => {
    const before = await read(h);
    await h.file();
    expect((await read(h)).areas).toBe(before.areas);
    await h.sql('owner', `update areas set label = label where institution_id = $1 and code = 'OIC'`, [
      institutionId,
    ]);
    expect((await read(h)).areas).not.toBe(before.areas);
  });

  it('hold nothing of a change that was given up, not even when the next one looks the same', async () => {
    const before = labelIn(await read(h));
    const reader = h.app.get(CatalogsReader);
    const given = h.database.tx(system('test', institutionId), async (tx) => {
      await rename(tx, 'Dado por perdido');
      // Its own transaction sees it.
      expect(labelIn(await reader.snapshot(tx, institutionId))).toBe('Dado por perdido');
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    expect(labelIn(await read(h))).toBe(before);
    // The next change takes the number after it, not the same one.
    await h.sql('owner', `update areas set label = 'Guardado' where institution_id = $1 and code = 'OIC'`, [
      institutionId,
    ]);
    expect([labelIn(await read(h)), labelIn(await read(other))]).toEqual(['Guardado', 'Guardado']);
  });

  it('stay those of its instant for a transaction that sees one snapshot', async () => {
    const reader = h.app.get(CatalogsReader);
    const label = labelIn(await read(h));
    await h.database.tx(
      { kind: 'nobody' },
      async (tx) => {
        expect(labelIn(await reader.snapshot(tx, institutionId))).toBe(label);
        await h.sql(
          'owner',
          `update areas set label = 'Después' where institution_id = $1 and code = 'OIC'`,
          [institutionId],
        );
        expect(labelIn(await read(h))).toBe('Después');
        expect(labelIn(await reader.snapshot(tx, institutionId))).toBe(label);
      },
      { snapshot: true },
    );
    expect(labelIn(await read(h))).toBe('Después');
  });

  it('show a notice from its day on, although nothing is written that day', async () => {
    const body = { version: 'manana', text: 'Aviso de mañana. '.repeat(10), validFrom: '2026-11-12' };
    expect((await h.as('admin@conavi.demo', 'POST', '/admin/privacy-notices', body)).status).toBe(201);
    expect((await read(h)).notice?.version).not.toBe('manana');
    h.clock.set(new Date('2026-11-12T05:59:00Z'));
    expect((await read(h)).notice?.version).not.toBe('manana');
    h.clock.set(new Date('2026-11-12T06:00:00Z'));
    expect((await read(h)).notice?.version).toBe('manana');
  });

  it('cannot be changed by who reads them', async () => {
    const { areas, institution } = await read(h);
    expect(() => areas.push(areas[0]!)).toThrow(TypeError);
    expect(() => Object.assign(areas[0]!, { label: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(institution, { name: 'x' })).toThrow(TypeError);
  });
});
