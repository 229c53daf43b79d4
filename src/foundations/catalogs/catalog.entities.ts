import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CalendarRule } from './business-calendar.js';
import type { Priority } from './priorities.js';

@Entity('institutions')
export class InstitutionRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') code!: string;
  @Column('text') name!: string;
  @Column('text') prefix!: string;
  @Column('text') kind!: 'federal' | 'state' | 'municipal';
  @Column('text', { nullable: true }) territory!: string | null;
  @Column('text') timeZone!: string;
  @Column('text') calendarRule!: CalendarRule;
  @Column('text') expedienteTemplate!: string;
  @Column('text') contactText!: string;
  @Column('text', { nullable: true }) webFormUrl!: string | null;
  @Column('uuid', { nullable: true }) fallbackAreaId!: string | null;
  @Column('boolean', { default: false }) demo!: boolean;
  @Column('date', { nullable: true }) twoPeopleSince!: string | null;
  @Column('timestamptz') createdAt!: Date;
}

@Entity('areas')
export class AreaRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') code!: string;
  @Column('text') label!: string;
  @Column('text', { nullable: true }) labelEn!: string | null;
  @Column('date') validFrom!: string;
  @Column('date', { nullable: true }) validTo!: string | null;
}

@Entity('calendar_closures')
export class CalendarClosureRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('date') day!: string;
  @Column('text') label!: string;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) withdrawnAt!: Date | null;
}

@Entity('categories')
export class CategoryRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') code!: string;
  @Column('text') shortCode!: string;
  @Column('text') labelEs!: string;
  @Column('text') labelEn!: string;
  @Column('text') description!: string;
  @Column('text') priority!: Priority;
  @Column('date') validFrom!: string;
  @Column('date', { nullable: true }) validTo!: string | null;
}

@Entity('privacy_notices')
export class PrivacyNoticeRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') version!: string;
  @Column('text') text!: string;
  @Column('text', { nullable: true }) url!: string | null;
  @Column('date') validFrom!: string;
  @Column('timestamptz') createdAt!: Date;
}

export const CATALOG_ENTITIES = [InstitutionRow, AreaRow, CalendarClosureRow, CategoryRow, PrivacyNoticeRow];
