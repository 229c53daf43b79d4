import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

/** Adds jobs to the queue. `@Job` declares what works them. */
@Injectable()
export class Jobs {
  /**
   * Adds a job in the transaction of the caller: a rollback leaves no job. A job that waits already for this
   * subject is the same job.
   * @param name of a declared job, on the list of the database
   * @param subject a random uuid that means nothing outside of its own table: never the id of a case
   * @param turn a job of a lower turn is worked before those of its name with a higher one
   * @throws an error of the database for a name that is not on the list
   */
  async add(tx: Tx, name: string, subject: string, turn = 0): Promise<void> {
    await tx.prepared('select add_job($1, $2, $3)', [name, subject, turn]);
  }
}
