import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../platform/embedded/data-dir.js';
import { errorCode } from '../../platform/embedded/embedded-error.js';
import { joinEmbeddedServer } from '../../platform/embedded/join.js';
import { StartError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { readArguments } from './arguments.js';
import { secretsFileOf } from './backup-format.js';
import { secretsToKeep } from './backup-secrets.js';
import { baseBackup } from './base-backup.js';
import { embeddedDataDir } from './embedded-only.js';
import { writeDurably } from './file-copy.js';

const say = (line: string): void => console.log(line);

const COMMAND = {
  usage: 'npm run backup [-- --to FOLDER]',
  does: 'Copies the embedded database while it works; its secrets go to FOLDER.secrets.',
  example: 'npm run backup -- --to /media/usb/denuncia',
};
const OPTIONS = {
  to: { type: 'string', value: 'FOLDER', text: 'a new folder (in DATA_DIR/backups, named by the time)' },
} as const;

/** Copies the embedded database while it works, with everything that was committed before the copy began. */
await run(async () => {
  const given = readArguments(COMMAND, OPTIONS);
  const dataDir = embeddedDataDir(process.env);
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const to = resolve(given.to ?? join(dataDir, 'backups', `denuncia-${stamp}`));
  const secretsFile = secretsFileOf(to);
  if (!existsSync(join(dataDir, 'embedded.json'))) throw new StartError(`There is no database in DATA_DIR ${dataDir}.`);
  const server = await joinEmbeddedServer({ dataDir, purpose: 'command', log: (line) => console.error(line) });
  try {
    const secrets = await secretsToKeep(server.superuserUrl('denuncia'), dataDir, process.env);
    refuseTarget(to, secretsFile, server.dataFolder);
    try {
      await baseBackup(server, to);
      if (secrets.lines.length > 0) await writeDurably(secretsFile, `${secrets.lines.join('\n')}\n`);
    } catch (error) {
      rmSync(to, { recursive: true, force: true });
      throw explain(error, to);
    }
    say(`Backup in ${to}`);
    if (secrets.lines.length > 0) {
      say(`Its secrets in ${secretsFile}`);
      say('Whoever has both reads every report: keep the file apart from the folder, and both off this machine.');
    }
    for (const name of secrets.elsewhere) say(`${name} comes from the environment and is in neither: keep it safe.`);
  } finally {
    await server.leave();
  }
});

/** @throws StartError when something is there already, or when the copy would copy itself */
function refuseTarget(to: string, secretsFile: string, dataFolder: string): void {
  if (`${to}/`.startsWith(`${dataFolder}/`))
    throw new StartError(`${to} lies in the database itself. Give another folder.`);
  try {
    makeFolder(to, 0o700);
    if (readdirSync(to).length > 0) throw new StartError(`${to} is not empty. Give a new folder.`);
  } catch (error) {
    throw explain(error, to);
  }
  if (existsSync(secretsFile)) throw new StartError(`${secretsFile} exists and is not overwritten. Give a new folder.`);
}

function explain(error: unknown, to: string): unknown {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new StartError(`The disk below ${to} is full; the backup was removed.`);
  if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EEXIST', 'ENOTDIR', 'EIO'].includes(code))
    return new StartError(`The backup in ${to} cannot be written (${code}).`);
  return error;
}
