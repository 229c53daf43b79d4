import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { DATA, MANIFEST, type Manifest } from './backup-format.js';
import { EmbeddedError } from './embedded-error.js';
import {
  assertRoom,
  copyFiles,
  listTree,
  makeFolders,
  readStable,
  writeDurably,
  type FileRecord,
} from './file-copy.js';
import type { EmbeddedServer } from './join.js';

const CONTROL = 'global/pg_control';
/**
 * Every start empties these folders or makes them again. So their contents are left out, as pg_basebackup
 * does.
 */
const EMPTY = /^(pg_wal|pg_dynshmem|pg_notify|pg_replslot|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\//;
/**
 * Files left out one by one: files of the running server or of an earlier restore, caches, temporary files,
 * and files that are copied in a special way.
 */
const SINGLE =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|postgresql\.auto\.conf\.tmp|current_logfiles(\.tmp)?|global\/pg_control)$|(^|\/)(pg_internal\.init|pgsql_tmp)|\/t\d+_\d+/;

/**
 * Make a base backup with PostgreSQL's low-level interface (PostgreSQL 18, section 25.3.4). The files may
 * change while they are copied. The log that is written meanwhile is copied after them and repairs torn
 * files.
 */
export async function baseBackup(server: EmbeddedServer, to: string): Promise<void> {
  // Use one session from start to stop: the server cancels a backup when its session ends.
  const client = new pg.Client({ connectionString: server.superuserUrl('postgres') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (readdirSync(join(server.dataFolder, 'pg_tblspc')).length > 0)
      throw new EmbeddedError('The database has tablespaces, which this backup does not cover.');
    // The slot keeps the server from recycling the log during the copy. The slot ends with the session.
    await client.query('select pg_create_physical_replication_slot($1, true, true)', [
      `backup_${process.pid}`,
    ]);
    await client.query('select pg_backup_start($1, fast => true)', ['backup']);
    const tree = listTree(server.dataFolder, isLeftOut);
    assertRoom(to, tree.bytes);
    const data = join(to, DATA);
    makeFolders(data, tree.folders);
    const copied = await copyFiles(server.dataFolder, data, tree.files);
    copied.set(
      CONTROL,
      await writeDurably(join(data, CONTROL), await readStable(join(server.dataFolder, CONTROL))),
    );

    const { rows } = await client.query<{ label: string; last: string }>(
      'select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(wait_for_archive => false)',
    );
    const { label, last } = rows[0]!;
    copied.set('backup_label', await writeDurably(join(data, 'backup_label'), label));
    const first = /\(file ([0-9A-F]{24})\)/.exec(label)?.[1];
    if (first === undefined) throw new EmbeddedError('PostgreSQL gave a backup label without a log file.');
    const segments = readdirSync(join(server.dataFolder, 'pg_wal')).filter(
      (name) => name >= first && name <= last,
    );
    const log = await copyFiles(join(server.dataFolder, 'pg_wal'), join(data, 'pg_wal'), segments);
    for (const [name, record] of log) copied.set(`pg_wal/${name}`, record);
    // Write this file last: it makes the folder a backup.
    await writeDurably(
      join(to, MANIFEST),
      JSON.stringify(manifestOf(await majorOf(client), tree.folders, copied)),
    );
  } finally {
    await client.end();
  }
}

function isLeftOut(path: string): boolean {
  return EMPTY.test(path) || SINGLE.test(path);
}

async function majorOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  );
  return Math.floor(Number(rows[0]!.version) / 10_000);
}

function manifestOf(postgres: number, folders: string[], copied: Map<string, FileRecord>): Manifest {
  return {
    format: 1,
    madeAt: new Date().toISOString(),
    postgres,
    folders,
    files: Object.fromEntries(copied),
  };
}
