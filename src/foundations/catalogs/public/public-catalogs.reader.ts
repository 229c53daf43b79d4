import { Injectable } from '@nestjs/common';
import type { PoolName } from '../../../platform/database/database.js';
import { PublicMemory } from '../../../platform/public-memory.js';
import { CatalogsReader, type CatalogSnapshot, type InstitutionSummary } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';

/** The largest number of institutions whose catalogues are kept at once. */
const ROOM = 500;

/**
 * Catalogues as public routes show them, read from memory.
 * Code that decides about a report reads `CatalogsReader` in its own transaction instead.
 */
@Injectable()
export class PublicCatalogsReader {
  private readonly directory;
  private readonly snapshots;

  constructor(
    private readonly catalogs: CatalogsReader,
    memory: PublicMemory,
  ) {
    this.directory = memory.shelf<InstitutionSummary[]>(2);
    this.snapshots = memory.shelf<CatalogSnapshot>(ROOM);
  }

  /**
   * Returns all institutions in the order in which they were set up.
   * @param pool connections they come over; a report never waits for what readers asked for
   */
  async institutions(pool: PoolName = 'general'): Promise<InstitutionSummary[]> {
    return this.directory.get(pool, () => this.catalogs.institutions(pool));
  }

  /** @throws INSTITUTION_UNKNOWN, also for a second after the institution was set up */
  async institution(code: string, pool: PoolName = 'general'): Promise<InstitutionSummary> {
    const found = (await this.institutions(pool)).find((one) => one.code === code);
    if (!found) throw catalogErrors.institutionUnknown();
    return found;
  }

  /** @throws INSTITUTION_UNKNOWN */
  async snapshot(code: string): Promise<CatalogSnapshot> {
    const { id } = await this.institution(code);
    return this.snapshots.get(id, () => this.catalogs.snapshotOf(id));
  }
}
