/**
 * SQLSTATE disk_full (PostgreSQL, appendix A), and the codes of the system for our own files: no space, quota
 * used up.
 */
const CODES = ['53100', 'ENOSPC', 'EDQUOT'];

/** Tells whether a statement or one of our own files could not be written because the disk is full. */
export function isDiskFull(error: unknown): boolean {
  for (let one = error; typeof one === 'object' && one !== null; one = (one as { cause?: unknown }).cause) {
    const { code, driverError } = one as { code?: unknown; driverError?: { code?: unknown } };
    if (CODES.includes(String(code)) || CODES.includes(String(driverError?.code))) return true;
  }
  return false;
}

/** Remembers that a write found no room, until somebody asks. */
export class Suspicion {
  private noted = false;

  note(error: unknown): void {
    this.noted ||= isDiskFull(error);
  }

  /** Tells whether something was noted since the last call. */
  take(): boolean {
    const { noted } = this;
    this.noted = false;
    return noted;
  }
}
