import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, type PoolName } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Answers } from '../../platform/events.js';
import { Owners } from '../../platform/jobs/sweep.js';
import type { BusinessCalendar, CalendarRule } from './business-calendar.js';
import { FALLBACK_CATEGORY } from './default-catalog.js';
import { catalogErrors } from './errors.js';
import type { Priority } from './priorities.js';

export interface Institution {
  id: string;
  code: string;
  name: string;
  /** Prefix of its folios. */
  prefix: string;
  kind: 'federal' | 'state' | 'municipal';
  /** INEGI key: two characters for a state, five for a municipality, null for the federation. */
  territory: string | null;
  /** IANA zone. It decides when the days of the institution begin and end. */
  timeZone: string;
  calendar: BusinessCalendar;
  /** See `expediente-template.ts`. */
  expedienteTemplate: string;
  /** Where else a reporter finds help, in plain Spanish. */
  contactText: string;
  /** Web address where people file and follow reports. */
  webFormUrl: string | null;
  fallbackAreaId: string;
  demo: boolean;
}

/** Both days are whole days and included. `validTo` null means until further notice. */
export interface Validity {
  validFrom: string;
  validTo: string | null;
}

export interface Area extends Validity {
  id: string;
  code: string;
  label: string;
  /** null: the office has only a Spanish name. */
  labelEn: string | null;
}

export interface Category extends Validity {
  id: string;
  code: string;
  /** Replaces {type} in expedientes. */
  shortCode: string;
  labelEs: string;
  labelEn: string;
  description: string;
  priority: Priority;
}

export interface PrivacyNotice {
  version: string;
  text: string;
  url: string | null;
  validFrom: string;
}

/**
 * Everything of one institution at one instant. Ended areas and categories are included, because old cases
 * name them.
 */
export interface CatalogSnapshot {
  institution: Institution;
  areas: Area[];
  categories: Category[];
  /** The newest privacy notice that is in force today in the institution's zone. */
  notice: PrivacyNotice | null;
  /**
   * Versions of all privacy notices that are or were in force. A form may have shown the previous version.
   */
  noticeVersions: string[];
}

/** The public data of an institution. */
export type InstitutionSummary = Pick<
  Institution,
  'id' | 'code' | 'name' | 'kind' | 'territory' | 'timeZone' | 'contactText' | 'webFormUrl' | 'demo'
>;

/** Tells whether something is in force on a local day ('YYYY-MM-DD'). */
export function validOn(item: Validity, day: string): boolean {
  return item.validFrom <= day && (item.validTo === null || day <= item.validTo);
}

/** Finds the area with this id or code, ended or not. */
export function findArea(
  snapshot: Pick<CatalogSnapshot, 'areas'>,
  key: { id: string } | { code: string },
): Area | undefined {
  return find(snapshot.areas, key);
}

/** Finds the category with this id or code, ended or not. */
export function findCategory(
  snapshot: Pick<CatalogSnapshot, 'categories'>,
  key: { id: string } | { code: string },
): Category | undefined {
  return find(snapshot.categories, key);
}

function find<T extends { id: string; code: string }>(
  items: readonly T[],
  key: { id: string } | { code: string },
): T | undefined {
  return items.find((item) => ('id' in key ? item.id === key.id : item.code === key.code));
}

@Injectable()
export class CatalogsReader {
  /** By institution. */
  private readonly known = new Map<string, { version: string; content: CatalogContent }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads the catalogues of an institution in one round trip. The catalogues are kept in memory, and the
   * statement returns them only when their version has changed. Nobody may change the returned objects.
   * @throws INSTITUTION_UNKNOWN
   */
  async snapshot(tx: Tx, institutionId: string): Promise<CatalogSnapshot> {
    const known = this.known.get(institutionId);
    const [row] = await tx.prepared<VersionRow>(SNAPSHOT, [
      institutionId,
      FALLBACK_CATEGORY,
      known?.version ?? null,
    ]);
    if (!row) throw catalogErrors.institutionUnknown();
    const kept =
      row.content === null ? known! : { version: row.version, content: freeze(contentOf(row.content)) };
    this.known.set(institutionId, kept);
    return this.asOfToday(kept.content);
  }

  /**
   * Adds the privacy notices that are or were in force today. The rest of the content is the same every day.
   */
  private asOfToday({ notices, ...content }: CatalogContent): CatalogSnapshot {
    const today = this.clock.today(content.institution.timeZone);
    const past = notices.filter(({ validFrom }) => validFrom <= today);
    return { ...content, notice: past[0] ?? null, noticeVersions: past.map(({ version }) => version) };
  }

