import { readFileSync } from 'node:fs';
import { AuditService } from '../../foundations/audit/audit.service.js';
import type { PublishedFile } from '../../insight/transparency/releases/published-files.js';
import { Database } from '../../platform/database/database.js';
import { errorCode } from '../../platform/error-code.js';
import { StartError, UsageError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { decodeText } from '../../platform/text-file.js';
import { openFoundation } from '../boot.js';
import { ENTITIES } from '../entities.js';
import { readArguments } from './arguments.js';
import { ownerUrlOf } from './owner.js';
import { ReleaseDesk, type Institution } from './release-desk.js';

const COMMAND = {
  usage: 'npm run releases:check [-- [--institution CODE] [--import FILE … | --confirm | --hold]]',
  does: 'Shows what each institution has published, and whether it may publish now.',
  example: 'npm run releases:check -- --institution CONAVI-DEMO --import releases.json reports.csv',
};
const OPTIONS = {
  institution: { type: 'string', value: 'CODE', text: 'this institution only' },
  import: {
    type: 'string',
    multiple: true,
    value: 'FILE …',
    text: 'puts back releases that this database does not know',
  },
  confirm: { type: 'boolean', default: false, text: 'nothing more was published: lifts the hold' },
  hold: { type: 'boolean', default: false, text: 'publishes nothing until confirmed; before a copy starts' },
} as const;

/**
 * Show what each institution has published and whether it may publish now. After a restore or a move, import
 * the releases that this database does not know, or accept the operator's statement that there are none.
 */
await run(async () => {
  const given = readArguments(COMMAND, OPTIONS, severalFiles(process.argv.slice(2)));
  if ([given.import !== undefined, given.confirm, given.hold].filter(Boolean).length > 1)
    throw new UsageError('--import, --confirm and --hold exclude each other', COMMAND.usage);
  const files = (given.import ?? []).map(readFile);
  const foundation = await openFoundation(process.env, 'command', (line) => console.error(line));
  try {
    const url = ownerUrlOf(process.env, foundation, 'the releases are guarded by');
    const database = await Database.connect({ app: url, public: url }, ENTITIES, {
      size: 2,
      connectTimeout: 5_000,
    });
    const { keys, clock } = foundation.parts;
    try {
      const desk = new ReleaseDesk(database, new AuditService(keys, clock), clock);
      const institutions = await desk.institutions(given.institution);
      const say = (line: string | null): void => (line === null ? undefined : console.log(line));
      if (files.length > 0) say(await desk.import(onlyOne(institutions), files));
      for (const institution of institutions) {
        if (given.confirm) say(await desk.confirm(institution));
        if (given.hold) say(await desk.hold(institution));
        say(await desk.tell(institution));
      }
    } finally {
      await database.close();
    }
  } finally {
    await foundation.close();
  }
});

/** Turn `--import a b`, as people write it, into one option per file. */
function severalFiles(args: readonly string[]): string[] {
  let importing = false;
  return args.flatMap((arg, i) => {
    if (arg.startsWith('--')) {
      importing = arg === '--import';
      // `--import` without a file stays unchanged and is refused.
      return importing && args[i + 1]?.startsWith('--') === false ? [] : [arg];
    }
    return importing ? ['--import', arg] : [arg];
  });
}

function readFile(name: string): PublishedFile {
  try {
    return { name, text: decodeText(readFileSync(name), name) };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${name} cannot be read (${errorCode(error) ?? 'unknown reason'}).`);
  }
}

function onlyOne(institutions: readonly Institution[]): Institution {
  const [one, ...others] = institutions;
  if (!one || others.length > 0)
    throw new StartError('--import is for one institution: give --institution CODE.');
  return one;
}
