import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failure, type Job, type ToolName, ToolMissing } from './job.js';
import type { Scratch } from './scratch.js';
import { reasonOfEnd, wasKilled } from './signals.js';

/** Bytes of remarks that are read. A damaged file may cause one for each of its objects. */
const REMARKS = 16_384;

export interface ToolRun {
  tool: ToolName;
  args: readonly string[];
  /** The tool has the first one as `FILE_OF_TOOL[0]`, the second as `FILE_OF_TOOL[1]`. */
  files?: readonly Scratch[];
  /** Bytes that it may print; more is `too-large`. */
  prints: number;
  environment?: Record<string, string>;
}

/** What the tool calls the files it gets. */
export const FILE_OF_TOOL = ['/proc/self/fd/3', '/proc/self/fd/4'] as const;

export interface ToolResult {
  /** The exit code was 0. */
  ok: boolean;
  printed: Buffer;
  /** The beginning of what it wrote to standard error. Never told outside: it may quote the file. */
  remarks: string;
}

/**
 * Runs a tool to its end. Its limits are those of the child, and it ends with it.
 *
 * @throws ToolMissing when it cannot be started
 * @throws Failure when a limit ended it, or somebody else
 */
export async function runTool(
  job: Job,
  { tool, args, files = [], prints, ...rest }: ToolRun,
): Promise<ToolResult> {
  const program = job.tools[tool];
  if (program === undefined) throw new ToolMissing(tool);
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...files.map(({ fd }) => fd)],
    env: rest.environment ?? {},
    cwd: '/',
  });
  const [out, err] = [child.stdout!, child.stderr!];
  const printed: Buffer[] = [];
  let length = 0;
  out.on('data', (bytes: Buffer) => {
    length += bytes.length;
    if (length > prints) child.kill('SIGKILL');
    else printed.push(bytes);
  });
  let remarks = '';
  err.on('data', (bytes: Buffer) => {
    if (remarks.length < REMARKS) remarks += bytes.toString('latin1');
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' || error.code === 'EACCES' ? new ToolMissing(tool) : error),
    );
    void once(child, 'close').then(
      ([...end]) => resolve(end as [number | null, NodeJS.Signals | null]),
      reject,
    );
  });
  if (length > prints) throw new Failure('too-large', `${tool} printed more than ${prints} bytes`);
  // A tool that is a script passes the signal on as its exit code.
  if (wasKilled(signal ?? code ?? 0)) throw new Failure('killed', `${tool} was ended from outside`);
  if (signal) throw new Failure(reasonOfEnd(signal), `${tool} was ended by ${signal}`);
  if (code !== 0 && /cannot allocate memory|out of memory|bad_alloc/i.test(remarks))
    throw new Failure('memory', tool);
  if (code !== 0 && /no space left on device|file too large/i.test(remarks))
    throw new Failure('too-large', tool);
  return { ok: code === 0, printed: Buffer.concat(printed), remarks };
}
