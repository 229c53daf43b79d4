import { EventType } from '../../platform/events.js';
import type { Role } from './permissions.js';

/** An account was deactivated, or got other roles or areas. */
export const ReachLost = new EventType<{
  id: string;
  institutionId: string;
  /** The roles that it had before. */
  roles: readonly Role[];
}>('reach-lost', 'required');

/** Somebody is asked to agree, or an account now sees cases. */
export interface ApprovalNews {
  kind: 'approval_requested' | 'access_changed';
  approvalId: string;
  accountId: string | null;
  institutionId: string;
  /** Ids of accounts. */
  to: readonly string[];
}
export const ApprovalTold = new EventType<ApprovalNews>('approval-told', 'required');
