import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDataDir } from './embedded/data-dir.js';
import { StartError } from './errors.js';
import type { Secrets } from './crypto/keyring.js';

export type Environment = Record<string, string | undefined>;

/** Environment names of the secrets, 32 bytes in base64 each, as value or as `NAME_FILE`. */
export const SECRET_NAMES: Record<keyof Secrets, string> = {
  keyEncryption: 'KEY_ENCRYPTION_KEY',
  pepper: 'PEPPER',
  statsNoise: 'STATS_NOISE_KEY',
  session: 'SESSION_KEY',
  inbox: 'INBOX_KEY',
};

/** A new secret as it stands in the environment: base64 of 32 random bytes. */
export function newSecret(): string {
  return randomBytes(32).toString('base64');
}

/** The value of NAME, or the content of the file that NAME_FILE names. */
export function readVariable(env: Environment, name: string, fault: (line: string) => void): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name] === undefined ? undefined : env[name].trim();
  if (env[name] !== undefined) fault(`${name} and ${name}_FILE are both set; keep one.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    fault(`${name}_FILE cannot be read.`);
    return undefined;
  }
}

/**
 * All secrets from the environment. Outside production missing ones are generated once into `DATA_DIR`.
 * One line per missing or weak secret goes to `fault`; the result is undefined then.
 */
export function loadSecrets(
  env: Environment,
  options: { production: boolean; dataDir: string },
  fault: (line: string) => void,
): Secrets | undefined {
  const kept = options.production ? undefined : new KeptSecrets(options.dataDir);
  const found: Partial<Secrets> = {};
  for (const [key, name] of Object.entries(SECRET_NAMES) as [keyof Secrets, string][]) {
    const given = readVariable(env, name, fault);
    if (given === undefined && !kept) {
      fault(`${name} is missing. "npm run secrets" makes one.`);
      continue;
    }
    const bytes = Buffer.from(given ?? kept!.get(name), 'base64');
    const weakness = weaknessOf(bytes, given);
    if (weakness) fault(`${name} ${weakness}. "npm run secrets" makes a good one.`);
    else found[key] = bytes;
  }
  const values = Object.values(found).map((value) => value.toString('base64'));
  if (new Set(values).size !== values.length) fault('Two secrets are equal; each needs its own value.');
  return values.length === Object.keys(SECRET_NAMES).length ? (found as Secrets) : undefined;
}

function weaknessOf(bytes: Buffer, text: string | undefined): string | undefined {
  if (
    bytes.length !== 32 ||
    (text !== undefined && bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
  ) {
    return 'is not base64 of 32 bytes';
  }
  // 32 random bytes hold 30 or so different values; fewer than 16 were typed or repeated by a person.
  return new Set(bytes).size < 16 ? 'is not random' : undefined;
}

/** Values generated once for the demo default, in one file (0600) of the data folder. */
export class KeptSecrets {
  private readonly file: string;
  private values: Record<string, string>;

  /** @throws StartError when the folder cannot be written or the file is damaged */
  constructor(private readonly dataDir: string) {
    this.file = join(dataDir, 'secrets.json');
    try {
      prepareDataDir(dataDir);
      this.values = existsSync(this.file)
        ? (JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, string>)
        : {};
    } catch (error) {
      throw new StartError(
        error instanceof SyntaxError
          ? `DATA_DIR holds a damaged secrets.json; restore it from a backup: ${this.file}`
          : `DATA_DIR cannot be written: ${dataDir}. Set DATA_DIR to a folder of this user.`,
      );
    }
  }

  /** The kept value, made by `make` and stored at its first use. */
  get(name: string, make: () => string = newSecret): string {
    if (this.values[name] === undefined) this.set(name, make());
    return this.values[name]!;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  set(name: string, value: string): void {
    this.values[name] = value;
    const temporary = `${this.file}.${process.pid}`;
    try {
      // Write beside, then rename: a crash leaves the old file or the new one, never half of one.
      writeFileSync(temporary, JSON.stringify(this.values, null, 2), { mode: 0o600 });
      renameSync(temporary, this.file);
    } catch {
      throw new StartError(`DATA_DIR cannot be written: ${this.dataDir}. Set DATA_DIR to a folder of this user.`);
    }
  }
}
