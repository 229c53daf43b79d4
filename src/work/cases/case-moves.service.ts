import { Injectable } from '@nestjs/common';
import { namesOf } from '../../foundations/audit/payload.js';
import { findArea, findCategory, validOn } from '../../foundations/catalogs/catalogs.reader.js';
import { catalogErrors } from '../../foundations/catalogs/errors.js';
import { areaText } from '../../foundations/catalogs/labels.js';
import type { Priority } from '../../foundations/catalogs/priorities.js';
import { findPeople, findWorker } from '../../foundations/identity/staff-directory.js';
import { SlaService } from '../../foundations/sla/sla.service.js';
import type { StaffActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import { violates } from '../../platform/database/sql-state.js';
import type { Tx } from '../../platform/database/tx.js';
import type { Text } from '../../platform/errors.js';
import { assignmentTo } from './assignees.js';
import { CaseStore, type LockedCase } from './case-store.js';
import type { TriageCodes } from './case-vault.js';
import { CaseRow } from './case.entities.js';
import { caseErrors } from './errors.js';
import { nextExpediente } from './expediente.js';
import { CONCLUSIONS, type Outcome } from './lifecycle.js';
import { lastDayToWrite } from './time-to-write.js';

export interface MoveResult {
  folio: string;
  status: string;
  version: number;
  area: { code: string; label: Text };
  expediente: string | null;
}

export interface MoveKey {
  folio: string;
  ifMatch?: number;
}

/** Moves of staff through the life of a case. Each is one transaction: lock, check, entries, clocks, audit, save. */
@Injectable()
export class CaseMoves {
  constructor(
    private readonly database: Database,
    private readonly store: CaseStore,
    private readonly sla: SlaService,
  ) {}

  /** The desk confirms or changes what routing proposed. Stops `triage` and, being visible, `acknowledgement`. */
  async triage(
    actor: StaffActor,
    key: MoveKey,
    input: { category?: string; area?: string; priority?: Priority; reason: string },
  ): Promise<MoveResult> {
    return this.change(actor, key, async (tx, locked) => {
      const { row, catalog, today } = locked;
      // The turn of the desk ends here: the area must see a case that nobody works yet.
      if (row.status === 'in_triage') row.assigneeId = null;
      this.store.move(locked, 'triage');
      const before = triageCodes(locked);
      // A null from a client means the same as an absent field: leave as it is.
      if (input.category) {
        const category = findCategory(catalog, { code: input.category });
        if (!category || !validOn(category, today)) throw catalogErrors.categoryNotInForce();
        row.categoryId = category.id;
      }
      if (input.area) this.changeArea(locked, input.area);
      if (input.priority) row.priority = input.priority;
      row.triaged = true;
      await tx.widen('triage');
      await this.store.append(tx, locked, {
        kind: 'triaged',
        author: 'staff',
        visible: true,
        body: { reason: input.reason, from: before, to: triageCodes(locked) },
      });
      await this.store.record(tx, locked, 'CASE_TRIAGED', {
        area: row.areaId,
        category: row.categoryId,
        priority: row.priority,
        reason: input.reason,
      });
      await this.store.stop(tx, locked, 'triage', 'acknowledgement');
    });
  }

  /**
   * Gives the case to a person: of the desk (received → in_triage, which the reporter sees: stops `acknowledgement`), or an
   * investigator of its area (state stays).
   * @param input.assignee account id or e-mail
   */
  async assign(actor: StaffActor, key: MoveKey, input: { assignee: string }): Promise<MoveResult> {
    return this.change(actor, key, async (tx, locked) => {
      const { row } = locked;
      const account = await findWorker(tx, input.assignee, row.areaId);
      if (!account) throw caseErrors.unsuitableAssignee();
      const move = assignmentTo(account, row.status);
      if (!move) throw caseErrors.unsuitableAssignee();
      this.store.move(locked, move);
      const given = row.assigneeId !== account.id;
      row.assigneeId = account.id;
      await this.store.append(tx, locked, {
        kind: 'assigned',
        author: 'staff',
        visible: false,
        body: { to: { id: account.id, name: account.name } },
      });
      await this.store.record(tx, locked, 'CASE_ASSIGNED', { assignee: account.id }, { names: namesOf(account) });
      if (given) await this.store.tell(tx, locked, { kind: 'assigned', to: account.id });
      // That the desk began shows in the state which the reporter reads.
      if (move === 'assign_to_triage') await this.store.stop(tx, locked, 'acknowledgement');
    });
  }

  /** Sends the case to another area; history, clocks and expediente stay, the assignee goes. */
  async transfer(actor: StaffActor, key: MoveKey, input: { area: string; reason: string }): Promise<MoveResult> {
    return this.change(actor, key, async (tx, locked) => {
      const { row } = locked;
      this.store.move(locked, 'transfer');
      const before = triageCodes(locked);
      const from = row.areaId;
      this.changeArea(locked, input.area);
      if (row.areaId === from) throw caseErrors.sameArea();
      row.assigneeId = null;
      await tx.widen('transfer');
      await this.store.append(tx, locked, {
        kind: 'transferred',
        author: 'staff',
        visible: true,
        body: { reason: input.reason, from: before, to: triageCodes(locked) },
      });
      await this.store.record(tx, locked, 'CASE_TRANSFERRED', { from, to: row.areaId, reason: input.reason });
      await this.store.stop(tx, locked, 'acknowledgement');
    });
  }

  /** Starts the investigation and gives the expediente, once for the life of the case. */
  async investigate(actor: StaffActor, key: MoveKey): Promise<MoveResult> {
    return this.change(
      actor,
      key,
      async (tx, locked) => {
        const { row } = locked;
        this.store.move(locked, 'start_investigation');
        row.assigneeId ??= actor.accountId;
        await this.store.append(tx, locked, { kind: 'investigation_started', author: 'staff', visible: true });
        const people = await findPeople(tx, [row.assigneeId]);
        const names = namesOf(...people.values());
        await this.store.record(tx, locked, 'INVESTIGATION_STARTED', { assignee: row.assigneeId }, { names });
        // A case that came here without triage (asked, then transferred) has nothing left to triage either.
        await this.store.stop(tx, locked, 'acknowledgement', 'triage');
      },
      giveExpediente,
    );
  }

  /**
   * Ends the case. Conclusions need an investigation and are archived after ten business days; inadmissible and
   * withdrawn close any open case at once. After either the reporter may still write for ten business days.
   */
  async close(
    actor: StaffActor,
    key: MoveKey,
    input: { outcome: Outcome; grounds: string; publicText: string },
  ): Promise<MoveResult> {
    return this.change(actor, key, async (tx, locked) => {
      const { row } = locked;
      const concluded = CONCLUSIONS.includes(input.outcome);
      if (concluded && !actor.permissions.has('cases.conclude')) throw caseErrors.outcomeNotAllowed();
      this.store.move(locked, concluded ? 'conclude' : 'dismiss');
      row.outcome = input.outcome;
      row.closeOn = lastDayToWrite(locked.catalog.institution.calendar, locked.today);
      await this.store.withdrawOpenRequest(tx, row.id);
      await this.store.append(tx, locked, {
        kind: concluded ? 'resolved' : 'closed',
        author: 'staff',
        visible: true,
        body: { text: input.publicText, outcome: input.outcome, grounds: input.grounds },
      });
      await this.store.record(tx, locked, 'CASE_CLOSED', { ...input });
      await this.store.stop(tx, locked, 'acknowledgement', 'first_response', 'resolution');
      // A case that ends without triage has nothing left to triage: the clock ends with it.
      await this.store.stop(tx, locked, 'triage');
    });
  }

  /** Takes an ended case up again, with a new clock for its resolution only. */
  async reopen(actor: StaffActor, key: MoveKey, input: { reason: string }): Promise<MoveResult> {
    return this.change(actor, key, async (tx, locked) => {
      const { row, catalog, today } = locked;
      this.store.move(locked, row.expediente === null ? 'reopen_triage' : 'reopen_investigation');
      row.outcome = null;
      row.closeOn = null;
      await this.store.append(tx, locked, {
        kind: 'reopened',
        author: 'staff',
        visible: true,
        body: { reason: input.reason },
      });
      const subject = { id: row.id, startedOn: today, categoryId: row.categoryId, priority: row.priority };
      await this.sla.restart(tx, catalog.institution, subject, 'resolution');
      await this.store.record(tx, locked, 'CASE_REOPENED', { reason: input.reason });
    });
  }

  private changeArea(locked: LockedCase, code: string): void {
    const area = findArea(locked.catalog, { code });
    if (!area || !validOn(area, locked.today)) throw catalogErrors.areaNotInForce();
    if (area.id !== locked.row.areaId) locked.row.assigneeId = null;
    locked.row.areaId = area.id;
  }

  /** @param last runs after everything else: what holds a lock that others wait for */
  private async change(
    actor: StaffActor,
    key: MoveKey,
    work: (tx: Tx, locked: LockedCase) => Promise<void>,
    last?: (tx: Tx, locked: LockedCase) => Promise<void>,
  ): Promise<MoveResult> {
    return this.database.tx(actor, async (tx) => {
      const locked = await this.store.lock(tx, { folio: key.folio }, key.ifMatch);
      await work(tx, locked);
      await this.store.save(tx, locked);
      await last?.(tx, locked);
      const area = findArea(locked.catalog, { id: locked.row.areaId })!;
      return {
        folio: locked.row.folio,
        status: locked.row.status,
        version: locked.row.version,
        area: { code: area.code, label: areaText(area) },
        expediente: locked.row.expediente,
      };
    });
  }
}

/**
 * Gives the file number once for the life of the case.
 * @throws EXPEDIENTE_TAKEN (503) when a case of another series got the same number at the same instant
 */
async function giveExpediente(tx: Tx, locked: LockedCase): Promise<void> {
  if (locked.row.expediente !== null) return;
  locked.row.expediente = await nextExpediente(tx, locked);
  try {
    await tx.manager.update(CaseRow, { id: locked.row.id }, { expediente: locked.row.expediente });
  } catch (error) {
    throw violates(error, 'cases_expediente') ? caseErrors.expedienteTaken() : error;
  }
}

/** Area, category and priority by code, which never change; names are put to them when the history is read. */
function triageCodes({ row, catalog }: LockedCase): TriageCodes {
  const category = row.categoryId ? findCategory(catalog, { id: row.categoryId }) : undefined;
  return {
    area: findArea(catalog, { id: row.areaId })!.code,
    category: category?.code ?? null,
    priority: row.priority,
  };
}
