import { validOn, type Validity } from '../catalogs/catalogs.reader.js';
import type { Priority } from '../catalogs/priorities.js';
import { DEFAULT_TERMS, type Metric, type Term, type TermSource } from './deadline.js';

/** A term that an institution set. A null category or priority means all of them. */
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
 * Chooses the term for a clock that is opened on the local day `on`. The most specific term in force wins:
 * category and priority, then category, then priority, then neither. Among equal terms the newest wins. The
 * default applies when the institution set none.
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

/**
 * A category is more specific than a priority. It says more about what the law demands, and the desk may
 * change the priority.
 */
const specificity = (term: SetTerm): number =>
  (term.categoryId === null ? 0 : 2) + (term.priority === null ? 0 : 1);

/** The id decides last. So every process chooses the same term when two were entered at the same instant. */
function outranks(a: SetTerm, b: SetTerm): boolean {
  if (specificity(a) !== specificity(b)) return specificity(a) > specificity(b);
  if (a.validFrom !== b.validFrom) return a.validFrom > b.validFrom;
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt;
  return a.id > b.id;
}
