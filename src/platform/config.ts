import proxyAddr from '@fastify/proxy-addr';
import { StartError } from './errors.js';
import { loadSecrets, readVariable, type Environment } from './secrets.js';
import type { Secrets } from './crypto/keyring.js';
import { lostLetters } from './text-file.js';
import { resolve } from 'node:path';

export interface Config {
  production: boolean;
  host: string;
  port: number;
  dataDir: string;
  /** null = the embedded server. */
  database: { owner?: string; app: string; jobs?: string; public?: string } | null;
  poolSize: number;
  secrets: Secrets;
  clockStart?: Date;
  corsOrigins: string[];
  trustProxy: boolean | string;
  metricsToken?: string;
  metricsPort?: number;
  /** The same of a worker that runs alone. */
  workerMetricsPort?: number;
  demo: { password?: string; channelKey?: string };
  whatsapp?: WhatsAppConfig;
}

export interface WhatsAppConfig {
  appSecrets: string[];
  verifyToken: string;
  accessToken: string;
  phoneNumberId: string;
  /** Code of the institution; absent = the first demo institution. */
  institution?: string;
  graphUrl: string;
  apiVersion: string;
}

/**
 * Reads the environment once.
 * @throws StartError with one line per fault, joined by newlines
 */
export function loadConfig(given: Environment): Config {
  const env = withoutBlanks(given);
  const faults: string[] = [];
  const fault = (line: string): void => void faults.push(line);
  for (const [name, value] of Object.entries(env)) {
    if (OURS.test(name.replace('\uFEFF', '')) && (name.startsWith('\uFEFF') || lostLetters(value ?? '')))
      fault(
        `${name.replace('\uFEFF', '')} was not read as UTF-8. Save the file of variables as UTF-8 without byte order mark.`,
      );
  }
  // A mistyped "production" would start a demo.
  if (env.NODE_ENV !== undefined && !NODE_ENVS.includes(env.NODE_ENV))
    fault(`NODE_ENV must be one of ${NODE_ENVS.join(', ')}.`);
  const production = env.NODE_ENV === 'production';
  const dataDir = dataDirOf(env);
  const port = integer(env.PORT, 3000, 0, 65535, 'PORT', fault);
  const metricsPorts = (['METRICS_PORT', 'WORKER_METRICS_PORT'] as const).map((name) =>
    env[name] === undefined ? undefined : integer(env[name], 0, 0, 65535, name, fault),
  );
  const poolSize = integer(env.DATABASE_POOL, 10, 2, 200, 'DATABASE_POOL', fault);

  if (env.LOG_LEVEL !== undefined && !LOG_LEVELS.includes(env.LOG_LEVEL))
    fault(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`);

  let clockStart: Date | undefined;
  if (env.CLOCK_START !== undefined) {
    clockStart = new Date(env.CLOCK_START);
    if (Number.isNaN(clockStart.getTime()))
      fault('CLOCK_START is not an ISO 8601 instant, e.g. 2026-12-05T09:00:00-06:00.');
  }
  if (production) {
    for (const name of Object.keys(env).filter(
      (key) => (key === 'CLOCK_START' || key.startsWith('DEMO_')) && env[key] !== undefined,
    )) {
      fault(`${name} is refused in production.`);
    }
    for (const name of ['DATABASE_URL', 'DATABASE_PUBLIC_URL']) {
      if (!env[name]) fault(`${name} is missing: production needs its own logins (npm run db:roles).`);
    }
  }
  for (const name of DATABASE_URLS) {
    if (env[name] && !isPostgresUrl(env[name]))
      fault(`${name} is not a URL such as postgres://user:password@host:5432/database.`);
  }
  if (!env.DATABASE_URL && (env.DATABASE_PUBLIC_URL || env.DATABASE_JOBS_URL))
    fault('DATABASE_URL is missing although other database URLs are set.');
  const corsOrigins = listOf(env.CORS_ORIGINS);
  for (const origin of corsOrigins.filter((one) => !isOrigin(one)))
    fault(`CORS_ORIGINS: ${origin} is not an origin such as https://denuncias.example.`);
  const trustProxy = trustOf(env.TRUST_PROXY);
  if (trustProxy === undefined) fault('TRUST_PROXY must be true, false, or addresses such as 127.0.0.1, 10.0.0.0/8.');
  const whatsapp = loadWhatsApp(given, fault);
  const metricsToken = readVariable(env, 'METRICS_TOKEN', fault);
  const secrets = loadSecrets(env, { production, dataDir, refused: faults.length > 0 }, fault);
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  return {
    production,
    host: env.HOST ?? '127.0.0.1',
    port,
    dataDir,
    database: env.DATABASE_URL
      ? {
          owner: env.DATABASE_OWNER_URL,
          app: env.DATABASE_URL,
          jobs: env.DATABASE_JOBS_URL,
          public: env.DATABASE_PUBLIC_URL,
        }
      : null,
    poolSize,
    secrets: secrets!,
    clockStart,
    corsOrigins,
    trustProxy: trustProxy!,
    metricsToken,
    metricsPort: metricsPorts[0],
    workerMetricsPort: metricsPorts[1],
    demo: { password: env.DEMO_PASSWORD, channelKey: env.DEMO_CHANNEL_KEY },
    whatsapp,
  };
}

