import { readManifest, restoreBackup } from '@denuncia-abierta/embedded-postgres';
import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { connect } from '../../platform/database/connect.js';
import { refuseNewer } from '../../platform/database/migrator.js';
import { StartError, UsageError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { KEPT_FOLDER, KeptSecrets, SECRET_NAMES } from '../../platform/secrets.js';
import { withoutBlanks } from '../../platform/variables.js';
import { MIGRATIONS } from '../migrations.js';
import { readArguments } from './arguments.js';
import { assertFit, fromEnvironment, KEPT_NAMES, readSecretsFile, secretsFileOf } from './backup-secrets.js';
import { moveFilesAside, prepareFiles, putFiles, storeFolder } from './backup-files.js';
import { embeddedDataDir } from './embedded-only.js';

const COMMAND = {
  usage: 'npm run restore -- --from FOLDER [--secrets FILE] [--force] [--allow-missing]',
  does: 'Puts a backup into DATA_DIR while the service does not run.',
  example: 'npm run restore -- --from /media/usb/denuncia',
};
const OPTIONS = {
  from: { type: 'string', value: 'FOLDER', text: 'the folder that "npm run backup" made' },
  secrets: { type: 'string', value: 'FILE', text: 'its secrets (FOLDER.secrets)' },
  'allow-missing': {
    type: 'boolean',
    default: false,
    text: 'restores although files of evidence are missing in the backup, and names them',
  },
  force: { type: 'boolean', default: false, text: 'moves a database that is there aside' },
} as const;

/** Put a backup into DATA_DIR. The copy replaces the database only after it was opened with its secrets. */
await run(async () => {
  const given = readArguments(COMMAND, OPTIONS);
  const dataDir = embeddedDataDir(process.env);
  if (!given.from) throw new UsageError('Missing: --from', COMMAND.usage);
  const from = resolve(given.from);
  // Refuse a folder that is no backup before looking for its secrets.
  readManifest(from);
  const secrets = secretsFor(from, given.secrets);
  const files = storeFolder(process.env, dataDir);
  const restored = await restoreBackup({
    from,
    dataDir,
    force: given.force,
    log: (line) => console.error(line),
    prove: async (urlOf) => {
      await prove(urlOf('denuncia'), secrets);
      const source = { from, allowMissing: given['allow-missing'] };
      if (files !== null) await prepareFiles(source, files, urlOf('denuncia'));
    },
    beside: {
      moveAside: (folder, suffix, earlier) => {
        moveAside(folder, suffix, earlier);
        if (files !== null) moveFilesAside(files, suffix);
      },
      put: (folder) => {
        if (files !== null) putFiles(files);
        keep(folder, secrets);
      },
    },
  });
  console.log(`Restored the backup of ${restored.madeAt} into ${restored.dataDir}`);
  // The backup does not hold what was published after it. To publish this again would spend the privacy of
  // each report twice.
  console.log(
    'Statistics are held until "npm run releases:check" is answered: docs/operations.md, "Statistics".',
  );
});

interface Secrets {
  /** The secrets from the file, to be kept in DATA_DIR. */
  kept: Record<string, string>;
  /** These and the environment's. The environment's have priority at every start. */
  all: Record<string, string>;
}

/** @throws StartError when one is missing: nothing could be read without it */
function secretsFor(from: string, given: string | undefined): Secrets {
  const file = given === undefined ? secretsFileOf(from) : resolve(given);
  if (given !== undefined && !existsSync(file)) throw new StartError(`--secrets ${file} does not exist.`);
  const kept = readSecretsFile(file);
  const all = { ...kept, ...fromEnvironment(withoutBlanks(process.env)) };
  const missing = Object.values(SECRET_NAMES).filter((name) => all[name] === undefined);
  if (missing.length > 0)
    throw new StartError(
      `Without its secrets the backup cannot be read; missing: ${missing.join(', ')}. Give the file with --secrets FILE, or set them.`,
    );
  return { kept, all };
}

/**
 * Open the copy as this service would. @throws StartError when it is of a later version or has other secrets
 */
async function prove(url: string, secrets: Secrets): Promise<void> {
  await assertFit(url, secrets.all);
  const client = await connect(url, 'DATA_DIR');
  try {
    await refuseNewer(client, MIGRATIONS);
    await holdReleases(client);
  } finally {
    await client.end();
  }
}

/**
 * Hold the releases of a restored database. An older schema without `release_guards` gets its hold, if it has
 * releases, from the migration that makes this table.
 */
async function holdReleases(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('release_guards') is not null as there`,
  );
  if (rows[0]?.there)
    await client.query(
      `insert into release_guards (institution_id, home, held) select id, database_home(), 'restored' from institutions
       on conflict (institution_id) do update set held = excluded.held`,
    );
}

function moveAside(dataDir: string, suffix: string, earlier: string): void {
  // Print this now, so that the operator knows the place even if a later step fails.
  console.log(`The earlier database is kept in ${earlier}`);
  const kept = join(dataDir, KEPT_FOLDER);
  if (existsSync(kept)) renameSync(kept, `${kept}${suffix}`);
}

function keep(dataDir: string, secrets: Secrets): void {
  const store = new KeptSecrets(dataDir);
  for (const [name, file] of Object.entries(KEPT_NAMES)) {
    const value = secrets.kept[name];
    if (value !== undefined) store.set(file, value);
  }
}
