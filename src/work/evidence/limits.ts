const MIB = 1024 * 1024;

/** What a case takes. The same numbers are told before an upload starts. */
export const LIMITS = {
  /** Bytes of one file. */
  fileBytes: 100 * MIB,
  /** Files of one case from its reporter, and as many from staff. */
  files: 50,
  /** Bytes of all files of one case from its reporter, and as many from staff. */
  caseBytes: 500 * MIB,
} as const;

/** Characters of a caption. */
export const MAX_CAPTION = 2000;