/**
 * A blank value is an absent one, as files of variables leave it: a blank DEMO_PASSWORD or METRICS_TOKEN taken at its word
 * would let everybody in.
 */
export function withoutBlanks(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
}

const listOf = (value = ''): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** As browsers send it: scheme, host and perhaps a port, no path. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** @returns undefined for what is neither a word nor a list of addresses */
function trustOf(value = 'false'): boolean | string | undefined {
  if (value === 'true' || value === 'false') return value === 'true';
  try {
    proxyAddr.compile(listOf(value));
    return value;
  } catch {
    return undefined;
  }
}

/** Absolute path of `DATA_DIR`. */
export function dataDirOf(env: Environment): string {
  return resolve(env.DATA_DIR || '.data');
}

const DATABASE_URLS = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_JOBS_URL', 'DATABASE_PUBLIC_URL'];
/** What this program reads; another program's variable may hold anything. */
const OURS =
  /^(NODE_ENV|PORT|HOST|DATA_DIR|POSTGRES_BIN_DIR|LOG_LEVEL|CLOCK_START|CORS_ORIGINS|TRUST_PROXY|KEY_ENCRYPTION_KEY|PEPPER|STATS_NOISE_KEY|SESSION_KEY|INBOX_KEY)(_FILE)?$|^(DATABASE|METRICS|WHATSAPP|DEMO)_/;
const NODE_ENVS = ['production', 'development', 'test'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'];

const WHATSAPP_NEEDED = [
  'WHATSAPP_APP_SECRET',
  'WHATSAPP_VERIFY_TOKEN',
  'WHATSAPP_ACCESS_TOKEN',
  'WHATSAPP_PHONE_NUMBER_ID',
] as const;

function loadWhatsApp(env: Environment, fault: (line: string) => void): WhatsAppConfig | undefined {
  const values = WHATSAPP_NEEDED.map((name) => readVariable(env, name, fault));
  // Off when absent; half a configuration or a blank secret would verify nothing.
  if (values.every((value) => value === undefined) && WHATSAPP_NEEDED.every((name) => env[name] === undefined))
    return undefined;
  WHATSAPP_NEEDED.forEach((name, index) => {
    if (!values[index]) fault(`${name} is missing or blank although WhatsApp is configured.`);
  });
  const [appSecret, verifyToken, accessToken, phoneNumberId] = values;
  return {
    // Two secrets, separated by a comma, during a rotation.
    appSecrets: (appSecret ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
    verifyToken: verifyToken ?? '',
    accessToken: accessToken ?? '',
    phoneNumberId: phoneNumberId ?? '',
    institution: env.WHATSAPP_INSTITUTION,
    graphUrl: env.WHATSAPP_GRAPH_URL ?? 'https://graph.facebook.com',
    apiVersion: env.WHATSAPP_API_VERSION ?? 'v25.0',
  };
}

export function isPostgresUrl(value: string): boolean {
  return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value);
}

function integer(
  value: string | undefined,
  fallback: number,
  min: number,
  max: number,
  name: string,
  fault: (line: string) => void,
): number {
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    fault(`${name} must be a whole number from ${min} to ${max}.`);
    return fallback;
  }
  return number;
}
