import { Column, Entity, PrimaryColumn } from 'typeorm';

/** For the reasons behind each column see `migrations/1765000029000-phone-calls.ts`. */

@Entity('phone_calls')
export class PhoneCallRow {
  @PrimaryColumn('bytea') numberHash!: Buffer;
  @Column('uuid') institutionId!: string;
  @Column('date') day!: string;
  @Column('date', { nullable: true }) filingOn!: string | null;
  @Column('bytea') sealed!: Buffer;
}

@Entity('phone_follow_ups')
export class PhoneFollowUpRow {
  @PrimaryColumn('bytea') tokenHash!: Buffer;
  @Column('uuid') institutionId!: string;
  @Column('date') day!: string;
}

export const PHONE_ENTITIES = [PhoneCallRow, PhoneFollowUpRow];
