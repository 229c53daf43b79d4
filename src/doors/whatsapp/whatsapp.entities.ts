import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { NumberState } from './numbers/number-states.js';
import type { Purpose } from './numbers/whatsapp-number.js';

/**
 * For the reasons behind each column see `migrations/1764000002000-whatsapp.ts`,
 * `1765000002000-whatsapp-receipts.ts`, `1765000028000-whatsapp-files.ts`,
 * `1765000030000-whatsapp-numbers.ts`, `1765000032000-menus.ts` and `1765000033000-whatsapp-watch.ts`.
 */

@Entity('wa_inbox_keys')
export class WaInboxKeyRow {
  @PrimaryColumn('date') day!: string;
  @Column('bytea') wrapped!: Buffer;
}

@Entity('wa_inbox')
export class WaInboxRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('date') day!: string;
  @Column('text') state!: 'new' | 'done' | 'unrouted' | 'failed';
  @Column('integer', { default: 0 }) attempts!: number;
  @Column('date', { nullable: true }) settledOn!: string | null;
  @Column('bytea') arrival!: Buffer;
  @Column('bytea') body!: Buffer;
}

@Entity('wa_seen')
export class WaSeenRow {
  @PrimaryColumn('bytea') hash!: Buffer;
  @Column('date') day!: string;
}

@Entity('wa_events')
export class WaEventRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('bytea') lane!: Buffer;
  @Column('integer') turn!: number;
  @Column('text', { default: 'new' }) state!: 'new' | 'failed';
  @Column('integer', { default: 0 }) attempts!: number;
  @Column('date') day!: string;
  @Column('bytea') sealed!: Buffer;
}

@Entity('wa_sessions')
export class WaSessionRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('date') day!: string;
  @Column('bytea') sealed!: Buffer;
  @Column('bytea', { nullable: true }) wakes!: Buffer | null;
}

@Entity('wa_aliases')
export class WaAliasRow {
  @PrimaryColumn('bytea') alias!: Buffer;
  @Column('uuid') sessionId!: string;
}

@Entity('wa_submissions')
export class WaSubmissionRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('integer', { default: 0 }) attempts!: number;
  @Column('date') day!: string;
  @Column('bytea') sealed!: Buffer;
}

@Entity('wa_opened')
export class WaOpenedRow {
  @PrimaryColumn('bytea') ticket!: Buffer;
  @Column('bytea') sealed!: Buffer;
}

@Entity('wa_outbox')
export class WaOutboxRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('bytea', { nullable: true }) lane!: Buffer | null;
  @Column('integer', { nullable: true }) turn!: number | null;
  @Column('text') state!:
    'held' | 'waiting' | 'sending' | 'sent' | 'delivered' | 'failed' | 'unknown' | 'expired';
  @Column('date') day!: string;
  @Column('bytea', { nullable: true }) sealed!: Buffer | null;
}

@Entity('wa_files')
export class WaFileRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { default: 'waiting' }) state!: 'waiting' | 'kept' | 'lost';
  @Column('date') day!: string;
  @Column('bytea') due!: Buffer;
  @Column('text', { nullable: true }) object!: string | null;
  @Column('bytea') sealed!: Buffer;
}

@Entity('wa_case_files')
export class WaCaseFileRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('uuid') caseId!: string;
  @Column('bytea') sealed!: Buffer;
}

@Entity('menus')
export class MenuRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('uuid', { nullable: true }) numberId!: string | null;
  @Column('integer') version!: number;
  @Column('date') validFrom!: string;
  @Column('json') content!: object;
  @Column('timestamptz') publishedAt!: Date;
}

@Entity('menu_counts')
export class MenuCountRow {
  @PrimaryColumn('uuid') institutionId!: string;
  @PrimaryColumn('date') day!: string;
  @PrimaryColumn('text') option!: string;
  @PrimaryColumn('text') language!: string;
  @Column('integer', { default: 0 }) asked!: number;
  @Column('integer', { default: 0 }) useful!: number;
  @Column('integer', { default: 0 }) notUseful!: number;
}

@Entity('menu_questions')
export class MenuQuestionRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('date') day!: string;
  @Column('bytea') wordsHash!: Buffer;
  @Column('text') language!: string;
  @Column('integer') times!: number;
  @Column('bytea') sealed!: Buffer;
}

@Entity('wa_numbers')
export class WaNumberRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') label!: string;
  @Column('text') purpose!: Purpose;
  @Column('text') phoneNumberId!: string;
  @Column('text', { nullable: true }) displayPhone!: string | null;
  @Column('boolean', { default: true }) active!: boolean;
  @Column('integer', { default: 1 }) version!: number;
  @Column('bytea') sealed!: Buffer;
  @Column('date') accessTokenOn!: string;
  @Column('date') appSecretOn!: string;
  @Column('date', { nullable: true }) previousAppSecretOn!: string | null;
  @Column('date') verifyTokenOn!: string;
  @Column('integer', { nullable: true, default: 1000 }) freeMessages!: number | null;
}

@Entity('wa_number_states')
export class WaNumberStateRow {
  @PrimaryColumn('text') number!: string;
  @Column('uuid') institutionId!: string;
  @Column('text') state!: NumberState;
  @Column('date') day!: string;
}

@Entity('wa_deliveries')
export class WaDeliveriesRow {
  @PrimaryColumn('text') number!: string;
  @PrimaryColumn('date') month!: string;
  @Column('uuid') institutionId!: string;
  @Column('date') day!: string;
  @Column('integer', { default: 0 }) before!: number;
  @Column('integer', { default: 0 }) onDay!: number;
  @Column('boolean', { default: false }) told!: boolean;
}

export const WHATSAPP_ENTITIES = [
  WaInboxKeyRow,
  WaInboxRow,
  WaSeenRow,
  WaEventRow,
  WaSessionRow,
  WaAliasRow,
  WaSubmissionRow,
  WaOpenedRow,
  WaOutboxRow,
  WaFileRow,
  WaCaseFileRow,
  MenuRow,
  MenuCountRow,
  MenuQuestionRow,
  WaNumberRow,
  WaNumberStateRow,
  WaDeliveriesRow,
];
