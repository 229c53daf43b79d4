import type { FastifyRequest } from 'fastify';

export type Language = 'es' | 'en';

/**
 * Returns Spanish unless the client's `Accept-Language` prefers English (RFC 9110 §12.5.4). When both have
 * the same weight, the first one wins.
 */
export function languageOf(request: Pick<FastifyRequest, 'headers'>): Language {
  const header = request.headers['accept-language'];
  if (typeof header !== 'string') return 'es';
  let best: { language: Language; quality: number } | undefined;
  for (const part of header.split(',')) {
    const [range, ...parameters] = part.trim().toLowerCase().split(';');
    const base = range?.split('-')[0];
    if (base !== 'es' && base !== 'en') continue;
    const weight = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find((q) => q !== undefined);
    const quality = weight === undefined ? 1 : Number(weight);
    if (quality > 0 && (!best || quality > best.quality)) best = { language: base, quality };
  }
  return best?.language ?? 'es';
}
