import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { AUDIT_ENTITIES } from './audit/audit.entities.js';
import { CASE_ENTITIES } from './cases/case.entities.js';
import { CATALOG_ENTITIES } from './catalogs/catalog.entities.js';
import { IDENTITY_ENTITIES } from './identity/identity.module.js';
import { IdempotencyAnswerRow } from './intake/idempotency.js';
import { WHATSAPP_ENTITIES } from './intake/whatsapp/whatsapp.entities.js';
import { NoticeRow } from './notifications/notices.js';
import { SLA_ENTITIES } from './sla/sla.entities.js';
import { STATISTICS_ENTITIES } from './transparency/releases/release.entities.js';
import { RoutingRuleRow } from './triage/rule.entity.js';

/** Every mapped table; `test/drift.e2e-spec.ts` compares them with the migrated schema. */
export const ENTITIES: EntityTarget<ObjectLiteral>[] = [
  ...AUDIT_ENTITIES,
  ...CATALOG_ENTITIES,
  ...IDENTITY_ENTITIES,
  ...SLA_ENTITIES,
  ...CASE_ENTITIES,
  RoutingRuleRow,
  NoticeRow,
  ...STATISTICS_ENTITIES,
  IdempotencyAnswerRow,
  ...WHATSAPP_ENTITIES,
];
