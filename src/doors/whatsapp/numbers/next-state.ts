import { SEEN_BY_MESSAGES, type NumberState } from './number-states.js';

/**
 * The state behind a look at Meta and behind what messages said. Pure.
 * @param current what is written down
 * @param look what Meta answered now. That nobody answers says something about the network, not the number
 * @param told what messages said since the last hour, and absent inside of an hour
 */
export function nextState(
  current: NumberState,
  look: NumberState,
  told: NumberState | undefined,
): NumberState {
  const answered = look !== 'unreachable';
  if (answered && look !== 'connected') return look;
  // A look that finds the number in order outweighs what an earlier message said of the token.
  if (told !== undefined && (!answered || told === 'connected' || SEEN_BY_MESSAGES.has(told))) return told;
  return answered && !SEEN_BY_MESSAGES.has(current) ? 'connected' : current;
}
