import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Channel } from '../../foundations/catalogs/channels.js';
import type { Priority } from '../../foundations/catalogs/priorities.js';
import type { Outcome, Status } from './lifecycle.js';

export type Mode = 'anonymous' | 'confidential' | 'identified';

const COUNTED = { select: false, insert: false, update: false } as const;

@Entity('cases')
export class CaseRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('uuid') areaId!: string;
  @Column('text') folio!: string;
  @Column('text') status!: Status;
  @Column('text', { nullable: true }) resumeStatus!: Status | null;
  @Column('text') channel!: Channel;
  @Column('uuid', { nullable: true }) categoryId!: string | null;
  @Column('text') priority!: Priority;
  @Column('text', { nullable: true }) municipality!: string | null;
  @Column('date') receivedOn!: string;
  @Column('date') registeredOn!: string;
  /**
   * The day and the category by which public statistics count. The database sets both at registration, from
   * the day, the releases and the category.
   */
  @Column({ ...COUNTED, type: 'date' }) figuresOn?: string;
  @Column({ ...COUNTED, type: 'uuid', nullable: true }) reportedCategoryId?: string | null;
  @Column('uuid', { nullable: true }) assigneeId!: string | null;
  @Column('text', { nullable: true }) expediente!: string | null;
  /**
   * The expediente in capitals, by which lists find the case. The database generates the column, and no
   * entity reads it.
   */
  @Column({
    type: 'text',
    nullable: true,
    generatedType: 'STORED',
    asExpression: `upper(expediente collate "C")`,
    select: false,
    insert: false,
    update: false,
  })
  expedienteSearch?: string | null;
  @Column('text', { nullable: true }) outcome!: Outcome | null;
  @Column('date', { nullable: true }) closeOn!: string | null;
  @Column('boolean', { default: false }) triaged!: boolean;
  @Column('boolean', { default: false }) awaitingAnswer!: boolean;
  /** The report is a voice, and its recording has not arrived. */
  @Column('boolean', { default: false }) awaitsVoice!: boolean;
  @Column('uuid', { nullable: true }) routedBy!: string | null;
  @Column('smallint') urgency!: number;
  @Column('date') nextDueOn!: string;
  @Column('integer', { default: 1 }) version!: number;
  @Column('integer', { default: 1 }) lastSeq!: number;
}

@Entity('case_keys')
export class CaseKeysRow {
  @PrimaryColumn('uuid') caseId!: string;
  @Column('bytea') contentKey!: Buffer;
  @Column('bytea') identityKey!: Buffer;
  @Column('bytea') auditKey!: Buffer;
}

@Entity('case_reports')
export class CaseReportRow {
  @PrimaryColumn('uuid') caseId!: string;
  @Column('bytea') content!: Buffer;
  @Column('bytea') identity!: Buffer;
}

@Entity('case_access_codes')
export class CaseAccessCodeRow {
  @PrimaryColumn('uuid') caseId!: string;
  @Column('uuid') institutionId!: string;
  @Column('bytea') folioHash!: Buffer;
  @Column('text') digest!: string;
  @Column('boolean', { default: false }) hardened!: boolean;
  /** Number of the present code of the case; see `doors/tracking/exchange.ts`. */
  @Column('integer', { default: 1 }) generation!: number;
}

/** Kinds of entries in the correspondence and history of a case. See `EntryBody` for their bodies. */
export const ENTRY_KINDS = [
  'received',
  'triaged',
  'assigned',
  'transferred',
  'investigation_started',
  'information_requested',
  'answered',
  'information_request_expired',
  'message',
  'note',
  'evidence_received',
  'evidence_lost',
  'transcript',
  'original_requested',
  'original_agreed',
  'original_refused',
  'resolved',
  'closed',
  'archived',
  'reopened',
  'deadline_warning',
  'deadline_breached',
  'deadline_corrected',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

@Entity('case_entries')
export class CaseEntryRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') caseId!: string;
  @Column('integer') caseSeq!: number;
  @Column('text') kind!: EntryKind;
  @Column('text') author!: 'reporter' | 'staff' | 'system';
  @Column('uuid', { nullable: true }) accountId!: string | null;
  @Column('boolean') visible!: boolean;
  @Column('date') day!: string;
  @Column('timestamptz', { nullable: true }) at!: Date | null;
  @Column('bytea', { nullable: true }) body!: Buffer | null;
}

@Entity('information_requests')
export class InformationRequestRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') caseId!: string;
  @Column('integer') questionSeq!: number;
  @Column('integer', { nullable: true }) answerSeq!: number | null;
  @Column('date') dueOn!: string;
  @Column('text') state!: 'open' | 'answered' | 'expired' | 'withdrawn';
}

@Entity('expediente_counters')
export class ExpedienteCounterRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @PrimaryColumn('text') series!: string;
  @Column('integer') last!: number;
}

export const CASE_ENTITIES = [
  CaseRow,
  CaseKeysRow,
  CaseReportRow,
  CaseAccessCodeRow,
  CaseEntryRow,
  InformationRequestRow,
  ExpedienteCounterRow,
];
