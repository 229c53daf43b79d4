import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dataDirOf, isPostgresUrl } from '../../platform/config.js';
import { connect } from '../../platform/database/connect.js';
import { sqlStateOf } from '../../platform/database/sql-state.js';
import { errorCode } from '../../platform/error-code.js';
import { StartError } from '../../platform/errors.js';
import type { Environment } from '../../platform/secrets.js';
import type { FolderSettings } from '../../platform/storage/folder-store.js';
import { objectName } from '../../platform/storage/object-name.js';
import { NoRoom, type ObjectStore } from '../../platform/storage/object-store.js';
import { openStore } from '../../platform/storage/open-store.js';
import { readStorage } from '../../platform/storage/read-settings.js';
import { Variables } from '../../platform/variables.js';

/** Whose the store is. `unknown`: no database was asked, and `why` says the reason. */
export type Ownership = { is: 'ours' | 'empty' | 'foreign' } | { is: 'unknown'; why: string };

/** What was found about the store of files. */
export interface StoreFindings {
  kind: 'folder' | 'bucket' | 'unknown';
  /** Folder, or name of the bucket. */
  place?: string;
  reachable: boolean;
  writable: boolean;
  /** MiB of the disk of a folder: free for the user of this command, and what stays free. */
  freeMib?: number;
  reserveMib?: number;
  /** Free is no more than the reserve. */
  full?: boolean;
  ownership?: Ownership;
  fault?: string;
}

const MIB = 1024 * 1024;

/** Looks at the store without leaving anything in it. A fault is a finding, never an error. */
export async function lookAtStore(env: Environment): Promise<StoreFindings> {
  const found: StoreFindings = { kind: 'unknown', reachable: false, writable: false };
  try {
    const variables = new Variables(env);
    const production = env.NODE_ENV === 'production';
    const settings = readStorage(variables, { production, dataDir: dataDirOf(env) });
    variables.assertGood();
    found.kind = settings.kind;
    found.place = settings.kind === 'folder' ? settings.folder : settings.bucket;
    const store = await openStore(settings);
    if (settings.kind === 'folder') Object.assign(found, await lookAtFolder(settings));
    const owner = await store.knownOwner();
    found.reachable = true;
    if (settings.kind === 'bucket') Object.assign(found, await tryToWrite(store));
    found.ownership = await ownershipOf(owner, env);
  } catch (error) {
    found.fault = faultOf(error);
  }
  return found;
}

/** The folder may not be there yet: the service makes it. Then the one above counts. */
async function lookAtFolder({ folder, reserve }: FolderSettings): Promise<Partial<StoreFindings>> {
  const there = await nearest(folder);
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const writable = await access(there, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  const mib = { freeMib: Math.floor(free / MIB), reserveMib: reserve / MIB };
  return { writable, full: free <= reserve, ...mib };
}

async function nearest(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return nearest(dirname(folder));
  }
}

/** A bucket tells only when it is written to. A small object comes and goes. */
async function tryToWrite(store: ObjectStore): Promise<Partial<StoreFindings>> {
  const name = objectName();
  try {
    await store.put(name, oneByte());
    await store.remove([name]);
    return { writable: true };
  } catch (error) {
    return { writable: false, full: error instanceof NoRoom, fault: faultOf(error) };
  }
}

async function* oneByte(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(1);
}

/** Asks the database that is configured. An embedded one is not started for this. */
async function ownershipOf(owner: string | undefined, env: Environment): Promise<Ownership> {
  const url = env.DATABASE_URL;
  if (!url) return { is: 'unknown', why: 'no DATABASE_URL: the service looks when it starts' };
  if (!isPostgresUrl(url)) return { is: 'unknown', why: 'DATABASE_URL is not a URL of PostgreSQL' };
  let client;
  try {
    client = await connect(url, 'DATABASE_URL');
    const { rows } = await client.query<{ id: string }>('select id from object_store');
    return { is: owner === undefined ? 'empty' : owner === rows[0]?.id ? 'ours' : 'foreign' };
  } catch (error) {
    // undefined_table
    if (sqlStateOf(error) === '42P01') return { is: 'unknown', why: 'run "npm run migrate" first' };
    return { is: 'unknown', why: faultOf(error) };
  } finally {
    await client?.end();
  }
}

/** Our own messages name no secret. Of other errors only the code is told. */
function faultOf(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return errorCode(error) ?? (error instanceof Error ? error.name : 'unknown reason');
}
