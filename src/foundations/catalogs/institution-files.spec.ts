import { describe, expect, it } from '@jest/globals';
import {
  parseAreas,
  parseCategories,
  parseInstitutionFiles,
  parsePrivacyNotice,
  parseRoutingRules,
} from './institution-files.js';

const known = { areas: new Set(['MESA', 'OBRA']), categories: new Set(['FRAUD', 'OTHER']) };

describe('areas.csv', () => {
  it('gives areas in their order and the fallback area', () => {
    expect(
      parseAreas('code,label,label_en,fallback\nOBRA,Obra,Works,\nMESA,"Mesa, de control",,sí\n'),
    ).toEqual({
      areas: [
        { code: 'OBRA', label: 'Obra', labelEn: 'Works' },
        { code: 'MESA', label: 'Mesa, de control', labelEn: null },
      ],
      fallbackArea: 'MESA',
    });
  });

  it('may come from a spreadsheet: byte order mark, carriage returns, blank lines, spaces', () => {
    expect(parseAreas('\uFEFFcode,label\r\n MESA , Mesa de control \r\n\r\n').areas).toEqual([
      { code: 'MESA', label: 'Mesa de control', labelEn: null },
    ]);
  });

  it.each([
    ['semicolons', 'code;label;label_en;fallback\r\nMESA;"Mesa; de control, dos";;sí\r\n'],
    ['tabs', 'code\tlabel\tlabel_en\tfallback\r\nMESA\tMesa; de control, dos\t\tsí\r\n'],
    [
      'empty rows and columns',
      'code,label,label_en,fallback,,\n,,,,,\nMESA,"Mesa; de control, dos",,sí,,\n,,,,,\n',
    ],
    [
      'line ends of an old Mac',
      'code;label;label_en;fallback\rMESA;Mesa; de control, dos;;sí\r'.replace(
        'Mesa; de control, dos',
        '"Mesa; de control, dos"',
      ),
    ],
    [
      'unseen characters',
      'code\u200b,label,label_en,fallback\n\u200eMESA\u00a0,"\u200bMesa; de control, dos\u00a0",,si\u0301\u200b\n',
    ],
  ])('may come from a spreadsheet with %s', (_, text) => {
    expect(parseAreas(text)).toEqual({
      areas: [{ code: 'MESA', label: 'Mesa; de control, dos', labelEn: null }],
      fallbackArea: 'MESA',
    });
  });

  it('names every fault with file and line at once', () => {
    expect(() => parseAreas('code,label,fallback\nmesa,Mesa,yes\n\nOBRA,,yes\nOBRA,Obra,perhaps\n')).toThrow(
      [
        'areas.csv, line 2: the code "mesa" must be like WORKS_QUALITY, 2 to 40 characters',
        'areas.csv, line 4: the fallback area is mesa already',
        'areas.csv, line 4: the label is missing',
        'areas.csv, line 5: the code OBRA stands there twice',
        'areas.csv, line 5: fallback must be "yes" or empty',
      ].join('\n'),
    );
  });

  it.each([
    ['', 'areas.csv, line 1: the column "code" is missing'],
    ['code,label\n', 'areas.csv, line 1: there is no area'],
    ['code,label,label\nMESA,Mesa,Mesa\n', 'areas.csv, line 1: the column "label" stands there twice'],
    ['code,label,\nMESA,Mesa,x\n', 'areas.csv, line 1: unknown column ""'],
    ['code;label\nMESA;Mesa; de control\n', '3 cells instead of 2; texts with semicolons need quotes'],
    ['code,label\nMESA,\u2800\n', 'areas.csv, line 2: the label is missing'],
    [
      'code,label\nMESA,Mesa, de control\n',
      'areas.csv, line 2: 3 cells instead of 2; texts with commas need quotes',
    ],
    ['code,label\nMESA,"Mesa\n', 'quotes are not closed'],
  ])('refuses %j', (text, message) => {
    expect(() => parseAreas(text)).toThrow(message);
  });
});

describe('categories.csv', () => {
  it('gives categories, of normal priority unless it says otherwise', () => {
    const text =
      'code,label,label_en,description,priority\nFRAUD,Fraude,Fraud,Engaños.,high\nOTHER,Otro,Other,Otro asunto.,\n';
    expect(parseCategories(text).map(({ code, priority }) => [code, priority])).toEqual([
      ['FRAUD', 'high'],
      ['OTHER', 'normal'],
    ]);
  });

  it('gives short codes where there are some, and refuses one that is none or stands there twice', () => {
    const file = (...cells: string[]) =>
      `code,label,label_en,description,short_code\n${cells.map((cell, n) => `C${n},Fraude,Fraud,Engaños.,${cell}\n`).join('')}`;
    expect(parseCategories(file('FRA', '', 'F2')).map(({ shortCode }) => shortCode)).toEqual([
      'FRA',
      undefined,
      'F2',
    ]);
    // As a spreadsheet that was pasted from a page holds it.
    expect(parseCategories(file('F\u200BRA')).map(({ shortCode }) => shortCode)).toEqual(['FRA']);
    for (const bad of ['fra', 'F', 'FRAUDES', 'SC', '1FR']) {
      expect(() => parseCategories(file(bad))).toThrow(
        `categories.csv, line 2: the short_code "${bad}" must be like COH, 2 to 6 capital letters and digits, and not SC`,
      );
    }
    expect(() => parseCategories(file('FRA', 'FRA'))).toThrow(
      'categories.csv, line 3: the short_code FRA stands there twice',
    );
  });

  it('refuses an unknown priority', () => {
    const text = 'code,label,label_en,description,priority\nFRAUD,Fraude,Fraud,Engaños.,alta\n';
    expect(() => parseCategories(text)).toThrow(
      'categories.csv, line 2: priority must be one of low, normal, high, urgent',
    );
  });
});

