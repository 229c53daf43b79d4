import { Injectable } from '@nestjs/common';
import type { Actor, StaffActor } from '../../../platform/actor.js';
import { Clock, isoWithOffset } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { Text } from '../../../platform/errors.js';
import { Events } from '../../../platform/events.js';
import { decodeCursor, encodeCursor } from '../../../platform/http/paging.js';
import { AuditService } from '../../audit/audit.service.js';
import { CatalogsReader, findArea, type CatalogSnapshot } from '../../catalogs/catalogs.reader.js';
import { areaText } from '../../catalogs/labels.js';
import { approvalErrors } from '../errors.js';
import type { Role } from '../permissions.js';
import { institutionOf } from '../staff.js';
import { ApprovalSubjects, type ApprovalSubject } from '../events.js';
import {
  ApprovalRow,
  isOfCase,
  type ApprovalKind,
  type ApprovalRequest,
  type ApprovalState,
} from './approval.entity.js';
import { APPROVERS, eligible, type Approver } from './two-people.js';

interface PersonView {
  id: string;
  name: string;
  email: string;
}

export interface ApprovalView {
  id: string;
  kind: ApprovalKind;
  state: ApprovalState;
  account: PersonView | null;
  request: Omit<ApprovalRequest, 'concerned'> & { areaLabels?: Text[] };
  /** Which file of which case; null for a request about an account. */
  subject: Pick<ApprovalSubject, 'folio' | 'evidence'> | null;
  reason: string | null;
  requestedBy: PersonView;
  /** ISO 8601 with the institution's offset, like the other times. */
  requestedAt: string;
  expiresAt: string;
  decidedBy: PersonView | null;
  decidedAt: string | null;
  answer: string | null;
  /** Whether the reader may agree or refuse now. */
  mayDecide: boolean;
}

interface Found extends Omit<ApprovalRow, 'institutionId' | 'decidedBy' | 'requestedBy'> {
  account: PersonView | null;
  requestedBy: PersonView;
  decidedBy: PersonView | null;
}

const PERSON = (alias: string): string =>
  `case when ${alias}.id is null then null else json_build_object('id', ${alias}.id, 'name', ${alias}.name, 'email', ${alias}.email) end`;
/** The operator of the machine answers none about a case, and they fill no list of accounts. */
const OF_ACCOUNTS = `p.kind <> 'evidence_original'`;
const SELECT = `
  select p.id, p.kind, p.account_id as "accountId", p.request, p.reason, p.requested_at as "requestedAt", p.expires_at as "expiresAt",
         p.state, p.decided_at as "decidedAt", p.answer,
         ${PERSON('a')} as account, ${PERSON('r')} as "requestedBy", ${PERSON('d')} as "decidedBy"
    from approvals p join accounts r on r.id = p.requested_by
    left join accounts a on a.id = p.account_id left join accounts d on d.id = p.decided_by`;

/** A request that somebody should answer. */
export interface Waiting extends Pick<Found, 'id' | 'kind' | 'request'> {
  /** E-mail addresses. */
  account: string | undefined;
  requestedBy: string;
  /** How many active people may answer. */
  mayAnswer: number;
}

/** Reads what was asked for and who may answer. */
@Injectable()
export class ApprovalsReader {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /** Returns all requests of the institution, newest first. */
  async list(
    actor: StaffActor,
    query: { state?: ApprovalState; cursor?: string; limit: number },
  ): Promise<{ items: ApprovalView[]; nextCursor: string | null }> {
    return this.database.tx(actor, async (tx) => {
      const now = this.clock.now();
      const after = query.cursor ? decodeCursor(query.cursor, 'approvals', ['instant', 'uuid']) : null;
      const rows = await tx.query<Found>(
        `${SELECT} where ($1::text is null or case when p.state = 'open' and p.expires_at <= $2 then 'expired' else p.state end = $1)
            ${after ? 'and (p.requested_at, p.id) < ($4::timestamptz, $5::uuid)' : ''}
          order by p.requested_at desc, p.id desc limit $3`,
        [query.state ?? null, now, query.limit + 1, ...(after ?? [])],
      );
      const shown = rows.slice(0, query.limit);
      const last = shown.at(-1);
      const sight = await this.sightOf(tx, shown, actor);
      await this.audit.record(tx, {
        event: 'APPROVALS_LISTED',
        payload: { state: query.state, count: shown.length },
      });
      return {
        items: shown.map((row) => viewOf(row, sight)),
        nextCursor:
          rows.length > query.limit && last
            ? encodeCursor('approvals', [last.requestedAt.toISOString(), last.id])
            : null,
      };
    });
  }

