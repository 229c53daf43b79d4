import type { Content } from '../../foundations/audit/payload.js';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { CaseKeys } from './case-vault.js';
import type { CaseRow } from './case.entities.js';

/** A case whose row this transaction holds locked, with its keys and its institution's catalogues. */
export interface LockedCase {
  row: CaseRow;
  keys: Omit<CaseKeys, 'identity'>;
  catalog: CatalogSnapshot;
  now: Date;
  /** Local day of the institution. */
  today: string;
  /** What was stored since the last audit entry, which the next one vouches for. */
  written: Content;
}
