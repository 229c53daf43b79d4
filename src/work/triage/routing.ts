import type { Priority } from '../../foundations/catalogs/priorities.js';
import { WordIndex } from './word-index.js';

/**
 * The conditions and results of a routing rule. All given conditions must hold. Of several words one is
 * enough.
 */
export interface RoutingRule {
  id: string;
  ifCategoryId: string | null;
  ifMunicipality: string | null;
  ifChannel: string | null;
  /** Lower case without accents; each matches the beginning of a word of the report. */
  ifWords: readonly string[];
  areaId: string;
  categoryId: string | null;
  priority: Priority | null;
}

export interface RoutingFacts {
  categoryId: string | null;
  /** The category for "something else". The category of a rule may replace it. */
  otherCategoryId: string | null;
  municipality: string | null;
  channel: string;
  text: string;
}

export interface Route {
  areaId: string;
  categoryId: string | null;
  priority: Priority;
  /** Null when no rule matched and the report went to the fallback desk. */
  ruleId: string | null;
}

/** Rules in their order, prepared for all reports of a batch. */
export class RuleSet {
  private readonly words: WordIndex;

  /** @param before an earlier set; if its words are the same, its index is reused */
  constructor(
    readonly rules: readonly RoutingRule[],
    before?: RuleSet,
  ) {
    const same =
      before?.rules.length === rules.length && rules.every((rule, at) => sameWords(rule, before.rules[at]!));
    this.words = same ? before.words : new WordIndex(rules.map(({ ifWords }) => ifWords));
  }

  /** Positions in `rules` of the rules with a word that occurs in the text. */
  withWordsIn(text: string): Set<number> {
    return this.words.ownersIn(text);
  }
}

/** What routing asks the catalogues of the institution. */
export interface RoutingCatalog {
  fallbackAreaId: string;
  /** Default priority of a category. */
  priorityOf: (categoryId: string | null) => Priority;
  /** Whether an area is in force. Rules that lead to an ended area are skipped. */
  areaInForce: (areaId: string) => boolean;
}

/**
 * Propose where a new report goes: by the first rule whose conditions all hold, or else to the fallback desk.
 * Every report therefore gets an area. A person confirms the proposal in triage.
 */
export function route(
  set: RuleSet,
  facts: RoutingFacts,
  { fallbackAreaId, priorityOf, areaInForce }: RoutingCatalog,
): Route {
  let worded: Set<number> | undefined;
  const rule = set.rules.find(
    (candidate, at) =>
      areaInForce(candidate.areaId) &&
      matches(candidate, facts) &&
      (candidate.ifWords.length === 0 || (worded ??= set.withWordsIn(facts.text)).has(at)),
  );
  const stated = facts.categoryId !== null && facts.categoryId !== facts.otherCategoryId;
  const categoryId = stated ? facts.categoryId : (rule?.categoryId ?? facts.categoryId);
  return {
    areaId: rule?.areaId ?? fallbackAreaId,
    categoryId,
    priority: rule?.priority ?? priorityOf(categoryId),
    ruleId: rule?.id ?? null,
  };
}

function sameWords(a: RoutingRule, b: RoutingRule): boolean {
  return a.ifWords.length === b.ifWords.length && a.ifWords.every((word, at) => word === b.ifWords[at]);
}

/** Whether all conditions hold, apart from the words. */
function matches(rule: RoutingRule, facts: RoutingFacts): boolean {
  return (
    (rule.ifCategoryId === null || rule.ifCategoryId === facts.categoryId) &&
    (rule.ifMunicipality === null || rule.ifMunicipality === facts.municipality) &&
    (rule.ifChannel === null || rule.ifChannel === facts.channel)
  );
}
