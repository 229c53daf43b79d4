import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { AuditService } from '../../audit/audit.service.js';
import { CategoryRow } from '../catalog.entities.js';
import { CatalogsReader, type Category } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';
import { shortCodeFor } from '../short-codes.js';
import type { AddCategory, ChangeCategory } from './category-requests.js';
import { lockInstitution } from './institution-lock.js';
import { assertPeriod, differences } from './support.js';
import type { AdminCategory } from './views.js';

/**
 * The categories of an institution. A category is never deleted and its code never changes, because cases and
 * figures name it.
 */
@Injectable()
export class CategoriesService {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async list(actor: StaffActor): Promise<AdminCategory[]> {
    const { categories } = await this.database.tx(actor, (tx) =>
      this.catalogs.snapshot(tx, actor.institutionId),
    );
    return categories.map(viewOf);
  }

  /** @throws CATEGORY_EXISTS, SHORT_CODE_TAKEN */
  async add(actor: StaffActor, input: AddCategory): Promise<AdminCategory> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      const { timeZone } = await lockInstitution(tx, institutionId);
      const { code, validFrom = this.clock.today(timeZone), validTo = null } = input;
      assertPeriod(validFrom, validTo);
      if (await tx.manager.existsBy(CategoryRow, { institutionId, code }))
        throw catalogErrors.categoryExists(code);
      const taken = await this.shortCodes(tx, institutionId);
      if (input.shortCode !== undefined && taken.has(input.shortCode))
        throw catalogErrors.shortCodeTaken(input.shortCode);
      const category: Category = {
        id: randomUUID(),
        code,
        shortCode: input.shortCode ?? shortCodeFor(input.label, taken),
        labelEs: input.label,
        labelEn: input.labelEn,
        description: input.description,
        priority: input.priority ?? 'normal',
        validFrom,
        validTo,
      };
      await tx.insert(CategoryRow, [{ ...category, institutionId }]);
      await this.audit.record(tx, {
        event: 'CATEGORY_CREATED',
        about: category.id,
        payload: { ...category },
      });
      return viewOf(category);
    });
  }

  /** Existing expedientes keep their short code. @throws CATEGORY_UNKNOWN, SHORT_CODE_TAKEN */
  async change(actor: StaffActor, id: string, input: ChangeCategory): Promise<AdminCategory> {
    const { institutionId } = actor;
    return this.database.tx(actor, async (tx) => {
      await lockInstitution(tx, institutionId);
      const stored = await tx.manager.findOneBy(CategoryRow, { id, institutionId });
      if (!stored) throw catalogErrors.categoryUnknown();
      const { shortCode, label, labelEn, description, priority, validTo } = input;
      const { set, changes } = differences<CategoryRow>(stored, {
        shortCode,
        labelEs: label,
        labelEn,
        description,
        priority,
        validTo,
      });
      assertPeriod(stored.validFrom, set.validTo);
      if (set.shortCode !== undefined && (await this.shortCodes(tx, institutionId)).has(set.shortCode)) {
        throw catalogErrors.shortCodeTaken(set.shortCode);
      }
      if (Object.keys(set).length > 0) {
        await tx.manager.update(CategoryRow, { id, institutionId }, set);
        await this.audit.record(tx, {
          event: 'CATEGORY_CHANGED',
          about: id,
          payload: { id, code: stored.code, changes },
        });
      }
      return viewOf({ ...stored, ...set });
    });
  }

  /** Includes the short codes of ended categories, because their expedientes still exist. */
  private async shortCodes(tx: Tx, institutionId: string): Promise<Set<string>> {
    const rows = await tx.query<{ code: string }>(
      'select short_code as code from categories where institution_id = $1',
      [institutionId],
    );
    return new Set(rows.map(({ code }) => code));
  }
}

function viewOf(category: Category): AdminCategory {
  const { id, code, shortCode, labelEs, labelEn, description, priority, validFrom, validTo } = category;
  return { id, code, shortCode, label: labelEs, labelEn, description, priority, validFrom, validTo };
}
