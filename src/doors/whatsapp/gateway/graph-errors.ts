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

export interface Decision {
  outcome: SendOutcome;
  /** What the code says about the number. Absent: it says something about one message only. */
  state?: NumberState;
  /** How far the code reaches beyond its message: to all others of the number, or of the person. */
  reach?: 'number' | 'person';
  /** Why this is the right thing to do. */
  why: string;
}

/** A code, or the first and the last of several. */
type Codes = readonly (number | readonly [first: number, last: number])[];

const DOWN = { outcome: 'channel_down', reach: 'number' } as const;
const ENDED = { outcome: 'rejected' } as const;

/**
 * What is done for each error code of the Cloud API ("Error codes"). Only the code decides, never the text.
 * The same table reads the codes of failed statuses.
 */
const DECISIONS: readonly (readonly [Codes, Decision])[] = [
  [[0, 190], { ...DOWN, state: 'token_refused', why: 'The token has expired or was revoked.' }],
  [
    [3, 10, [200, 299], 131005],
    { ...DOWN, state: 'permission_missing', why: 'The token lacks a permission.' },
  ],
  [[131042], { ...DOWN, state: 'payment_due', why: 'Beyond the free tier Meta delivers only who pays.' }],
  [
    [131031, 368, 130497],
    { ...DOWN, state: 'locked', why: 'Meta locked the account, or may not serve the country.' },
  ],
  [[133010, 133016], { ...DOWN, state: 'unregistered', why: 'The number must be registered again.' }],
  [
    [4, 80007, 130429],
    { outcome: 'retry', reach: 'number', why: 'A limit of app, account or number: all wait.' },
  ],
  [
    [131056],
    { outcome: 'retry', why: 'One message in six seconds to one person. Meta asks to wait 4^n seconds.' },
  ],
  [
    [1, 2, 131000, 131016, 131057, 133004],
    { outcome: 'unknown', why: 'Messages were seen to arrive after these.' },
  ],
  [
    [131026],
    { ...ENDED, reach: 'person', why: 'No message reaches this person: blocked, or no longer there.' },
  ],
  [
    [131047],
    { ...ENDED, why: 'A day after the last message of the person only templates go, and there are none.' },
  ],
  [[131048], { ...ENDED, why: 'Meta takes us for spam. A repetition makes it worse.' }],
  [[131049, 131050, 130472], { ...ENDED, why: 'Concerns marketing, which is never sent.' }],
  [[131030], { ...ENDED, why: 'A test number reaches only people on its list.' }],
  [[131021], { ...ENDED, why: 'The number wrote to itself.' }],
  [[33, 100, 131008, 131009], { ...ENDED, why: 'A fault of this program: the same message fails again.' }],
  [[131051, 131052, 131053, 131060], { ...ENDED, why: 'Concerns files and kinds that are never sent.' }],
  [[131062], { ...ENDED, why: 'This kind of message does not go to an account without a phone.' }],
  [[[132000, 132016]], { ...ENDED, why: 'Concerns templates, which are never sent.' }],
  [[132068, 132069], { ...ENDED, why: 'Concerns forms, which are never sent.' }],
  [[137000], { ...ENDED, why: 'The telephone has another owner, who must not read it.' }],
];

const OTHER: Decision = { ...ENDED, why: 'An unknown code. A repetition may reach the person twice.' };

/** What to do after this code. A code that is not in the table ends its message. */
export function decisionFor(code: number): Decision {
  const found = DECISIONS.find(([codes]) =>
    codes.some((one) => (typeof one === 'number' ? one === code : one[0] <= code && code <= one[1])),
  );
  return found?.[1] ?? OTHER;
}