  /** Reads the snapshot in a transaction of its own. @throws INSTITUTION_UNKNOWN */
  async snapshotOf(institutionId: string): Promise<CatalogSnapshot> {
    return this.database.tx({ kind: 'nobody' }, (tx) => this.snapshot(tx, institutionId));
  }

  @Answers(Owners)
  async owners(tx: Tx): Promise<InstitutionSummary[]> {
    return tx.query<InstitutionSummary>(SUMMARY);
  }

  /** Returns all institutions in the order in which they were set up. */
  async institutions(pool?: PoolName): Promise<InstitutionSummary[]> {
    return this.database.tx({ kind: 'nobody' }, (tx) => this.owners(tx), { pool });
  }
}

/** What memory keeps of an institution. */
interface CatalogContent extends Omit<CatalogSnapshot, 'notice' | 'noticeVersions'> {
  /** All privacy notices, newest first. */
  notices: PrivacyNotice[];
}

interface VersionRow {
  version: string;
  /** null: the known version is still the current version. */
  content: StoredContent | null;
}

interface StoredContent
  extends
    Omit<Institution, 'calendar' | 'fallbackAreaId'>,
    Pick<CatalogContent, 'areas' | 'categories' | 'notices'> {
  fallbackAreaId: string | null;
  calendarRule: CalendarRule;
  closures: string[];
}

function contentOf(stored: StoredContent): CatalogContent {
  const { areas, categories, notices, calendarRule, closures, fallbackAreaId, ...institution } = stored;
  // This is empty only when a setup stopped between its statements. Then there is no area for reports.
  if (fallbackAreaId === null) throw new Error(`institution ${stored.code} has no fallback area`);
  const calendar = { rule: calendarRule, closures: new Set(closures) };
  return { institution: { ...institution, fallbackAreaId, calendar }, areas, categories, notices };
}

function freeze(content: CatalogContent): CatalogContent {
  for (const list of [content.areas, content.categories, content.notices])
    Object.freeze(list).forEach(Object.freeze);
  Object.freeze(content.institution);
  return content;
}

const SUMMARY = `select id, code, name, kind, territory, time_zone as "timeZone", contact_text as "contactText",
  web_form_url as "webFormUrl", demo
  from institutions order by created_at, code`;

/**
 * Reads the version and, unless the version is $3, the content. It is one statement, so version and content
 * are of the same instant. JSON carries days as text: pg would read a date column as an instant in the zone
 * of the process.
 */
const SNAPSHOT = `
  select v.version::text as version, case when v.version is distinct from $3::bigint then (
  select json_build_object('id', i.id, 'code', i.code, 'name', i.name, 'prefix', i.prefix, 'kind', i.kind,
         'territory', i.territory, 'timeZone', i.time_zone, 'calendarRule', i.calendar_rule,
         'expedienteTemplate', i.expediente_template, 'contactText', i.contact_text, 'webFormUrl', i.web_form_url,
         'fallbackAreaId', i.fallback_area_id, 'demo', i.demo,
         'areas', coalesce((select json_agg(json_build_object('id', a.id, 'code', a.code, 'label', a.label,
             'labelEn', a.label_en, 'validFrom', a.valid_from, 'validTo', a.valid_to) order by a.code)
           from areas a where a.institution_id = i.id), '[]'),
         'categories', coalesce((select json_agg(json_build_object('id', c.id, 'code', c.code, 'shortCode', c.short_code, 'labelEs', c.label_es,
             'labelEn', c.label_en, 'description', c.description, 'priority', c.priority,
             'validFrom', c.valid_from, 'validTo', c.valid_to) order by c.code = $2, c.label_es, c.code)
           from categories c where c.institution_id = i.id), '[]'),
         'closures', coalesce((select json_agg(k.day) from calendar_closures k
           where k.institution_id = i.id and k.withdrawn_at is null), '[]'),
         'notices', coalesce((select json_agg(json_build_object('version', n.version, 'text', n.text, 'url', n.url,
             'validFrom', n.valid_from) order by n.valid_from desc, n.created_at desc, n.id)
           from privacy_notices n where n.institution_id = i.id), '[]'))
    from institutions i where i.id = v.institution_id) end as content
    from catalog_versions v where v.institution_id = $1`;
