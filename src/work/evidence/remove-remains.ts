import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Log } from '../../platform/logging.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import { ObjectStore } from '../../platform/storage/object-store.js';

const HOUR = 3_600_000;
/** Objects asked for in one statement. */
const PAGE = 500;
/** An object without a row may belong to an upload that is under way. After two days it does not. */
const DAYS = 2;

/** Removes what interrupted uploads left in the store: files that no row names, two days later. */
@Injectable()
export class RemoveRemains {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly log: Log,
  ) {}

  @Sweep({ name: 'remove-remains-of-uploads', every: 6 * HOUR })
  async run(): Promise<number> {
    let removed = await this.store.removeRemains();
    let page: string[] = [];
    // By the clock of the machine: the store has the day from there.
    const before = new Date(Date.now() - DAYS * 24 * HOUR).toISOString().slice(0, 10);
    for await (const { name, day } of this.store.list()) {
      if (day > before) continue;
      page.push(name);
      if (page.length < PAGE) continue;
      removed += await this.removeUnnamed(page);
      page = [];
    }
    removed += await this.removeUnnamed(page);
    if (removed > 0) this.log.info('remains-of-uploads-removed', { count: removed });
    return removed;
  }

  private async removeUnnamed(names: readonly string[]): Promise<number> {
    if (names.length === 0) return 0;
    const known = await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query<{ name: string }>('select objects_of_evidence($1) as name', [names]),
    );
    const named = new Set(known.map(({ name }) => name));
    const unnamed = names.filter((name) => !named.has(name));
    await this.store.remove(unnamed);
    return unnamed.length;
  }
}
