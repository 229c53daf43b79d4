import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Limits, LIMITS } from '../src/work/evidence/conversion/cage/limits.js';
import type { Confinement } from '../src/work/evidence/conversion/cage-command.js';
import { convert } from '../src/work/evidence/conversion/convert.js';
import { findCage } from '../src/work/evidence/conversion/sandbox.js';
import { pathOfTool } from '../src/work/evidence/conversion/tools.js';
import { inCage, LOOK_AROUND, pathWith, type Sight } from './support/cages.js';
import { mustConvert } from './support/converted.js';
import { alive, descendants } from './support/descendants.js';
import { CANARY } from './support/hostile/canary.js';
import { photograph } from './support/hostile/images.js';
import { removeFolder } from './support/remove-folder.js';
import { until } from './support/until.js';

const { PATH } = process.env;
const IMAGE = { type: 'image/jpeg', extension: 'jpg', kind: 'image', executable: false } as const;
const MiB = 2 ** 20;
/** Node 24 calls its process by its thread. */
const NODE = /^(node|MainThread)/;
/** What each wish gets on this machine: what is not installed cannot be had. */
const WISHES = { strongest: ['bwrap', 'unshare', 'setpriv'], middle: ['unshare', 'setpriv'], weakest: [] };
const names = Object.keys(WISHES) as (keyof typeof WISHES)[];

let folder: string;
let secret: string;
let server: Server;
const paths = new Map<string, string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'denuncia-cage-'));
  secret = join(folder, 'secret');
  writeFileSync(secret, 'the keys of the service', { mode: 0o600 });
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const name of names) paths.set(name, await pathWith(WISHES[name]));
});
afterAll(() => {
  server.close();
  removeFolder(folder);
  for (const path of paths.values()) removeFolder(path);
});
afterEach(() => {
  process.env.PATH = PATH;
});

