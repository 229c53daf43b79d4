import type { Priority } from '../catalogs/default-catalog.js';

/** What a routing rule looks at. All given conditions must hold; of several words one is enough. */
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
  /** The category that stands for "something else": a rule's category may replace it. */
  otherCategoryId: string | null;
  municipality: string | null;
  channel: string;
  text: string;
}

export interface Route {
  areaId: string;
  categoryId: string | null;
  priority: Priority;
  /** null = no rule matched and the report went to the fallback desk. */
  ruleId: string | null;
}

/**
 * The proposal for a new report: the first rule in order whose conditions all hold, else the fallback desk, so that
 * nothing is ever unrouted. A person confirms it in triage.
 * @param priorityOf default priority of a category
 * @param areaInForce rules that lead to an ended area are passed over
 */
export function route(
  rules: readonly RoutingRule[],
  facts: RoutingFacts,
  fallbackAreaId: string,
  priorityOf: (categoryId: string | null) => Priority,
  areaInForce: (areaId: string) => boolean,
): Route {
  let words: string[] | undefined;
  const rule = rules.find(
    (candidate) => areaInForce(candidate.areaId) && matches(candidate, facts, () => (words ??= wordsOf(facts.text))),
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

function matches(rule: RoutingRule, facts: RoutingFacts, words: () => readonly string[]): boolean {
  return (
    (rule.ifCategoryId === null || rule.ifCategoryId === facts.categoryId) &&
    (rule.ifMunicipality === null || rule.ifMunicipality === facts.municipality) &&
    (rule.ifChannel === null || rule.ifChannel === facts.channel) &&
    (rule.ifWords.length === 0 || rule.ifWords.some((start) => contains(words(), start)))
  );
}

/** Whether the text has the phrase; its last word may be the beginning of a longer one ("amenaz" finds "amenazaron"). */
function contains(words: readonly string[], phrase: string): boolean {
  const parts = wordsOf(phrase);
  if (parts.length === 0) return false;
  return words.some((_, at) =>
    parts.every((part, i) =>
      i === parts.length - 1 ? (words[at + i] ?? '').startsWith(part) : words[at + i] === part,
    ),
  );
}

/** Words in lower case without accents or tildes (ñ counts as n), the form in which rules give theirs. */
export function wordsOf(text: string): string[] {
  const plain = text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
  return plain.match(/[a-z0-9]+/g) ?? [];
}
