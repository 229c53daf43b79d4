/** Who writes, as a chat knows them. */
export interface Person {
  /** What they are found by, the strongest first. Personal data: at rest only as keyed hashes. */
  identifiers: readonly string[];
  /** Whether the first of them is theirs for good. A phone number is given to new owners. */
  hasAccount: boolean;
}
