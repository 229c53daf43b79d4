import { backUp, writeDurably } from '@denuncia-abierta/embedded-postgres';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { readArguments } from './arguments.js';
import { secretsFileOf, secretsToKeep, type SecretsToKeep } from './backup-secrets.js';
import { backUpFiles, storeFolder, tellMissing } from './backup-files.js';
import { embeddedDataDir } from './embedded-only.js';

const say = (line: string): void => console.log(line);

const COMMAND = {
  usage: 'npm run backup [-- --to FOLDER]',
  does: 'Copies the embedded database and the files of evidence while they work; the secrets go to FOLDER.secrets.',
  example: 'npm run backup -- --to /media/usb/denuncia',
};
const OPTIONS = {
  to: { type: 'string', value: 'FOLDER', text: 'a new folder (in DATA_DIR/backups, named by the time)' },
} as const;

/**
 * Copy the embedded database while it works, then the files of evidence, together with the secrets. Without
 * the secrets nobody can read the copy.
 */
await run(async () => {
  const given = readArguments(COMMAND, OPTIONS);
  const dataDir = embeddedDataDir(process.env);
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const to = resolve(given.to ?? join(dataDir, 'backups', `denuncia-${stamp}`));
  const secretsFile = secretsFileOf(to);
  const files = storeFolder(process.env, dataDir);
  let url = '';
  let secrets: SecretsToKeep = { lines: [], elsewhere: [] };
  await backUp({
    dataDir,
    to,
    log: (line) => console.error(line),
    before: async (server) => {
      url = server.superuserUrl('denuncia');
      secrets = await secretsToKeep(url, dataDir, process.env);
      if (existsSync(secretsFile))
        throw new StartError(`${secretsFile} exists and is not overwritten. Give a new folder.`);
    },
    after: async () => {
      const copied = files === null ? null : await backUpFiles(files, to, url);
      if (secrets.lines.length > 0) await writeDurably(secretsFile, `${secrets.lines.join('\n')}\n`);
      say(
        `Backup in ${to}${copied === null ? '' : `, with ${copied.count} stored files: originals, copies and parts of uploads`}`,
      );
      if (copied === null) say('The files of evidence lie in a bucket: it needs a backup of its own.');
      // The backup is made, and somebody must look.
      if (copied !== null && copied.missing.length > 0) {
        tellMissing(copied.missing);
        process.exitCode = 1;
      }
      tellOf(secretsFile, secrets);
    },
  });
});

function tellOf(secretsFile: string, { lines, elsewhere }: SecretsToKeep): void {
  if (lines.length > 0) {
    say(`Its secrets in ${secretsFile}`);
    say(
      'Whoever has both reads every report: keep the file apart from the folder, and both off this machine.',
    );
  }
  for (const name of elsewhere) say(`${name} comes from the environment and is in neither: keep it safe.`);
}
