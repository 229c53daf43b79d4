/** A person who writes, as a chat knows them. */
export interface Person {
  /**
   * The identifiers by which the person is found, the strongest first. They are personal data: store them
   * only as keyed hashes.
   */
  identifiers: readonly string[];
  /** Whether the first identifier belongs to the person for good. A phone number can go to a new owner. */
  hasAccount: boolean;
}
