import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('routing_rules')
export class RoutingRuleRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('integer') position!: number;
  @Column('text') label!: string;
  @Column('uuid', { nullable: true }) ifCategoryId!: string | null;
  @Column('text', { nullable: true }) ifMunicipality!: string | null;
  @Column('text', { nullable: true }) ifChannel!: string | null;
  @Column('text', { array: true, default: [] }) ifWords!: string[];
  @Column('uuid') areaId!: string;
  @Column('uuid', { nullable: true }) categoryId!: string | null;
  @Column('text', { nullable: true }) priority!: string | null;
  @Column('date') validFrom!: string;
  @Column('date', { nullable: true }) validTo!: string | null;
  @Column('timestamptz') createdAt!: Date;
}
