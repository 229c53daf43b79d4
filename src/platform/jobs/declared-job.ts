export interface JobDeclaration {
  /** How many of these jobs one process works at once. Without it, one. */
  concurrency?: number;
  /** Milliseconds after which an attempt has failed. Without it ten minutes, at most three hours. */
  timeLimit?: number;
  /**
   * A reporter causes this job. It fails soon after that person acted, so no log line tells when it failed.
   */
  ofReporters?: boolean;
}

/** A declared job with its work. */
export interface DeclaredJob extends Required<JobDeclaration> {
  /** Unique name, shown in log lines and metrics. */
  name: string;
  work(subject: string, signal?: AbortSignal): Promise<void>;
}
