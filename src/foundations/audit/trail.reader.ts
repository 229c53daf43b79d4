import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/tx.js';
import { AuditEntryRow, type Fault } from './audit.entities.js';
import { AuditService } from './audit.service.js';
import { checkEntry } from './entry-check.js';
import type { Content, Payload } from './payload.js';

/** The place of an entry in the trail of its case: the values of `TRAIL_ORDER`. */
export interface TrailPosition {
  day: string;
  seq: number;
  reading: number;
  /** ISO 8601 or '-infinity'. */
  at: string;
  id: string;
}

/** Largest value of PostgreSQL's `integer`. */
const LAST_OF_DAY = 2_147_483_647;
const TRAIL_ORDER = `day, coalesce(case_seq, ${LAST_OF_DAY}), reading::int, coalesce(at, '-infinity'), id`;

const COLUMNS = `id, institution_id as "institutionId", case_id as "caseId", case_seq as "caseSeq", reading, event,
  actor_kind as "actorKind", account_id as "accountId", day::text as day, at, sealed, commitment, about_id as "aboutId"`;

/**
 * An entry as its sealed payload tells it. The clear columns are used only when the payload does not open.
 */
export interface AuditRecord {
  id: string;
  position: TrailPosition;
  event: string;
  actor: Payload['actor'];
  day: string;
  at: Date | null;
  caseSeq: number | null;
  reading: boolean;
  data: Record<string, unknown>;
  names: Record<string, string>;
  content: Content;
  /** The bytes that the public log will hold. */
  commitment: Buffer;
  fault: Fault | null;
}

/** An institution, or the installation itself (null, UTC). */
export interface TrailOwner {
  id: string | null;
  /** IANA zone. */
  timeZone: string;
}

export interface InstitutionTrailFilter {
  event?: string;
  /** Acts of this account, and changes to it. */
  account?: string;
  /** Local days, both included. */
  from?: string;
  to?: string;
  limit: number;
  after?: Pick<TrailPosition, 'day' | 'at' | 'id'>;
}

/** Reads the audit trail and checks each entry against its commitment. */
@Injectable()
export class TrailReader {
  constructor(private readonly audit: AuditService) {}

  /**
   * Returns the entries of one case in order, opened with its audit key. Row-level security hides other
   * cases. Acts of a reporter that have no number (a visit, another access code) show from the next day on.
   * Otherwise somebody who polls the trail would learn the minute of the act. Such an entry stands at the end
   * of its day: between two acts of staff its place would tell its time. The operator and the channel key
   * that acted for a reporter are named from the next day on, too: whoever knows who takes calls at this
   * minute, or reads the log of that system, would know who called.
   * @param today local day of the institution
   */
  async ofCase(
    tx: Tx,
    subject: { caseId: string; auditKey: Buffer; zone: string },
    page: { limit: number; today: string; after?: TrailPosition },
  ): Promise<AuditRecord[]> {
    const { after } = page;
    const rows = await tx.query<AuditEntryRow>(
      `select ${COLUMNS} from audit_entries
        where case_id = $1 and not (case_seq is null and day >= $3) ${after ? `and (${TRAIL_ORDER}) > ($4::date, $5, $6, $7::timestamptz, $8::uuid)` : ''}
        order by ${TRAIL_ORDER} limit $2`,
      [
        subject.caseId,
        page.limit,
        page.today,
        ...(after ? [after.day, after.seq, after.reading, after.at, after.id] : []),
      ],
    );
    return rows.map((row) => {
      const record = recordOf(row, subject.auditKey, subject.zone);
      return record.day >= page.today ? withoutGoBetween(record) : record;
    });
  }

  /** Returns the writes of one case by number. Writes without a number come last. Every case has few. */
  async writesOf(
    tx: Tx,
    subject: { caseId: string; auditKey: Buffer; zone: string },
  ): Promise<AuditRecord[]> {
    const rows = await tx.prepared<AuditEntryRow>(
      `select ${COLUMNS} from audit_entries where case_id = $1 and not reading order by case_seq nulls last, day, id`,
      [subject.caseId],
    );
    return rows.map((row) => recordOf(row, subject.auditKey, subject.zone));
  }

  /** Returns what an account did with a case since an instant, by the name of the act. */
  async actsOf(
    tx: Tx,
    subject: { caseId: string; auditKey: Buffer; zone: string },
    { account, event, since }: { account: string; event: string; since: Date },
  ): Promise<AuditRecord[]> {
    const rows = await tx.query<AuditEntryRow>(
      `select ${COLUMNS} from audit_entries where case_id = $1 and account_id = $2 and event = $3 and at > $4`,
      [subject.caseId, account, event, since],
    );
    return rows.map((row) => recordOf(row, subject.auditKey, subject.zone));
  }

