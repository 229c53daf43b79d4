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
  /** Of its folios. */
  prefix: string;
  kind: 'federal' | 'state' | 'municipal';
  /** INEGI key: two characters of a state, five of a municipality, null for the federation. */
  territory: string | null;
  /** IANA zone in which its days begin and end. */
  timeZone: string;
  calendar: BusinessCalendar;
  /** See `expediente-template.ts`. */
  expedienteTemplate: string;
  /** Where else a reporter finds help; plain Spanish. */
  contactText: string;
  /** Where reports are filed and followed on the web. */
  webFormUrl: string | null;
  fallbackAreaId: string;
  demo: boolean;
}

/** Both days are whole and included; `validTo` null = until further notice. */
export interface Validity {
  validFrom: string;
  validTo: string | null;
}

export interface Area extends Validity {
  id: string;
  code: string;
  label: string;
  /** null: the office is known by its Spanish name only. */
  labelEn: string | null;
}

export interface Category extends Validity {
  id: string;
  code: string;
  /** Stands in expedientes for {type}. */
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
 * Everything of one institution at one instant; areas and categories also when ended, for old cases name
 * them.
 */
export interface CatalogSnapshot {
  institution: Institution;
  areas: Area[];
  categories: Category[];
  /** The newest notice in force today in the institution's zone. */
  notice: PrivacyNotice | null;
  /** Versions of all notices that are or were in force: a form may have shown the one before. */
  noticeVersions: string[];
}

/** What anybody may know of an institution. */
export type InstitutionSummary = Pick<
  Institution,
  'id' | 'code' | 'name' | 'kind' | 'territory' | 'timeZone' | 'contactText' | 'webFormUrl' | 'demo'
>;

/** Whether something is in force on a local day ('YYYY-MM-DD'). */
export function validOn(item: Validity, day: string): boolean {
  return item.validFrom <= day && (item.validTo === null || day <= item.validTo);
}

/** The area with this id or code, ended or not. */
export function findArea(
  snapshot: Pick<CatalogSnapshot, 'areas'>,
  key: { id: string } | { code: string },
): Area | undefined {
  return find(snapshot.areas, key);
}

/** The category with this id or code, ended or not. */
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
   * The catalogues of an institution in one round trip. They are kept in memory: the statement brings them
   * only when their version is another one. Nobody may change what comes back.
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

  /** With the notices that are or were in force today: the rest of the content is the same every day. */
  private asOfToday({ notices, ...content }: CatalogContent): CatalogSnapshot {
    const today = this.clock.today(content.institution.timeZone);
    const past = notices.filter(({ validFrom }) => validFrom <= today);
    return { ...content, notice: past[0] ?? null, noticeVersions: past.map(({ version }) => version) };
  }

  /** The same in a transaction of its own. @throws INSTITUTION_UNKNOWN */
  async snapshotOf(institutionId: string): Promise<CatalogSnapshot> {
    return this.database.tx({ kind: 'nobody' }, (tx) => this.snapshot(tx, institutionId));
  }

  @Answers(Owners)
  async owners(tx: Tx): Promise<InstitutionSummary[]> {
    return tx.query<InstitutionSummary>(SUMMARY);
  }

  /** All institutions in the order they were set up. */
  async institutions(pool?: PoolName): Promise<InstitutionSummary[]> {
    return this.database.tx({ kind: 'nobody' }, (tx) => this.owners(tx), { pool });
  }
}

/** What is kept of an institution. */
interface CatalogContent extends Omit<CatalogSnapshot, 'notice' | 'noticeVersions'> {
  /** All, the newest first. */
  notices: PrivacyNotice[];
}

interface VersionRow {
  version: string;
  /** null: it is the version that is known. */
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
  // Only a setup that broke off between its statements leaves this empty; there is no area to give reports
  // to.
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
 * The version and, unless it is $3, the content. One statement and so one instant: a version never comes with
 * the content of another. JSON carries days as text; pg would read a date column as an instant in the zone of
 * the process.
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
