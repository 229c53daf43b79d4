import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRequest } from './institution-options.js';

const folder = mkdtempSync(join(tmpdir(), 'denuncia-institution-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NEEDED = ['--code', 'MUNI', '--name', 'Municipio', '--prefix', 'MUN', '--calendar', 'LFT74'];
const ADMIN = ['--admin-email', 'Ana@Muni.mx'];

function refusal(...args: string[]): string {
  try {
    readRequest(args);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('not refused');
}

describe('the options of institution:create', () => {
  it('bring the default catalogue of the kind, which the territory tells', () => {
    const kinds = [[], ['--territory', '15'], ['--territory', '15002']].map((territory) => {
      const { setup, rules, terms } = readRequest([...NEEDED, ...ADMIN, ...territory]);
      return [setup.kind, setup.areas[1]!.code, rules.length > 0, terms];
    });
    expect(kinds).toEqual([
      ['federal', 'OIC', true, []],
      ['state', 'OIC', true, []],
      ['municipal', 'CONTRALORIA', true, []],
    ]);
  });

  it('take files in place of the catalogue, and then no rules that name its areas', () => {
    writeFileSync(join(folder, 'areas.csv'), 'code,label,fallback\nVENTANILLA,Ventanilla única,yes\n');
    writeFileSync(join(folder, 'sla_terms.csv'), 'metric,business_days\nresolution,30\n');
    const { setup, rules, terms, adminEmail } = readRequest([...NEEDED, ...ADMIN, '--from', folder]);
    expect(setup).toMatchObject({ areas: [{ code: 'VENTANILLA' }], fallbackArea: 'VENTANILLA', demo: false });
    expect([rules, terms.length, adminEmail]).toEqual([[], 1, 'ana@muni.mx']);
  });

  it.each([
    ['areas.csv', 'code,label\nNINEZ,Niñez\n'],
    ['categories.csv', 'code,label,label_en,description\nFRAUD,Engaño,Fraud,Engaño.\n'],
    ['routing_rules.csv', 'name,area,words\nNiñez,MESA,niñ\n'],
    ['sla_terms.csv', 'metric,business_days\nseñal,30\n'],
    ['privacy_notice.txt', 'version: 1\nEspaña'],
  ])('refuse %s of another encoding before anything is made', (name, text) => {
    const own = mkdtempSync(join(tmpdir(), 'denuncia-institution-'));
    const unicode = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    writeFileSync(join(own, name), Buffer.from(text, 'latin1'));
    expect(refusal(...NEEDED, ...ADMIN, '--from', own)).toMatch(
      new RegExp(`^${name}, line [12]: it is not in UTF-8\\. [^\n]*$`),
    );
    writeFileSync(join(own, name), unicode);
    const said = (() => {
      try {
        return JSON.stringify(readRequest([...NEEDED, ...ADMIN, '--from', own]));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(said).not.toContain('UTF-8');
    rmSync(own, { recursive: true });
  });

  it('are taken as a terminal of UTF-8 gives them, without what nobody sees', () => {
    expect(refusal(...NEEDED.with(3, 'Comisi\ufffdn'), ...ADMIN)).toBe(
      'Comisi\ufffdn is not in UTF-8. Set the terminal to UTF-8 and repeat.',
    );
    const typed = [
      '--code',
      '\u200bMUNI\u2011MX',
      '--name',
      ' Municipio\u00a0',
      '--prefix',
      'MUN',
      '--calendar',
      'LFT74',
    ];
    const { setup, adminEmail } = readRequest([...typed, '--admin-email', 'Ana @Muni.mx\u200b']);
    expect([setup.code, setup.name, adminEmail]).toEqual(['MUNI-MX', 'Municipio', 'ana@muni.mx']);
  });

  it('read the example of the documentation', () => {
    const { setup, rules, terms } = readRequest([...NEEDED, ...ADMIN, '--from', 'docs/institution-example']);
    expect([setup.areas.length, setup.fallbackArea, setup.categories.length]).toEqual([3, 'VENTANILLA', 3]);
    expect([rules.length, terms.length, setup.notice?.version]).toEqual([5, 6, '2026-1']);
  });

  it('are refused with one line per fault', () => {
    expect(refusal('--code', 'MUNI')).toMatch(
      /^Missing: --name --prefix --calendar --admin-email\. Usage: npm run/,
    );
    expect(refusal('--codigo', 'MUNI')).toMatch(/^Unknown option '--codigo'\. Usage: npm run/);
    const wrong = ['--calendar', 'X', '--admin-email', 'ana', '--kind', 'city'];
    expect(refusal(...NEEDED, ...wrong).split('\n')).toEqual([
      '--kind must be federal, state or municipal.',
      '--calendar must be LFPA28 or LFT74.',
      '--admin-email ana is no e-mail address.',
    ]);
    expect(refusal(...NEEDED, ...ADMIN, '--from', join(folder, 'none'))).toMatch(
      /^--from .*none is not a folder\.$/,
    );
    writeFileSync(join(folder, 'terms.csv'), '');
    expect(refusal(...NEEDED, ...ADMIN, '--from', folder)).toMatch(
      /terms\.csv is none of areas\.csv, .*sla_terms\.csv/,
    );
    rmSync(join(folder, 'terms.csv'));
    writeFileSync(join(folder, 'areas.csv'), 'code,label\nX,\n');
    expect(refusal(...NEEDED, ...ADMIN, '--from', folder)).toContain(
      'areas.csv, line 2: the label is missing',
    );
  });
});
