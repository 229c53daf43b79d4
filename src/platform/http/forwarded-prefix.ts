import proxyAddr from '@fastify/proxy-addr';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';

/**
 * Segments of letters, digits and `._~-`. Each segment begins with a letter or digit. So a second slash
 * cannot make a host of the path, dots cannot lead upwards, and there is no escape or quote.
 */
const PREFIX = /^(\/[A-Za-z0-9][A-Za-z0-9._~-]{0,63}){1,8}$/;

/** Returns the path under which a proxy shows the service. */
export type PrefixReader = (request: Pick<FastifyRequest, 'headers' | 'socket'>) => string;

/**
 * Reads the path in `X-Forwarded-Prefix`, such as `/denuncias`. The result is empty without `TRUST_PROXY`,
 * for an address that `TRUST_PROXY` does not name, or for a path of another form. In these cases anybody
 * could write the header, and with it the addresses that other people follow.
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
