import type { ScannerState } from '../../work/evidence/antivirus/scanner.js';
import type { FoundConfinement } from '../../work/evidence/converters.js';
import type { Tool } from '../../work/evidence/conversion/tools.js';
import type { Ownership, StoreFindings } from './doctor-store.js';
import type { Swap } from './swap.js';

/** What `npm run doctor` found, as `--json` gives it. */
export interface Findings {
  tools: Tool[];
  confinement: FoundConfinement;
  antivirus: ScannerState;
  store: StoreFindings;
  swap: Swap;
}

interface Kind {
  /** With its verb. */
  waits: string;
  tools: readonly string[];
  /** Its program chooses by names. It runs only where the cage has files of its own. */
  needsPrivateFiles?: true;
  /** An office may do without. */
  optional?: true;
}

/** What people send, and what reads it. Other images are read by a library that is always there. */
const KINDS: readonly Kind[] = [
  { waits: 'PDF waits', tools: ['pdftoppm', 'pdfinfo'] },
  { waits: 'Sound and films wait', tools: ['ffmpeg', 'ffprobe'] },
  { waits: 'Photographs of iPhones (HEIC) wait', tools: ['heif-convert'], needsPrivateFiles: true },
  {
    waits: 'Documents of Office wait',
    tools: ['soffice', 'pdftoppm', 'pdfinfo'],
    needsPrivateFiles: true,
    optional: true,
  },
];

const CAGES: Readonly<Record<FoundConfinement, string>> = {
  bubblewrap: 'bubblewrap. A converter sees programs and libraries: no file of the service, no network.',
  unshare: 'unshare. No network and no other process, but every file that the service may read.',
  limits: 'limits. Memory and time only: a file that takes a converter over can do what the service can.',
  none: 'none. No child starts: nothing is converted. Is the service built (npm run build)?',
};
/** For what is weaker than it should be. */
const STRONGER =
  'Install bubblewrap, and allow namespaces to the unit or container (deploy/README.md), for the best cage.';

const OWNERS: Readonly<Record<Exclude<Ownership['is'], 'unknown'>, string>> = {
  ours: 'belongs to the database',
  empty: 'empty: the first start gives it to the database',
  foreign: 'BELONGS TO ANOTHER DATABASE: the service does not start with it',
};

/** Whether every office can receive and make safe what it must: images, PDF, audio, video. */
export function isComplete(findings: Findings): boolean {
  const { store } = findings;
  const stored = store.reachable && store.writable && !store.full && !store.fault;
  if (!stored || store.ownership?.is === 'foreign' || findings.confinement === 'none') return false;
  if (!scans(findings)) return false;
  return KINDS.every((kind) => kind.optional || missingFor(kind, findings).length === 0);
}

/** Says what will wait, and what ends it. */
export function adviceOf(findings: Findings): string[] {
  if (findings.confinement === 'none') return ['Every file waits: no child starts for conversions'];
  if (!scans(findings)) return ['Every file waits: the antivirus that is set (CLAMD_…) gives no verdict'];
  return KINDS.flatMap((kind) => {
    const missing = missingFor(kind, findings);
    const note = kind.optional ? ' (an office may do without)' : '';
    return missing.length === 0 ? [] : [`${kind.waits}: install ${missing.join(' ')}${note}`];
  });
}

/** Without an antivirus files go straight to the converters. One that is set must give verdicts. */
function scans({ antivirus }: Findings): boolean {
  return antivirus.state === 'ready' || antivirus.state === 'not configured';
}

/** Returns the packages that a kind lacks. */
function missingFor({ tools, needsPrivateFiles }: Kind, findings: Findings): string[] {
  const missing = findings.tools.filter(({ name, version }) => tools.includes(name) && version === null);
  const cage = needsPrivateFiles && findings.confinement === 'limits' ? ['bubblewrap'] : [];
  return [...new Set([...missing.map((tool) => tool.package), ...cage])];
}

/** Writes the findings for people. The last lines say what will wait. */
export function textOf(findings: Findings): string {
  const { tools, confinement, antivirus, store, swap } = findings;
  const advice = adviceOf(findings);
  return [
    'Programs for files that people send',
    ...tools.map(lineOf),
    '',
    `Cage of converters: ${CAGES[confinement]}`,
    ...(confinement === 'unshare' || confinement === 'limits' ? [`  ${STRONGER}`] : []),
    '',
    antivirusLine(antivirus),
    '',
    ...storeLines(store),
    '',
    swapLine(swap),
    '',
    ...(advice.length > 0 ? advice.map((line) => `${line}.`) : ['No kind of file waits.']),
  ].join('\n');
}

function antivirusLine({ state, program, signatures, signaturesOf }: ScannerState): string {
  const facts = [program, signatures && `signatures ${signatures}`, signaturesOf].filter(Boolean);
  return `Antivirus: ${[state, ...facts].join(', ')}`;
}

function lineOf({ name, version, purpose, package: from }: Tool): string {
  const install = version === null ? `  apt-get install ${from}` : '';
  return `  ${name.padEnd(14)}${(version ?? 'missing').padEnd(18)}${purpose}${install}`;
}

function storeLines(store: StoreFindings): string[] {
  const { kind, place, reachable, writable, freeMib, reserveMib, full, ownership, fault } = store;
  if (kind === 'unknown') return [`Store of files: ${fault}`];
  const state = [
    reachable ? 'reachable' : 'NOT REACHABLE',
    writable ? 'writable for this user' : 'NOT WRITABLE for this user',
    ...(freeMib === undefined ? [] : [`${freeMib} MiB free, of which ${reserveMib} stay free`]),
    ...(full ? ['FULL: files are refused'] : []),
    ...(fault ? [fault] : []),
  ];
  const owner =
    ownership && (ownership.is === 'unknown' ? `owner not asked: ${ownership.why}` : OWNERS[ownership.is]);
  return [`Store of files: ${kind} ${place}`, `  ${state.join('; ')}`, ...(owner ? [`  ${owner}`] : [])];
}

function swapLine({ mib }: Swap): string {
  if (mib === null) return 'Swap: this system does not tell.';
  if (mib === 0) return 'Swap: none.';
  return `Swap: ${mib} MiB. WARNING: memory that holds a file in clear may reach the disk. Use none, or encrypted swap.`;
}
