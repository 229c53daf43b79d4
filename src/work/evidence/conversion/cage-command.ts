import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Job } from './cage/job.js';
import { type Limits, OUTPUT_BYTES, PROCESSES, SCRATCH_BYTES } from './cage/limits.js';
import { findChildFiles } from './child-files.js';

/**
 * What keeps a converter from the rest of the machine.
 *
 * - `bubblewrap`: it sees programs and libraries, no file of the service, no network, no other process.
 * - `unshare`: no network, no other process; files as their rights let the user of the service.
 * - `limits`: memory, time and sizes only.
 */
export type Confinement = 'bubblewrap' | 'unshare' | 'limits';

export interface Cage {
  confinement: Confinement;
  /** The program that makes the namespaces. */
  enter: string | undefined;
  setpriv: string | undefined;
  /** The service is root and the child is a user who owns nothing. */
  dropsRoot: boolean;
  /** Where the child makes its files, by the names that it sees. Its own unless there are limits only. */
  scratch: string;
}

/** A probe only says that it started. */
export type CagedJob = Job | { probe: true };

/** Node makes a thread for each of these; a conversion needs few. Memory is limited by RLIMIT_DATA. */
const NODE_FLAGS = ['--max-old-space-size=192', '--v8-pool-size=2', '--no-warnings'];
/** Folders of the system that programs need. Nothing else of /etc, where passwords may lie. */
const SYSTEM = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64'],
  ...['/etc/alternatives', '/etc/fonts', '/etc/ld.so.cache', '/etc/libreoffice', '/var/cache/fontconfig'],
];
const [CHILD, NODE] = ['/cage/child', '/cage/node'];

/** When memory is short the kernel ends the child, and not the service or the database. */
const EXPENDABLE = '{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; exec "$@"';
/** This shell stays: the first process of a namespace does not hear the signal of its limit of time. */
const PRIVATE_SCRATCH = `mount -t tmpfs -o size=${SCRATCH_BYTES},mode=1777,nosuid,nodev,noexec tmpfs /dev/shm || exit; "$@"; exit $?`;

/** Whether a program of the system can be started in the cage. */
export function isSeen({ confinement }: Cage, path: string): boolean {
  return confinement !== 'bubblewrap' || SYSTEM.some((folder) => path.startsWith(`${folder}/`));
}

/** The whole command that starts the child in the cage. */
export function commandOf(cage: Cage, job: CagedJob, limits: Limits): string[] {
  const files = findChildFiles();
  const [node, program] =
    cage.confinement === 'bubblewrap' ? [NODE, `${CHILD}/child.js`] : [process.execPath, files.program];
  const child = [node, ...NODE_FLAGS, program, JSON.stringify(job)];
  const limited = [...withoutRights(cage), ...shell(limitsOf(limits), child)];
  return shell(EXPENDABLE, [...entrance(cage), ...limited]);
}

/** A shell that does something and then becomes the command. */
function shell(script: string, command: string[]): string[] {
  return ['/bin/sh', '-c', script, 'sh', ...command];
}

const isRoot = (): boolean => process.getuid?.() === 0;

function entrance(cage: Cage): string[] {
  switch (cage.confinement) {
    case 'bubblewrap':
      return [cage.enter!, ...bubblewrap(cage), '--'];
    case 'unshare':
      return [
        ...[cage.setpriv!, '--pdeathsig', 'KILL', cage.enter!, ...(isRoot() ? [] : ['--map-root-user'])],
        ...['--net', '--ipc', '--uts', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
        ...shell(PRIVATE_SCRATCH, []),
      ];
    case 'limits':
      return [];
  }
}

function bubblewrap({ dropsRoot }: Cage): string[] {
  const { folder, packageJson, modules, moduleNames } = findChildFiles();
  const folderForAll = (path: string): string[] => ['--perms', '0755', '--dir', path];
  const readOnly = (from: string, to = from): string[] => ['--ro-bind', from, to];
  return [
    ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
    // Root makes the other namespaces without one of users, in which its child could not become another.
    ...(dropsRoot ? [] : ['--unshare-user', '--disable-userns']),
    ...['--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...(dropsRoot ? ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID'] : []),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', `${SCRATCH_BYTES}`, '--perms', '1777', '--tmpfs', '/tmp'],
    ...SYSTEM.flatMap((path) => ['--ro-bind-try', path, path]),
    ...folderForAll('/cage'),
    ...readOnly(process.execPath, NODE),
    ...readOnly(packageJson, '/cage/package.json'),
    ...readOnly(folder, CHILD),
    ...folderForAll('/cage/node_modules'),
    ...moduleNames.flatMap((name) => readOnly(`${modules}/${name}`, `/cage/node_modules/${name}`)),
    // What is left to write to is the scratch, which has its size.
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/tmp'],
  ];
}

