import proxyAddr from '@fastify/proxy-addr';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';

/**
 * Segments of letters, digits and `._~-`, each beginning with a letter or digit. No second slash could make a
 * host of it, no dots a path upwards, no escape or quote anything else.
 */
const PREFIX = /^(\/[A-Za-z0-9][A-Za-z0-9._~-]{0,63}){1,8}$/;

/** Reads under which path a proxy shows the service. */
export type PrefixReader = (request: Pick<FastifyRequest, 'headers' | 'socket'>) => string;

/**
 * The path in `X-Forwarded-Prefix`, such as `/denuncias`, or nothing: without `TRUST_PROXY`, from an address
 * that it does not name, or in another form. Then everybody could write it, and with it the addresses that
 * others follow.
 */
export function prefixReader({ trustProxy }: Pick<Config, 'trustProxy'>): PrefixReader {
  const trusts =
    typeof trustProxy === 'string'
      ? proxyAddr.compile(trustProxy.split(',').map((part) => part.trim()))
      : () => trustProxy;
  return ({ headers, socket }) => {
    const given = headers['x-forwarded-prefix'];
    if (typeof given !== 'string' || !trusts(socket.remoteAddress ?? '', 0)) return '';
    const prefix = given.replace(/\/$/, '');
    return PREFIX.test(prefix) ? prefix : '';
  };
}
