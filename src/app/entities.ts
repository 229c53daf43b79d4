import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { PHONE_ENTITIES } from '../doors/phone/phone.entities.js';
import { WHATSAPP_ENTITIES } from '../doors/whatsapp/whatsapp.entities.js';
import { AUDIT_ENTITIES } from '../foundations/audit/audit.entities.js';
import { CATALOG_ENTITIES } from '../foundations/catalogs/catalog.entities.js';
import { IDENTITY_ENTITIES } from '../foundations/identity/identity.module.js';
import { SLA_ENTITIES } from '../foundations/sla/sla.entities.js';
import { STATISTICS_ENTITIES } from '../insight/transparency/releases/release.entities.js';
import { CASE_ENTITIES } from '../work/cases/case.entities.js';
import { EVIDENCE_ENTITIES } from '../work/evidence/evidence.entities.js';
import { IdempotencyAnswerRow } from '../work/intake/idempotency.js';
import { NoticeRow } from '../work/notifications/notices.js';
import { RoutingRuleRow } from '../work/triage/rule.entity.js';

/** Every mapped table; `test/drift.e2e-spec.ts` compares them with the migrated schema. */
export const ENTITIES: EntityTarget<ObjectLiteral>[] = [
  ...AUDIT_ENTITIES,
  ...CATALOG_ENTITIES,
  ...IDENTITY_ENTITIES,
  ...SLA_ENTITIES,
  ...CASE_ENTITIES,
  ...EVIDENCE_ENTITIES,
  RoutingRuleRow,
  NoticeRow,
  ...STATISTICS_ENTITIES,
  IdempotencyAnswerRow,
  ...WHATSAPP_ENTITIES,
  ...PHONE_ENTITIES,
];
