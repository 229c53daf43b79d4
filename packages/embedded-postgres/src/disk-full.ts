/** SQLSTATE disk_full (PostgreSQL, appendix A) and the system's codes for files: no space, quota used up. */
const CODES = ['53100', 'ENOSPC', 'EDQUOT'];

/** Whether something could not be written because the disk is full. */
export function isDiskFull(error: unknown): boolean {
  for (let one = error; typeof one === 'object' && one !== null; one = (one as { cause?: unknown }).cause)
    if (CODES.includes(String((one as { code?: unknown }).code))) return true;
  return false;
}
