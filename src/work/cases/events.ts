import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { ClockMark } from '../../foundations/sla/events.js';
import { EventType, Question } from '../../platform/events.js';
import type { FoundCase } from './case-reads.js';
import type { CaseRow } from './case.entities.js';
import type { EvidenceCount, EvidenceItem } from './evidence-view.js';
import type { LockedCase } from './locked-case.js';
import type { StoredPart } from './content-refs.js';
import type { ProposedRoute } from './views.js';

/** A warning, a breach or a correction was written into the case. */
export const CaseDeadlineMarked = new EventType<{ locked: LockedCase; mark: ClockMark }>(
  'case-deadline-marked',
  'required',
);

/** The reporter wrote a message, or answered a question. */
export const ReporterWrote = new EventType<{ locked: LockedCase }>('reporter-wrote', 'required');

/** The case was given to another account than before; `to` is its id. */
export const CaseAssigned = new EventType<{ locked: LockedCase; to: string }>('case-assigned', 'required');

/** Harmful software was found in a file of the case. */
export const EvidenceQuarantined = new EventType<{ found: FoundCase }>('evidence-quarantined', 'required');

/** The label of the rule that routed a report, by the rule's id. Null when there is no such rule. */
export const RuleLabel = new Question<string, string | null>('rule-label');

/** Where the rules of today would send a report with this account. Null when no rule matches. */
export const RouteProposal = new Question<
  { row: CaseRow; catalog: CatalogSnapshot; account: string },
  ProposedRoute | null
>('route-proposal');

/** The files of a case, as its readers see them. */
export const EvidenceOfCase = new Question<FoundCase, EvidenceItem[]>('evidence-of-case');

/** The files of a case, as its reporter sees them. */
export const EvidenceForReporter = new Question<FoundCase, EvidenceCount>('evidence-for-reporter');

/** What another module stores of these cases, for which the trail vouches. */
export const StoredBeside = new Question<readonly string[], StoredPart[]>('stored-beside');
