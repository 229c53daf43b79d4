import { Injectable } from '@nestjs/common';
import { openJson, sealJson, sealPaddedJson, type SealContext } from '../../platform/crypto/aead.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import type { Tx } from '../../platform/database/tx.js';
import { idOf, type CaseKey } from './case-key.js';
import type { Mode } from './case.entities.js';
import { CaseKeysRow } from './case.entities.js';

/**
 * Bytes of a sealed identity, the same with or without a name. Intake refuses a longer one. Stays below the 2
 * kB at which PostgreSQL would move the largest value of the row out of line.
 */
export const IDENTITY_BYTES = 1024;

/**
 * Bytes of the shortest sealed report, and of the steps above it. A report by voice has no words of its own:
 * it is as long as a short written one. With a longer step PostgreSQL would move more reports out of line.
 */
const [SHORTEST_REPORT, REPORT_STEP] = [512, 256];

/**
 * Letters stored in place of the mode. Words of different length would disclose the mode to anybody who knows
 * the rest of a report.
 */
const MODE_LETTERS: Record<Mode, string> = { anonymous: 'a', confidential: 'c', identified: 'i' };

/** Letters for whether the report is a voice, for the same reason. */
const VOICE = { yes: 'v', no: 't' };

/**
 * Bytes of JSON for the accepted privacy notice, with or without one. Whoever gives data must accept a
 * privacy notice, so its length would disclose the mode. 162 = 40 characters of four bytes, and two quotes.
 */
const NOTICE_BYTES = 162;

/**
 * What the reporter told, without the identity of the reporter. The mode is here too, because in clear it
 * would show who hid the identity.
 */
export interface ReportContent {
  mode: Mode;
  /** What the reporter wrote. `VOICE_NARRATIVE` when a recording tells all of it. */
  narrative: string;
  /** The account is a recording, or a recording is a part of it. */
  voice?: boolean;
  place?: { description?: string; latitude?: number; longitude?: number };
  occurred?: { from?: string; to?: string };
  accused?: { name?: string; position?: string; unit?: string; description?: string }[];
  witnesses?: { name?: string; contact?: string }[];
  language: 'es' | 'en';
  privacyNotice?: string;
  /** Number of files offered on a channel that does not keep files yet. */
  filesNotKept?: number;
  /** Reason for the late registration of a call older than one day. */
  lateReason?: string;
  /** Of a call: it was held with an interpreter, or needed one. */
  interpreterNeeded?: boolean;
  /** Of a call: whether the caller consented to its being recorded. Absent: nobody asked. */
  recordingConsent?: boolean;
  /**
   * The key by which the channel system that sent the report knows it. It is sealed once more, under the
   * channel key: no other reader opens it. In base64url.
   */
  sealedReference?: string;
}

/** The narrative of a report that is a voice alone. */
export const VOICE_NARRATIVE = 'Relato por voz';

/** The text of an answer that is a recording. Its entry has the number of the file. */
export const VOICE_ANSWER = 'Respuesta por voz';

export interface ReporterIdentity {
  name?: string;
  email?: string;
  phone?: string;
}

/** The three data keys of one case. In clear they exist in memory only. */
export interface CaseKeys {
  caseId: string;
  content: Buffer;
  identity: Buffer;
  audit: Buffer;
}

/** Create, wrap and use the data keys of cases. Only this class touches the ciphertext of
 * the tables of a case; `work/evidence` seals its own under the content key. */
@Injectable()
export class CaseVault {
  constructor(private readonly ring: KeyRing) {}

  create(caseId: string): { keys: CaseKeys; row: CaseKeysRow } {
    const keys: CaseKeys = {
      caseId,
      content: this.ring.newKey(),
      identity: this.ring.newKey(),
      audit: this.ring.newKey(),
    };
    const wrap = (key: Buffer, field: string): Buffer => this.ring.wrap(key, keyContext(caseId, field));
    return {
      keys,
      row: {
        caseId,
        contentKey: wrap(keys.content, 'content_key'),
        identityKey: wrap(keys.identity, 'identity_key'),
        auditKey: wrap(keys.audit, 'audit_key'),
      },
    };
  }

  /**
   * Load the content and audit keys of a case the actor may see. The identity key stays wrapped: see
   * `identityOf`.
   */
  async load(tx: Tx, caseId: string): Promise<Omit<CaseKeys, 'identity'>> {
    return this.unwrap(caseId, await this.wrapped(tx, { id: caseId }));
  }

  /** The same keys, still wrapped. Also works by folio, before the id of the case is known. */
  async wrapped(tx: Tx, key: CaseKey): Promise<WrappedKeys | undefined> {
    const { id, value } = idOf(key);
    const [row] = await tx.prepared<WrappedKeys>(
      `select content_key as content, audit_key as audit from case_keys where case_id = (${id})`,
      [value],
    );
    return row;
  }

  /** @throws Error when the case has no keys any more */
  unwrap(caseId: string, wrapped: WrappedKeys | undefined): Omit<CaseKeys, 'identity'> {
    if (!wrapped) throw new Error('case without keys');
    return {
      caseId,
      content: this.ring.unwrap(wrapped.content, keyContext(caseId, 'content_key')),
      audit: this.ring.unwrap(wrapped.audit, keyContext(caseId, 'audit_key')),
    };
  }

