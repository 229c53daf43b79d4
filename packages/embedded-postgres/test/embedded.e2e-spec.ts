import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { removeEmbeddedServer, stopAbandoned } from '../src/join.js';
import { liveParticipants, type Purpose } from '../src/participants.js';
import { isAlive, startMark, until } from '../src/processes.js';

/**
 * A participant as a real process: joins, tells where, leaves when its input closes. Compiled by the global
 * setup.
 */
const MEMBER = `
  const [module, dataDir, purpose] = process.argv.slice(1);
  const { joinEmbeddedServer } = await import(module);
  const tell = (kind, value) => console.log(JSON.stringify({ kind, value }));
  try {
    const server = await joinEmbeddedServer({
      dataDir, purpose, settings: { fsync: 'off' }, log: (line) => tell('log', line),
    });
    const { pid, port, dataFolder } = server;
    tell('joined', { pid, port, dataFolder, url: server.superuserUrl('postgres') });
    for await (const _ of process.stdin);
    await server.leave();
  } catch (error) {
    tell('refused', { name: error.name, message: error.message });
  }`;
const MODULE = fileURLToPath(new URL('../dist/join.js', import.meta.url));
const IS_ROOT = process.getuid?.() === 0;

interface Joined {
  pid: number;
  port: number;
  dataFolder: string;
  url: string;
}
type Told =
  | { kind: 'log'; value: string }
  | { kind: 'joined'; value: Joined }
  | { kind: 'refused'; value: { name: string; message: string } };

const folders: string[] = [];
const members: Member[] = [];

class Member {
  readonly log: string[] = [];
  private readonly answer: Promise<Exclude<Told, { kind: 'log' }> | undefined>;

  private constructor(private readonly child: ChildProcess) {
    this.answer = this.listen();
    members.push(this);
  }

  static start(dataDir: string, purpose: Purpose): Member {
    const args = ['--input-type=module', '--eval', MEMBER, MODULE, dataDir, purpose];
    return new Member(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  async joined(): Promise<Joined> {
    const told = await this.answer;
    if (told?.kind !== 'joined') throw new Error(`not joined: ${JSON.stringify(told)}`);
    return told.value;
  }

  async refused(): Promise<string> {
    const told = await this.answer;
    if (told?.kind !== 'refused' || told.value.name !== 'EmbeddedError')
      throw new Error(`not refused: ${JSON.stringify(told)}`);
    return told.value.message;
  }

  async leave(): Promise<void> {
    this.child.stdin?.end();
    await this.ended();
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  private async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  private async listen(): Promise<Exclude<Told, { kind: 'log' }> | undefined> {
    if (!this.child.stdout) return undefined;
    for await (const line of createInterface({ input: this.child.stdout })) {
      const told = JSON.parse(line) as Told;
      if (told.kind !== 'log') return told;
      this.log.push(told.value);
    }
    return undefined;
  }
}

/** A folder that the database user of a root process can pass through, as a checkout in /srv would be. */
function newFolder(mode = 0o711): string {
  const folder = mkdtempSync(join(tmpdir(), 'denuncia embedded '));
  chmodSync(folder, IS_ROOT ? mode : 0o700);
  folders.push(folder);
  return folder;
}

function newDataDir(): string {
  return join(newFolder(), '.data');
}

async function query(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

const NOTE = ['CREATE TABLE note (text text)', "INSERT INTO note VALUES ('kept')"];
const READ = 'SELECT text FROM note';
const runs = (pid: number): boolean => isAlive({ pid, started: '' });

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.kill()));
});

