import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { lockInstitution } from '../../foundations/catalogs/admin/institution-lock.js';
import {
  CatalogsReader,
  findArea,
  findCategory,
  validOn,
  type CatalogSnapshot,
  type Validity,
} from '../../foundations/catalogs/catalogs.reader.js';
import { FALLBACK_CATEGORY } from '../../foundations/catalogs/default-catalog.js';
import type { DefaultRoutingRule } from '../../foundations/catalogs/default-routing-rules.js';
import { catalogErrors } from '../../foundations/catalogs/errors.js';
import { RoutingChanged } from '../../foundations/catalogs/events.js';
import { areaText, categoryText } from '../../foundations/catalogs/labels.js';
import type { Priority } from '../../foundations/catalogs/priorities.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import type { Text } from '../../platform/errors.js';
import { Answers, Events } from '../../platform/events.js';
import type { CaseRow } from '../cases/case.entities.js';
import { areaAndCategory } from '../cases/cases.reader.js';
import { RouteProposal, RuleLabel } from '../cases/events.js';
import type { ProposedRoute } from '../cases/views.js';
import { routingErrors } from './errors.js';
import { route, RuleSet, type Route, type RoutingRule } from './routing.js';
import { RoutingRuleRow } from './rule.entity.js';

export interface RuleInput {
  position: number;
  label: string;
  category?: string;
  municipality?: string;
  channel?: string;
  words?: string[];
  area: string;
  thenCategory?: string;
  thenPriority?: Priority;
  validFrom?: string;
}

export interface RuleView extends Omit<
  RuleInput,
  'category' | 'municipality' | 'channel' | 'words' | 'thenCategory' | 'thenPriority' | 'validFrom'
> {
  id: string;
  category: string | null;
  categoryLabel: Text | null;
  municipality: string | null;
  channel: string | null;
  words: string[];
  areaLabel: Text;
  thenCategory: string | null;
  thenCategoryLabel: Text | null;
  thenPriority: string | null;
  validFrom: string;
  validTo: string | null;
}

/**
 * Maximum of rules that have not ended, for an administrator who adds rules over the API. The set-up by the
 * operator accepts all rules of its file. Every batch of reports reads all rules. With this many rules of 100
 * words each, the first batch after a change takes about 30 ms, and all institutions of the process wait for
 * it.
 */
export const RULES_MAX = 200;

/**
 * Routing rules of an institution. They make proposals at intake. They are administered over the API and
 * never deleted.
 */
@Injectable()
export class RoutingService {
  /** The last rule set of each institution. */
  private readonly lastSets = new Map<string, RuleSet>();

  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /**
   * Read the rules of an institution in their order, once per batch. Includes rules that ended yesterday
   * (UTC): which rules are in force depends on the zone of the institution.
   */
  async rules(tx: Tx, institutionId: string): Promise<(RoutingRule & Validity)[]> {
    // Read one value in one row. Twenty rows of ten columns cost the service more than everything else that
    // it reads for a report.
    const [found] = await tx.prepared<{ rules: (RoutingRule & Validity)[] | null }>(
      `select json_agg(rule) as rules from (
         select id, if_category_id as "ifCategoryId", if_municipality as "ifMunicipality", if_channel as "ifChannel",
                if_words as "ifWords", area_id as "areaId", category_id as "categoryId", priority,
                valid_from as "validFrom", valid_to as "validTo"
           from routing_rules where institution_id = $1 and (valid_to is null or valid_to >= $2::date - 1)
          order by position, created_at, id) rule`,
      [institutionId, this.clock.today('UTC')],
    );
    return found?.rules ?? [];
  }

  /** Select the rules in force on `day`, and prepare them for all reports of a batch. */
  inForce(institutionId: string, rules: readonly (RoutingRule & Validity)[], day: string): RuleSet {
    const set = new RuleSet(
      rules.filter((rule) => validOn(rule, day)),
      this.lastSets.get(institutionId),
    );
    this.lastSets.set(institutionId, set);
    return set;
  }

