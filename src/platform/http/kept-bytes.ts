import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/** Bytes. For a smaller answer the headers cost more than compression saves. */
const WORTH_IT = 1024;
const TEXT = /^(text\/|application\/(json|javascript|xml)|application\/[\w.+-]+\+(json|xml)|image\/svg)/;

const compress = promisify(gzip);

/** Tells whether a type of content becomes smaller. */
export function compressible(contentType: string): boolean {
  return TEXT.test(contentType);
}

/**
 * An answer that is the same for everybody, with its `ETag`. It is compressed once, when somebody first asks
 * for compression.
 */
export class KeptBytes {
  readonly etag: string;
  private gzipped?: Promise<Buffer>;

  constructor(
    readonly plain: Buffer,
    private readonly mayCompress: boolean,
  ) {
    // Weak, because the same content is sent compressed or not.
    this.etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  }

  get size(): number {
    return this.plain.length;
  }

  get hasVariants(): boolean {
    return this.mayCompress && this.plain.length > WORTH_IT;
  }

  gzip(): Promise<Buffer> {
    return (this.gzipped ??= compress(this.plain));
  }
}

/**
 * Sets the headers of an answer and returns its body. There is no body (304) for a client that already has
 * it. The body is compressed for a client that accepts this. Use it only for answers without secrets: when an
 * answer mixes secrets with text of a stranger, its compressed length tells something about the secrets.
 */
export async function sendKept(
  bytes: KeptBytes,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer | undefined> {
  reply.header('ETag', bytes.etag);
  if (bytes.hasVariants)
    reply.header('Vary', [reply.getHeader('vary'), 'Accept-Encoding'].filter(Boolean).join(', '));
  if (matches(request.headers['if-none-match'], bytes.etag)) {
    reply.status(304).removeHeader('content-type');
    return undefined;
  }
  if (!bytes.hasVariants || new Negotiator(request.raw).encoding(['gzip', 'identity']) !== 'gzip')
    return bytes.plain;
  reply.header('Content-Encoding', 'gzip');
  return bytes.gzip();
}

/** Compares with `If-None-Match` (RFC 9110 §13.1.2), weakly. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === opaque);
}
