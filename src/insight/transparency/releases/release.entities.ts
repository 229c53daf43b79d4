import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Jurisdiction, PeriodKind } from '../release-domain.js';

/** Tables of the public statistics. Each table uses its own share of ε per report. */
export const TABLES = ['reports'] as const;
export type TableName = (typeof TABLES)[number];

@Entity('stat_domains')
export class StatDomainRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @PrimaryColumn('text') tableName!: TableName;
  @PrimaryColumn('integer') version!: number;
  @Column('date') validFrom!: string;
  @Column('date') createdOn!: string;
  @Column('text') periodKind!: PeriodKind;
  @Column('text') level!: Jurisdiction['level'];
  @Column('text', { nullable: true }) territory!: string | null;
  @Column('text', { array: true }) categories!: string[];
  @Column('double precision') epsilon!: number;
}

@Entity('stat_releases')
export class StatReleaseRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @PrimaryColumn('text') tableName!: TableName;
  @PrimaryColumn('text') period!: string;
  @Column('date') firstDay!: string;
  @Column('date') lastDay!: string;
  @Column('integer') version!: number;
  @Column('double precision') epsilon!: number;
  @Column('date') publishedOn!: string;
}

@Entity('stat_cells')
export class StatCellRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @PrimaryColumn('text') tableName!: TableName;
  @PrimaryColumn('text') period!: string;
  @PrimaryColumn('text') territory!: string;
  @PrimaryColumn('text') category!: string;
  @Column('integer') value!: number;
}

export const STATISTICS_ENTITIES = [StatDomainRow, StatReleaseRow, StatCellRow];
