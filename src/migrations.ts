import { Foundations1764000000000 } from '../migrations/1764000000000-foundations.js';
import { Cases1764000001000 } from '../migrations/1764000001000-cases.js';
import type { MigrationClass } from './platform/database/migrator.js';

/** In their order. A process refuses a schema that has fewer or more. */
export const MIGRATIONS: MigrationClass[] = [Foundations1764000000000, Cases1764000001000];
