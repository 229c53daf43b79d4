import { findArea, findCategory, validOn } from '../../../foundations/catalogs/catalogs.reader.js';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import type { TriageCodes } from '../case-vault.js';
import type { LockedCase } from '../locked-case.js';

/** Send the case to an area. When the area changes, the assignee is removed. @throws AREA_UNKNOWN (422) */
export function changeArea({ row, catalog, today }: LockedCase, code: string): void {
  const area = findArea(catalog, { code });
  if (!area || !validOn(area, today)) throw catalogErrors.areaNotInForce();
  if (area.id !== row.areaId) row.assigneeId = null;
  row.areaId = area.id;
}

/** @throws CATEGORY_UNKNOWN (422) */
export function changeCategory({ row, catalog, today }: LockedCase, code: string): void {
  const category = findCategory(catalog, { code });
  if (!category || !validOn(category, today)) throw catalogErrors.categoryNotInForce();
  row.categoryId = category.id;
}

/** Area, category and priority by code. Codes never change. The names are added when the history is read. */
export function triageCodes({ row, catalog }: LockedCase): TriageCodes {
  const category = row.categoryId ? findCategory(catalog, { id: row.categoryId }) : undefined;
  return {
    area: findArea(catalog, { id: row.areaId })!.code,
    category: category?.code ?? null,
    priority: row.priority,
  };
}
