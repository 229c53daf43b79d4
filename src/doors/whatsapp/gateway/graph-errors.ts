import type { NumberState } from '../numbers/number-states.js';

/**
 * What became of a message that Meta did not accept:
 * - `rejected`: this message will never go. Do not repeat it.
 * - `retry`: the message was certainly not processed. Repeat it later.
 * - `unknown`: the message may have gone. Only a status with our `opaque` can tell. Graph has no idempotency
 *   key, so a repetition may reach the person twice.
 * - `channel_down`: nothing goes from this number until somebody repairs token, permission, payment or
 *   registration. The message was not processed.
 */
export type SendOutcome = 'rejected' | 'retry' | 'unknown' | 'channel_down';

interface Decision {
  /** A code, or the first and the last of several. */
  codes: readonly (number | readonly [first: number, last: number])[];
  outcome: SendOutcome;
  /** What the code says about the number. Absent: it says something about one message only. */
  state?: NumberState;
}

/** What is done for each error code of the Cloud API. Only the code decides, never the text. */
const DECISIONS: readonly Decision[] = [
  // Every message of the number fails in the same way until a person repairs it.
  { codes: [0, 190], outcome: 'channel_down', state: 'token_refused' },
  { codes: [3, 10, [200, 299], 131005], outcome: 'channel_down', state: 'permission_missing' },
  { codes: [131042], outcome: 'channel_down', state: 'payment_due' },
  { codes: [131031, 368, 130497], outcome: 'channel_down', state: 'locked' },
  { codes: [133010, 133016], outcome: 'channel_down', state: 'unregistered' },
  // Limits of app, account, throughput and pair: Meta refuses before it looks at the message.
  { codes: [4, 80007, 130429, 131056], outcome: 'retry' },
  // Errors on Meta's side. Messages have been seen to arrive after such errors.
  { codes: [1, 2, 131000, 131016, 131057, 133004], outcome: 'unknown' },
];

/** What to do after this code. A code that is not in the table ends its message. */
export function decisionFor(code: number): Pick<Decision, 'outcome' | 'state'> {
  const found = DECISIONS.find(({ codes }) =>
    codes.some((one) => (typeof one === 'number' ? one === code : one[0] <= code && code <= one[1])),
  );
  return found ?? { outcome: 'rejected' };
}
