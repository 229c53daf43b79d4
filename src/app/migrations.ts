import { Foundations1764000000000 } from '../../migrations/1764000000000-foundations.js';
import { Cases1764000001000 } from '../../migrations/1764000001000-cases.js';
import { WhatsApp1764000002000 } from '../../migrations/1764000002000-whatsapp.js';
import { Statistics1764000003000 } from '../../migrations/1764000003000-statistics.js';
import { ClockPolicy1765000000000 } from '../../migrations/1765000000000-clock-policy.js';
import { WhatsAppReceipts1765000002000 } from '../../migrations/1765000002000-whatsapp-receipts.js';
import { ReleasePlan1765000003000 } from '../../migrations/1765000003000-release-plan.js';
import { AccessCodes1765000004000 } from '../../migrations/1765000004000-access-codes.js';
import { AuditProof1765000005000 } from '../../migrations/1765000005000-audit-proof.js';
import { Approvals1765000006000 } from '../../migrations/1765000006000-approvals.js';
import { LeanChecks1765000007000 } from '../../migrations/1765000007000-lean-checks.js';
import { ClockWatch1765000008000 } from '../../migrations/1765000008000-clock-watch.js';
import { LanesAtOnce1765000010000 } from '../../migrations/1765000010000-lanes-at-once.js';
import { RoomTrials1765000012000 } from '../../migrations/1765000012000-room-trials.js';
import { WordsForPeople1765000014000 } from '../../migrations/1765000014000-words-for-people.js';
import { CatalogVersions1765000016000 } from '../../migrations/1765000016000-catalog-versions.js';
import { Submissions1765000018000 } from '../../migrations/1765000018000-submissions.js';
import { KeptPlans1765000019000 } from '../../migrations/1765000019000-kept-plans.js';
import { Evidence1765000020000 } from '../../migrations/1765000020000-evidence.js';
import { EvidenceJobs1765000022000 } from '../../migrations/1765000022000-evidence-jobs.js';
import { QuarantineNotices1765000023000 } from '../../migrations/1765000023000-quarantine-notices.js';
import { Voice1765000024000 } from '../../migrations/1765000024000-voice.js';
import { OriginalRequests1765000025000 } from '../../migrations/1765000025000-original-requests.js';
import { PrepareBySize1765000026000 } from '../../migrations/1765000026000-prepare-by-size.js';
import { WhatsAppReminders1765000027000 } from '../../migrations/1765000027000-whatsapp-reminders.js';
import { WhatsAppFiles1765000028000 } from '../../migrations/1765000028000-whatsapp-files.js';
import { PhoneCalls1765000029000 } from '../../migrations/1765000029000-phone-calls.js';
import { WhatsAppNumbers1765000030000 } from '../../migrations/1765000030000-whatsapp-numbers.js';
import { Menus1765000032000 } from '../../migrations/1765000032000-menus.js';
import { WhatsAppWatch1765000033000 } from '../../migrations/1765000033000-whatsapp-watch.js';
import { Jobs1765000021000 } from '../../migrations/1765000021000-jobs.js';
import type { MigrationClass } from '../platform/database/migrator.js';

/** All migrations, in their order. A process refuses a schema that has fewer or more. */
export const MIGRATIONS: MigrationClass[] = [
  Foundations1764000000000,
  Cases1764000001000,
  WhatsApp1764000002000,
  Statistics1764000003000,
  ClockPolicy1765000000000,
  WhatsAppReceipts1765000002000,
  ReleasePlan1765000003000,
  AccessCodes1765000004000,
  AuditProof1765000005000,
  Approvals1765000006000,
  LeanChecks1765000007000,
  ClockWatch1765000008000,
  LanesAtOnce1765000010000,
  RoomTrials1765000012000,
  WordsForPeople1765000014000,
  CatalogVersions1765000016000,
  Submissions1765000018000,
  KeptPlans1765000019000,
  Evidence1765000020000,
  Jobs1765000021000,
  EvidenceJobs1765000022000,
  QuarantineNotices1765000023000,
  Voice1765000024000,
  OriginalRequests1765000025000,
  PrepareBySize1765000026000,
  WhatsAppReminders1765000027000,
  WhatsAppFiles1765000028000,
  PhoneCalls1765000029000,
  WhatsAppNumbers1765000030000,
  Menus1765000032000,
  WhatsAppWatch1765000033000,
];
