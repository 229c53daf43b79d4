/**
 * What is counted of a conversation with the menu. Nothing here tells who asked. A report is never noted: not
 * that one began, and not that one ended.
 */
export type Noted =
  /** The answer of an option was given. */
  | { what: 'answered'; option: string; language: string }
  /** Somebody said whether the answer helped. */
  | { what: 'rated'; option: string; language: string; useful: boolean }
  /** A question that found no answer. */
  | { what: 'unanswered'; question: string; language: string };
