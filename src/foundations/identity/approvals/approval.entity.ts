import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../permissions.js';
import type { Concerned } from './two-people.js';

export const APPROVAL_KINDS = [
  'account_creation',
  'account_change',
  'one_time_password',
  'evidence_original',
] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/**
 * `unconfirmed`: the act was done while nobody could agree yet. `expired`: an open request whose time is
 * over. No row stores `expired`.
 */
export const APPROVAL_STATES = ['open', 'unconfirmed', 'agreed', 'refused', 'expired'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/**
 * Kinds that are about a case. The module that knows cases keeps what such a request is about, and does what
 * was agreed to. Only who sees the case sees the request.
 */
const OF_CASES: readonly ApprovalKind[] = ['evidence_original'];

export function isOfCase({ kind }: { kind: ApprovalKind }): boolean {
  return OF_CASES.includes(kind);
}

/** What somebody asked for. Which members are present depends on the act. */
export interface ApprovalRequest {
  email?: string;
  name?: string;
  roles?: readonly Role[];
  /** Codes of areas. */
  areas?: readonly string[];
  active?: boolean;
  /** The areas in which the account would see cases. */
  concerned: Concerned;
}

@Entity('approvals')
export class ApprovalRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') kind!: ApprovalKind;
  @Column('uuid', { nullable: true }) accountId!: string | null;
  @Column('jsonb') request!: ApprovalRequest;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('uuid') requestedBy!: string;
  @Column('timestamptz') requestedAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  @Column('text') state!: Exclude<ApprovalState, 'expired'>;
  @Column('uuid', { nullable: true }) decidedBy!: string | null;
  @Column('timestamptz', { nullable: true }) decidedAt!: Date | null;
  @Column('text', { nullable: true }) answer!: string | null;
}