describe('routing_rules.csv', () => {
  const header = 'name,category,municipality,channel,words,area,set_category,set_priority';

  it('gives rules in their order, words without accents and capitals', () => {
    const text = `${header}\nRiesgo,FRAUD,15002,phone,Cayó|SE DERRUMB ,OBRA,OTHER,urgent\nLo demás,,,,,MESA,,\n`;
    expect(parseRoutingRules(text, known)).toEqual([
      {
        name: 'Riesgo',
        when: { category: 'FRAUD', municipality: '15002', channel: 'phone', words: ['cayo', 'se derrumb'] },
        area: 'OBRA',
        category: 'OTHER',
        priority: 'urgent',
      },
      { name: 'Lo demás', when: {}, area: 'MESA' },
    ]);
  });

  it.each([
    ['R,,,,,,,', 'line 2: the area is missing'],
    ['R,,,,,OIC,,', 'line 2: area "OIC" is not in the catalogue'],
    ['R,BRIBERY,,,,MESA,,', 'line 2: category "BRIBERY" is not in the catalogue'],
    ['R,,1001,,,MESA,,', 'line 2: "1001" is no municipality; INEGI keys have five digits, such as 01001'],
    ['R,,,fax,,MESA,,', 'line 2: channel must be one of web, whatsapp, phone'],
    ['R,,,,de|obra,MESA,,', 'line 2: the word "de" is too short: it would match almost anything'],
    ['R,,,,a la|obra,MESA,,', 'line 2: the word "a la" is too short'],
    ['R,,,,obra|¡!|\u4e2d\u6587\u5b57,MESA,,', 'line 2: the word "¡!" is too short'],
    ['R,,,,ni?|obra,MESA,,', 'line 2: the word "ni?" holds a "?", the sign of a letter that was lost'],
    ['R,,,,ni\ufffdo|obra,MESA,,', 'line 2: the word "ni\ufffdo" holds a "?"'],
    [`R,,,,${'x'.repeat(61)},MESA,,`, `line 2: the word "${'x'.repeat(61)}" is too long`],
  ])('refuses %j', (line, message) => {
    expect(() => parseRoutingRules(`${header}\n${line}\n`, known)).toThrow(`routing_rules.csv, ${message}`);
  });
});

describe('privacy_notice.txt', () => {
  it('is a version, perhaps a url, an empty line and the text with its paragraphs', () => {
    expect(parsePrivacyNotice('version: 2026-1\nurl: https://x.gob.mx/aviso\n\nUno.\n\nDos.\n')).toEqual({
      version: '2026-1',
      url: 'https://x.gob.mx/aviso',
      text: 'Uno.\n\nDos.',
    });
    expect(parsePrivacyNotice('\uFEFFversion: 1\r\n\r\nTexto.\r\n')).toEqual({
      version: '1',
      url: null,
      text: 'Texto.',
    });
  });

  it.each([
    ['Tus datos se usan…', 'line 1: expected "version: 2026-1"'],
    ['url: https://x.gob.mx\n\nTexto.', 'line 1: the version is missing'],
    ['version: uno/dos\n\nTexto.', 'line 1: a version has letters'],
    ['version: 1\nurl: http://x.gob.mx\n\nTexto.', 'line 2: the url must begin with https://'],
    ['version: 1\n', 'line 3: the text is missing'],
  ])('refuses %j', (text, message) => {
    expect(() => parsePrivacyNotice(text)).toThrow(`privacy_notice.txt, ${message}`);
  });
});

describe('a folder of an institution', () => {
  it('may hold none of the files', () => {
    expect(parseInstitutionFiles(() => undefined, 'municipal')).toEqual({});
  });

  it('lets rules name its own areas, and the default categories when it brings none', () => {
    const files = new Map([
      ['areas.csv', 'code,label\nMESA,Mesa\nPARQUES,Parques\n'],
      ['routing_rules.csv', 'name,area,category\nParques,PARQUES,PUBLIC_SERVICES\n'],
    ]);
    const parsed = parseInstitutionFiles((name) => files.get(name), 'municipal');
    expect(parsed.routingRules).toEqual([
      { name: 'Parques', when: { category: 'PUBLIC_SERVICES' }, area: 'PARQUES' },
    ]);
    expect(() => parseInstitutionFiles((name) => files.get(name), 'federal')).toThrow(
      'routing_rules.csv, line 2: category "PUBLIC_SERVICES" is not in the catalogue',
    );
  });
});
