import { sqlStateOf } from '../../../platform/database/sql-state.js';
import { DomainError } from '../../../platform/errors.js';
import { NotTaken, noRoom } from '../../../work/intake/collector.js';
import { inProgress } from '../../../work/intake/once-per-key.js';

/** A state that the server gave to a statement. Codes of lost connections (`ECONNRESET`) are none. */
const SQL_STATE = /^(?=.*\d)[0-9A-Z]{5}$/;
/** Connection lost, server going down, completion unknown: the commit may have happened before. */
const DOUBTFUL = /^(08|57P|40003$)/;

/**
 * Whether it is certain after this failure that intake stored nothing. The report was refused or not taken,
 * or the server refused a statement and so took the whole transaction back. In doubt false.
 */
export function storedNothing(error: unknown): boolean {
  if (!(error instanceof DomainError)) {
    const state = sqlStateOf(error);
    return SQL_STATE.test(state) && !DOUBTFUL.test(state);
  }
  if (error instanceof NotTaken || error.code === noRoom().code) return true;
  return error.status < 500 && error.code !== inProgress().code;
}
