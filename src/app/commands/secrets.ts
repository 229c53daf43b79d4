import { makeFolder } from '@denuncia-abierta/embedded-postgres';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode } from '../../platform/error-code.js';
import { StartError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { newSecret, SECRET_NAMES } from '../../platform/secrets.js';
import { readArguments } from './arguments.js';

const COMMAND = {
  usage: 'npm run secrets [-- --dir FOLDER]',
  does: 'Prints fresh secrets as lines for the environment, or writes them into files and prints the lines that name those.',
  example: 'npm run secrets -- --dir /etc/denuncia/secrets',
};
const OPTIONS = {
  dir: {
    type: 'string',
    value: 'FOLDER',
    text: 'where the files go, one per secret (0600); none is overwritten',
  },
} as const;

/**
 * Print fresh secrets as lines for the environment. With `--dir` write them into files and print the lines
 * that name these files.
 */
await run(async () => {
  const { dir } = readArguments(COMMAND, OPTIONS);
  const names = Object.values(SECRET_NAMES);
  if (dir === undefined) for (const name of names) console.log(`${name}=${newSecret()}`);
  else for (const line of writeSecrets(resolve(dir), names)) console.log(line);
});

/**
 * Write each secret into a new file. Never overwrite a secret: everything sealed with it could never be
 * opened again.
 * @throws StartError when one is there already
 */
function writeSecrets(folder: string, names: readonly string[]): string[] {
  try {
    makeFolder(folder, 0o700);
    return names.map((name) => {
      const file = join(folder, name);
      writeFileSync(file, `${newSecret()}\n`, { mode: 0o600, flag: 'wx', flush: true });
      return `${name}_FILE=${file}`;
    });
  } catch (error) {
    if (errorCode(error) === 'EEXIST')
      throw new StartError(
        `${(error as NodeJS.ErrnoException).path} exists and is not overwritten. Give an empty folder.`,
      );
    throw new StartError(
      `${folder} cannot be written (${errorCode(error) ?? 'unknown reason'}). Give a folder of this user.`,
    );
  }
}