describe.each(names)('In the %s cage of this machine', (name) => {
  const cage = async (): ReturnType<typeof findCage> => {
    process.env.PATH = paths.get(name);
    return findCage();
  };

  it('a converter sees and touches no more than the cage promises', async () => {
    const it = await cage();
    process.env.SECRET_OF_THE_SERVICE = CANARY;
    const { port } = server.address() as AddressInfo;
    const { said, complaints } = await inCage(
      it,
      LOOK_AROUND([secret, resolve('package.json')], port),
      LIMITS.image,
    );
    delete process.env.SECRET_OF_THE_SERVICE;
    if (said === '') throw new Error(complaints);
    const sight = JSON.parse(said) as Sight;
    expect(sight).toMatchObject({ environment: [], expendable: '1000' });
    const rule: Record<Confinement, () => void> = {
      bubblewrap: () =>
        expect(sight).toMatchObject({
          sees: [],
          writes: ['/tmp'],
          processes: 2,
          addresses: 0,
          reached: false,
        }),
      unshare: () => expect(sight).toMatchObject({ processes: 2, addresses: 0, reached: false }),
      limits: () => expect(sight.processes).toBeGreaterThan(0),
    };
    rule[it.confinement]();
    if (it.confinement === 'limits' && it.setpriv === undefined) return;
    expect(sight).toMatchObject({ capabilities: '0000000000000000', noNewRights: '1' });
    if (it.dropsRoot) expect(sight.user).toBeGreaterThan(60_000);
  });

  it('a converter gives way to everything else, except when somebody waits for it', async () => {
    const [idle, bound] = [await pathOfTool('chrt'), await pathOfTool('taskset')];
    const look = async (limits: Limits): Promise<Sight> =>
      JSON.parse((await inCage(await cage(), LOOK_AROUND([], 9), limits)).said) as Sight;
    // As this process, which may run beside something else itself.
    const { processors: all, ...ours } = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', LOOK_AROUND([], 9)]).toString(),
    ) as Sight;
    const SCHED_IDLE = 5;
    expect(await look(LIMITS.image)).toMatchObject({
      nice: 19,
      policy: idle === undefined ? ours.policy : SCHED_IDLE,
      processors: bound === undefined ? all : Math.ceil(all / 2),
    });
    expect(await look(LIMITS.mark)).toMatchObject({
      nice: ours.nice,
      policy: ours.policy,
      processors: all,
    });
  });

  it('a bomb ends at its limit of memory, of time, of sizes and of processes', async () => {
    const it = await cage();
    const limits = { ...LIMITS.image, cpu: 1, data: 1_024 * MiB };
    const memory = await inCage(
      it,
      `const all = []; for (;;) all.push(Buffer.alloc(${16 * MiB}, 1));`,
      limits,
    );
    expect(memory.end).not.toBe(0);
    const time = await inCage(it, 'for (;;);', limits);
    expect([128 + 24, 'SIGXCPU', 'SIGKILL', 128 + 9]).toContain(time.end);
    const size = await inCage(
      it,
      `import { openSync, writeSync } from 'node:fs'; const fd = openSync('${it.scratch}/.${CANARY}-big', 'wx');
       const { unlinkSync } = await import('node:fs'); unlinkSync('${it.scratch}/.${CANARY}-big');
       const block = Buffer.alloc(${MiB}); for (let at = 0; at < 1_000; at++) writeSync(fd, block);`,
      { ...limits, cpu: 20 },
    );
    expect(size.end).not.toBe(0);
    const processes = await inCage(
      it,
      `import { execFileSync, spawn } from 'node:child_process'; let failed = false;
       const all = Array.from({ length: 200 }, () => { try { return spawn('/bin/sleep', ['9']).on('error', () => { failed = true; }); } catch { failed = true; } });
       await new Promise((resolve) => setTimeout(resolve, 300));
       for (const one of all) one?.kill('SIGKILL');
       console.log(failed);`,
      { ...limits, cpu: 20 },
    );
    // Root without another user to become has no such limit.
    if (it.dropsRoot || process.getuid?.() !== 0) expect(processes.said).not.toBe('false\n');
  });

  it('an image is converted', async () => {
    await cage();
    expect(await mustConvert(await (await photograph()).jpeg().toBuffer())).toMatchObject({
      type: 'image/jpeg',
    });
  });

  it('nobody waits for a child beyond its time, or after an abort', async () => {
    await cage();
    const before = descendants(process.pid);
    const controller = new AbortController();
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${CANARY}`);
      await once(controller.signal, 'abort');
    }
    const aborted = convert(slow(), IMAGE, { signal: controller.signal });
    const known = new Set(before.map(({ pid }) => pid));
    const ours = await until(
      async () => descendants(process.pid).filter(({ pid }) => !known.has(pid)),
      (seen) => seen.some((one) => NODE.test(one.name)),
    );
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await until(
      async () => alive(ours).length,
      (living) => living === 0,
    );
    const { wall } = LIMITS.image;
    LIMITS.image.wall = 0;
    const large = await (await photograph(3_000, 3_000)).jpeg().toBuffer();
    const late = await convert(whole(large), IMAGE).finally(() => (LIMITS.image.wall = wall));
    expect(late).toEqual({ outcome: 'killed', reason: 'time' });
    expect(descendants(process.pid).length).toBeLessThanOrEqual(before.length);
  });

  it('nothing lives and nothing lies about when the service is killed', async () => {
    const program = resolve('dist/src/work/evidence/conversion/convert.js');
    const service = spawn(
      process.execPath,
      [
        ...['--input-type=module', '-e'],
        `import { convert } from ${JSON.stringify(program)};
         async function* never() { for (let at = 0; at < 20; at++) yield Buffer.alloc(65_536, '${CANARY}-${name}'); console.log('given'); await new Promise(() => setInterval(() => 0, 1e6)); }
         await convert(never(), ${JSON.stringify(IMAGE)});`,
      ],
      { env: { PATH: paths.get(name) }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(service.stdout, 'data');
    const started = await until(
      async () => descendants(service.pid!),
      (seen) => seen.some((one) => NODE.test(one.name)),
    );
    service.kill('SIGKILL');
    await once(service, 'exit');
    await until(
      async () => alive(started).length,
      (living) => living === 0,
    );
    expect(remains(`${CANARY}-${name}`)).toEqual([]);
  });
});

describe('A cage that ends and leaves a process behind', () => {
  /** As bubblewrap does where a filter of system calls refuses `capset` to it. */
  const seconds = randomInt(80_000, 86_400);
  const leaves = `#!/bin/sh\n/bin/sleep ${seconds} &\nexit 1\n`;
  const left = (): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === `/bin/sleep\0${seconds}\0`;
      } catch {
        return false;
      }
    });

  it('is not used, and what it left ends with it', async () => {
    const path = join(folder, 'leaves');
    mkdirSync(path);
    writeFileSync(join(path, 'bwrap'), leaves, { mode: 0o755 });
    process.env.PATH = path;
    expect(await findCage()).toMatchObject({ confinement: 'limits' });
    await until(
      async () => left(),
      (living) => living.length === 0,
    );
  });
});

async function* whole(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Files in which the words can be read, where temporary files are. */
function remains(words: string): string[] {
  return ['/dev/shm', tmpdir()]
    .flatMap((place) => readdirSync(place).map((file) => join(place, file)))
    .filter((path) => {
      try {
        return (
          statSync(path).isFile() && statSync(path).size < 64 * MiB && readFileSync(path).includes(words)
        );
      } catch {
        return false;
      }
    });
}
