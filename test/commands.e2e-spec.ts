import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Running, runToEnd, type Env } from './support/process.js';

jest.setTimeout(180_000);

const ROOT = resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Every script of the program itself, with what it runs; the others are tools with a --help of their own. */
const COMMANDS = Object.entries(scripts).flatMap(([name, line]): [string, string[]][] => {
  const [, args] = /^exec node scripts\/run\.mjs (.+)$/.exec(line) ?? [];
  return args === undefined ? [] : [[name, args.split(' ')]];
});

const folder = mkdtempSync(join(tmpdir(), 'denuncia-commands-'));
const dataDir = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withArguments = ([entry, ...args]: string[], ...more: string[]) =>
  runToEnd(entry!, { DATA_DIR: dataDir }, [...args, ...more]);

describe('every command', () => {
  it('is known here', () => {
    expect(COMMANDS.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'start',
        'start:api',
        'start:worker',
        'migrate',
        'backup',
        'restore',
        'bench',
        'demo:walk',
      ]),
    );
    expect(COMMANDS.length).toBeGreaterThanOrEqual(14);
  });

  it.each(COMMANDS)(
    '%s: tells with --help what it does, its options and an example, and starts nothing',
    async (_, line) => {
      const { code, stdout, stderr } = await withArguments(line, '--help');
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: npm (run )?[a-z:]+/);
      expect(stdout).toMatch(/\n\nOptions:\n( {2}--.+\n)* {2}--help .+\n\nExample:\n {2}.*npm (run|start)/);
      expect(existsSync(dataDir)).toBe(false);
    },
  );

  it.each(COMMANDS)('%s: ends with 2 and its usage on an option that it does not have', async (_, line) => {
    const { code, stdout, stderr } = await withArguments(line, '--no-such-option');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Unknown option '--no-such-option'\. Usage: npm [^\n]+$/);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('answers through npm, as the README writes it', async () => {
    const npm = Running.npm('start', { DATA_DIR: dataDir }, ['--help']);
    expect([await npm.exit(), npm.stdout]).toEqual([0, expect.stringContaining('Usage: npm start')]);
  });
});

describe('variables in a file', () => {
  /** The logins that this command would make: it tells what it read and needs no database. */
  const loginOf = async (env: Env): Promise<string | undefined> => {
    const { stdout } = await runToEnd('app/commands/db-roles', env);
    return /alter role "?(\w+_app)"? with login/.exec(stdout)?.[1];
  };
  const url = (user: string): string => `postgres://${user}:x@127.0.0.1:1/denuncia`;
  const file = join(folder, 'variables');
  writeFileSync(file, `# A comment\r\nDATABASE_URL="${url('file_app')}"\r\n`);

  it('are read, those of the environment go first, blank ones count as absent', async () => {
    expect(await loginOf({ ENV_FILE: file })).toBe('file_app');
    expect(await loginOf({ ENV_FILE: file, DATABASE_URL: url('given_app') })).toBe('given_app');
    expect(await loginOf({ ENV_FILE: file, DATABASE_URL: ' ' })).toBe('file_app');
    expect(await loginOf({})).toBe('denuncia_app');
  });

  it('are told in one line when the named file cannot be read', async () => {
    const { code, stderr } = await runToEnd('app/commands/secrets', { ENV_FILE: join(folder, 'none') });
    expect([code, stderr]).toEqual([1, `${join(folder, 'none')} cannot be read (ENOENT).`]);
  });

  it.each(['utf-16le', 'latin1'] as const)(
    'are refused in one line when the file is in %s',
    async (encoding) => {
      const other = join(folder, `variables-${encoding}`);
      // As a shell of Windows writes them, the first with its order mark.
      writeFileSync(
        other,
        `${encoding === 'latin1' ? '' : '\ufeff'}NODE_ENV=production\nDEMO_PASSWORD=contraseña\n`,
        encoding,
      );
      const { code, stdout, stderr } = await runToEnd('main', { ENV_FILE: other, DATA_DIR: dataDir });
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        `${other} is not in UTF-8. Save it as UTF-8 and repeat.`,
      ]);
      expect(existsSync(dataDir)).toBe(false);
    },
  );

  it('stand in .env of the project, wherever a command is started, and may be none', async () => {
    const project = join(folder, 'project');
    // An image without sources: nothing is compiled there.
    for (const name of ['scripts', 'dist', 'package.json'])
      cpSync(join(ROOT, name), join(project, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    const run = async (): Promise<string> => {
      const { PATH = '' } = process.env;
      const line = `cd / && exec env -i PATH="$PATH" '${process.execPath}' '${project}/scripts/run.mjs' app/commands/db-roles`;
      const command = Running.program('/bin/sh', ['-c', line], { PATH });
      expect(await command.exit()).toBe(0);
      return command.stdout;
    };
    expect(await run()).toMatch(/alter role "?denuncia_app"? with login/);
    writeFileSync(join(project, '.env'), `DATABASE_URL=${url('dot_env_app')}\n`);
    expect(await run()).toMatch(/alter role "?dot_env_app"? with login/);
  });
});
