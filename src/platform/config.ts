import { resolve } from 'node:path';
import proxyAddr from '@fastify/proxy-addr';
import type { Secrets } from './crypto/keyring.js';
import type { Environment } from './secrets.js';
import type { StorageSettings } from './storage/open-store.js';
import { readStorage } from './storage/read-settings.js';
import { listOf, type Variables } from './variables.js';

/** What the platform must know about its environment. */
export interface Config {
  production: boolean;
  host: string;
  port: number;
  dataDir: string;
  /** null = use the embedded server. */
  database: { owner?: string; app: string; jobs?: string; public?: string } | null;
  poolSize: number;
  /** Where sealed files lie. */
  storage: StorageSettings;
  secrets: Secrets;
  clockStart?: Date;
  corsOrigins: string[];
  trustProxy: boolean | string;
  metricsToken?: string;
  metricsPort?: number;
  /** Metrics port of a worker that runs alone. */
  workerMetricsPort?: number;
  demo: { password?: string; channelKey?: string };
}

/** Names of the variables that this file reads. Each name may end in `_FILE`. */
export const PLATFORM_VARIABLES =
  /^(NODE_ENV|PORT|HOST|DATA_DIR|POSTGRES_BIN_DIR|LOG_LEVEL|CLOCK_START|CORS_ORIGINS|TRUST_PROXY|KEY_ENCRYPTION_KEY|PEPPER|STATS_NOISE_KEY|SESSION_KEY|INBOX_KEY)(_FILE)?$|^(DATABASE|METRICS|DEMO|STORAGE)_/;
const NODE_ENVS = ['production', 'development', 'test'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'];
const DATABASE_URLS = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_JOBS_URL', 'DATABASE_PUBLIC_URL'];
const PORTS = { min: 0, max: 65_535 };

/**
 * Reads everything except the secrets. Notes faults in `variables`.
 * @param worksJobs the process works the job queue
 */
export function readConfig(variables: Variables, worksJobs: boolean): Omit<Config, 'secrets'> {
  // Check the value: a mistyped "production" would start a demo.
  const production = variables.oneOf('NODE_ENV', NODE_ENVS) === 'production';
  variables.oneOf('LOG_LEVEL', LOG_LEVELS);
  const port = variables.integer('PORT', PORTS) ?? 3000;
  if (production) refuseDemo(variables);
  const dataDir = dataDirOf(variables.env);
  return {
    production,
    host: variables.get('HOST') ?? '127.0.0.1',
    port,
    dataDir,
    database: readDatabase(variables, production, worksJobs),
    poolSize: variables.integer('DATABASE_POOL', { min: 2, max: 200 }) ?? 10,
    storage: readStorage(variables, { production, dataDir }),
    clockStart: readClockStart(variables),
    corsOrigins: readOrigins(variables),
    trustProxy: readProxies(variables),
    metricsToken: variables.secret('METRICS_TOKEN'),
    metricsPort: variables.integer('METRICS_PORT', PORTS),
    workerMetricsPort: variables.integer('WORKER_METRICS_PORT', PORTS),
    demo: { password: variables.get('DEMO_PASSWORD'), channelKey: variables.get('DEMO_CHANNEL_KEY') },
  };
}

/** Returns the absolute path of `DATA_DIR`. */
export function dataDirOf(env: Environment): string {
  return resolve(env.DATA_DIR || '.data');
}

export function isPostgresUrl(value: string): boolean {
  return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value);
}

function refuseDemo({ env, fault }: Variables): void {
  for (const name of Object.keys(env))
    if (name === 'CLOCK_START' || name.startsWith('DEMO_')) fault(`${name} is refused in production.`);
}

function readDatabase(
  { env, fault }: Variables,
  production: boolean,
  worksJobs: boolean,
): Config['database'] {
  const needed = ['DATABASE_URL', 'DATABASE_PUBLIC_URL', ...(worksJobs ? ['DATABASE_JOBS_URL'] : [])];
  for (const name of production ? needed : [])
    if (!env[name]) fault(`${name} is missing: production needs its own logins (npm run db:roles).`);
  for (const name of DATABASE_URLS)
    if (env[name] && !isPostgresUrl(env[name]))
      fault(`${name} is not a URL such as postgres://user:password@host:5432/database.`);
  const {
    DATABASE_URL: app,
    DATABASE_OWNER_URL: owner,
    DATABASE_JOBS_URL: jobs,
    DATABASE_PUBLIC_URL: reader,
  } = env;
  if (app) return { owner, app, jobs, public: reader };
  if (reader || jobs) fault('DATABASE_URL is missing although other database URLs are set.');
  return null;
}

function readClockStart({ env, fault }: Variables): Date | undefined {
  if (env.CLOCK_START === undefined) return undefined;
  const start = new Date(env.CLOCK_START);
  if (Number.isNaN(start.getTime()))
    fault('CLOCK_START is not an ISO 8601 instant, e.g. 2026-12-05T09:00:00-06:00.');
  return start;
}

function readOrigins(variables: Variables): string[] {
  const origins = variables.list('CORS_ORIGINS');
  for (const origin of origins.filter((one) => !isOrigin(one)))
    variables.fault(`CORS_ORIGINS: ${origin} is not an origin such as https://denuncias.example.`);
  return origins;
}

/** Tells whether a text is an origin as browsers send it: scheme, host and perhaps a port, no path. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function readProxies({ env, fault }: Variables): boolean | string {
  const value = env.TRUST_PROXY ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  try {
    proxyAddr.compile(listOf(value));
  } catch {
    fault('TRUST_PROXY must be true, false, or addresses such as 127.0.0.1, 10.0.0.0/8.');
  }
  return value;
}
