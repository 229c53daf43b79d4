import { Injectable } from '@nestjs/common';
import { SlaService } from '../../../foundations/sla/sla.service.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { forbidden } from '../../../platform/http/access.guard.js';
import { CaseStore, type WrittenEntry } from '../case-store.js';
import type { EntryBody } from '../case-vault.js';
import type { LockedCase } from '../locked-case.js';
import { MOVES, type Move } from './moves.js';

/** A case that a person of staff changes. */
export interface OnCase {
  actor: StaffActor;
  folio: string;
  /** The version that this person read, if the request tells it. */
  ifMatch?: number;
}

/** A move under way. */
export interface Making {
  tx: Tx;
  locked: LockedCase;
  /**
   * Enters the state to which the move leads, once. A route that makes several moves chooses here. @throws
   * FORBIDDEN (403), ILLEGAL_MOVE (409)
   */
  enter(move: Move): void;
}

/** What the entry of the case and that of the trail say beside what the row of the move says. */
export interface Said {
  /** Sealed into the entry of the case. */
  body?: EntryBody;
  /** Sealed into the entry of the trail. */
  payload?: Record<string, unknown> | ((entry: WrittenEntry) => Record<string, unknown>);
  /** People whom the payload names by id. */
  names?: Record<string, string>;
  /** What else belongs to it; its statements follow those of the entries. */
  also?(entry: WrittenEntry): void | Promise<void>;
}

/**
 * Makes moves. Each is one transaction: lock the case, change its row, write both entries, stop and start the
 * clocks that the row of the move names, save.
 */
@Injectable()
export class CaseMoves {
  constructor(
    private readonly database: Database,
    private readonly store: CaseStore,
    private readonly sla: SlaService,
  ) {}

  /**
   * A move of staff.
   * @param change what is special to the move; it calls `enter` once
   * @param last runs after everything else: for what takes a lock that others wait for
   * @throws CASE_NOT_FOUND (404), STALE_VERSION (412), ILLEGAL_MOVE (409), what `change` throws
   */
  async make(
    { actor, folio, ifMatch }: OnCase,
    change: (making: Making) => Said | Promise<Said>,
    last?: (making: Making) => Promise<void>,
  ): Promise<{ locked: LockedCase; entry: WrittenEntry }> {
    return this.database.tx(actor, async (tx) => {
      const locked = await this.store.lock(tx, { folio }, ifMatch);
      let entered: Move | undefined;
      const enter = (move: Move): void => {
        const { permission } = MOVES[move];
        // The route has asked for the permission of its own move; the row says what this one needs.
        if (permission === null || !actor.permissions.has(permission))
          throw forbidden(permission ?? undefined);
        if (entered) throw new Error('a move enters one state');
        this.store.move(locked, move);
        entered = move;
      };
      const making: Making = { tx, locked, enter };
      const said = await change(making);
      if (!entered) throw new Error('a move entered no state');
      const entry = await this.write(tx, locked, entered, said);
      await last?.(making);
      return { locked, entry };
    });
  }

  /** Step: a move that time alone makes. @throws ILLEGAL_MOVE (409) */
  async makeByTime(tx: Tx, locked: LockedCase, move: Move): Promise<void> {
    this.store.move(locked, move);
    await this.write(tx, locked, move, {});
  }

  private async write(tx: Tx, locked: LockedCase, move: Move, said: Said): Promise<WrittenEntry> {
    const { entry: kind, visible, event, stops, restarts = [], permission } = MOVES[move];
    const author = permission === null ? 'system' : 'staff';
    const entry = this.store.append(tx, locked, { kind, author, visible, body: said.body });
    const payload = typeof said.payload === 'function' ? said.payload(entry) : said.payload;
    this.store.record(locked, event, payload ?? {}, { names: said.names });
    const { id, categoryId, priority } = locked.row;
    const subject = { id, startedOn: locked.today, categoryId, priority };
    const { institution } = locked.catalog;
    for (const metric of restarts)
      await this.sla.restart(tx, locked.clocks, { institution, subject, metric });
    await this.store.stop(tx, locked, stops);
    this.store.save(tx, locked);
    await said.also?.(entry);
    return entry;
  }
}
