import { validOn, type Validity } from '../catalogs/catalogs.reader.js';
import type { Priority } from '../catalogs/priorities.js';
import { DEFAULT_TERMS, type Metric, type Term, type TermSource } from './deadline.js';

/** A term an institution set; null category or priority = for all of them. */
export interface SetTerm extends Validity {
  id: string;
  metric: Metric;
  categoryId: string | null;
  priority: Priority | null;
  businessDays: number;
  source: TermSource;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/**
 * The term that applies to a clock opened on the local day `on`: the most specific of those in force
 * (category and priority, category, priority, neither), among equals the newest; the default when the
 * institution set none.
 */
export function chooseTerm(
  terms: readonly SetTerm[],
  subject: { metric: Metric; categoryId: string | null; priority: Priority; on: string },
): Term {
  let best: SetTerm | undefined;
  for (const term of terms) {
    if (applies(term, subject) && (!best || outranks(term, best))) best = term;
  }
  return best ?? DEFAULT_TERMS[subject.metric];
}

function applies(
  term: SetTerm,
  {
    metric,
    categoryId,
    priority,
    on,
  }: { metric: Metric; categoryId: string | null; priority: Priority; on: string },
): boolean {
  return (
    term.metric === metric &&
    (term.categoryId === null || term.categoryId === categoryId) &&
    (term.priority === null || term.priority === priority) &&
    validOn(term, on)
  );
}

/** A category says more about what the law demands than a priority, which the desk may change. */
const specificity = (term: SetTerm): number =>
  (term.categoryId === null ? 0 : 2) + (term.priority === null ? 0 : 1);

/** The id decides last, so that every process chooses the same of two terms entered at the same instant. */
function outranks(a: SetTerm, b: SetTerm): boolean {
  if (specificity(a) !== specificity(b)) return specificity(a) > specificity(b);
  if (a.validFrom !== b.validFrom) return a.validFrom > b.validFrom;
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt;
  return a.id > b.id;
}
