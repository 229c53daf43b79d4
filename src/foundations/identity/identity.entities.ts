import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('accounts')
export class AccountRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') email!: string;
  @Column('text') name!: string;
  @Column('text') passwordHash!: string;
  /**
   * The instant at which the one-time password stops working. Set only while the password is a one-time
   * password.
   */
  @Column('timestamptz', { nullable: true }) oneTimeUntil!: Date | null;
  @Column('text', { array: true }) roles!: string[];
  @Column('boolean', { default: true }) active!: boolean;
  @Column('timestamptz') createdAt!: Date;
}

@Entity('account_areas')
export class AccountAreaRow {
  @PrimaryColumn('uuid') accountId!: string;
  @PrimaryColumn('uuid') areaId!: string;
}

@Entity('staff_sessions')
export class StaffSessionRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('uuid') accountId!: string;
  @Column('uuid') familyId!: string;
  @Column('bytea') accessHash!: Buffer;
  @Column('bytea') refreshHash!: Buffer;
  @Column('timestamptz') accessExpiresAt!: Date;
  @Column('timestamptz') refreshExpiresAt!: Date;
  @Column('timestamptz', { nullable: true }) rotatedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}

@Entity('channel_keys')
export class ChannelKeyRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') channel!: string;
  @Column('text') label!: string;
  @Column('bytea') keyHash!: Buffer;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}

/** Counts refusals beyond the limit of entries, until one entry tells their number. */
@Entity('audit_omissions')
export class AuditOmissionRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { nullable: true }) institutionId!: string | null;
  @Column('uuid', { nullable: true }) accountId!: string | null;
  @Column('text') source!: OmissionSource;
  @Column('timestamptz') until!: Date;
  @Column('integer') swallowed!: number;
}

/**
 * The source of a refusal: a signed-in account, a sign-in, an unknown token (`bearer`) or an unknown channel
 * key.
 */
export type OmissionSource = 'account' | 'sign-in' | 'bearer' | 'api-key';
