import type pg from 'pg';
import { StartError } from '../errors.js';
import { FolderStore, type FolderSettings } from './folder-store.js';
import type { ObjectStore } from './object-store.js';
import type { BucketSettings } from './s3-service.js';

export type StorageSettings = FolderSettings | BucketSettings;

export async function openStore(settings: StorageSettings): Promise<ObjectStore> {
  if (settings.kind === 'folder') return new FolderStore(settings);
  // The library for it takes a fifth of a second and 25 MB. Whoever has a folder does not load it.
  const { S3Store } = await import('./s3-store.js');
  return new S3Store(settings);
}

/**
 * Refuses a store that belongs to another database. What a store holds and no row names is removed: beside
 * the wrong database that would be everything.
 * @throws StartError
 */
export async function assertOwnStore(pool: pg.Pool, store: ObjectStore): Promise<void> {
  const { rows } = await pool.query<{ id: string }>('select id from object_store');
  const { id } = rows[0]!;
  if ((await store.owner(id)) !== id)
    throw new StartError(
      'The store of files belongs to another database. Give this database a store of its own (STORAGE_DIR, or STORAGE_S3_BUCKET with STORAGE_S3_PREFIX), or bring back the store that belongs to it.',
    );
}
