import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ActorKind = 'staff' | 'system' | 'reporter' | 'channel' | 'nobody';

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
}

@Entity('audit_pending')
export class AuditPendingRow {
  @PrimaryColumn('uuid') entryId!: string;
  @Column('bytea') commitment!: Buffer;
}

@Entity('institution_keys')
export class InstitutionKeyRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @Column('bytea') auditKey!: Buffer;
}
