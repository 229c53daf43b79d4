import type { AuditFact } from '../../foundations/audit/audit.service.js';
import type { Content } from '../../foundations/audit/payload.js';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { HeldClocks } from '../../foundations/sla/held-clocks.js';
import type { CaseKeys } from './case-vault.js';
import type { CaseEntryRow, CaseRow } from './case.entities.js';

/**
 * A case whose row this transaction holds locked, with its keys and clocks and its institution's catalogues.
 */
export interface LockedCase {
  /** Changed here; `CaseStore.save` writes it. */
  row: CaseRow;
  keys: Omit<CaseKeys, 'identity'>;
  clocks: HeldClocks;
  catalog: CatalogSnapshot;
  now: Date;
  /** Local day of the institution. */
  today: string;
  /** What `CaseStore.save` writes beside the row: entries of the case and of its trail. */
  entries: CaseEntryRow[];
  facts: AuditFact[];
  /** What was appended since the last fact, which the next one vouches for. */
  appended: Content;
}
