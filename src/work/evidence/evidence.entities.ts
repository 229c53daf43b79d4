import { UploadPartRow, UploadRow } from './uploads/upload.entities.js';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EvidenceSource, EvidenceState } from '../cases/evidence-view.js';

/** What a request for two people is about: the original of one file. */
@Entity('original_requests')
export class OriginalRequestRow {
  @PrimaryColumn('uuid') approvalId!: string;
  @Column('uuid') evidenceId!: string;
  @Column('uuid') caseId!: string;
  @Column('uuid') institutionId!: string;
  /** Numbers of the entries of the case that say what was asked and answered. */
  @Column('integer') askedSeq!: number;
  @Column('integer', { nullable: true }) answerSeq!: number | null;
}

/** One file that came, as the case counts it. */
@Entity('evidence')
export class EvidenceRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') caseId!: string;
  @Column('uuid') institutionId!: string;
  @Column('smallint') number!: number;
  @Column('text') source!: EvidenceSource;
  @Column('text') state!: EvidenceState;
  /** Counts the changes of the row. The trail vouches for each. */
  @Column('integer', { default: 1 }) version!: number;
  @Column('date') day!: string;
  /** `EvidenceDetails`, sealed. */
  @Column('bytea') details!: Buffer;
  /** JPEG, sealed. */
  @Column('bytea', { nullable: true }) thumbnail!: Buffer | null;
}

/** `original`: as it came. `derivative`: the copy that is safe to open. */
export type FileRole = 'original' | 'derivative';

/** What lies in the store of files. A row is written once. */
@Entity('evidence_files')
export class EvidenceFileRow {
  @PrimaryColumn('uuid') evidenceId!: string;
  @PrimaryColumn('text') role!: FileRole;
  @Column('uuid') caseId!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') object!: string;
  /** Bytes in the store, as text: bigint. */
  @Column('bigint') storedBytes!: string;
  /** `FileFacts`, sealed. */
  @Column('bytea') sealed!: Buffer;
}

export const EVIDENCE_ENTITIES = [EvidenceRow, EvidenceFileRow, UploadRow, UploadPartRow, OriginalRequestRow];
