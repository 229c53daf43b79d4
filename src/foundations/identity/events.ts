import { EventType, Question } from '../../platform/events.js';
import type { Concerned } from './approvals/two-people.js';
import type { Role } from './permissions.js';

/** An account was deactivated, or got other roles or areas. */
export const ReachLost = new EventType<{
  id: string;
  institutionId: string;
  /** The roles that it had before. */
  roles: readonly Role[];
}>('reach-lost', 'required');

/** What a request about a case is about. */
export interface ApprovalSubject {
  folio: string;
  /** Number of a file of the case. */
  evidence: number;
  reason: string;
  /** Why it was refused. */
  answer: string | null;
}

/** What these requests are about, by their ids. Only those of cases that the actor sees. */
export const ApprovalSubjects = new Question<
  { ids: readonly string[]; institutionId: string },
  ReadonlyMap<string, ApprovalSubject>
>('approval-subjects');

/** The answer of a second person to a request about a case. */
export interface Decision {
  approval: { id: string; concerned: Concerned; requestedBy: string };
  agreed: boolean;
  /** Why not. */
  answer?: string;
}
export const ApprovalDecided = new EventType<Decision>('approval-decided', 'required');

/** Somebody is asked to agree, got an answer, or an account now sees cases. */
export interface ApprovalNews {
  kind: 'approval_requested' | 'approval_answered' | 'access_changed';
  approvalId: string;
  accountId: string | null;
  institutionId: string;
  /** For a request about a case. */
  caseId?: string;
  /** Ids of accounts. */
  to: readonly string[];
}
export const ApprovalTold = new EventType<ApprovalNews>('approval-told', 'required');
