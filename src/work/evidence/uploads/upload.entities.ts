import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file that comes in parts, until it is evidence. */
@Entity('uploads')
export class UploadRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') caseId!: string;
  @Column('uuid') institutionId!: string;
  @Column('date') day!: string;
  @Column('boolean', { default: false }) complete!: boolean;
  /** `UploadDetails`, sealed. */
  @Column('bytea') details!: Buffer;
}

@Entity('upload_parts')
export class UploadPartRow {
  @PrimaryColumn('uuid') uploadId!: string;
  @PrimaryColumn('integer') number!: number;
  @Column('uuid') caseId!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') object!: string;
  /** Bytes in the store, as text: bigint. */
  @Column('bigint') storedBytes!: string;
  /** `PartFacts`, sealed. */
  @Column('bytea') sealed!: Buffer;
}
