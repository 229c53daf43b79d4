/** Type and extension of something that a machine would run. */
export interface Program {
  type: string;
  extension: string;
}

const EXE = { type: 'application/vnd.microsoft.portable-executable', extension: 'exe' };
const MACH_O = { type: 'application/x-mach-binary', extension: 'macho' };

/** First bytes in hexadecimal. An archive of installers is known by file-type. */
const BEGINNINGS: readonly [string, Program][] = [
  // MZ alone: a DOS program has no second mark.
  ['4d5a', EXE],
  ['7f454c46', { type: 'application/x-elf', extension: 'elf' }],
  ['feedface', MACH_O],
  ['feedfacf', MACH_O],
  ['cefaedfe', MACH_O],
  ['cffaedfe', MACH_O],
  // Java classes and Mach-O for several processors begin alike; both run.
  ['cafebabe', { type: 'application/java-vm', extension: 'class' }],
  ['cafebabf', MACH_O],
  ['6465780a', { type: 'application/vnd.android.dex', extension: 'dex' }],
  // A Windows shortcut: its length and the identifier of its class.
  ['4c0000000114020000000000c000000000000046', { type: 'application/x-ms-shortcut', extension: 'lnk' }],
  ['0061736d', { type: 'application/wasm', extension: 'wasm' }],
  ['2321', { type: 'text/x-script', extension: 'sh' }],
  // The same with a byte order mark: some shells skip it.
  ['efbbbf2321', { type: 'text/x-script', extension: 'sh' }],
];

/** Undefined when it is nothing that runs, as far as its first bytes tell. */
export function executableType(head: Buffer): Program | undefined {
  const first = head.subarray(0, 20).toString('hex');
  return BEGINNINGS.find(([mark]) => first.startsWith(mark))?.[1];
}
