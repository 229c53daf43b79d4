import { Injectable } from '@nestjs/common';
import { isoWithOffset } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { entriesOfKind, type OpenedEntry } from '../cases/case-entries.js';
import type { FoundCase } from '../cases/case-reads.js';
import { CaseStore } from '../cases/case-store.js';
import { CaseVault, VOICE_NARRATIVE } from '../cases/case-vault.js';
import { RouteProposal } from '../cases/events.js';
import type { TranscriptView } from '../cases/evidence-view.js';
import type { OnCase } from '../cases/moves/case-moves.js';
import { CaseFiles } from './case-files.js';
import type { WrittenTranscript } from './evidence.views.js';

/**
 * What people hear in a recording, or read in a picture, in the words of a handler. Each transcript is an
 * entry of its case. None is ever changed: a better one is the next version.
 */
@Injectable()
export class Transcripts {
  constructor(
    private readonly database: Database,
    private readonly files: CaseFiles,
    private readonly vault: CaseVault,
    private readonly cases: CaseStore,
    private readonly events: Events,
  ) {}

  /**
   * Writes the next transcript of a file, also after the case ended: what comes then is heard too.
   * @returns it, and where the rules would send a report with the account of this case as it reads now
   * @throws CASE_NOT_FOUND, EVIDENCE_NOT_FOUND, STALE_VERSION
   */
  async write({ actor, folio, ifMatch }: OnCase, id: string, text: string): Promise<WrittenTranscript> {
    return this.database.tx(actor, async (tx) => {
      const locked = await this.cases.lock(tx, { folio }, ifMatch);
      const { row, keys, catalog, now, today } = locked;
      const [file, report, earlier] = await Promise.all([
        this.files.one(tx, locked, id),
        this.vault.report(tx, keys),
        this.latest(tx, locked),
      ]);
      const { number } = file.row;
      const version = (earlier.get(number)?.version ?? 0) + 1;
      const body = { text, evidence: number, version };
      this.cases.append(tx, locked, { kind: 'transcript', author: 'staff', visible: false, body });
      this.cases.record(locked, 'TRANSCRIPT_WRITTEN', { evidence: id, number, version });
      const at = isoWithOffset(now, catalog.institution.timeZone);
      const transcript: TranscriptView = { version, text, by: actor.name, day: today, at };
      const texts = new Map([...earlier, [number, transcript]]);
      const account = accountOf(report.narrative, texts);
      const proposal = await this.events.ask(tx, RouteProposal, { row, catalog, account });
      this.cases.save(tx, locked);
      return { transcript, proposal, caseVersion: row.version };
    });
  }

  /** Step: the last transcript of each file of a case, by the number of the file. */
  async latest(
    tx: Tx,
    { keys, catalog }: Pick<FoundCase, 'keys' | 'catalog'>,
  ): Promise<Map<number, TranscriptView>> {
    const entries = await entriesOfKind(tx, this.vault, keys, 'transcript');
    return new Map(
      entries.map((entry) => [entry.body.evidence!, viewOf(entry, catalog.institution.timeZone)]),
    );
  }
}

function viewOf({ row, body }: OpenedEntry, timeZone: string): TranscriptView {
  const { text = '', version = 1, by } = body;
  return { version, text, by: by?.name ?? null, day: row.day, at: row.at && isoWithOffset(row.at, timeZone) };
}

/** The whole account of a report: what was written, then what was said, in the order in which it came. */
function accountOf(narrative: string, transcripts: ReadonlyMap<number, TranscriptView>): string {
  const said = [...transcripts].sort(([a], [b]) => a - b).map(([, { text }]) => text);
  return [...(narrative === VOICE_NARRATIVE ? [] : [narrative]), ...said].join('\n');
}
