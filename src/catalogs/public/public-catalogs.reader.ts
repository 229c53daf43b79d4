import { Injectable } from '@nestjs/common';
import { PublicMemory } from '../../platform/public-memory.js';
import { CatalogsReader, type CatalogSnapshot, type InstitutionSummary } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';

/** Institutions whose catalogues are kept at once. */
const ROOM = 500;

/**
 * Catalogues as public routes show them, from memory.
 * What decides about a report reads `CatalogsReader` in its own transaction.
 */
@Injectable()
export class PublicCatalogsReader {
  private readonly directory;
  private readonly snapshots;
  private looking?: Promise<InstitutionSummary[]>;

  constructor(
    private readonly catalogs: CatalogsReader,
    memory: PublicMemory,
  ) {
    this.directory = memory.shelf<InstitutionSummary[]>(1);
    this.snapshots = memory.shelf<CatalogSnapshot>(ROOM);
  }

  /** All institutions in the order they were set up. */
  async institutions(): Promise<InstitutionSummary[]> {
    // A report asks for it too, so it comes over the connections of intake.
    return this.directory.get('', () => this.catalogs.institutions('intake'));
  }

  /** @throws INSTITUTION_UNKNOWN */
  async institution(code: string): Promise<InstitutionSummary> {
    const known = (all: InstitutionSummary[]): InstitutionSummary | undefined => all.find((one) => one.code === code);
    const found = known(await this.institutions()) ?? known(await this.look());
    if (!found) throw catalogErrors.institutionUnknown();
    return found;
  }

  /** For a code that memory lacks: its institution may be a moment old. All who ask at the same time share one look. */
  private look(): Promise<InstitutionSummary[]> {
    this.looking ??= this.catalogs.institutions('intake').finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** @throws INSTITUTION_UNKNOWN */
  async snapshot(code: string): Promise<CatalogSnapshot> {
    const { id } = await this.institution(code);
    return this.snapshots.get(id, () => this.catalogs.snapshotOf(id));
  }
}
