import { Foundations1764000000000 } from '../migrations/1764000000000-foundations.js';
import { Cases1764000001000 } from '../migrations/1764000001000-cases.js';
import { WhatsApp1764000002000 } from '../migrations/1764000002000-whatsapp.js';
import { Statistics1764000003000 } from '../migrations/1764000003000-statistics.js';
import { WhatsAppReceipts1765000002000 } from '../migrations/1765000002000-whatsapp-receipts.js';
import type { MigrationClass } from './platform/database/migrator.js';

/** In their order. A process refuses a schema that has fewer or more. */
export const MIGRATIONS: MigrationClass[] = [
  Foundations1764000000000,
  Cases1764000001000,
  WhatsApp1764000002000,
  Statistics1764000003000,
  WhatsAppReceipts1765000002000,
];
