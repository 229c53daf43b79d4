import { existsSync, readFileSync } from 'node:fs';
import { KeyRing, type Secrets } from '../../platform/crypto/keyring.js';
import { connect } from '../../platform/database/connect.js';
import { wrongKeys } from '../../platform/database/prepare.js';
import { errorCode } from '../../platform/error-code.js';
import { StartError } from '../../platform/errors.js';
import { isSet, KeptSecrets, readVariable, SECRET_NAMES, type Environment } from '../../platform/secrets.js';
import { decodeText } from '../../platform/text-file.js';
import { withoutBlanks } from '../../platform/variables.js';

/**
 * The file with the secrets that belong to a backup. Both together open everything, so they are kept apart.
 */
export function secretsFileOf(folder: string): string {
  return `${folder}.secrets`;
}

/** Values kept in DATA_DIR that belong to the backup, by their name in the environment. */
export const KEPT_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, name])),
  DEMO_PASSWORD: 'demo-password',
  DEMO_CHANNEL_KEY: 'demo-channel-key',
};

export interface SecretsToKeep {
  /** `NAME=value` of the secrets that lie only in DATA_DIR. */
  lines: string[];
  /** Names of secrets that are kept elsewhere. */
  elsewhere: string[];
}

/**
 * The secrets that belong to a database. Each is compared with the secret that the database was made with. A
 * backup with other secrets would look complete and could never be read.
 * @throws StartError with one line per secret that does not fit
 */
export async function secretsToKeep(
  url: string,
  dataDir: string,
  given: Environment,
): Promise<SecretsToKeep> {
  const env = withoutBlanks(given);
  const kept = new KeptSecrets(dataDir);
  const values = Object.fromEntries(
    Object.entries(KEPT_NAMES).flatMap(([name, file]) =>
      kept.has(file) && !isSet(env, name) ? [[name, kept.get(file)]] : [],
    ),
  );
  await assertFit(url, { ...fromEnvironment(env), ...values });
  return {
    lines: Object.entries(values).map(([name, value]) => `${name}=${value}`),
    elsewhere: Object.values(SECRET_NAMES).filter((name) => values[name] === undefined),
  };
}

/** The secrets given by the environment, by name. @throws StartError when one cannot be read */
export function fromEnvironment(env: Environment): Record<string, string> {
  const faults: string[] = [];
  const found = Object.values(SECRET_NAMES).flatMap((name) => {
    const value = readVariable(env, name, (line) => faults.push(line));
    return value === undefined ? [] : [[name, value]];
  });
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  return Object.fromEntries(found) as Record<string, string>;
}

/**
 * Compare secrets with those that the database was made with. Absent secrets are not compared.
 * @throws StartError with one line per secret that does not fit
 */
export async function assertFit(url: string, values: Readonly<Record<string, string>>): Promise<void> {
  const known = Object.entries(SECRET_NAMES).filter(([, name]) => values[name] !== undefined) as [
    keyof Secrets,
    string,
  ][];
  const secrets = Object.fromEntries(known.map(([key, name]) => [key, Buffer.from(values[name]!, 'base64')]));
  const client = await connect(url, 'DATA_DIR');
  try {
    const wrong = await wrongKeys(
      client,
      new KeyRing(secrets as unknown as Secrets),
      known.map(([key]) => key),
    );
    if (wrong.length > 0)
      throw new StartError(
        wrong.map((key) => `${SECRET_NAMES[key]} is not the one this database was made with.`).join('\n'),
      );
  } finally {
    await client.end();
  }
}

/**
 * Read `NAME=value` lines, the format of files of variables. @throws StartError when the file cannot be read
 */
export function readSecretsFile(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  try {
    const lines = decodeText(readFileSync(file), file).split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const at = line.indexOf('=');
        return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1).trim()]] : [];
      }),
    );
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${file} cannot be read (${errorCode(error) ?? 'unknown reason'}).`);
  }
}
