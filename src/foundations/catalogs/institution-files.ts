import { StartError } from '../../platform/errors.js';
import { trimmed, typedCode, visibleLength, withoutUnseen } from '../../platform/typed-text.js';
import { CHANNELS } from './channels.js';
import { FileFaults, readCsv, type CsvRow } from './csv-file.js';
import {
  DEFAULT_AREAS,
  DEFAULT_CATEGORIES,
  type DefaultArea,
  type DefaultCategory,
} from './default-catalog.js';
import type { DefaultRoutingRule } from './default-routing-rules.js';
import { findMunicipality } from './municipalities.js';
import { PRIORITIES, type Priority } from './priorities.js';
import { ruleWord, type RuleWordFault } from './rule-words.js';
import { isShortCode } from './short-codes.js';

/** The files that an institution may bring in a folder. Each file may be absent. */
export const INSTITUTION_FILES = {
  /** code,label[,label_en,fallback] */
  areas: 'areas.csv',
  /** code,label,label_en,description[,priority,short_code] */
  categories: 'categories.csv',
  /**
   * name,area[,category,municipality,channel,words,set_category,set_priority]; rules are tried in the order
   * of the file
   */
  routingRules: 'routing_rules.csv',
  /** `version:` and `url:` lines, an empty line, the text */
  privacyNotice: 'privacy_notice.txt',
} as const;

export interface InstitutionFiles {
  areas?: { areas: DefaultArea[]; fallbackArea?: string };
  categories?: FileCategory[];
  routingRules?: DefaultRoutingRule[];
  notice?: { version: string; text: string; url: string | null };
}

export type FileCategory = Pick<
  DefaultCategory,
  'code' | 'shortCode' | 'label' | 'labelEn' | 'description' | 'priority'
>;

const CODE = /^[A-Z][A-Z0-9_]{1,39}$/;
const WORD_FAULTS: Record<RuleWordFault, string> = {
  DAMAGED: 'holds a "?", the sign of a letter that was lost; save the file as UTF-8 and write it again',
  TOO_SHORT: 'is too short: it would match almost anything',
  TOO_LONG: 'is too long: nothing would match it',
};

/**
 * Reads the files of a folder. Rules may name areas and categories of the files. When such a file is absent,
 * they may name those of the default catalogue of the kind.
 * @param read text of a file by name, decoded by `decodeText`; undefined when there is none
 * @throws StartError with one line per fault, naming file and line
 */
export function parseInstitutionFiles(
  read: (name: string) => string | undefined,
  kind: 'federal' | 'municipal',
): InstitutionFiles {
  const parsed: InstitutionFiles = {};
  const texts = {
    areas: read(INSTITUTION_FILES.areas),
    categories: read(INSTITUTION_FILES.categories),
    rules: read(INSTITUTION_FILES.routingRules),
    notice: read(INSTITUTION_FILES.privacyNotice),
  };
  if (texts.areas !== undefined) parsed.areas = parseAreas(texts.areas);
  if (texts.categories !== undefined) parsed.categories = parseCategories(texts.categories);
  if (texts.rules !== undefined) {
    parsed.routingRules = parseRoutingRules(texts.rules, {
      areas: codesOf(parsed.areas?.areas ?? DEFAULT_AREAS[kind]),
      categories: codesOf(parsed.categories ?? DEFAULT_CATEGORIES[kind]),
    });
  }
  if (texts.notice !== undefined) parsed.notice = parsePrivacyNotice(texts.notice);
  return parsed;
}

const codesOf = (items: readonly { code: string }[]): ReadonlySet<string> =>
  new Set(items.map(({ code }) => code));

/** @throws StartError */
export function parseAreas(text: string): NonNullable<InstitutionFiles['areas']> {
  const file = INSTITUTION_FILES.areas;
  const faults = new FileFaults(file);
  const seen = new Set<string>();
  let fallbackArea: string | undefined;
  const areas = readCsv(file, text, ['code', 'label'], ['label_en', 'fallback']).map((row) => {
    const code = codeOf(row, faults, seen);
    if (row.code('fallback') !== '') {
      if (!/^(yes|si|sí)$/i.test(row.code('fallback')))
        faults.add(row.line, 'fallback must be "yes" or empty');
      else if (fallbackArea !== undefined)
        faults.add(row.line, `the fallback area is ${fallbackArea} already`);
      else fallbackArea = code;
    }
    const labelEn = row.cell('label_en') === '' ? null : textOf(row, 'label_en', 120, faults);
    return { code, label: textOf(row, 'label', 120, faults), labelEn };
  });
  if (areas.length === 0) faults.add(1, 'there is no area');
  faults.done();
  return { areas, fallbackArea };
}

/** @throws StartError */
export function parseCategories(text: string): FileCategory[] {
  const file = INSTITUTION_FILES.categories;
  const faults = new FileFaults(file);
  const seen = new Set<string>();
  const rows = readCsv(file, text, ['code', 'label', 'label_en', 'description'], ['priority', 'short_code']);
  const shortCodes = new Set<string>();
  const categories = rows.map((row) => ({
    code: codeOf(row, faults, seen),
    label: textOf(row, 'label', 80, faults),
    labelEn: textOf(row, 'label_en', 80, faults),
    description: textOf(row, 'description', 300, faults),
    priority: oneOf(row, 'priority', PRIORITIES, faults) ?? ('normal' as Priority),
    ...shortCodeOf(row, faults, shortCodes),
  }));
  faults.done();
  return categories;
}

