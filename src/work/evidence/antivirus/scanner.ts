/** Why a scanner gave no verdict. Codes, for logs and the trail. */
export type ScanFault =
  /** Nobody listens at its address, or it may not be used. */
  | 'away'
  /** It does not take bytes any more, or its verdict does not come. */
  | 'timeout'
  /** The connection ended before the verdict. */
  | 'cut'
  /** It answers with an error. */
  | 'error'
  /** It answers with nothing. */
  | 'empty'
  /** It answers with something that this client does not know. */
  | 'unknown-answer'
  /** It does not find the test file of the makers of antivirus programs. */
  | 'no-signatures'
  /** The file is larger than what clamd is set to examine. */
  | 'size-limit'
  /** The file goes beyond another limit of clamd, so that a part of it was not examined. */
  | 'scan-limit';

/** `unavailable` is never `clean`: nobody knows what is in the file. */
export type Verdict =
  { verdict: 'clean' } | { verdict: 'found'; name: string } | { verdict: 'unavailable'; reason: ScanFault };

export function faultOf(verdict: Verdict): ScanFault | undefined {
  return verdict.verdict === 'unavailable' ? verdict.reason : undefined;
}

/** Looks for harmful software. */
export interface Scanner {
  /**
   * @param bytes the file. It may be left unread, or read in part.
   * @throws what `bytes` throws, and the reason of the signal when it is aborted
   */
  scan(bytes: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<Verdict>;
}

/** What a module asks for with `@Inject`. It gets `Scanner`, or null when none is configured. */
export const SCANNER = Symbol('scanner');

/** For people who operate the service. */
export interface ScannerState {
  state: 'ready' | 'no signatures' | 'away' | 'not configured';
  /** Version of the program, e.g. `ClamAV 1.4.6`. */
  program?: string;
  /** Version of the official signatures. Absent when there are only signatures of one's own. */
  signatures?: string;
  /** Their date, as clamd writes it, in the time zone of its machine. */
  signaturesOf?: string;
}
