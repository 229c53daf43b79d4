import type { AuditFact } from '../../foundations/audit/audit.service.js';
import type { Content } from '../../foundations/audit/payload.js';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { HeldClocks } from '../../foundations/sla/held-clocks.js';
import type { CaseKeys } from './case-vault.js';
import type { CaseEntryRow, CaseRow } from './case.entities.js';

/**
 * A case whose row is locked by this transaction, with its keys, its clocks and the catalogues of its
 * institution.
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
  /** Written by `CaseStore.save` in addition to the row: entries of the case and of its trail. */
  entries: CaseEntryRow[];
  facts: AuditFact[];
  /** Content appended since the last fact. The next fact vouches for it. */
  appended: Content;
}
