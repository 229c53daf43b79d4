import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Priority } from '../catalogs/priorities.js';
import type { Metric, TermSource } from './deadline.js';

@Entity('sla_terms')
export class SlaTermRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') metric!: Metric;
  @Column('uuid', { nullable: true }) categoryId!: string | null;
  @Column('text', { nullable: true }) priority!: Priority | null;
  @Column('integer') businessDays!: number;
  @Column('text') source!: TermSource;
  @Column('date') validFrom!: string;
  @Column('date', { nullable: true }) validTo!: string | null;
  @Column('timestamptz') createdAt!: Date;
}

@Entity('sla_clocks')
export class SlaClockRow {
  @PrimaryColumn('uuid') subjectId!: string;
  @PrimaryColumn('text') metric!: Metric;
  @PrimaryColumn('smallint') round!: number;
  @Column('uuid') institutionId!: string;
  @Column('integer') businessDays!: number;
  @Column('text') source!: TermSource;
  @Column('date') startedOn!: string;
  @Column('date') warnOn!: string;
  @Column('date') dueOn!: string;
  @Column('text') state!: 'running' | 'met' | 'breached' | 'cancelled';
  @Column('timestamptz', { nullable: true }) stoppedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) warnedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) breachedAt!: Date | null;
}

export const SLA_ENTITIES = [SlaTermRow, SlaClockRow];
