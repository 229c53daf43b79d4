import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * A small project with our build: what it does to a dist that is in use must not be tried on the one of the
 * tests.
 */
const project = realpathSync(mkdtempSync(join(tmpdir(), 'build-')));
const modules = join(project, 'node_modules');
const put = (file: string, text: string): void => {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
};
const got = (file: string): string => readFileSync(join(project, file), 'utf8');
const build = (...args: string[]): Promise<{ code: number; said: string }> =>
  new Promise((settle) => {
    execFile(process.execPath, ['scripts/build.mjs', ...args], { cwd: project }, (error, out, err) =>
      settle({ code: error ? 1 : 0, said: out + err }),
    );
  });

beforeAll(() => {
  for (const file of [
    'nest-cli.json',
    '.swcrc',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
  ]) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    copyFileSync(resolve(file), join(project, file));
  }
  put('package.json', '{ "type": "module" }');
  put('packages/tool/src/index.ts', 'export const tool: number = 1;');
  put('src/main.ts', 'export const main: number = 1;');
  put('src/page/words.csv', 'a,b\n');
  for (const folder of ['migrations', 'bench', 'test']) put(`${folder}/x.ts`, 'export const x = 1;');
  symlinkSync(resolve('node_modules'), modules);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('a build', () => {
  it('compiles sources and packages, copies what lies beside them, and does nothing a second time', async () => {
    expect(await build()).toMatchObject({ code: 0, said: expect.stringContaining('Built dist') });
    expect(got('dist/src/main.js')).toContain('main = 1');
    expect(got('dist/src/page/words.csv')).toBe('a,b\n');
    expect(got('packages/tool/dist/index.js')).toContain('tool = 1');
    const map = (file: string): string[] => (JSON.parse(got(file)) as { sources: string[] }).sources;
    expect([map('dist/src/main.js.map'), map('packages/tool/dist/index.js.map')]).toEqual([
      ['../../src/main.ts'],
      ['../src/index.ts'],
    ]);
    expect(await build()).toEqual({ code: 0, said: '' });
  });

  it('of the service has nothing of bench and test; with --tools it has, and a build for production removes it', async () => {
    expect(readdirSync(join(project, 'dist')).sort()).toEqual(['.stamp', 'migrations', 'src']);
    expect(await build('--tools')).toMatchObject({ code: 0, said: expect.stringContaining('Built dist') });
    expect(got('dist/bench/x.js') + got('dist/test/x.js')).toMatch(/x = 1[\s\S]*x = 1/);
    expect(got('dist/src/page/words.csv')).toBe('a,b\n');
    expect([await build('--tools'), await build()]).toEqual(Array(2).fill({ code: 0, said: '' }));
    put('test/x.ts', 'export const x = 2;');
    expect(await build()).toEqual({ code: 0, said: '' });
    await build('--tools');
    expect(got('dist/test/x.js')).toContain('x = 2');
    await build('--force');
    expect(readdirSync(join(project, 'dist')).sort()).toEqual(['.stamp', 'migrations', 'src']);
  });

  it('is made again when a package lost what was compiled', async () => {
    rmSync(join(project, 'packages/tool/dist'), { recursive: true });
    expect(await build()).toMatchObject({ said: expect.stringContaining('Built dist') });
    expect(got('packages/tool/dist/index.js')).toContain('tool = 1');
  });

  it('removes what was compiled of sources that are gone', async () => {
    put('src/old.ts', 'export const old = 1;');
    await build();
    unlinkSync(join(project, 'src/old.ts'));
    await build();
    expect(readdirSync(join(project, 'dist/src')).sort()).toEqual(['main.js', 'main.js.map', 'page']);
  });

  it('of sources that do not compile names the line, and leaves all that runs as it was', async () => {
    put('src/main.ts', 'export const main: number = 2;');
    put('packages/tool/src/index.ts', 'export const tool = ;');
    const { code, said } = await build();
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/Expression expected[\s\S]*export const tool = ;/),
    ]);
    expect(said).not.toMatch(/backtrace|at file:/i);
    expect(got('dist/src/main.js')).toContain('main = 1');
    put('src/main.ts', 'export const main: number = 1;');
    put('packages/tool/src/index.ts', 'export const tool: number = 1;');
    expect(await build()).toEqual({ code: 0, said: '' });
  });

  it('without its compilers says so in a line, and what was built still counts', async () => {
    unlinkSync(modules);
    try {
      expect(await build()).toEqual({ code: 0, said: '' });
      const forced = await build('--force');
      expect([forced.code, forced.said]).toEqual([1, expect.stringContaining('npm ci --include=dev')]);
      expect(forced.said.trim().split('\n')).toHaveLength(1);
      expect(await build()).toEqual({ code: 0, said: '' });
    } finally {
      symlinkSync(resolve('node_modules'), modules);
    }
  });

  it('that two processes want at once is made once', async () => {
    put('src/main.ts', 'export const main: number = 3;');
    const both = await Promise.all([build(), build()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ said }) => said.includes('Built dist'))).toHaveLength(1);
    expect(got('dist/src/main.js')).toContain('main = 3');
  });

  it('that is killed is made again, and leaves nothing of itself', async () => {
    put('src/main.ts', 'export const main: number = 4;');
    const killed = spawn(process.execPath, ['scripts/build.mjs'], { cwd: project, stdio: 'ignore' });
    while (!readdirSync(join(project, 'dist')).some((name) => name.startsWith('.new.')))
      await new Promise((next) => setTimeout(next, 10));
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(got('dist/src/main.js')).toContain('main = 3');
    expect(await build()).toMatchObject({ code: 0, said: expect.stringContaining('Built dist') });
    expect(got('dist/src/main.js')).toContain('main = 4');
    expect(existsSync(join(project, 'dist/.lock'))).toBe(false);
    expect(await build()).toEqual({ code: 0, said: '' });
  });
});
