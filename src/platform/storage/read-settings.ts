import { join, resolve } from 'node:path';
import type { Variables } from '../variables.js';
import type { StorageSettings } from './open-store.js';

/** MiB of the disk that files leave free, for the database and the log. */
const RESERVE = 512;

/** Names of buckets, in all services. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Hosts on this machine, as `URL` writes them. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Letters that mean the same in every service and need no coding in a URL. */
const PREFIX = /^[\w-]+(\/[\w-]+)*\/?$/;

/** Reads where files lie: in a bucket when one is named, else in a folder. Notes faults in `variables`. */
export function readStorage(
  variables: Variables,
  { production, dataDir }: { production: boolean; dataDir: string },
): StorageSettings {
  const { env, fault } = variables;
  const bucket = readBucket(variables, production);
  if (bucket && env.STORAGE_DIR) fault('STORAGE_DIR and STORAGE_S3_BUCKET are both set; keep one.');
  return bucket ?? readFolder(variables, dataDir);
}

function readFolder(variables: Variables, dataDir: string): StorageSettings {
  const { env } = variables;
  const reserve = variables.integer('STORAGE_RESERVE_MIB', { min: 0, max: 1_000_000 }) ?? RESERVE;
  return {
    kind: 'folder',
    folder: resolve(env.STORAGE_DIR || join(dataDir, 'objects')),
    reserve: reserve * 1024 * 1024,
  };
}

function readBucket(variables: Variables, production: boolean): StorageSettings | undefined {
  const { env, fault } = variables;
  const {
    STORAGE_S3_BUCKET: bucket,
    STORAGE_S3_ENDPOINT: endpoint,
    STORAGE_S3_REGION: region = 'us-east-1',
    STORAGE_S3_PREFIX: prefix,
  } = env;
  const accessKeyId = variables.secret('STORAGE_S3_ACCESS_KEY_ID');
  const secretAccessKey = variables.secret('STORAGE_S3_SECRET_ACCESS_KEY');
  // A server that people run themselves knows a bucket by the path, unless they prepared names for it.
  const pathStyle =
    (variables.oneOf('STORAGE_S3_PATH_STYLE', ['true', 'false']) ?? String(!!endpoint)) === 'true';
  if (!bucket) {
    if (Object.keys(env).some((name) => name.startsWith('STORAGE_S3_')))
      fault('STORAGE_S3_BUCKET is missing although other variables of STORAGE_S3 are set.');
    return undefined;
  }
  if (!BUCKET.test(bucket))
    fault('STORAGE_S3_BUCKET is not the name of a bucket: 3 to 63 small letters, digits, dots and dashes.');
  if (!accessKeyId) fault('STORAGE_S3_ACCESS_KEY_ID is missing: a bucket needs its keys.');
  if (!secretAccessKey) fault('STORAGE_S3_SECRET_ACCESS_KEY is missing: a bucket needs its keys.');
  if (!/^[a-z0-9-]{1,63}$/.test(region)) fault('STORAGE_S3_REGION is not a region such as us-east-1.');
  if (prefix && !PREFIX.test(prefix))
    fault('STORAGE_S3_PREFIX must be letters, digits, - and _, in parts between slashes.');
  if (endpoint) checkEndpoint(endpoint, production, fault);
  return {
    kind: 'bucket',
    bucket,
    endpoint,
    region,
    accessKeyId: accessKeyId ?? '',
    secretAccessKey: secretAccessKey ?? '',
    pathStyle,
    prefix: prefix ? prefix.replace(/\/?$/, '/') : '',
  };
}

function checkEndpoint(endpoint: string, production: boolean, fault: Variables['fault']): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  // Anything behind the path would be lost, and a password in it could show in an error.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    fault('STORAGE_S3_ENDPOINT is not a URL such as https://s3.example.');
  else if (production && url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    fault('STORAGE_S3_ENDPOINT must begin with https:// in production, unless it is on this machine.');
}
