import { Injectable } from '@nestjs/common';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { findPeople, type Person } from '../../foundations/identity/staff-directory.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock, isoWithOffset } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { DomainError, type Text } from '../../platform/errors.js';
import { decodeCursor, encodeCursor } from '../../platform/http/paging.js';
import { noticeText, type NoticeKind } from './notice-texts.js';

@Entity('notices')
export class NoticeRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') institutionId!: string;
  @Column('uuid') accountId!: string;
  @Column('text') kind!: NoticeKind;
  @Column('uuid', { nullable: true }) caseId!: string | null;
  @Column('text', { nullable: true }) metric!: string | null;
  @Column('timestamptz') at!: Date;
  @Column('timestamptz', { nullable: true }) readAt!: Date | null;
  @Column('uuid', { nullable: true }) approvalId!: string | null;
  @Column('uuid', { nullable: true }) aboutAccountId!: string | null;
}

export interface NoticeItem {
  id: string;
  kind: NoticeKind;
  folio: string | null;
  metric: string | null;
  /** Id of the request that needs two people. */
  approval: string | null;
  account: { name: string; email: string } | null;
  at: string;
  readAt: string | null;
  summary: Text;
}

interface NoticesPage {
  cursor?: string;
  limit: number;
  unread?: boolean;
}

interface ListRow {
  id: string;
  kind: NoticeKind;
  folio: string | null;
  metric: string | null;
  approval: string | null;
  about_account_id: string | null;
  at: Date;
  read_at: Date | null;
}

/** The notices of one's own account. `notice-writer.ts` decides who gets which notice. */
@Injectable()
export class Notices {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
  ) {}

  /** List own notices, newest first. Leaves out notices of cases outside the reader's present scope. */
  async list(
    actor: StaffActor,
    page: NoticesPage,
  ): Promise<{ items: NoticeItem[]; nextCursor: string | null }> {
    return this.database.tx(actor, async (tx) => {
      const { institution } = await this.catalogs.snapshot(tx, actor.institutionId);
      const rows = await this.rowsOf(tx, actor, page);
      const shown = rows.slice(0, page.limit);
      const last = shown.at(-1);
      const [people] = await Promise.all([
        findPeople(
          tx,
          shown.map((row) => row.about_account_id),
        ),
        this.audit.record(tx, { event: 'NOTICES_LISTED', payload: { count: shown.length } }),
      ]);
      return {
        items: shown.map((row) => itemOf(row, people, institution.timeZone)),
        nextCursor:
          rows.length > page.limit && last ? encodeCursor('notices', [last.at.toISOString(), last.id]) : null,
      };
    });
  }

  /** Read one row more than the page shows, to find out whether another page follows. */
  private rowsOf(
    tx: Tx,
    { accountId }: StaffActor,
    { cursor, limit, unread }: NoticesPage,
  ): Promise<ListRow[]> {
    const after = cursor ? decodeCursor(cursor, 'notices', ['instant', 'uuid']) : null;
    return tx.query<ListRow & Record<string, unknown>>(
      `select n.id, n.kind, c.folio, n.metric, n.approval_id as approval, n.about_account_id, n.at, n.read_at
         from notices n left join cases c on c.id = n.case_id
        where n.account_id = $1 and (n.case_id is null or c.id is not null) ${unread ? 'and n.read_at is null' : ''}
          ${after ? 'and (n.at, n.id) < ($3::timestamptz, $4::uuid)' : ''}
        order by n.at desc, n.id desc limit $2`,
      [accountId, limit + 1, ...(after ?? [])],
    );
  }

  /** Mark an own notice as read. Repeating changes nothing. @throws NOTICE_NOT_FOUND */
  async markRead(actor: StaffActor, id: string): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      const [notice] = await tx.rows(NoticeRow, 'id = $1 and account_id = $2 for update', [
        id,
        actor.accountId,
      ]);
      if (!notice) throw noticeNotFound();
      if (notice.readAt) return;
      await tx.change(NoticeRow, { id }, { readAt: this.clock.now() });
      await this.audit.record(tx, { event: 'NOTICE_READ', payload: { noticeId: id } });
    });
  }
}

function itemOf(row: ListRow, people: ReadonlyMap<string, Person>, timeZone: string): NoticeItem {
  const about = people.get(row.about_account_id ?? '');
  const account = about ? { name: about.name, email: about.email } : null;
  return {
    id: row.id,
    kind: row.kind,
    folio: row.folio,
    metric: row.metric,
    approval: row.approval,
    account,
    at: isoWithOffset(row.at, timeZone),
    readAt: row.read_at ? isoWithOffset(row.read_at, timeZone) : null,
    summary: noticeText({ ...row, account }),
  };
}

export function noticeNotFound(): DomainError {
  return new DomainError('NOTICE_NOT_FOUND', 404, {
    es: 'No tienes un aviso con ese identificador.',
    en: 'You have no notice with that id.',
  });
}
