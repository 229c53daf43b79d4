import { stopAbandoned } from './join.js';

/**
 * Program of the guard (`guard.ts`). Stop the server of the given DATA_DIR, unless a process still takes part
 * in this server.
 */
await stopAbandoned(process.argv[2]!);
