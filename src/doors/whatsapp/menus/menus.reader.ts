import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/tx.js';
import type { Menu } from '../bot/menu/menu.js';
import { menuFrom } from './menu-content.js';
import type { MenuContent } from './menu.request.js';

interface Known {
  id: string;
  menu: Menu;
}

/** The menu that holds today. Each process keeps it in memory and asks only whether it is still the same. */
@Injectable()
export class MenusReader {
  /** By institution. */
  private readonly known = new Map<string, Known>();

  /**
   * Step: the menu of an institution.
   * @param today local day of the institution, 'YYYY-MM-DD'
   * @returns undefined when none holds: the bot has one of its own
   */
  async menu(tx: Tx, institutionId: string, today: string): Promise<Menu | undefined> {
    const known = this.known.get(institutionId);
    const [row] = await tx.prepared<{ id: string; content: Pick<MenuContent, 'languages'> | null }>(
      IN_FORCE,
      [institutionId, today, known?.id ?? null],
    );
    if (!row) return undefined;
    const kept = row.content === null ? known! : { id: row.id, menu: menuFrom(row.content) };
    this.known.set(institutionId, kept);
    return kept.menu;
  }
}

/** The content comes only when it is another version than $3. */
const IN_FORCE = `
  select id, case when id is distinct from $3::uuid then content end as content from menus
   where institution_id = $1 and valid_from <= $2::date
   order by valid_from desc, version desc limit 1`;
