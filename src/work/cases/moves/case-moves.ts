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

/** A case that a staff member changes. */
export interface OnCase {
  actor: StaffActor;
  folio: string;
  /** The version that this staff member read, if the request names one. */
  ifMatch?: number;
}

/** A move in progress. */
export interface Making {
  tx: Tx;
  locked: LockedCase;
  /**
   * Enter the state to which the move leads. Call it once. A route with several moves chooses its move here.
   * @throws FORBIDDEN (403), ILLEGAL_MOVE (409)
   */
  enter(move: Move): void;
}

/** What the entry of the case and the trail entry say in addition to the row of the move. */
export interface Said {
  /** Sealed into the entry of the case. */
  body?: EntryBody;
  /** Sealed into the entry of the trail. */
  payload?: Record<string, unknown> | ((entry: WrittenEntry) => Record<string, unknown>);
  /** People whom the payload names by id. */
  names?: Record<string, string>;
  /** Further work of the move. Its statements follow those of the entries. */
  also?(entry: WrittenEntry): void | Promise<void>;
}

/**
 * Make moves. Each move is one transaction: lock the case, change its row, write both entries, restart and
 * stop the clocks that the row of the move names, save.
 */
@Injectable()
export class CaseMoves {
  constructor(
    private readonly database: Database,
    private readonly store: CaseStore,
    private readonly sla: SlaService,
  ) {}

  /**
   * Make a move of staff.
   * @param change what is special to the move; it calls `enter` once
   * @param last runs after everything else, for work that takes a lock for which others wait
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
        // The route has checked the permission of its own move. The row says which permission this move
        // needs.
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

  /** Step: make a move that time alone causes. @throws ILLEGAL_MOVE (409) */
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
