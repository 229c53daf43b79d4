import type pg from 'pg';
import { StartError } from '../errors.js';
import { FolderStore, type FolderSettings } from './folder-store.js';
import type { ObjectStore } from './object-store.js';

export type StorageSettings = FolderSettings;

export function openStore(settings: StorageSettings): ObjectStore {
  return new FolderStore(settings);
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
      'The store of files belongs to another database. Give this database a store of its own (STORAGE_DIR), or bring back the store that belongs to it.',
    );
}
