import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ActorKind = 'staff' | 'system' | 'reporter' | 'channel' | 'nobody';

/**
 * What can be wrong with the trail.
 * - `unreadable`: the sealed payload does not open.
 * - `commitment`: the payload is not what the commitment says.
 * - `columns`: the clear columns say something else.
 * - `content`: what is stored is not what the entry vouches for.
 * - `unattested`: something is stored and no entry vouches for it.
 * - `missing`: the number of a write is missing.
 * - `past`: entries that were verified before have changed in number or content.
 */
export const FAULTS = [
  'unreadable',
  'commitment',
  'columns',
  'content',
  'unattested',
  'missing',
  'past',
] as const;
export type Fault = (typeof FAULTS)[number];

@Entity('audit_entries')
export class AuditEntryRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { nullable: true }) institutionId!: string | null;
  @Column('uuid', { nullable: true }) caseId!: string | null;
  @Column('integer', { nullable: true }) caseSeq!: number | null;
  @Column('boolean', { default: false }) reading!: boolean;
  @Column('text') event!: string;
  @Column('text') actorKind!: ActorKind;
  @Column('uuid', { nullable: true }) accountId!: string | null;
  @Column('date') day!: string;
  @Column('timestamptz', { nullable: true }) at!: Date | null;
  @Column('bytea') sealed!: Buffer;
  @Column('bytea') commitment!: Buffer;
  @Column('uuid', { nullable: true }) aboutId!: string | null;
}

/** The database itself writes this row with every entry. */
@Entity('audit_pending')
export class AuditPendingRow {
  @PrimaryColumn('uuid') entryId!: string;
  @Column('bytea') commitment!: Buffer;
  @Column('date') notBefore!: string;
}

@Entity('institution_keys')
export class InstitutionKeyRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @Column('bytea') auditKey!: Buffer;
}

@Entity('audit_faults')
export class AuditFaultRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { nullable: true }) institutionId!: string | null;
  @Column('uuid', { nullable: true }) caseId!: string | null;
  @Column('uuid', { nullable: true }) entryId!: string | null;
  @Column('text') fault!: Fault;
  @Column('date') foundOn!: string;
}

export const AUDIT_ENTITIES = [AuditEntryRow, AuditPendingRow, InstitutionKeyRow, AuditFaultRow];