afterAll(async () => {
  for (const folder of folders) {
    await removeEmbeddedServer(join(folder, '.data')).catch(() => false);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});

describe('embedded server', () => {
  const dataDir = newDataDir();

  it('keeps the data from the first start to the next and runs only meanwhile', async () => {
    const first = Member.start(dataDir, 'all');
    const { pid, port, url } = await first.joined();
    await query(url, ...NOTE);
    expect(first.log).toEqual([expect.stringMatching(/^Making a new database in /)]);
    expect(statSync(join(dataDir, 'embedded.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700);
    await first.leave();
    expect(runs(pid)).toBe(false);

    const second = Member.start(dataDir, 'all');
    const again = await second.joined();
    expect(await query(again.url, READ)).toEqual([{ text: 'kept' }]);
    expect({ port: again.port, log: second.log }).toEqual({ port, log: [] });
    await second.leave();
  });

  it('is adopted, not restarted, when its owner was killed', async () => {
    const owner = Member.start(dataDir, 'all');
    const { pid } = await owner.joined();
    await owner.kill();
    expect(runs(pid)).toBe(true);

    const heir = Member.start(dataDir, 'all');
    const adopted = await heir.joined();
    expect(adopted.pid).toBe(pid);
    expect(heir.log).toEqual([expect.stringContaining('Adopted')]);
    expect(await query(adopted.url, READ)).toEqual([{ text: 'kept' }]);
    await heir.leave();
    expect(runs(pid)).toBe(false);
  });

  it('is shared by API and worker, and the last one stops it', async () => {
    const [api, worker] = [Member.start(dataDir, 'api'), Member.start(dataDir, 'worker')];
    const { pid } = await api.joined();
    expect((await worker.joined()).pid).toBe(pid);
    await api.leave();
    expect(runs(pid)).toBe(true);
    await worker.leave();
    expect(runs(pid)).toBe(false);
  });

  it('refuses a second service in one line and lets commands in', async () => {
    const service = Member.start(dataDir, 'all');
    const { pid } = await service.joined();
    for (const purpose of ['all', 'api', 'worker'] as const)
      expect(await Member.start(dataDir, purpose).refused()).toMatch(
        /^Denuncia Abierta already runs on this DATA_DIR \(pid \d+\)\. Stop it first, or set DATA_DIR and PORT\.$/,
      );
    const command = Member.start(dataDir, 'command');
    expect((await command.joined()).pid).toBe(pid);
    await service.leave();
    await command.leave();
    expect(runs(pid)).toBe(false);
  });

  it('starts beside a pid file whose pid now belongs to a stranger', async () => {
    const folder = join(dataDir, 'postgres');
    const { uid, gid } = statSync(folder);
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(IS_ROOT ? { uid, gid } : {}) });
    writeFileSync(
      join(folder, 'postmaster.pid'),
      `${stranger.pid}\n${folder}\n1700000000\n1\n\n127.0.0.1\n\nready\n`,
    );
    const member = Member.start(dataDir, 'all');
    expect(await query((await member.joined()).url, READ)).toEqual([{ text: 'kept' }]);
    await member.leave();
    expect(startMark(stranger.pid ?? 0)).toBeDefined();
    stranger.kill();
  });

  it('opens the database with a new password when embedded.json was lost', async () => {
    rmSync(join(dataDir, 'embedded.json'));
    const member = Member.start(dataDir, 'all');
    expect(await query((await member.joined()).url, READ)).toEqual([{ text: 'kept' }]);
    await member.leave();
  });

  it('logs no text of a statement, neither of one that fails nor of one that crashes', async () => {
    const member = Member.start(dataDir, 'all');
    const { url } = await member.joined();
    await expect(query(url, `SELECT 'canary-in-a-value'::int`)).rejects.toThrow('canary-in-a-value');
    await expect(query(url, `ALTER TABLE note ADD CHECK (text <> 'kept')`)).rejects.toThrow();
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    const [row] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    const crash = client.query(`SELECT pg_sleep(60), 'canary-in-a-crash'`).catch(() => 'crashed');
    process.kill(row?.pid ?? 0, 'SIGKILL');
    expect(await crash).toBe('crashed');
    const log = (): string => readFileSync(join(dataDir, 'postgres.log'), 'utf8');
    expect(await until(() => log().includes('terminated by signal 9'), 5_000)).toBe(true);
    expect(log()).not.toMatch(/canary|kept/);
    await member.leave();
  });

  it('refuses a database of another major version in one line', async () => {
    const file = join(dataDir, 'postgres/PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '12\n');
    expect(await Member.start(dataDir, 'all').refused()).toMatch(
      /made by PostgreSQL 12, this is \d+: set POSTGRES_BIN/,
    );
    writeFileSync(file, version);
  });
});

describe('first start', () => {
  it('makes one database when several processes start at the same instant', async () => {
    const dataDir = newDataDir();
    const starters = [1, 2, 3, 4].map(() => Member.start(dataDir, 'command'));
    const pids = (await Promise.all(starters.map((member) => member.joined()))).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(1);
    expect(starters.flatMap((member) => member.log).filter((line) => line.startsWith('Making'))).toHaveLength(
      1,
    );
    await Promise.all(starters.map((member) => member.leave()));
    expect(runs(pids[0] ?? 0)).toBe(false);
  });

  it('repeats cleanly after it was killed while making the database', async () => {
    const dataDir = newDataDir();
    const killed = Member.start(dataDir, 'all');
    const halfMade = (): boolean => readdirSync(dataDir).some((name) => name.startsWith('postgres.new-'));
    expect(
      await until(() => statSync(dataDir, { throwIfNoEntry: false }) !== undefined && halfMade(), 5_000),
    ).toBe(true);
    await killed.kill();
    expect(readdirSync(dataDir)).not.toContain('postgres');

    const member = Member.start(dataDir, 'all');
    expect(await query((await member.joined()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await member.leave();
  });

  it('finds a place that the database user can reach, and changes no folder', async () => {
    const closed = newFolder(0o700);
    const dataDir = join(closed, '.data');
    const member = Member.start(dataDir, 'all');
    const { dataFolder, url, pid } = await member.joined();
    await query(url, ...NOTE);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    // Root: another user, who cannot enter the closed folder, runs it elsewhere. Otherwise: this user,
    // inside.
    expect(statSync(dataFolder).uid === process.getuid?.()).toBe(!IS_ROOT);
    expect(dataFolder.startsWith(closed)).toBe(!IS_ROOT);
    expect(member.log.some((line) => line.includes(`the database lies in ${dataFolder}`))).toBe(IS_ROOT);
    await member.kill();

    const heir = Member.start(dataDir, 'all');
    expect(await heir.joined()).toMatchObject({ dataFolder, pid });
    await heir.leave();
    expect(runs(pid)).toBe(false);
    const next = Member.start(dataDir, 'all');
    expect(await query((await next.joined()).url, READ)).toEqual([{ text: 'kept' }]);
    await next.leave();
  });

  it('says in one line that DATA_DIR cannot be used', async () => {
    const folder = newFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await Member.start(file, 'all').refused()).toMatch(
      /^DATA_DIR .* is not a folder: set DATA_DIR to a folder\.$/,
    );

    // Root may write anywhere but in a folder of the kernel or of the sealed system volume.
    const locked = IS_ROOT ? (process.platform === 'linux' ? '/sys' : '/System') : join(folder, 'locked');
    if (!IS_ROOT) mkdirSync(locked, { mode: 0o500 });
    expect(await Member.start(join(locked, '.data'), 'all').refused()).toMatch(
      /^DATA_DIR .* cannot be used by this user \(\w+\): give it to uid \d+ or set DATA_DIR to .*$/,
    );
  });
});

describe('whoever looks after a DATA_DIR', () => {
  it('makes nothing in it: it may just be removed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'embedded-removed-'));
    folders.push(folder);
    expect(liveParticipants(folder)).toEqual([]);
    await stopAbandoned(folder);
    expect(readdirSync(folder)).toEqual([]);
  });
});
