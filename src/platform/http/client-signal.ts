import type { FastifyReply } from 'fastify';
import { DomainError } from '../errors.js';

/**
 * Aborted with a DomainError when the client goes before it has its answer. Nobody reads that answer, and it
 * is no fault of the service.
 */
export function clientSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => {
    if (!raw.writableFinished) gone.abort(clientGone());
  };
  if (raw.destroyed) abort();
  else raw.once('close', abort);
  return gone.signal;
}

function clientGone(): DomainError {
  return new DomainError('REQUEST_TIMEOUT', 408, {
    es: 'La conexión se cerró antes de la respuesta.',
    en: 'The connection closed before the answer.',
  });
}
