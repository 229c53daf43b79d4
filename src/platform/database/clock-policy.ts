import type pg from 'pg';
import { StartError } from '../errors.js';
import { connect } from './connect.js';

/**
 * Tells the database that the clock of the service may be in another month than the clock of the server.
 * Demos and tests need this. The database then accepts the days that it gets. Only the owner can set this,
 * and production refuses it.
 * @param ownerUrl the login that owns the tables
 */
export async function freeClock(ownerUrl: string): Promise<void> {
  const client = await connect(ownerUrl, 'DATABASE_OWNER_URL');
  try {
    await client.query('update clock_policy set free = true where not free');
  } finally {
    await client.end();
  }
}

/**
 * Checks the clock policy of the database. Production needs a database that checks days by its own clock.
 * `CLOCK_START` needs a database that does not.
 * @throws StartError in one line
 */
export async function assertClock(
  client: { query: pg.Pool['query'] },
  { production, clockStart }: { production: boolean; clockStart?: Date },
): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>('select clock_is_free() as free');
  const free = rows[0]?.free === true;
  if (production && free)
    throw new StartError(
      'The clock of this database is free, as a start outside of production leaves it, and production refuses that. As its owner run: update clock_policy set free = false.',
    );
  if (clockStart && !free)
    throw new StartError(
      'CLOCK_START needs a free clock, which the owner sets: give DATABASE_OWNER_URL too.',
    );
}