  /** Step: returns the requests about accounts that can be answered, oldest first. */
  async waiting(tx: Tx): Promise<Waiting[]> {
    const rows = await tx.query<Found>(
      `${SELECT} where p.state = 'unconfirmed' or (p.state = 'open' and p.expires_at > $1 and ${OF_ACCOUNTS})
        order by p.requested_at, p.id`,
      [this.clock.now()],
    );
    const candidates = await this.candidates(tx);
    return rows.map(({ id, kind, request, account, accountId, requestedBy }) => ({
      id,
      kind,
      request,
      account: account?.email,
      requestedBy: requestedBy.email,
      mayAnswer: eligible(candidates, request.concerned, [requestedBy.id, accountId]).length,
    }));
  }

  /** Step: returns one request as the actor sees it. @throws APPROVAL_NOT_FOUND (404) */
  async view(tx: Tx, id: string, actor: Actor): Promise<ApprovalView> {
    const [row] = await tx.query<Found>(`${SELECT} where p.id = $1`, [id]);
    if (!row) throw approvalErrors.notFound();
    return viewOf(row, await this.sightOf(tx, [row], actor));
  }

  /** Step: returns requests as they are stored, of those that the actor sees. */
  rows(tx: Tx, ids: readonly string[]): Promise<ApprovalRow[]> {
    return tx.rows(ApprovalRow, 'id = any($1)', [ids]);
  }

  private async sightOf(tx: Tx, rows: readonly Found[], actor: Actor): Promise<Sight> {
    const ids = rows.filter(isOfCase).map(({ id }) => id);
    const institutionId = institutionOf(tx.actor);
    const [approvers, subjects] = await Promise.all([
      this.approversOf(tx),
      ids.length === 0 ? new Map() : this.events.ask(tx, ApprovalSubjects, { ids, institutionId }),
    ]);
    return { ...approvers, subjects, actor, now: this.clock.now() };
  }

  /** Step: returns the active auditors and heads of the actor's institution. */
  async candidates(tx: Tx): Promise<readonly Approver[]> {
    return (await this.approversOf(tx)).candidates;
  }

  private async approversOf(tx: Tx): Promise<Pick<Sight, 'candidates' | 'catalog'>> {
    const [found, catalog] = await Promise.all([
      tx.query<{ id: string; roles: Role[]; areaIds: string[] }>(
        `select a.id, a.roles, array(select aa.area_id from account_areas aa where aa.account_id = a.id) as "areaIds"
           from accounts a where a.active and a.roles && $1 order by a.id`,
        [APPROVERS],
      ),
      this.catalogs.snapshot(tx, institutionOf(tx.actor)),
    ]);
    const candidates = found.map(({ areaIds, ...person }) => ({
      ...person,
      areas: areaIds.map((id) => findArea(catalog, { id })!.code),
    }));
    return { candidates, catalog };
  }

  /** Step: returns the acts that were done while nobody could agree. */
  unconfirmed(tx: Tx): Promise<{ id: string; accountId: string | null }[]> {
    return tx.query(
      `select id, account_id as "accountId" from approvals where state = 'unconfirmed' order by requested_at, id`,
    );
  }

  /** Step: returns how many requests about accounts are open. */
  async openCount(tx: Tx, now: Date): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from approvals p where p.state = 'open' and p.expires_at > $1 and ${OF_ACCOUNTS}`,
      [now],
    );
    return row!.n;
  }
}

/** Returns the state at an instant. An open request expires by itself. */
export function stateAt(
  { state, expiresAt }: Pick<ApprovalRow, 'state' | 'expiresAt'>,
  now: Date,
): ApprovalState {
  return state === 'open' && expiresAt <= now ? 'expired' : state;
}

/** What the view of a request depends on. */
interface Sight {
  subjects: ReadonlyMap<string, ApprovalSubject>;
  candidates: readonly Approver[];
  catalog: CatalogSnapshot;
  actor: Actor;
  now: Date;
}

function viewOf(row: Found, { candidates, catalog, subjects, actor, now }: Sight): ApprovalView {
  const subject = subjects.get(row.id);
  const state = stateAt(row, now);
  const { concerned, ...request } = row.request;
  const people = eligible(candidates, concerned, [row.requestedBy.id, row.accountId]);
  const time = (instant: Date): string => isoWithOffset(instant, catalog.institution.timeZone);
  return {
    id: row.id,
    kind: row.kind,
    state,
    account: row.account,
    request:
      request.areas === undefined ? request : { ...request, areaLabels: labelsOf(request.areas, catalog) },
    subject: subject ? { folio: subject.folio, evidence: subject.evidence } : null,
    reason: subject?.reason ?? row.reason,
    requestedBy: row.requestedBy,
    requestedAt: time(row.requestedAt),
    expiresAt: time(row.expiresAt),
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt && time(row.decidedAt),
    answer: subject?.answer ?? row.answer,
    mayDecide:
      (state === 'open' || state === 'unconfirmed') &&
      actor.kind === 'staff' &&
      people.some(({ id }) => id === actor.accountId),
  };
}

/** Labels of areas. Areas that do not exist are left out. */
function labelsOf(codes: readonly string[], catalog: CatalogSnapshot): Text[] {
  return codes.flatMap((code) => {
    const area = findArea(catalog, { code });
    return area ? [areaText(area)] : [];
  });
}
