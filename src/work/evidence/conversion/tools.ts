import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

/** A program of the system that conversions can use. */
export interface Tool {
  name: string;
  /** What it is for, for operators. */
  purpose: string;
  /** The package of Debian that brings it. */
  package: string;
  /** As the program says it, `unknown` when it says nothing of the kind, null when it is not there. */
  version: string | null;
}

interface KnownTool extends Omit<Tool, 'version'> {
  /** Names that it has in other versions. */
  also?: string;
  /** What to ask it for its version. */
  ask: string;
}

const TOOLS: readonly KnownTool[] = [
  { name: 'ffmpeg', purpose: 'sound and films', package: 'ffmpeg', ask: '-version' },
  { name: 'ffprobe', purpose: 'sound and films', package: 'ffmpeg', ask: '-version' },
  { name: 'pdftoppm', purpose: 'PDF', package: 'poppler-utils', ask: '-v' },
  { name: 'pdfinfo', purpose: 'PDF', package: 'poppler-utils', ask: '-v' },
  {
    name: 'soffice',
    purpose: 'documents of Office',
    package: 'libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui',
    ask: '--version',
  },
  {
    name: 'heif-convert',
    also: 'heif-dec',
    purpose: 'photographs of iPhones',
    package: 'libheif-examples',
    ask: '--version',
  },
  { name: 'bwrap', purpose: 'the cage of all of them', package: 'bubblewrap', ask: '--version' },
  { name: 'unshare', purpose: 'a weaker cage', package: 'util-linux', ask: '--version' },
  {
    name: 'setpriv',
    purpose: 'an end of the cage with the service',
    package: 'util-linux',
    ask: '--version',
  },
  { name: 'exiftool', purpose: 'tests only', package: 'libimage-exiftool-perl', ask: '-ver' },
];

/**
 * Looks along PATH, each time anew: a package may be installed while the service runs.
 *
 * @returns its real path, undefined when it is not there
 */
export async function pathOfTool(name: string): Promise<string | undefined> {
  const also = TOOLS.find((tool) => tool.name === name)?.also;
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(isAbsolute))
    for (const candidate of also === undefined ? [name] : [name, also]) {
      const path = join(folder, candidate);
      try {
        await access(path, constants.X_OK);
        if ((await stat(path)).isFile()) return await realpath(path);
      } catch {
        continue;
      }
    }
  return undefined;
}

/** What is installed. For a page of operators: it starts every program, LibreOffice takes a second. */
export async function findTools(): Promise<Tool[]> {
  return Promise.all(
    TOOLS.map(async ({ name, purpose, package: from, ask }) => ({
      name,
      purpose,
      package: from,
      version: await versionOf(name, ask),
    })),
  );
}

async function versionOf(name: string, ask: string): Promise<string | null> {
  const path = await pathOfTool(name);
  if (path === undefined) return null;
  const said = await promisify(execFile)(path, [ask], {
    timeout: 20_000,
    env: { HOME: '/nonexistent' },
  }).catch((error: { stdout?: string; stderr?: string }) => error);
  return /\d+\.\d[\w.+:~-]*/.exec(`${said.stdout ?? ''}\n${said.stderr ?? ''}`)?.[0] ?? 'unknown';
}
