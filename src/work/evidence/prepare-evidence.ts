import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { system, type SystemActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { Job } from '../../platform/jobs/job.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { Sweep, type Owner } from '../../platform/jobs/sweep.js';
import { Log } from '../../platform/logging.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { CaseReads } from '../cases/case-reads.js';
import { CaseVault, type CaseKeys } from '../cases/case-vault.js';
import { EvidenceQuarantined } from '../cases/events.js';
import { faultOf, SCANNER, type Scanner, type Verdict } from './antivirus/scanner.js';
import { CaseFiles, type KeptFile } from './case-files.js';
import { evidenceContent } from './content.js';
import { convert, missingTool, type ConvertedFile } from './conversion/convert.js';
import type { FoundType } from './conversion/type-of.js';
import { EvidenceFileRow, EvidenceRow } from './evidence.entities.js';
import {
  findingOf,
  findingOfFault,
  findingOfScan,
  isKnown,
  withoutWaiting,
  type Finding,
} from './findings.js';
import { jobOf, PREPARE, PREPARE_LARGE } from './prepare-jobs.js';
import {
  fileRow,
  readContent,
  sealDetails,
  sealThumbnail,
  storeContent,
  type EvidenceDetails,
} from './sealed-evidence.js';

/** Milliseconds: a film of 100 MiB takes minutes where two other files are converted. */
const TIME_LIMIT = 60 * 60_000;
const MINUTE = 60_000;
/** Files whose jobs are added in one transaction. */
const PAGE = 500;
/** Before every other id. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** A file that waits, with the keys of its case. */
interface Waiting {
  actor: SystemActor;
  keys: Omit<CaseKeys, 'identity'>;
  file: KeptFile;
}

/**
 * Asks the antivirus, where there is one, about each file that came, and makes the safe copy, which is what
 * handlers open. It works as the system and says the day alone: it follows at once from the act of a
 * reporter.
 */
@Injectable()
export class PrepareEvidence {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly vault: CaseVault,
    private readonly files: CaseFiles,
    private readonly audit: AuditService,
    private readonly catalogs: CatalogsReader,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    private readonly reads: CaseReads,
    private readonly events: Events,
    private readonly log: Log,
    @Inject(SCANNER) private readonly scanner: Scanner | null,
  ) {}

  /** Safe to repeat and to run twice at once: whoever is second finds the file no longer waiting. */
  @Job(PREPARE, { concurrency: 2, timeLimit: TIME_LIMIT, ofReporters: true })
  async prepare(id: string, signal?: AbortSignal): Promise<void> {
    const waiting = await this.find(id);
    if (!waiting) return;
    const { file } = waiting;
    const { type, extension } = file.facts;
    const found = { type, extension, kind: file.details.kind, executable: false };
    if (await this.waitsForTool(file, found)) return;
    const suspect = await this.scan(file, signal);
    if (suspect) {
      await this.keepFinding(waiting, suspect);
      return;
    }
    const original = readContent(this.store, file.original, file.facts);
    try {
      const made = await convert(original, found, { signal });
      if (made.outcome === 'converted') await this.keepCopy(waiting, made);
      else await this.keepFinding(waiting, findingOf(this.examined(file.details), made));
    } catch (error) {
      await this.keepFinding(waiting, findingOfFault(file.details, error));
    }
  }

  /** One at once: films leave a place at the gate of the converters to all that is small. */
  @Job(PREPARE_LARGE, { concurrency: 1, timeLimit: TIME_LIMIT, ofReporters: true })
  prepareLarge(id: string, signal?: AbortSignal): Promise<void> {
    return this.prepare(id, signal);
  }

  /**
   * Adds the job of every file that waits: a tool may have been installed, and a job may have failed for
   * good. A job that is there already is the same job.
   */
  @Sweep({
    name: 'prepare-waiting-evidence',
    every: 10 * MINUTE,
    per: 'institution',
    steady: true,
    ofReporters: true,
  })
  async addWaiting({ id: institutionId }: Owner): Promise<number> {
    let last: string | undefined = FIRST_ID;
    while (last !== undefined) last = await this.addPage(institutionId, last);
    // Nothing is worked here: the sweep shall not run again at once.
    return 0;
  }

  /** @returns the last id of a full page; the next page comes behind it */
  private async addPage(institutionId: string, after: string): Promise<string | undefined> {
    return this.database.tx(system(PREPARE, institutionId), async (tx) => {
      const rows = await tx.query<{ id: string; bytes: string; turn: number }>(
        `select e.id, f.stored_bytes as bytes, (select count(*)::int from evidence w
               where w.case_id = e.case_id and w.state = 'waiting' and w.number < e.number) as turn
           from evidence e join evidence_files f on f.evidence_id = e.id and f.role = 'original'
          where e.institution_id = $1 and e.state = 'waiting' and e.id > $2
          order by e.id limit ${PAGE}`,
        [institutionId, after],
      );
      for (const { id, bytes, turn } of rows) await this.jobs.add(tx, jobOf(Number(bytes)), id, turn);
      return rows.length < PAGE ? undefined : rows.at(-1)!.id;
    });
  }

  /**
   * Lets the antivirus examine the original, before any converter sees it.
   * @returns what is found; null when it is clean, or when there is no antivirus
   */
  private async scan(file: KeptFile, signal?: AbortSignal): Promise<Finding | null> {
    const { scanner } = this;
    if (!scanner) return null;
    const ask = (): Promise<Verdict> =>
      scanner.scan(readContent(this.store, file.original, file.facts), signal);
    let verdict = await ask();
    // clamd may have been started anew. And when it refuses a large file, its word is lost now and then.
    if (faultOf(verdict) === 'cut') verdict = await ask();
    const fault = faultOf(verdict);
    if (fault) this.log.warningWithoutTime('antivirus-gave-no-verdict', { code: fault });
    return findingOfScan(file.details, verdict);
  }

  /** Whether nothing is new: the antivirus sees a file before a converter reads it, and not each time. */
  private async waitsForTool({ details }: KeptFile, found: FoundType): Promise<boolean> {
    if (details.reason !== 'tool-missing' || (this.scanner && !details.examined)) return false;
    return (await missingTool(found)) === details.tool;
  }

  private examined(details: EvidenceDetails): EvidenceDetails {
    return this.scanner ? { ...details, examined: true } : details;
  }

  private async find(id: string): Promise<Waiting | null> {
    const institution = await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query<{ id: string | null }>('select institution_of_evidence($1) as id', [id]),
    );
    const institutionId = institution[0]?.id;
    if (!institutionId) return null;
    const actor = system(PREPARE, institutionId);
    return this.database.tx(actor, async (tx) => {
      const [row] = await tx.rows(EvidenceRow, 'id = $1', [id]);
      if (row?.state !== 'waiting') return null;
      const keys = await this.vault.load(tx, row.caseId);
      return { actor, keys, file: await this.files.one(tx, { row: { id: row.caseId }, keys }, id) };
    });
  }

  /** Stores the copy and says so. When something fails before, the object is removed by the sweep. */
  private async keepCopy(waiting: Waiting, made: ConvertedFile): Promise<void> {
    const { file } = waiting;
    const place = { id: file.row.id, role: 'derivative' } as const;
    const stored = await storeContent(this.store, made.bytes, place).finally(() => made.dispose());
    const { type, extension, tool, pages, seconds, partial } = made;
    const { size, sha256 } = stored;
    const kept = await this.keepFinding(waiting, {
      event: 'EVIDENCE_PREPARED',
      state: 'ready',
      details: { ...withoutWaiting(file.details), pages, seconds, ...(partial ? { reason: 'partial' } : {}) },
      thumbnail: made.thumbnail,
      copy: { ...stored, type, extension },
      said: { tool, type, size, sha256 },
    });
    if (!kept) await this.store.remove([stored.object]).catch(() => undefined);
  }

  /** @returns false when the file no longer waits, or nothing new was found */
  private async keepFinding({ actor, keys, file }: Waiting, finding: Finding): Promise<boolean> {
    const { id, caseId, number, version } = file.row;
    if (isKnown(finding, file.details)) return false;
    return this.database.tx(actor, async (tx) => {
      const [row] = await tx.rows(EvidenceRow, 'id = $1 for update', [id]);
      if (row?.state !== 'waiting' || row.version !== version) return false;
      const changed: EvidenceRow = {
        ...row,
        state: finding.state,
        version: version + 1,
        details: sealDetails(keys.content, id, finding.details),
        thumbnail: finding.thumbnail ? sealThumbnail(keys.content, id, finding.thumbnail) : null,
      };
      const copies = finding.copy ? [fileRow(row, 'derivative', keys.content, finding.copy)] : [];
      tx.later(tx.insert(EvidenceFileRow, copies));
      const { state, details, thumbnail } = changed;
      tx.later(tx.change(EvidenceRow, { id }, { state, version: changed.version, details, thumbnail }));
      if (finding.state === 'quarantined')
        await this.events.tell(tx, EvidenceQuarantined, { found: await this.reads.find(tx, { id: caseId }) });
      await this.record(tx, { caseId, keys }, finding, {
        payload: { evidence: id, number, ...finding.said },
        content: evidenceContent(changed, [file.original, ...copies]),
      });
      return true;
    });
  }

  private async record(
    tx: Tx,
    { caseId, keys }: { caseId: string; keys: Pick<CaseKeys, 'audit'> },
    { event }: Finding,
    { payload, content }: { payload: Record<string, unknown>; content: Record<string, string> },
  ): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, (tx.actor as SystemActor).institutionId);
    const day = this.clock.today(institution.timeZone);
    const subject = { caseId, caseSeq: null, auditKey: keys.audit, day, dayOnly: true };
    await this.audit.record(tx, { event, payload, content, subject });
  }
}
