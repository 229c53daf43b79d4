import { asNumber, asRecord, asText, type JsonRecord } from '../../../platform/json-reading.js';
import type { NumberState } from '../numbers/number-states.js';
import type { GraphOptions } from './graph-client.js';
import { decisionFor } from './graph-errors.js';

/** What Meta says about a number. */
export interface NumberLook {
  state: NumberState;
  /** The telephone number, as Meta shows it. */
  displayPhone?: string;
  /** The name that people see. */
  verifiedName?: string;
}

/** Graph's code for an object that does not exist, or not for this token. */
const NO_OBJECT = 100;
const FIELDS = 'display_phone_number,verified_name';
/** Longest text of Meta that is shown. */
const LONGEST = 120;

/**
 * Asks the Cloud API for a number (`GET /{phone-number-id}`). Nothing reaches a person. Never throws. The
 * token stays here, and redirects are not followed: they would carry it to somebody else.
 */
export async function lookAtNumber(options: GraphOptions): Promise<NumberLook> {
  const { baseUrl, apiVersion, phoneNumberId, accessToken, timeoutMs = 10_000 } = options;
  const base = baseUrl.replace(/\/+$/, '');
  try {
    const answer = await fetch(
      `${base}/${apiVersion}/${encodeURIComponent(phoneNumberId)}?fields=${FIELDS}`,
      {
        headers: { authorization: `Bearer ${accessToken}` },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      },
    );
    const told = asRecord(await answer.json().catch(() => undefined));
    return answer.status === 200 && asText(told.id) === phoneNumberId
      ? connected(told)
      : { state: stateOf(told) };
  } catch {
    return { state: 'unreachable' };
  }
}

function connected(told: JsonRecord): NumberLook {
  return {
    state: 'connected',
    displayPhone: asText(told.display_phone_number)?.slice(0, LONGEST),
    verifiedName: asText(told.verified_name)?.slice(0, LONGEST),
  };
}

/** An answer without a code does not come from Graph. It comes from a proxy or from a wrong address. */
function stateOf(told: JsonRecord): NumberState {
  const code = asNumber(asRecord(told.error).code);
  if (code === undefined) return 'unreachable';
  return code === NO_OBJECT ? 'unknown_to_meta' : (decisionFor(code).state ?? 'unreachable');
}
