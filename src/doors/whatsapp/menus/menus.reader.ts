import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Log } from '../../../platform/logging.js';
import type { Menu } from '../bot/menu/menu.js';
import { ENVIRONMENT } from '../numbers/whatsapp-number.js';
import { menuFrom } from './menu-content.js';
import type { MenuContent } from './menu.request.js';

interface Known {
  id: string;
  /** Undefined when its content is no menu: the chat goes on with its own. */
  menu: Menu | undefined;
}

/** The menu that holds today. Each process keeps it in memory and asks only whether it is still the same. */
@Injectable()
export class MenusReader {
  /** By institution and number. */
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Step: the menu of a number: its own, or that of the institution.
   * @param number absent: the menu of the institution
   * @param today local day of the institution, 'YYYY-MM-DD'
   * @returns undefined when none holds: the bot has one of its own
   */
  async menu(
    tx: Tx,
    { institutionId, id }: { institutionId: string; id?: string },
    today: string,
  ): Promise<Menu | undefined> {
    const number = id === undefined || id === ENVIRONMENT ? null : id;
    const name = `${institutionId}/${number}`;
    const known = this.known.get(name);
    const [row] = await tx.prepared<{ id: string; content: Pick<MenuContent, 'languages'> | null }>(
      IN_FORCE,
      [institutionId, number, today, known?.id ?? null],
    );
    if (!row) return undefined;
    const kept = row.content === null ? known! : this.read(row.id, row.content);
    this.known.set(name, kept);
    return kept.menu;
  }

  private read(id: string, content: Pick<MenuContent, 'languages'>): Known {
    try {
      return { id, menu: menuFrom(content) };
    } catch {
      this.log.warning('whatsapp-menu-unreadable', { day: this.clock.now().toISOString().slice(0, 10) });
      return { id, menu: undefined };
    }
  }
}

/** The content comes only when it is another version than $4. */
const IN_FORCE = `
  select id, case when id is distinct from $4::uuid then content end as content from menus
   where institution_id = $1 and (number_id is null or number_id = $2::uuid) and valid_from <= $3::date
   order by number_id is null, valid_from desc, version desc limit 1`;
