import { stopAbandoned } from './join.js';

/**
 * Program of the guard (`guard.ts`): stops the server of the DATA_DIR that is given, unless somebody still
 * takes part in it.
 */
await stopAbandoned(process.argv[2]!);
