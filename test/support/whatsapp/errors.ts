import type { Dice } from './dice.js';

/** HTTP status of a code where it is not 400. Meta documents it for few codes; the others were reported. */
const STATUSES: Readonly<Record<number, number>> = {
  0: 401,
  1: 500,
  2: 503,
  3: 403,
  10: 403,
  190: 401,
  131000: 500,
  131005: 403,
  131016: 500,
  132001: 404,
};

const TITLES: Readonly<Record<number, string>> = {
  1: 'API Unknown',
  2: 'API Service',
  4: 'API Too Many Calls',
  10: 'Permission Denied',
  33: 'Parameter value is not valid',
  100: 'Invalid parameter',
  190: 'Invalid OAuth access token',
  368: 'Temporarily blocked for policies violations',
  80007: 'Rate limit issues',
  130429: 'Rate limit hit',
  131000: 'Something went wrong',
  131005: 'Access denied',
  131008: 'Required parameter is missing',
  131009: 'Parameter value is not valid',
  131016: 'Service unavailable',
  131026: 'Message undeliverable',
  131042: 'Business eligibility payment issue',
  131047: 'Re-engagement message',
  131051: 'Unsupported message type',
  131052: 'Media download error',
  131053: 'Media upload error',
  131056: '(Business Account, Consumer Account) pair rate limit hit',
  131060: 'This message is currently unavailable',
  139100: 'Failed to block/unblock users',
};

const TRANSIENT: ReadonlySet<number> = new Set([1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057]);

/** A refusal of the Graph API. */
export interface GraphError {
  code: number;
  /** What is wrong, for people. */
  details: string;
  /** Absent: what Meta answers for this code, as far as it is known. */
  status?: number;
  subcode?: number;
}

export function statusOf({ code, status }: GraphError): number {
  return status ?? STATUSES[code] ?? (code >= 200 && code <= 299 ? 403 : 400);
}

export function titleOf(code: number): string {
  return TITLES[code] ?? 'Error';
}

/** The body of an answer that refuses. */
export function errorEnvelope({ code, details, subcode }: GraphError, dice: Dice): Record<string, unknown> {
  return {
    error: {
      message: `(#${code}) ${titleOf(code)}`,
      type: 'OAuthException',
      code,
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      error_data: { messaging_product: 'whatsapp', details },
      ...(TRANSIENT.has(code) ? { is_transient: true } : {}),
      fbtrace_id: dice.trace(),
    },
  };
}

/** An error as webhooks carry it: of a status, of a message, of the account. */
export function webhookError(code: number, details = titleOf(code)): Record<string, unknown> {
  return {
    code,
    title: titleOf(code),
    message: titleOf(code),
    error_data: { details },
    href: '/documentation/business-messaging/whatsapp/support/error-codes',
  };
}
