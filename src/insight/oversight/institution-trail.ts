import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { AuditFaults } from '../../foundations/audit/faults.js';
import { TrailReader } from '../../foundations/audit/trail.reader.js';
import { auditItem, codesIn, type AuditList } from '../../foundations/audit/trail.views.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { decodeCursor, encodeCursor } from '../../platform/http/paging.js';
import { assertOrder } from '../../platform/http/validation.js';
import { trailWords } from '../../work/cases/trail-words.js';

export interface TrailQuery {
  event?: string;
  account?: string;
  from?: string;
  to?: string;
  cursor?: string;
  limit: number;
}

/**
 * The trail of an institution outside its cases: settings, accounts, sign-ins, refusals, and reads of lists
 * and figures.
 */
@Injectable()
export class InstitutionTrail {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly trail: TrailReader,
    private readonly faults: AuditFaults,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Read the trail, newest first, each entry verified. The read itself gets a trail entry. */
  async page(actor: StaffActor, query: TrailQuery): Promise<AuditList> {
    assertOrder('to', query.from, query.to);
    return this.database.tx(actor, async (tx) => {
      const { institution, areas, categories } = await this.catalogs.snapshot(tx, actor.institutionId);
      const { cursor, limit, ...filter } = query;
      const [day, at, id] = cursor
        ? decodeCursor(cursor, 'institution-audit', ['day', 'instant', 'uuid'])
        : [];
      const after = cursor ? { day: String(day), at: String(at), id: String(id) } : undefined;
      const records = await this.trail.ofInstitution(tx, institution, { ...filter, limit: limit + 1, after });
      const shown = records.slice(0, limit);
      const last = shown.at(-1);
      const found = shown.flatMap(({ id: entryId, fault }) => (fault ? [{ entryId, fault }] : []));
      await this.faults.report(tx, institution.id, this.clock.today(institution.timeZone), found);
      const words = trailWords({ areas, categories });
      const list: AuditList = {
        items: shown.map((record) =>
          auditItem(record, record.fault ?? undefined, institution.timeZone, words),
        ),
        names: codesIn(shown, new Map([...areas, ...categories].map((one) => [one.id, one.code]))),
        nextCursor:
          records.length > limit && last
            ? encodeCursor('institution-audit', [last.position.day, last.position.at, last.id])
            : null,
      };
      await this.audit.record(tx, { event: 'AUDIT_LISTED', payload: { filter, count: shown.length } });
      return list;
    });
  }
}
