import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSecret, SECRET_NAMES, type Environment } from '../platform/secrets.js';
import { loadConfig } from './config.js';

const secrets = Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, newSecret()]));
const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:x@db.example/denuncia',
  DATABASE_PUBLIC_URL: 'postgres://reader:x@db.example/denuncia',
  ...secrets,
};

/** What a start with these changes is refused with. */
function faults(changes: Environment): string[] {
  try {
    loadConfig({ ...PRODUCTION, ...changes });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('a start that is refused', () => {
  it.each([
    ['PORT must be', { PORT: 'abc' }],
    ['PEPPER is not', { PEPPER: 'short' }],
    ['METRICS_TOKEN_FILE cannot be read', { METRICS_TOKEN_FILE: '/no/such/file' }],
    ['WHATSAPP_VERIFY_TOKEN is missing', { WHATSAPP_APP_SECRET: 'x' }],
  ])('leaves no folder of data behind: %s', (line, fault) => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-config-'));
    try {
      expect(() => loadConfig({ ...fault, DATA_DIR: join(folder, 'data') })).toThrow(line);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('where the antivirus listens', () => {
  const clamd = (changes: Environment) => loadConfig({ ...PRODUCTION, ...changes }).clamd;

  it('is a Unix socket, or a host and a port; without either there is none', () => {
    expect(clamd({})).toBeUndefined();
    expect(clamd({ CLAMD_SOCKET: '/run/clamav/clamd.ctl' })).toEqual({ path: '/run/clamav/clamd.ctl' });
    expect(clamd({ CLAMD_HOST: 'clamav' })).toEqual({ host: 'clamav', port: 3310 });
    expect(clamd({ CLAMD_HOST: '127.0.0.1', CLAMD_PORT: '3311' })).toMatchObject({ port: 3311 });
  });

  it.each([
    ['CLAMD_SOCKET must be a path from the root', { CLAMD_SOCKET: 'clamd.ctl' }],
    ['CLAMD_SOCKET and CLAMD_HOST name two ways', { CLAMD_SOCKET: '/s', CLAMD_HOST: 'clamav' }],
    ['CLAMD_PORT must be a whole number', { CLAMD_HOST: 'clamav', CLAMD_PORT: '0' }],
    ['CLAMD_PORT needs CLAMD_HOST', { CLAMD_PORT: '3310' }],
  ])('%s', (line, changes) => {
    expect(faults(changes)).toEqual([expect.stringContaining(line)]);
  });
});

describe('where files lie', () => {
  const BUCKET: Environment = {
    STORAGE_S3_BUCKET: 'denuncia-files',
    STORAGE_S3_ACCESS_KEY_ID: 'key',
    STORAGE_S3_SECRET_ACCESS_KEY: 'secret',
  };
  const storage = (changes: Environment) => loadConfig({ ...PRODUCTION, ...changes }).storage;

  it('is a folder, unless a bucket is named', () => {
    expect(storage({ STORAGE_DIR: '/files', STORAGE_RESERVE_MIB: '2' })).toEqual({
      kind: 'folder',
      folder: '/files',
      reserve: 2 * 1024 * 1024,
    });
    expect(storage(BUCKET)).toEqual({
      kind: 'bucket',
      bucket: 'denuncia-files',
      endpoint: undefined,
      region: 'us-east-1',
      accessKeyId: 'key',
      secretAccessKey: 'secret',
      pathStyle: false,
      prefix: '',
    });
  });

  it('is a bucket of a service of one’s own: by the path, under a prefix, with keys from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-config-'));
    try {
      const file = join(folder, 'secret');
      writeFileSync(file, 'from a file\n');
      const own: Environment = {
        ...BUCKET,
        STORAGE_S3_ENDPOINT: 'https://s3.example:9000',
        STORAGE_S3_REGION: 'garage',
        STORAGE_S3_PREFIX: 'denuncia/a',
        STORAGE_S3_SECRET_ACCESS_KEY: undefined,
        STORAGE_S3_SECRET_ACCESS_KEY_FILE: file,
      };
      const read = {
        endpoint: 'https://s3.example:9000',
        region: 'garage',
        prefix: 'denuncia/a/',
        secretAccessKey: 'from a file',
      };
      expect(storage(own)).toMatchObject({ ...read, pathStyle: true });
      expect(storage({ ...own, STORAGE_S3_PATH_STYLE: 'false' })).toMatchObject({
        ...read,
        pathStyle: false,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const NO_URL = 'STORAGE_S3_ENDPOINT is not a URL such as https://s3.example.';
  const PLAIN = 'STORAGE_S3_ENDPOINT must begin with https:// in production, unless it is on this machine.';
  it.each([
    ['ENDPOINT', 's3.example', NO_URL],
    ['ENDPOINT', 'ftp://s3.example', NO_URL],
    ['ENDPOINT', 'https://key:secret@s3.example', NO_URL],
    ['ENDPOINT', 'https://s3.example/?x=1', NO_URL],
    ['ENDPOINT', 'http://s3.example', PLAIN],
    ['ENDPOINT', 'http://127.0.0.1.example', PLAIN],
    ['REGION', 'us east', 'STORAGE_S3_REGION is not a region such as us-east-1.'],
    ['PATH_STYLE', 'yes', 'STORAGE_S3_PATH_STYLE must be one of true, false.'],
    ['PREFIX', '../x', 'STORAGE_S3_PREFIX must be letters, digits, - and _, in parts between slashes.'],
    [
      'BUCKET',
      'My_Bucket',
      'STORAGE_S3_BUCKET is not the name of a bucket: 3 to 63 small letters, digits, dots and dashes.',
    ],
    ['BUCKET', '', 'STORAGE_S3_BUCKET is missing although other variables of STORAGE_S3 are set.'],
    ['ACCESS_KEY_ID', ' ', 'STORAGE_S3_ACCESS_KEY_ID is missing: a bucket needs its keys.'],
    ['SECRET_ACCESS_KEY', '', 'STORAGE_S3_SECRET_ACCESS_KEY is missing: a bucket needs its keys.'],
  ])('is refused with one line: STORAGE_S3_%s=%s', (name, value, line) => {
    expect(faults({ ...BUCKET, [`STORAGE_S3_${name}`]: value })).toEqual([line]);
  });

  it('is one place and not two', () => {
    expect(faults({ ...BUCKET, STORAGE_DIR: '/files' })).toEqual([
      'STORAGE_DIR and STORAGE_S3_BUCKET are both set; keep one.',
    ]);
  });

  it('may be reached without TLS on this machine, and outside of production', () => {
    for (const host of ['localhost:9000', '127.0.0.1', '[::1]:9000'])
      expect(faults({ ...BUCKET, STORAGE_S3_ENDPOINT: `http://${host}` })).toEqual([]);
  });
});

describe('the configuration of production', () => {
  it('needs two logins and five secrets', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ DATABASE_PUBLIC_URL: undefined, PEPPER: undefined })).toEqual([
      'DATABASE_PUBLIC_URL is missing: production needs its own logins (npm run db:roles).',
      'PEPPER is missing. "npm run secrets" makes one.',
    ]);
  });

  it('needs the login of the job queue in processes that work jobs', () => {
    const line = 'DATABASE_JOBS_URL is missing: production needs its own logins (npm run db:roles).';
    expect(() => loadConfig(PRODUCTION, true)).toThrow(line);
    const jobs = 'postgres://jobs:x@db.example/denuncia';
    expect(loadConfig({ ...PRODUCTION, DATABASE_JOBS_URL: jobs }, true).database?.jobs).toBe(jobs);
  });

  it.each([
    ['NODE_ENV', 'produccion', 'NODE_ENV must be one of production, development, test.'],
    ['TRUST_PROXY', 'si', 'TRUST_PROXY must be true, false, or addresses such as 127.0.0.1, 10.0.0.0/8.'],
    [
      'CORS_ORIGINS',
      'ejemplo.mx',
      'CORS_ORIGINS: ejemplo.mx is not an origin such as https://denuncias.example.',
    ],
    [
      'CORS_ORIGINS',
      'https://a.example, https://b.example/x',
      'CORS_ORIGINS: https://b.example/x is not an origin such as https://denuncias.example.',
    ],
  ])('refuses what nobody can mean: %s=%s', (name, value, line) => {
    expect(faults({ [name]: value })).toContain(line);
  });

  it('takes addresses, networks and names of networks for the proxies, and origins with a port', () => {
    for (const value of ['127.0.0.1', '10.0.0.0/8, ::1', 'loopback'])
      expect(loadConfig({ ...PRODUCTION, TRUST_PROXY: value }).trustProxy).toBe(value);
    const origins = loadConfig({
      ...PRODUCTION,
      CORS_ORIGINS: 'https://a.example, http://127.0.0.1:5173',
    }).corsOrigins;
    expect(origins).toEqual(['https://a.example', 'http://127.0.0.1:5173']);
  });

  it('takes a blank value for an absent one', () => {
    expect(faults({ PEPPER: '', CLOCK_START: '', DEMO_PASSWORD: ' ', METRICS_PORT: '' })).toEqual([
      'PEPPER is missing. "npm run secrets" makes one.',
    ]);
    // A blank token taken at its word would open /metrics to everybody.
    expect(loadConfig({ ...PRODUCTION, METRICS_TOKEN: '' }).metricsToken).toBeUndefined();
  });

  it('tells one line per secret that is no secret', () => {
    const twin = secrets.SESSION_KEY!;
    expect(
      faults({
        KEY_ENCRYPTION_KEY: 'short',
        PEPPER: Buffer.alloc(32, 'ab').toString('base64'),
        STATS_NOISE_KEY_FILE: '/no/such/file',
        INBOX_KEY: twin,
      }),
    ).toEqual([
      'KEY_ENCRYPTION_KEY is not base64 of 32 bytes. "npm run secrets" makes a good one.',
      'PEPPER is not random. "npm run secrets" makes a good one.',
      'STATS_NOISE_KEY and STATS_NOISE_KEY_FILE are both set; keep one.',
      'SESSION_KEY and INBOX_KEY are equal; each needs its own value.',
    ]);
    expect(faults({ STATS_NOISE_KEY: undefined, STATS_NOISE_KEY_FILE: '/no/such/file' })).toEqual([
      'STATS_NOISE_KEY_FILE cannot be read (ENOENT).',
    ]);
  });

  it('refuses variables that lost letters, and a first one behind a byte order mark', () => {
    expect(
      faults({ DATABASE_URL: 'postgres://app:contrase\ufffda@db/x', OTHER: 'ni\ufffd', '\ufeffPORT': '80' }),
    ).toEqual([
      'DATABASE_URL was not read as UTF-8. Save the file of variables as UTF-8 without byte order mark.',
      'PORT was not read as UTF-8. Save the file of variables as UTF-8 without byte order mark.',
    ]);
  });

  it('reads a secret file as Windows writes it, and refuses another encoding', () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-config-'));
    try {
      const file = join(folder, 'pepper');
      const from = (bytes: Buffer): string[] => {
        writeFileSync(file, bytes);
        return faults({ PEPPER: undefined, PEPPER_FILE: file });
      };
      expect(from(Buffer.from(`\ufeff${secrets.PEPPER}\r\n`, 'utf16le'))).toEqual([]);
      expect(from(Buffer.from('contraseña', 'latin1'))[0]).toMatch(
        /^PEPPER_FILE, line 1: it is not in UTF-8\./,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a WhatsApp whose secrets are empty files, instead of leaving the channel off', () => {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-config-'));
    try {
      const empty = join(folder, 'empty');
      writeFileSync(empty, '\n');
      const names = ['APP_SECRET', 'VERIFY_TOKEN', 'ACCESS_TOKEN', 'PHONE_NUMBER_ID'];
      const files = Object.fromEntries(names.map((name) => [`WHATSAPP_${name}_FILE`, empty]));
      expect(faults(files)).toEqual(
        names.map((name) => `WHATSAPP_${name} is missing or blank although WhatsApp is configured.`),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses half a WhatsApp, also a blank secret, which would verify nothing', () => {
    expect(faults({ WHATSAPP_APP_SECRET: '', WHATSAPP_VERIFY_TOKEN: 'x' })).toContain(
      'WHATSAPP_APP_SECRET is missing or blank although WhatsApp is configured.',
    );
  });
});