  /** Only the audit keys, by case. Cases whose keys are gone are left out. */
  async auditKeysOf(tx: Tx, caseIds: readonly string[]): Promise<Map<string, Buffer>> {
    const rows = await tx.prepared<{ case_id: string; audit_key: Buffer }>(
      'select case_id, audit_key from case_keys where case_id = any($1)',
      [caseIds],
    );
    return new Map(
      rows.map((row) => [row.case_id, this.ring.unwrap(row.audit_key, keyContext(row.case_id, 'audit_key'))]),
    );
  }

  sealReport(
    keys: CaseKeys,
    content: ReportContent,
    identity: ReporterIdentity | null,
  ): { caseId: string; content: Buffer; identity: Buffer } {
    return {
      caseId: keys.caseId,
      content: sealPaddedJson(
        keys.content,
        {
          ...content,
          mode: MODE_LETTERS[content.mode],
          voice: content.voice ? VOICE.yes : VOICE.no,
          privacyNotice: evenLength(content.privacyNotice),
        },
        reportContext(keys.caseId, 'content'),
        REPORT_STEP,
        SHORTEST_REPORT,
      ),
      identity: sealPaddedJson(
        keys.identity,
        identity,
        reportContext(keys.caseId, 'identity'),
        IDENTITY_BYTES,
      ),
    };
  }

  async report(tx: Tx, keys: Pick<CaseKeys, 'caseId' | 'content'>): Promise<ReportContent> {
    const [row] = await tx.prepared<{ content: Buffer }>(
      'select content from case_reports where case_id = $1',
      [keys.caseId],
    );
    const stored = openJson<Omit<ReportContent, 'mode' | 'voice'> & { mode: string; voice?: string }>(
      keys.content,
      row!.content,
      reportContext(keys.caseId, 'content'),
    );
    const mode = (Object.keys(MODE_LETTERS) as Mode[]).find((known) => MODE_LETTERS[known] === stored.mode);
    if (mode === undefined) throw new Error('report of an unknown mode');
    const { voice, privacyNotice } = stored;
    return { ...stored, mode, voice: voice === VOICE.yes, privacyNotice: privacyNotice?.trim() || undefined };
  }

  /**
   * The identity of the reporter, only for a report in the identified mode. Until custody exists, nobody
   * reads the identity of a confidential report: this method is the only reader, and returns null for such a
   * report.
   */
  async identityOf(tx: Tx, caseId: string, mode: Mode): Promise<ReporterIdentity | null> {
    if (mode !== 'identified') return null;
    const [row] = await tx.prepared<{ identity_key: Buffer; identity: Buffer }>(
      'select k.identity_key, r.identity from case_keys k join case_reports r using (case_id) where k.case_id = $1',
      [caseId],
    );
    const key = this.ring.unwrap(row!.identity_key, keyContext(caseId, 'identity_key'));
    return openJson<ReporterIdentity | null>(key, row!.identity, reportContext(caseId, 'identity'));
  }

  sealBody(keys: Pick<CaseKeys, 'content'>, entryId: string, body: EntryBody): Buffer {
    return sealJson(keys.content, body, entryContext(entryId));
  }

  openBody(keys: Pick<CaseKeys, 'content'>, entryId: string, sealed: Buffer | null): EntryBody {
    return sealed === null ? {} : openJson<EntryBody>(keys.content, sealed, entryContext(entryId));
  }
}

/** Keys as stored in their row. */
export interface WrappedKeys {
  content: Buffer;
  audit: Buffer;
}

function evenLength(notice = ''): string {
  return notice + ' '.repeat(Math.max(0, NOTICE_BYTES - Buffer.byteLength(JSON.stringify(notice))));
}

/** Codes of area, category and priority. */
export interface TriageCodes {
  area: string;
  category: string | null;
  priority: string;
}

/** Body of an entry: a text for its reader, or the facts of a move. */
export interface EntryBody {
  text?: string;
  reason?: string;
  grounds?: string;
  /**
   * The case before and after a change. Entries of former versions hold one string, and for an assignee the
   * id alone.
   */
  from?: string | TriageCodes;
  to?: string | TriageCodes | { id: string; name: string };
  metric?: string;
  outcome?: string;
  /** Number of a file among those of the case: one that came, or one whose words these are. */
  evidence?: number;
  /** Of a transcript, counted for its file from 1. */
  version?: number;
  /** An operator wrote it for the reporter, during a call. The trail tells who. */
  byPhone?: boolean;
  /** It came through a voice menu of the telephone. The trail tells which one. */
  byVoiceMenu?: boolean;
  /** Name and e-mail address of the staff member who wrote the entry, as they were at that moment. */
  by?: { name: string; email: string };
}

function keyContext(caseId: string, field: string): SealContext {
  return { table: 'case_keys', row: caseId, field };
}
function reportContext(caseId: string, field: string): SealContext {
  return { table: 'case_reports', row: caseId, field };
}
function entryContext(id: string): SealContext {
  return { table: 'case_entries', row: id, field: 'body' };
}
