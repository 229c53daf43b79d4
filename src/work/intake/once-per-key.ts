import { Injectable } from '@nestjs/common';
import { violates } from '../../platform/database/sql-state.js';
import { DomainError } from '../../platform/errors.js';
import { AnswerVault, type IdempotencyKeys } from './idempotency.js';
import type { IntakeReceipt } from './report.receipt.js';

/**
 * How long a repeated request waits for the first request with its key before it gets
 * IDEMPOTENCY_IN_PROGRESS.
 */
const WAIT_MS = 5_000;

/** A request that its client may send again. */
export interface Repeatable {
  /** Institution and credential, so that no client gets the answer of another client's key. */
  scope: string;
  /** What the client sent as `Idempotency-Key`. */
  key: string;
  request: unknown;
}

/**
 * Make one report per key, however often the request is sent (draft-ietf-httpapi-idempotency-key-header).
 * This is not an interceptor: the answer is kept in the transaction of the case, and the scope is known only
 * when it is known who files.
 */
@Injectable()
export class OncePerKey {
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(private readonly answers: AnswerVault) {}

  /**
   * Run `file` once per key, in this process and in any other. A repeated request gets the kept answer.
   * @throws InvalidRequest for a key of another form, IDEMPOTENCY_MISMATCH (422), IDEMPOTENCY_IN_PROGRESS
   *   (409), what `file` throws
   */
  async run(
    { scope, key, request }: Repeatable,
    file: (keys: IdempotencyKeys) => Promise<IntakeReceipt>,
  ): Promise<IntakeReceipt> {
    const keys = this.answers.keysOf(scope, key, request);
    const name = keys.keyHash.toString('base64');
    for (;;) {
      const first = this.running.get(name);
      if (first && !(await settles(first))) throw inProgress();
      const kept = await this.answers.find(keys);
      if (kept) return kept;
      if (!this.running.has(name)) break;
    }
    const run = file(keys);
    this.running.set(name, run);
    try {
      return await run;
    } catch (error) {
      // Another process was first, and its commit stored the key. Return the answer of that process.
      const answer = violates(error) ? await this.answers.find(keys) : null;
      if (answer) return answer;
      throw error;
    } finally {
      if (this.running.get(name) === run) this.running.delete(name);
    }
  }

  /** The receipt that is kept for a request that was made before, or null. */
  kept({ scope, key, request }: Repeatable): Promise<IntakeReceipt | null> {
    return this.answers.find(this.answers.keysOf(scope, key, request));
  }

  /** Forget the kept receipt: a repeat would be a new request. */
  forget({ scope, key, request }: Repeatable): Promise<void> {
    return this.answers.drop(this.answers.keysOf(scope, key, request));
  }
}

/** Whether a promise settles (fulfilled or rejected) within the time that a client accepts to wait. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), WAIT_MS)));
  const ended = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}

export function inProgress(): DomainError {
  return new DomainError(
    'IDEMPOTENCY_IN_PROGRESS',
    409,
    {
      es: 'La primera solicitud con esta clave sigue en curso. Repite en un momento.',
      en: 'The first request with this key is still running. Try again in a moment.',
    },
    { retryAfter: 1 },
  );
}
