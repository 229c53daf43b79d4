import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { errorCode } from '../error-code.js';
import { StartError } from '../errors.js';

/** The schema of graphile-worker and of what we add to it. `denuncia_jobs` owns it. */
export const QUEUE = 'job_queue';

/** The last step of the library for its own schema. Our migrations run these steps. */
function knownStep(): number {
  const folder = dirname(createRequire(import.meta.url).resolve('graphile-worker/package.json'));
  return Math.max(...readdirSync(join(folder, 'sql')).map((file) => Number.parseInt(file, 10) || 0));
}

/**
 * Every worker runs this at its start, with its own login.
 * @throws StartError when the schema of the queue is older or newer than the library knows
 */
export async function assertQueue(client: pg.ClientBase): Promise<void> {
  const [known, there] = [knownStep(), await lastStep(client)];
  if (there < known)
    throw new StartError('The schema of the job queue is older than this program. Run "npm run migrate".');
  if (there > known)
    throw new StartError(
      'The schema of the job queue is newer than this program. Deploy the version that migrated it.',
    );
}

async function lastStep(client: pg.ClientBase): Promise<number> {
  try {
    const { rows } = await client.query<{ last: number | null }>(
      `select max(id) as last from ${QUEUE}.migrations`,
    );
    return rows[0]!.last ?? 0;
  } catch (error) {
    // 42P01 and 3F000: the table or its schema does not exist.
    if (['42P01', '3F000'].includes(errorCode(error) ?? '')) return 0;
    throw error;
  }
}
