import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../permissions.js';
import type { Concerned } from './two-people.js';

export const APPROVAL_KINDS = ['account_creation', 'account_change', 'one_time_password'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/**
 * `unconfirmed`: done while nobody could agree yet. `expired` is an open one whose time is over; no row holds
 * it.
 */
export const APPROVAL_STATES = ['open', 'unconfirmed', 'agreed', 'refused', 'expired'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** What was asked for; members as the act needs them. */
export interface ApprovalRequest {
  email?: string;
  name?: string;
  roles?: readonly Role[];
  /** Codes. */
  areas?: readonly string[];
  active?: boolean;
  /** Where the account would come to see cases. */
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
