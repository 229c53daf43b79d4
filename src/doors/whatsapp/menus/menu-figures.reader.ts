import { Injectable } from '@nestjs/common';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock, dayBefore, daysBefore } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { assertOrder } from '../../../platform/http/validation.js';
import { allOptions } from '../bot/menu/options.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { menuErrors } from './errors.js';
import type {
  FiguresQuery,
  MenuDimension,
  MenuFigure,
  MenuFigures,
  UnansweredPage,
} from './menu-figures.api.js';
import { menuFrom } from './menu-content.js';
import { QUESTION_DAYS } from './menu-counts.js';

/** Days that figures cover when nothing else is asked for. */
const DEFAULT_DAYS = 30;

/**
 * What people asked the menu, up to yesterday: who sees somebody write now must not find them in a number
 * that grows.
 */
@Injectable()
export class MenuFiguresReader {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
    private readonly keys: WhatsAppKeys,
  ) {}

  /** Both days are local days, and included. @throws InvalidRequest */
  async figures(actor: StaffActor, { from, to, by }: FiguresQuery): Promise<MenuFigures> {
    assertOrder('to', from, to);
    return this.database.tx(actor, async (tx) => {
      const today = await this.today(tx, actor.institutionId);
      const yesterday = dayBefore(today);
      const last = to !== undefined && to < yesterday ? to : yesterday;
      const first = from ?? daysBefore(last, DEFAULT_DAYS - 1);
      const rows = await tx.query<Omit<MenuFigure, 'title'>>(sums(by.length === 0 ? ['option'] : by), [
        actor.institutionId,
        first,
        last,
      ]);
      const titles = await this.titles(tx, actor.institutionId, today);
      const [questions] = await tx.query<{ times: number }>(
        `select coalesce(sum(times), 0)::int as times from menu_questions
          where institution_id = $1 and day between $2 and $3`,
        [actor.institutionId, first, last],
      );
      const items = rows.map((row) =>
        row.option === undefined ? row : { ...row, title: titles.get(row.option) ?? null },
      );
      return { from: first, to: last, items, unanswered: questions!.times };
    });
  }

  /** Questions without an answer, those that were asked most often first. */
  async unanswered(actor: StaffActor, limit: number): Promise<UnansweredPage> {
    return this.database.tx(actor, async (tx) => {
      const today = await this.today(tx, actor.institutionId);
      const rows = await tx.query<Grouped>(QUESTIONS, [
        actor.institutionId,
        today,
        limit,
        daysBefore(today, QUESTION_DAYS),
      ]);
      return {
        items: rows.map(({ sealed, ...row }) => ({
          ...row,
          question: this.keys.open<string>('menu_questions', row.id, sealed),
        })),
      };
    });
  }

  /** Remove a question on every day on which it was asked. @throws MENU_QUESTION_UNKNOWN */
  async remove(actor: StaffActor, id: string): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      const today = await this.today(tx, actor.institutionId);
      const removed = await tx.query(
        `delete from menu_questions where institution_id = $1 and words_hash in
           (select words_hash from menu_questions where institution_id = $1 and id = $2 and day < $3) returning id`,
        [actor.institutionId, id, today],
      );
      if (removed.length === 0) throw menuErrors.questionUnknown();
    });
  }

  private async today(tx: Tx, institutionId: string): Promise<string> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    return this.clock.today(institution.timeZone);
  }

  /** The titles of the menus that hold, those of the institution before those of its numbers. */
  private async titles(tx: Tx, institutionId: string, today: string): Promise<Map<string, string>> {
    const rows = await tx.query<{ content: Parameters<typeof menuFrom>[0] }>(MENUS, [institutionId, today]);
    const titles = new Map<string, string>();
    for (const { content } of rows)
      for (const language of menuFrom(content).languages)
        for (const { code, title } of allOptions(language)) if (!titles.has(code)) titles.set(code, title);
    return titles;
  }
}

interface Grouped {
  id: string;
  language: string;
  times: number;
  lastAskedOn: string;
  sealed: Buffer;
}

/** Columns of the dimensions. Days come as text. */
const COLUMNS: Readonly<Record<MenuDimension, string>> = {
  option: 'option',
  language: 'language',
  day: 'day::text',
};

function sums(by: readonly MenuDimension[]): string {
  const keys = by.map((dimension) => `${COLUMNS[dimension]} as ${dimension}`);
  const places = by.map((_, index) => String(index + 1));
  // Days in their order, then what was asked most.
  const order = [...(by.includes('day') ? [String(by.indexOf('day') + 1)] : []), 'asked desc', ...places];
  return `select ${keys.join(', ')}, sum(asked)::int as asked, sum(useful)::int as useful, sum(not_useful)::int as "notUseful"
    from menu_counts where institution_id = $1 and day between $2 and $3
   group by ${places.join(', ')} order by ${order.join(', ')}`;
}
const QUESTIONS = `
  select id, language, times, "lastAskedOn", sealed from (
    select distinct on (words_hash) id, language, sealed,
           sum(times) over words::int as times, max(day) over words::text as "lastAskedOn"
      from menu_questions where institution_id = $1 and day < $2 and day >= $4
    window words as (partition by words_hash)
     order by words_hash, day) as questions
   order by times desc, "lastAskedOn" desc, id limit $3`;
const MENUS = `
  select distinct on (number_id) content from menus where institution_id = $1 and valid_from <= $2
   order by number_id nulls first, valid_from desc, version desc`;