/** Identifiers that no system gives to anybody (systemd: UIDS-GIDS). Each child is alone with its own. */
const [FIRST_USER, USERS] = [0x70000000, 0x0ffffff0];
const NOBODY = 65_534;

/** Without capabilities and ways to get one, and with an end when the service ends. */
function withoutRights({ confinement, setpriv, dropsRoot }: Cage): string[] {
  // bubblewrap has done it, but for the user.
  if (setpriv === undefined || (confinement === 'bubblewrap' && !dropsRoot)) return [];
  const user = `${dropsRoot ? unusedUser() : 0}`;
  const mayBound = confinement === 'unshare' || (confinement === 'limits' && isRoot());
  return [
    ...[setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all'],
    ...(mayBound ? ['--bounding-set=-all'] : []),
    ...(dropsRoot ? ['--reuid', user, '--regid', user, '--clear-groups'] : []),
  ];
}

/** A container may know only a few users. */
function unusedUser(): number {
  try {
    const whole = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
    return whole ? FIRST_USER + randomInt(USERS) : NOBODY;
  } catch {
    return NOBODY;
  }
}

/**
 * Reports are taken first. Linux weighs sessions before processes, and the child is a session of its own.
 * Beside a loop of the lowest priority a write to the disk still waits for the next tick (4 ms on Linux
 * 6.18), when both share a processor. So the child keeps to some of the processors, and its policy
 * (SCHED_IDLE) lets the kernel count them as free. What is missing or not allowed here is left out.
 */
function last(): string {
  const processors = latterHalf();
  const bounded = processors.length > 0 ? `taskset -pc ${processors.join()} $$; ` : '';
  return `{ renice -n 19 $$; echo 19 >/proc/self/autogroup; ${bounded}chrt -i -p 0 $$; } >/dev/null 2>&1 || true`;
}

/** Numbers of the processors that are left to conversions: half, or one more. None when nothing is known. */
function latterHalf(): number[] {
  try {
    const read = (file: string): string => readFileSync(file, 'latin1');
    const allowed = processorsOf(/^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(read('/proc/self/status'))![1]!);
    // A virtual machine may be allowed processors that it does not have.
    const there = new Set(processorsOf(read('/sys/devices/system/cpu/online').trim()));
    const ours = allowed.filter((processor) => there.has(processor));
    return ours.slice(Math.floor(ours.length / 2));
  } catch {
    return [];
  }
}

/** @param list as Linux writes it: `0-2,5` */
function processorsOf(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, n) => from! + n);
  });
}

/**
 * Limits of each process, as every shell sets them. The kernel warns at the lower limit of time and kills at
 * the higher one: so the reason can be told.
 */
function limitsOf({ cpu, data, awaited }: Limits): string {
  return [
    ...(awaited ? [] : [last()]),
    `ulimit -S -t ${cpu}; ulimit -H -t ${cpu + 5}`,
    `ulimit -d ${data / 1_024}`,
    // In blocks of 512 bytes.
    `ulimit -f ${OUTPUT_BYTES / 512}`,
    // A core dump would be the file under a name.
    'ulimit -c 0',
    // Processes have another letter in other shells. Root has no such limit.
    `{ ulimit -u ${PROCESSES} || ulimit -p ${PROCESSES}; } 2>/dev/null`,
    'exec "$@"',
  ].join('; ');
}