  /**
   * Propose area, category and priority for a report, by the rules in force on `day`. Pure.
   * @param rules those in force, once per batch
   */
  propose(
    catalog: CatalogSnapshot,
    rules: RuleSet,
    report: { categoryId: string | null; municipality: string | null; channel: string; text: string },
    day: string,
  ): Route {
    const other = findCategory(catalog, { code: FALLBACK_CATEGORY });
    return route(
      rules,
      { ...report, otherCategoryId: other?.id ?? null },
      {
        fallbackAreaId: catalog.institution.fallbackAreaId,
        priorityOf: (categoryId) =>
          categoryId ? (findCategory(catalog, { id: categoryId })?.priority ?? 'normal') : 'normal',
        areaInForce: (areaId) => {
          const area = findArea(catalog, { id: areaId });
          return area !== undefined && validOn(area, day);
        },
      },
    );
  }

  @Answers(RuleLabel)
  async labelOf(tx: Tx, ruleId: string): Promise<string | null> {
    const [rule] = await tx.prepared<{ label: string }>('select label from routing_rules where id = $1', [
      ruleId,
    ]);
    return rule?.label ?? null;
  }

  @Answers(RouteProposal)
  async proposalFor(
    tx: Tx,
    { row, catalog, account }: { row: CaseRow; catalog: CatalogSnapshot; account: string },
  ): Promise<ProposedRoute | null> {
    const { institutionId, channel, municipality, categoryId } = row;
    const day = this.clock.today(catalog.institution.timeZone);
    const inForce = this.inForce(institutionId, await this.rules(tx, institutionId), day);
    const route = this.propose(catalog, inForce, { categoryId, municipality, channel, text: account }, day);
    if (route.ruleId === null) return null;
    const label = await this.labelOf(tx, route.ruleId);
    return { id: route.ruleId, label: label!, priority: route.priority, ...areaAndCategory(route, catalog) };
  }

  async list(actor: StaffActor): Promise<RuleView[]> {
    return this.database.tx(actor, async (tx) => {
      const catalog = await this.catalogs.snapshot(tx, actor.institutionId);
      const rows = await tx.manager.find(RoutingRuleRow, {
        order: { position: 'ASC', createdAt: 'ASC', id: 'ASC' },
      });
      return rows.map((row) => view(row, catalog));
    });
  }

  /** @throws AREA_UNKNOWN, CATEGORY_UNKNOWN, TOO_MANY_ROUTING_RULES */
  async create(actor: StaffActor, input: RuleInput): Promise<RuleView> {
    return this.database.tx(actor, async (tx) => {
      await this.assertRoom(tx, actor.institutionId, await this.lock(tx, actor.institutionId));
      const row = await this.add(tx, actor.institutionId, input);
      await this.events.tell(tx, RoutingChanged, { institutionId: actor.institutionId });
      return view(row, await this.catalogs.snapshot(tx, actor.institutionId));
    });
  }

  /** Step: add a rule with its trail entry. The codes of area and categories must be in force. */
  async add(tx: Tx, institutionId: string, input: RuleInput): Promise<RoutingRuleRow> {
    const catalog = await this.catalogs.snapshot(tx, institutionId);
    const now = this.clock.now();
    const today = this.clock.today(catalog.institution.timeZone);
    const category = (code: string | undefined): string | null => {
      if (code === undefined) return null;
      const found = findCategory(catalog, { code });
      if (!found || !validOn(found, today)) throw catalogErrors.categoryNotInForce();
      return found.id;
    };
    const area = findArea(catalog, { code: input.area });
    if (!area || !validOn(area, today)) throw catalogErrors.areaNotInForce();
    const row: RoutingRuleRow = {
      id: randomUUID(),
      institutionId,
      position: input.position,
      label: input.label,
      ifCategoryId: category(input.category),
      ifMunicipality: input.municipality ?? null,
      ifChannel: input.channel ?? null,
      ifWords: input.words ?? [],
      areaId: area.id,
      categoryId: category(input.thenCategory),
      priority: input.thenPriority ?? null,
      validFrom: input.validFrom ?? today,
      validTo: null,
      createdAt: now,
    };
    await tx.insert(RoutingRuleRow, [row]);
    const { id, institutionId: _institution, createdAt: _created, ...rule } = row;
    await this.audit.record(tx, { event: 'ROUTING_RULE_CREATED', about: id, payload: { id, ...rule } });
    return row;
  }

