import { randomUUID } from 'node:crypto';
import { localDay } from '../../platform/clock.js';
import { StartError } from '../../platform/errors.js';
import type { CalendarRule } from './business-calendar.js';
import { FALLBACK_AREA, type DefaultArea, type DefaultCategory } from './default-catalog.js';
import { DEFAULT_EXPEDIENTE_TEMPLATE, templateFaults } from './expediente-template.js';
import { findMunicipality, states } from './municipalities.js';
import { shortCodeFor } from './short-codes.js';

/**
 * A connection with the owner's login, inside a transaction of the caller. The login of the application may
 * not insert institutions.
 */
export interface SetupClient {
  query(sql: string, parameters?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

export interface InstitutionSetup {
  id?: string;
  code: string;
  name: string;
  prefix: string;
  kind: 'federal' | 'state' | 'municipal';
  /** INEGI key of the state or municipality; null for the federation. */
  territory: string | null;
  timeZone: string;
  calendarRule: CalendarRule;
  contactText: string;
  expedienteTemplate?: string;
  demo: boolean;
  areas: readonly DefaultArea[];
  /** Code of the fallback area. When absent: MESA, or the first area when there is no MESA. */
  fallbackArea?: string;
  categories: readonly Pick<
    DefaultCategory,
    'code' | 'shortCode' | 'label' | 'labelEn' | 'description' | 'priority'
  >[];
  notice: { version: string; text: string; url: string | null } | null;
  /**
   * Parts that nobody asked for explicitly. Only a new institution gets them: in an existing institution an
   * administrator may have left them out on purpose.
   */
  defaults?: readonly ('areas' | 'categories' | 'contact_text')[];
  /** Everything is valid from the local day of this instant. */
  now: Date;
}

export interface SetupResult {
  id: string;
  created: boolean;
  /** Codes of what was missing and was added. */
  added: { areas: string[]; categories: string[]; notice: boolean };
  /** Fields in which an existing institution differs from the input. These fields stay as they are. */
  differs: string[];
  /** Ids by code, for everything that the institution has. */
  areaIds: ReadonlyMap<string, string>;
  categoryIds: ReadonlyMap<string, string>;
}

/**
 * Creates an institution with its catalogues, or adds what an existing institution lacks. Changes nothing
 * that exists, so it is safe to repeat.
 * @throws StartError with one line per fault
 */
export async function createInstitution(client: SetupClient, input: InstitutionSetup): Promise<SetupResult> {
  const faults = setupFaults(input);
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  const { id, created, differs } = await ensureInstitution(client, input);
  const today = localDay(input.now, input.timeZone);
  const asked = (what: 'areas' | 'categories'): boolean => created || !input.defaults?.includes(what);
  const at: Addressed = { client, institutionId: id, today };
  const added: SetupResult['added'] = {
    areas: asked('areas') ? await addAreas(at, input.areas) : [],
    categories: asked('categories') ? await addCategories(at, input.categories) : [],
    notice: input.notice ? await addNotice(at, input.notice, input.now) : false,
  };
  const areaIds = await idsByCode(client, 'areas', id);
  await client.query(
    'update institutions set fallback_area_id = $2 where id = $1 and fallback_area_id is null',
    [id, areaIds.get(fallbackOf(input))],
  );
  return { id, created, added, differs, areaIds, categoryIds: await idsByCode(client, 'categories', id) };
}

/** Where to add rows, and from which local day the rows are valid. */
interface Addressed {
  client: SetupClient;
  institutionId: string;
  today: string;
}

async function addAreas(
  { client, institutionId, today }: Addressed,
  areas: InstitutionSetup['areas'],
): Promise<string[]> {
  const added: string[] = [];
  for (const { code, label, labelEn } of areas) {
    const { rows } = await client.query(
      `insert into areas (id, institution_id, code, label, label_en, valid_from) values ($1, $2, $3, $4, $5, $6)
       on conflict (institution_id, code) do nothing returning id`,
      [randomUUID(), institutionId, code, label, labelEn, today],
    );
    if (rows.length > 0) added.push(code);
  }
  return added;
}

async function addCategories(
  { client, institutionId, today }: Addressed,
  categories: InstitutionSetup['categories'],
): Promise<string[]> {
  const known = await client.query('select code, short_code from categories where institution_id = $1', [
    institutionId,
  ]);
  const codes = new Set(known.rows.map((row) => String(row.code)));
  const taken = new Set(known.rows.map((row) => String(row.short_code)));
  const wanted = categories.flatMap(({ shortCode }) => shortCode ?? []);
  const added: string[] = [];
  for (const { code, shortCode, label, labelEn, description, priority } of categories) {
    if (codes.has(code)) continue;
    // An administrator may have given this short code to another category meanwhile. A generated short code
    // also avoids the short codes that other categories ask for.
    const free = shortCode !== undefined && !taken.has(shortCode);
    const short = free ? shortCode : shortCodeFor(label, new Set([...taken, ...wanted]));
    taken.add(short);
    const { rows } = await client.query(
      `insert into categories (id, institution_id, code, short_code, label_es, label_en, description, priority, valid_from)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (institution_id, code) do nothing returning id`,
      [randomUUID(), institutionId, code, short, label, labelEn, description, priority, today],
    );
    if (rows.length > 0) added.push(code);
  }
  return added;
}

async function addNotice(
  { client, institutionId, today }: Addressed,
  { version, text, url }: NonNullable<InstitutionSetup['notice']>,
  now: Date,
): Promise<boolean> {
  const { rows } = await client.query(
    `insert into privacy_notices (id, institution_id, version, text, url, valid_from, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (institution_id, version) do nothing returning id`,
    [randomUUID(), institutionId, version, text, url, today, now],
  );
  return rows.length > 0;
}

function fallbackOf({ fallbackArea, areas }: InstitutionSetup): string {
  if (fallbackArea !== undefined) return fallbackArea;
  return areas.some(({ code }) => code === FALLBACK_AREA) ? FALLBACK_AREA : (areas[0]?.code ?? '');
}

async function ensureInstitution(
  client: SetupClient,
  input: InstitutionSetup,
): Promise<Pick<SetupResult, 'id' | 'created' | 'differs'>> {
  const wanted: Record<string, string | boolean | null> = {
    code: input.code,
    name: input.name,
    prefix: input.prefix,
    kind: input.kind,
    territory: input.territory,
    time_zone: input.timeZone,
    calendar_rule: input.calendarRule,
    expediente_template: input.expedienteTemplate ?? DEFAULT_EXPEDIENTE_TEMPLATE,
    contact_text: input.contactText,
    demo: input.demo,
  };
  const columns = Object.keys(wanted);
  const inserted = await client.query(
    `insert into institutions (id, ${columns.join(', ')}, created_at)
     values ($1, ${columns.map((_, index) => `$${index + 3}`).join(', ')}, $2) on conflict do nothing returning id`,
    [input.id ?? randomUUID(), input.now, ...Object.values(wanted)],
  );
  const { rows } = await client.query(`select id, ${columns.join(', ')} from institutions where code = $1`, [
    input.code,
  ]);
  const row = rows[0];
  if (!row)
    throw new StartError(`The prefix ${input.prefix} belongs to another institution. Choose another one.`);
  return {
    id: String(row.id),
    created: inserted.rows.length > 0,
    differs: columns.filter(
      (column) => row[column] !== wanted[column] && !input.defaults?.includes(column as 'contact_text'),
    ),
  };
}

async function idsByCode(
  client: SetupClient,
  table: 'areas' | 'categories',
  institutionId: string,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query(`select code, id from ${table} where institution_id = $1`, [
    institutionId,
  ]);
  return new Map(rows.map((row) => [String(row.code), String(row.id)]));
}

/** Lists the faults that prevent the set-up of an institution, one line for each. */
export function setupFaults(input: InstitutionSetup): string[] {
  const faults: string[] = [];
  if (!/^[A-Z0-9][A-Z0-9-]{1,39}$/.test(input.code))
    faults.push(`The code ${input.code} must be like CONAVI-MX.`);
  if (!/^[A-Z]{2,6}$/.test(input.prefix))
    faults.push(`The prefix ${input.prefix} must have 2 to 6 capital letters.`);
  if (input.name.trim() === '') faults.push('The name is missing.');
  if (!territoryFits(input)) {
    faults.push(
      'The territory must be the INEGI key of a state (two digits) for a state, of a municipality (five) for a municipality, and absent for a federal body.',
    );
  }
  if (!isTimeZone(input.timeZone))
    faults.push(`${input.timeZone} is no time zone such as America/Mexico_City.`);
  if (input.calendarRule !== 'LFPA28' && input.calendarRule !== 'LFT74') {
    faults.push('The calendar must be LFPA28 or LFT74.');
  }
  for (const fault of templateFaults(input.expedienteTemplate ?? DEFAULT_EXPEDIENTE_TEMPLATE)) {
    faults.push(`The expediente template is wrong: ${fault.en}.`);
  }
  if (!input.areas.some(({ code }) => code === fallbackOf(input))) {
    faults.push('The institution needs at least one area, and its fallback area must be one of them.');
  }
  return faults;
}

function territoryFits({ kind, territory }: InstitutionSetup): boolean {
  switch (kind) {
    case 'federal':
      return territory === null;
    case 'state':
      return states().some(({ key }) => key === territory);
    case 'municipal':
      return territory !== null && findMunicipality(territory) !== undefined;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
