import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Certificate {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
}

export interface CertificateOptions {
  /** DNS name or IPv4 address for which it is valid. */
  host: string;
  notBefore?: Date;
  notAfter?: Date;
  /** Who vouches for it; absent = it vouches for itself. */
  issuer?: Certificate & { host: string };
}

const DAY = 24 * 3600_000;

/**
 * X.509 certificates (RFC 5280) for tests with TLS. Node reads them and makes none; the libraries that do
 * bring nineteen packages for what is a few nested lists of bytes.
 */
export function certificate({ host, issuer, ...more }: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const { notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + DAY) } = more;
  const body = sequence(
    tagged(0, der(0x02, [2])), // version 3
    der(0x02, [0x01, ...randomBytes(8)]), // serial number
    ECDSA_WITH_SHA256,
    nameOf(issuer?.host ?? host),
    sequence(time(notBefore), time(notAfter)),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(subjectAltName(host), BASIC_CONSTRAINTS)),
  );
  const whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, [0, ...sign('sha256', body, signer)]));
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function der(tag: number, content: Iterable<number>): Buffer {
  const bytes = Buffer.from([...content]);
  const { length } = bytes;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 + number, content);
}

function identifier(hexadecimal: string): Buffer {
  return der(0x06, Buffer.from(hexadecimal, 'hex'));
}

/** One common name. */
function nameOf(host: string): Buffer {
  return sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(host)))));
}

/** UTCTime. */
function time(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(identifier(id), der(0x04, value));
}

function subjectAltName(host: string): Buffer {
  const name = isIPv4(host) ? der(0x87, host.split('.').map(Number)) : der(0x82, Buffer.from(host));
  return extension('551d11', sequence(name));
}

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));
/** An authority: these certificates vouch for others in tests. */
const BASIC_CONSTRAINTS = extension('551d13', sequence(der(0x01, [0xff])));
