import {
  explainFileError,
  giveToOwner,
  makePrivateFolder,
  prepareDataDir,
} from '@denuncia-abierta/embedded-postgres';
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from './crypto/keyring.js';
import { errorCode } from './error-code.js';
import { StartError } from './errors.js';
import { decodeText } from './text-file.js';

export type Environment = Record<string, string | undefined>;

/** Environment names of the secrets. Each is 32 bytes in base64, given as value or as `NAME_FILE`. */
export const SECRET_NAMES: Record<keyof Secrets, string> = {
  keyEncryption: 'KEY_ENCRYPTION_KEY',
  pepper: 'PEPPER',
  statsNoise: 'STATS_NOISE_KEY',
  session: 'SESSION_KEY',
  inbox: 'INBOX_KEY',
};

/** Makes a new secret in the form of the environment: base64 of 32 random bytes. */
export function newSecret(): string {
  return randomBytes(32).toString('base64');
}

/**
 * Returns the value of NAME, or the content of the file that NAME_FILE names.
 * @returns undefined when neither is set, or when the value cannot be used: then one line went to `fault`
 */
export function readVariable(
  env: Environment,
  name: string,
  fault: (line: string) => void,
): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name]?.trim();
  if (env[name] !== undefined) {
    fault(`${name} and ${name}_FILE are both set; keep one.`);
    return undefined;
  }
  try {
    return decodeText(readFileSync(file), `${name}_FILE`).trim();
  } catch (error) {
    if (error instanceof StartError) fault(error.message);
    else fault(`${name}_FILE cannot be read (${errorCode(error) ?? 'unknown reason'}).`);
    return undefined;
  }
}

/**
 * Reads all secrets from the environment. Outside production, missing secrets are generated once into
 * `DATA_DIR`. This happens only when nothing else is wrong, so that a refused start leaves no files. One line
 * for each missing, weak or repeated secret goes to `fault`, and the result is then undefined.
 * @param options.refused whether the start is refused already, for another reason
 */
export function loadSecrets(
  env: Environment,
  options: { production: boolean; dataDir: string; refused: boolean },
  fault: (line: string) => void,
): Secrets | undefined {
  const found: Partial<Secrets> = {};
  const owners = new Map<string, string>();
  let refused = options.refused;
  const refuse = (line: string): void => {
    refused = true;
    fault(line);
  };
  const take = (key: keyof Secrets, text: string): void => {
    const name = SECRET_NAMES[key];
    const bytes = Buffer.from(text, 'base64');
    const weakness = weaknessOf(bytes, text);
    const twin = owners.get(bytes.toString('base64'));
    if (weakness) refuse(`${name} ${weakness}. "npm run secrets" makes a good one.`);
    else if (twin) refuse(`${twin} and ${name} are equal; each needs its own value.`);
    else found[key] = bytes;
    owners.set(bytes.toString('base64'), name);
  };

  const missing: (keyof Secrets)[] = [];
  for (const [key, name] of Object.entries(SECRET_NAMES) as [keyof Secrets, string][]) {
    const given = readVariable(env, name, refuse);
    if (given !== undefined) take(key, given);
    else if (isSet(env, name)) continue;
    else if (options.production) refuse(`${name} is missing. "npm run secrets" makes one.`);
    else missing.push(key);
  }
  if (refused) return undefined;
  if (missing.length > 0) {
    const kept = new KeptSecrets(options.dataDir);
    for (const key of missing) take(key, kept.get(SECRET_NAMES[key]));
  }
  return refused ? undefined : (found as Secrets);
}

/** Tells whether the environment gives a variable, as value or as file. */
export function isSet(env: Environment, name: string): boolean {
  return env[name] !== undefined || env[`${name}_FILE`] !== undefined;
}

function weaknessOf(bytes: Buffer, text: string): string | undefined {
  if (bytes.length !== 32 || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    return 'is not base64 of 32 bytes';
  }
  // 32 random bytes hold about 30 different values. With fewer than 16 a person typed or repeated them.
  return new Set(bytes).size < 16 ? 'is not random' : undefined;
}

/** Name of the folder in `DATA_DIR` that holds the generated secrets. */
export const KEPT_FOLDER = 'secrets';

/**
 * Values that are generated once for the demo default, one file (0600) each in `DATA_DIR/secrets`. Each file
 * can serve as `NAME_FILE`.
 *
 * Each value has its own file, which is made complete in one step. `start:api` and `start:worker` may start
 * at once on an empty folder. The second process must get the value of the first. Otherwise the database
 * would be made with a key that no file holds.
 */
export class KeptSecrets {
  private readonly folder: string;

  /** @throws EmbeddedError when the folder cannot be written */
  constructor(private readonly dataDir: string) {
    this.folder = this.explained(() => makePrivateFolder(prepareDataDir(dataDir), KEPT_FOLDER));
  }

  /** Returns the kept value. At its first use, `make` makes it and it is stored. */
  get(name: string, make: () => string = newSecret): string {
    return this.read(name) ?? this.store(name, make(), linkSync);
  }

  has(name: string): boolean {
    return this.read(name) !== undefined;
  }

  set(name: string, value: string): void {
    this.store(name, value, renameSync);
  }

  private read(name: string): string | undefined {
    try {
      return readFileSync(join(this.folder, name), 'utf8').trim();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw explainFileError(error, this.dataDir);
    }
  }

  /**
   * Writes a temporary file, flushes it, and then puts it into place. So a crash leaves the old value or the
   * new value, never half of one.
   * @param put `linkSync` leaves a file that is there already, `renameSync` replaces it
   * @returns the value that the file now holds
   */
  private store(name: string, value: string, put: (from: string, to: string) => void): string {
    const temporary = join(this.folder, `${name}.${process.pid}.tmp`);
    this.explained(() => {
      writeFileSync(temporary, `${value}\n`, { mode: 0o600, flush: true });
      giveToOwner(temporary, this.dataDir);
      try {
        put(temporary, join(this.folder, name));
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      rmSync(temporary, { force: true });
    });
    return this.read(name) ?? value;
  }

  private explained<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explainFileError(error, this.dataDir);
    }
  }
}