/** @throws StartError */
export function parseRoutingRules(
  text: string,
  known: { areas: ReadonlySet<string>; categories: ReadonlySet<string> },
): DefaultRoutingRule[] {
  const file = INSTITUTION_FILES.routingRules;
  const faults = new FileFaults(file);
  const optional = ['category', 'municipality', 'channel', 'words', 'set_category', 'set_priority'];
  const rules = readCsv(file, text, ['name', 'area'], optional).map((row) => {
    const category = knownCode(row, 'category', known.categories, faults);
    const municipality = row.code('municipality') || undefined;
    if (municipality !== undefined && !findMunicipality(municipality)) {
      faults.add(
        row.line,
        `"${municipality}" is no municipality; INEGI keys have five digits, such as 01001`,
      );
    }
    const setCategory = knownCode(row, 'set_category', known.categories, faults);
    const priority = oneOf(row, 'set_priority', PRIORITIES, faults);
    const channel = oneOf(row, 'channel', CHANNELS, faults);
    const words = wordsOf(row, faults);
    const area = knownCode(row, 'area', known.areas, faults);
    if (area === undefined && row.code('area') === '') faults.add(row.line, 'the area is missing');
    return {
      name: textOf(row, 'name', 120, faults),
      when: {
        ...(category === undefined ? {} : { category }),
        ...(municipality === undefined ? {} : { municipality }),
        ...(channel === undefined ? {} : { channel }),
        ...(words.length === 0 ? {} : { words }),
      },
      area: area ?? '',
      ...(setCategory === undefined ? {} : { category: setCategory }),
      ...(priority === undefined ? {} : { priority }),
    };
  });
  faults.done();
  return rules;
}

/**
 * Reads the header lines `version:` and, if present, `url:`, then an empty line, then the text. @throws
 * StartError
 */
export function parsePrivacyNotice(text: string): NonNullable<InstitutionFiles['notice']> {
  const file = INSTITUTION_FILES.privacyNotice;
  const faults = new FileFaults(file);
  const [header = '', ...paragraphs] = text
    .replaceAll(/\r\n?/g, '\n')
    .trim()
    .split(/\n[ \t]*\n/);
  const fields = new Map<string, string>();
  header.split('\n').forEach((line, index) => {
    const match = /^(version|url) ?: ?(\S+)$/i.exec(typedLine(line));
    if (match) fields.set(match[1]!.toLowerCase(), match[2]!);
    else
      faults.add(
        index + 1,
        'expected "version: 2026-1" or "url: https://…", then an empty line, then the text',
      );
  });
  faults.done();
  const version = fields.get('version');
  const url = fields.get('url') ?? null;
  const body = paragraphs.join('\n\n').trim();
  if (version === undefined) throw new StartError(`${file}, line 1: the version is missing`);
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/.test(version)) {
    throw new StartError(`${file}, line 1: a version has letters, digits, dots and hyphens only`);
  }
  if (url !== null && !url.startsWith('https://'))
    throw new StartError(`${file}, line 2: the url must begin with https://`);
  if (visibleLength(body, 1) === 0) throw new StartError(`${file}, line 3: the text is missing`);
  return { version, url, text: body };
}

/** Cleans a line enough for a program to read it. The letters of the url do not change. */
function typedLine(line: string): string {
  return trimmed(withoutUnseen(line)).replace(/\s+/g, ' ');
}

function codeOf(row: CsvRow, faults: FileFaults, seen: Set<string>): string {
  const code = row.code('code');
  if (!CODE.test(code))
    faults.add(row.line, `the code "${code}" must be like WORKS_QUALITY, 2 to 40 characters`);
  else if (seen.has(code)) faults.add(row.line, `the code ${code} stands there twice`);
  seen.add(code);
  return code;
}

function shortCodeOf(row: CsvRow, faults: FileFaults, seen: Set<string>): { shortCode?: string } {
  const shortCode = row.code('short_code');
  if (shortCode === '') return {};
  if (!isShortCode(shortCode)) {
    faults.add(
      row.line,
      `the short_code "${shortCode}" must be like COH, 2 to 6 capital letters and digits, and not SC`,
    );
  } else if (seen.has(shortCode)) faults.add(row.line, `the short_code ${shortCode} stands there twice`);
  seen.add(shortCode);
  return { shortCode };
}

function textOf(row: CsvRow, column: string, max: number, faults: FileFaults): string {
  const text = row.cell(column);
  if (visibleLength(text, 1) === 0) faults.add(row.line, `the ${column} is missing`);
  if ([...text].length > max) faults.add(row.line, `the ${column} is longer than ${max} characters`);
  return text;
}

/** Returns one of the allowed words, or undefined for an empty cell. */
export function oneOf<T extends string>(
  row: CsvRow,
  column: string,
  values: readonly T[],
  faults: FileFaults,
): T | undefined {
  const cell = row.code(column);
  const value = values.find((one) => one === cell);
  if (cell !== '' && value === undefined)
    faults.add(row.line, `${column} must be one of ${values.join(', ')}`);
  return value;
}

/** Returns a code that exists, or undefined for an empty cell. */
export function knownCode(
  row: CsvRow,
  column: string,
  known: ReadonlySet<string>,
  faults: FileFaults,
): string | undefined {
  const code = row.code(column) || undefined;
  if (code !== undefined && !known.has(code))
    faults.add(row.line, `${column} "${code}" is not in the catalogue`);
  return code;
}

/**
 * Reads words such as `amenaz|extors`. One of them is enough for a match. Accents and capitals do not count,
 * neither here nor in the narratives that are searched.
 */
function wordsOf(row: CsvRow, faults: FileFaults): string[] {
  const written = row.code('words').split('|').map(typedCode);
  return written
    .filter((text) => text !== '')
    .flatMap((text) => {
      const found = ruleWord(text);
      if ('word' in found) return [found.word];
      faults.add(row.line, `the word "${text}" ${WORD_FAULTS[found.fault]}`);
      return [];
    });
}