  /**
   * Step: add the first rules of an institution, in the given order. If the institution already has rules,
   * add nothing: their order has a meaning, and an administrator may have changed it.
   * @returns how many were added
   */
  async addFirst(
    tx: Tx,
    institutionId: string,
    rules: readonly DefaultRoutingRule[],
    validFrom?: string,
  ): Promise<number> {
    const rows = await tx.query('select 1 from routing_rules where institution_id = $1 limit 1', [
      institutionId,
    ]);
    if (rows.length > 0) return 0;
    for (const [index, { name, when, area, category, priority }] of rules.entries()) {
      await this.add(tx, institutionId, {
        position: (index + 1) * 10,
        label: name,
        ...when,
        words: when.words && [...when.words],
        area,
        thenCategory: category,
        thenPriority: priority,
        validFrom,
      });
    }
    return rules.length;
  }

  /**
   * Change the order or label of a rule, or end it. What the rule decided stays recorded in its cases.
   * @throws ROUTING_RULE_NOT_FOUND, TOO_MANY_ROUTING_RULES when an ended rule becomes valid again
   */
  async change(
    actor: StaffActor,
    id: string,
    input: { position?: number; label?: string; validTo?: string | null },
  ): Promise<RuleView> {
    return this.database.tx(actor, async (tx) => {
      const today = await this.lock(tx, actor.institutionId);
      const row = await tx.manager.findOneBy(RoutingRuleRow, { id });
      if (!row) throw routingErrors.ruleNotFound();
      const counted = (validTo: string | null): boolean => validTo === null || validTo >= today;
      if (input.validTo !== undefined && counted(input.validTo) && !counted(row.validTo)) {
        await this.assertRoom(tx, actor.institutionId, today);
      }
      const changes = {
        ...(input.position === undefined ? {} : { position: input.position }),
        ...(input.label === undefined ? {} : { label: input.label }),
        ...(input.validTo === undefined ? {} : { validTo: input.validTo }),
      };
      if (Object.keys(changes).length > 0) await tx.manager.update(RoutingRuleRow, { id }, changes);
      await this.audit.record(tx, { event: 'ROUTING_RULE_CHANGED', about: id, payload: { id, ...changes } });
      await this.events.tell(tx, RoutingChanged, { institutionId: actor.institutionId });
      return view({ ...row, ...changes }, await this.catalogs.snapshot(tx, actor.institutionId));
    });
  }

  /** Let one administrator at a time count and change rules. @returns the local day */
  private async lock(tx: Tx, institutionId: string): Promise<string> {
    return this.clock.today((await lockInstitution(tx, institutionId)).timeZone);
  }

  /** Refuse a further rule when the maximum of rules that have not ended is reached. Call it under `lock`. */
  private async assertRoom(tx: Tx, institutionId: string, today: string): Promise<void> {
    const [lasting] = await tx.query<{ n: number }>(
      'select count(*)::int as n from routing_rules where institution_id = $1 and (valid_to is null or valid_to >= $2)',
      [institutionId, today],
    );
    if (lasting!.n >= RULES_MAX) throw routingErrors.tooManyRules(RULES_MAX);
  }
}

function view(row: RoutingRuleRow, catalog: CatalogSnapshot): RuleView {
  const category = (id: string | null): { code: string | null; label: Text | null } => {
    const found = id === null ? undefined : findCategory(catalog, { id });
    return { code: found?.code ?? null, label: found ? categoryText(found) : null };
  };
  const [when, then, area] = [
    category(row.ifCategoryId),
    category(row.categoryId),
    findArea(catalog, { id: row.areaId })!,
  ];
  return {
    id: row.id,
    position: row.position,
    label: row.label,
    category: when.code,
    categoryLabel: when.label,
    municipality: row.ifMunicipality,
    channel: row.ifChannel,
    words: row.ifWords,
    area: area.code,
    areaLabel: areaText(area),
    thenCategory: then.code,
    thenCategoryLabel: then.label,
    thenPriority: row.priority,
    validFrom: row.validFrom,
    validTo: row.validTo,
  };
}