  /**
   * Returns every entry of many cases, by case.
   * @param keys audit keys by case
   */
  async allOf(tx: Tx, keys: ReadonlyMap<string, Buffer>, zone: string): Promise<Map<string, AuditRecord[]>> {
    const rows = await tx.query<AuditEntryRow & { caseId: string }>(
      `select ${COLUMNS} from audit_entries where case_id = any($1) order by case_seq nulls last, reading, day, id`,
      [[...keys.keys()]],
    );
    const found = new Map([...keys.keys()].map((caseId): [string, AuditRecord[]] => [caseId, []]));
    for (const row of rows) found.get(row.caseId)!.push(recordOf(row, keys.get(row.caseId)!, zone));
    return found;
  }

  /** Returns the entries of an institution that belong to no case, newest first. */
  async ofInstitution(tx: Tx, owner: TrailOwner, filter: InstitutionTrailFilter): Promise<AuditRecord[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown): string => `$${parameters.push(value)}`;
    const conditions = [
      owner.id === null ? 'institution_id is null' : `institution_id = ${bind(owner.id)}`,
      'case_id is null',
    ];
    if (filter.event !== undefined) conditions.push(`event = ${bind(filter.event)}`);
    if (filter.from !== undefined) conditions.push(`day >= ${bind(filter.from)}`);
    if (filter.to !== undefined) conditions.push(`day <= ${bind(filter.to)}`);
    if (filter.after) {
      const { day, at, id } = filter.after;
      conditions.push(
        `(day, coalesce(at, '-infinity'), id) < (${bind(day)}::date, ${bind(at)}::timestamptz, ${bind(id)}::uuid)`,
      );
    }
    const order = `order by day desc, coalesce(at, '-infinity') desc, id desc limit ${bind(filter.limit)}`;
    const page = (more: string): string =>
      `(select ${COLUMNS}, day as d, coalesce(at, '-infinity') as t from audit_entries where ${[...conditions, more].filter(Boolean).join(' and ')} ${order})`;
    const source =
      filter.account === undefined
        ? page('')
        : // Each half comes in order out of an index of its own.
          `${page(`account_id = ${bind(filter.account)}`)} union ${page(`about_id = ${bind(filter.account)}`)}`;
    const rows = await tx.query<AuditEntryRow>(
      `select * from (${source}) x order by d desc, t desc, id desc limit ${bind(filter.limit)}`,
      parameters,
    );
    const key = await this.audit.institutionKey(tx, owner.id);
    return rows.map((row) => recordOf(row, key, owner.timeZone));
  }

  /** Returns entries of an institution without a case, ordered by id, for a walk over all of them. */
  async page(tx: Tx, owner: TrailOwner, after: string, limit: number): Promise<AuditRecord[]> {
    const key = await this.audit.institutionKey(tx, owner.id);
    const rows = await tx.query<AuditEntryRow>(
      `select ${COLUMNS} from audit_entries
        where institution_id ${owner.id === null ? 'is null' : '= $3'} and case_id is null and id > $1 order by id limit $2`,
      [after, limit, ...(owner.id === null ? [] : [owner.id])],
    );
    return rows.map((row) => recordOf(row, key, owner.timeZone));
  }
}

function withoutGoBetween(record: AuditRecord): AuditRecord {
  if (record.actor.kind !== 'reporter') return record;
  const { operator, channelKey: _key, ...data } = record.data;
  const { [String(operator)]: _name, ...names } = record.names;
  return { ...record, data, names };
}

function recordOf(row: AuditEntryRow, key: Buffer, zone: string): AuditRecord {
  const { payload, fault } = checkEntry(row, key, zone);
  const timed = payload?.time.includes('T');
  return {
    id: row.id,
    position: {
      day: row.day,
      seq: row.caseSeq ?? LAST_OF_DAY,
      reading: row.reading ? 1 : 0,
      at: row.at?.toISOString() ?? '-infinity',
      id: row.id,
    },
    event: payload?.event ?? row.event,
    actor: payload?.actor ?? { kind: row.actorKind, id: row.accountId ?? undefined },
    day: payload?.day ?? (payload && !timed ? payload.time : row.day),
    at: payload ? (timed ? new Date(payload.time) : null) : row.at,
    caseSeq: row.caseSeq,
    reading: row.reading,
    data: payload?.data ?? {},
    names: payload?.names ?? {},
    content: payload?.content ?? {},
    commitment: row.commitment,
    fault,
  };
}
