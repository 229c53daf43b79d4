import { readFileSync } from 'node:fs';
import { AuditService } from '../audit/audit.service.js';
import { lay } from '../boot.js';
import { ENTITIES } from '../entities.js';
import { system } from '../platform/actor.js';
import type { Clock } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import type { Tx } from '../platform/database/tx.js';
import { errorCode } from '../platform/embedded/embedded-error.js';
import { StartError } from '../platform/errors.js';
import { run } from '../platform/run.js';
import { cellsDigest } from '../transparency/cells-digest.js';
import { hold, holdOf, liftHold, type HoldReason } from '../transparency/releases/holds.js';
import { importReleases } from '../transparency/releases/release-import.js';
import { readPublished, type PublishedFile } from '../transparency/releases/published-files.js';
import { readArguments } from './arguments.js';
import { ownerUrlOf } from './owner.js';

const USAGE = 'npm run releases:check [-- [--institution CODE] [--import FILE … | --confirm | --hold]]';

const REASONS: Readonly<Record<HoldReason, string>> = {
  restored: 'the database was restored from a backup',
  moved: 'the database lives on another server, timeline or database than before',
  updated: 'the database comes from an earlier version of this program',
  by_hand: 'an operator held it',
};

interface Institution {
  id: string;
  code: string;
  timeZone: string;
}

/**
 * Shows what each institution has published and whether it may publish now. After a restore or a move it imports the releases
 * that this database does not know, or takes the operator's word that there are none.
 */
await run(async () => {
  const given = readArguments(
    {
      institution: { type: 'string' },
      import: { type: 'string', multiple: true },
      confirm: { type: 'boolean', default: false },
      hold: { type: 'boolean', default: false },
    },
    USAGE,
    severalFiles(process.argv.slice(2)),
  );
  if ([given.import !== undefined, given.confirm, given.hold].filter(Boolean).length > 1)
    throw new StartError(`--import, --confirm and --hold exclude each other. Usage: ${USAGE}`);
  const files = (given.import ?? []).map(readFile);
  const foundation = await lay(process.env, 'command', (line) => console.error(line));
  try {
    const url = ownerUrlOf(process.env, foundation, 'the releases are guarded by');
    const database = await Database.connect({ app: url, public: url }, ENTITIES, { size: 2, connectTimeout: 5_000 });
    const { keys, clock } = foundation.parts;
    try {
      const desk = new Desk(database, new AuditService(keys, clock), clock);
      const institutions = await desk.institutions(given.institution);
      if (files.length > 0) await desk.import(onlyOne(institutions), files);
      for (const institution of institutions) {
        if (given.confirm) await desk.confirm(institution);
        if (given.hold) await desk.hold(institution);
        console.log(await desk.tell(institution));
      }
    } finally {
      await database.close();
    }
  } finally {
    await foundation.close();
  }
});

/** The acts of this command, each with its entry in the audit trail in one transaction of the owner's login. */
class Desk {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async institutions(code: string | undefined): Promise<Institution[]> {
    const all = await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query<Institution>('select id, code, time_zone as "timeZone" from institutions order by created_at, code'),
    );
    const chosen = all.filter((one) => code === undefined || one.code === code);
    if (code !== undefined && chosen.length === 0) throw new StartError(`There is no institution ${code}.`);
    return chosen;
  }

  async import({ id, code, timeZone }: Institution, files: readonly PublishedFile[]): Promise<void> {
    const published = readPublished(files);
    await this.act(id, async (tx) => {
      const added = await importReleases(tx, id, published, this.clock.today(timeZone));
      await liftHold(tx, id);
      const releases = added.map(({ period, cells }) => ({ period, cells: cellsDigest(cells) }));
      await this.audit.record(tx, { event: 'STATS_RELEASES_IMPORTED', payload: { table: 'reports', releases } });
      const names = added.map(({ period }) => period).join(', ') || 'nothing, all of them were here';
      console.log(`${code}: imported ${names}; ${published.length - added.length} were here and are the same`);
    });
  }

  async confirm({ id, code }: Institution): Promise<void> {
    await this.act(id, async (tx) => {
      const held = await holdOf(tx, id);
      if (!held) return;
      await liftHold(tx, id);
      await this.audit.record(tx, { event: 'STATS_HOLD_LIFTED', payload: { held } });
      console.log(`${code}: confirmed, nothing was published elsewhere`);
    });
  }

  async hold({ id, code }: Institution): Promise<void> {
    await this.act(id, async (tx) => {
      await hold(tx, id, 'by_hand');
      await this.audit.record(tx, { event: 'STATS_HELD', payload: { held: 'by_hand' } });
      console.log(`${code}: held`);
    });
  }

  /** One line: what is published, and what holds the next release. */
  async tell({ id, code }: Institution): Promise<string> {
    return this.act(id, async (tx) => {
      const rows = await tx.query<{ period: string }>(
        'select period from stat_releases where institution_id = $1 order by first_day',
        [id],
      );
      const [first, last] = [rows[0]?.period, rows.at(-1)?.period];
      const releases = rows.length === 0 ? 'no releases' : `${rows.length} releases, ${first} to ${last}`;
      const held = await holdOf(tx, id);
      if (!held) return `${code}: ${releases}; not held`;
      return `${code}: ${releases}; HELD, ${REASONS[held]}. If more was published, import it: --import FILES; if not: --confirm.`;
    });
  }

  private act<T>(institutionId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.tx(system('releases-check', institutionId), work);
  }
}

/** `--import a b` as people write it becomes one option per file. */
function severalFiles(args: readonly string[]): string[] {
  let importing = false;
  return args.flatMap((arg, i) => {
    if (arg.startsWith('--')) {
      importing = arg === '--import';
      // Without a file behind it stays as it is, and is refused.
      return importing && args[i + 1]?.startsWith('--') === false ? [] : [arg];
    }
    return importing ? ['--import', arg] : [arg];
  });
}

function readFile(name: string): PublishedFile {
  try {
    return { name, text: readFileSync(name, 'utf8') };
  } catch (error) {
    throw new StartError(`${name} cannot be read (${errorCode(error) ?? 'unknown reason'}).`);
  }
}

function onlyOne(institutions: readonly Institution[]): Institution {
  const [one, ...others] = institutions;
  if (!one || others.length > 0) throw new StartError('--import is for one institution: give --institution CODE.');
  return one;
}
