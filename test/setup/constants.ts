import { createHash, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppConfig } from '../../src/app/config.js';
import type { Secrets } from '../../src/platform/crypto/keyring.js';
import { EvidenceLimits } from '../../src/work/evidence/evidence.config.js';

/** Fixed values of the test installation; the template database and every test process must agree on them. */
const bytes = (name: string): Buffer => createHash('sha256').update(`test secret ${name}`).digest();

export const SECRETS: Secrets = {
  keyEncryption: bytes('kek'),
  pepper: bytes('pepper'),
  statsNoise: bytes('noise'),
  session: bytes('session'),
  inbox: bytes('inbox'),
};

export const PASSWORD = 'contraseña de prueba 1';
export const CHANNEL_KEY = 'test-key-00000000000000000000';
export const ROLE_PASSWORDS = { app: 'test-app', public: 'test-public', jobs: 'test-jobs' };
export const OWNER = { user: 'denuncia_owner', password: 'test-owner' };
export const TEMPLATE = 'denuncia_template';

/** Tuesday morning in Mexico City: when the institutions of the template were set up. */
export const SETUP_TIME = new Date('2026-06-02T15:00:00Z');
/** Tuesday morning; where the clock of a test stands unless it says otherwise. */
export const START_TIME = new Date('2026-11-10T16:00:00Z');

export function testConfig(overrides: Partial<AppConfig> = {}): AppConfig {
  return {
    production: false,
    host: '127.0.0.1',
    port: 0,
    dataDir: 'unused',
    database: null,
    poolSize: 10,
    storage: { kind: 'folder', folder: join(tmpdir(), `denuncia-test-${randomUUID()}`), reserve: 0 },
    evidence: new EvidenceLimits(1024 ** 4),
    secrets: SECRETS,
    corsOrigins: ['https://denuncias.example.mx'],
    trustProxy: false,
    demo: {},
    // Nobody listens there: no test talks to Meta.
    whatsapp: { graphUrl: 'http://127.0.0.1:9', apiVersion: 'v25.0' },
    ...overrides,
  };
}

/** The URL of a login on a database of the test server. */
export function urlFor(superuserUrl: string, database: string, user: string, password: string): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.toString();
}
