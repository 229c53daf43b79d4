import { findCategory, validOn, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { Channel } from '../../foundations/catalogs/channels.js';
import { catalogErrors } from '../../foundations/catalogs/errors.js';
import { findMunicipality } from '../../foundations/catalogs/municipalities.js';
import type { Actor } from '../../platform/actor.js';
import { localDay } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { invalidField } from '../../platform/http/validation.js';
import {
  IDENTITY_BYTES,
  VOICE_NARRATIVE,
  type ReporterIdentity,
  type ReportContent,
} from '../cases/case-vault.js';
import type { Mode } from '../cases/case.entities.js';
import { GENERAL_NOTICE } from './general-notice.js';

/** A report as a door hands it to intake. Its shape is already checked. */
export interface Report {
  institution?: string;
  mode: Mode;
  /** May be absent when the account is a voice. */
  narrative?: string;
  /** The account is a recording that is sent with folio and access code. */
  voice?: boolean;
  category?: string;
  municipality?: string;
  place?: ReportContent['place'];
  occurred?: ReportContent['occurred'];
  accused?: ReportContent['accused'];
  witnesses?: ReportContent['witnesses'];
  reporter?: ReporterIdentity;
  call?: { startedAt: string; reason?: string; interpreterNeeded?: boolean; recordingConsent?: boolean };
  language?: 'es' | 'en';
  privacyNotice?: { version: string };
  filesNotKept?: number;
  /** What the channel system calls it. The door sealed it, and only the key of that system opens it. */
  sealedReference?: string;
  /** Something in it tells of danger: its case has the highest priority until a person says otherwise. */
  urgent?: boolean;
}

/** Fields of a report that go into the content of its case. */
type Kept = Exclude<
  keyof Report,
  'institution' | 'category' | 'municipality' | 'reporter' | 'call' | 'urgent'
>;

export interface Submission {
  report: Report;
  channel: Channel;
  /** Who files: nobody, a channel key or an operator. Recorded in the trail entry. */
  actor: Actor;
  /** Keys of the kept answer, and for how many days more than usual it is kept. */
  idempotency?: { keyHash: Buffer; requestHash: Buffer; answerKey: Buffer; moreDays?: number };
  /**
   * When the door began to take the report, for a door that keeps drafts: the age of the call is judged then.
   * Absent: now.
   */
  begunAt?: Date;
  /** Folio and access code drawn in advance by a chat, which must be able to repeat the same ones. */
  credentials?: { folio: string; accessCode: string };
}

/** What of a submission is judged. */
type Judged = Pick<Submission, 'report' | 'channel' | 'begunAt'>;

export interface Admitted {
  content: ReportContent;
  identity: ReporterIdentity | null;
  categoryId: string | null;
  municipality: string | null;
  receivedOn: string;
  registeredOn: string;
}

const DAY = 24 * 3600_000;
/** Oldest call that may still be registered. */
const OLDEST_CALL = 30 * DAY;
/** A call registered later than this needs a reason. */
const LATE_CALL = DAY;
/** How far the clock of a client's machine may be ahead. */
const CLOCK_SKEW = 5 * 60_000;

/**
 * Check a report against its institution and the day, and split it into the parts that are stored separately.
 * Pure.
 * @throws InvalidRequest, CATEGORY_UNKNOWN, MUNICIPALITY_UNKNOWN, INSTITUTION_MISMATCH: then nothing is
 *   stored
 */
export function admit(submission: Submission, catalog: CatalogSnapshot, now: Date): Admitted {
  const { report } = submission;
  const zone = catalog.institution.timeZone;
  for (const check of checksOf(submission, catalog, now)) check();
  const category =
    report.category === undefined ? undefined : findCategory(catalog, { code: report.category });
  return {
    content: {
      mode: report.mode,
      narrative: narrativeOf(report),
      voice: report.voice ?? false,
      place: report.place,
      occurred: report.occurred,
      accused: report.accused,
      witnesses: report.witnesses,
      language: report.language ?? 'es',
      privacyNotice: report.privacyNotice?.version,
      filesNotKept: report.filesNotKept,
      lateReason: report.call?.reason,
      interpreterNeeded: report.call?.interpreterNeeded,
      recordingConsent: report.call?.recordingConsent,
      sealedReference: report.sealedReference,
      // Compilation fails when a field is not kept: nothing that a person told may be lost here.
    } satisfies ReportContent & Record<Kept, unknown>,
    identity: checkIdentity(report),
    categoryId: category?.id ?? null,
    municipality: report.municipality ?? null,
    receivedOn: receivedOn(submission, now, zone),
    registeredOn: localDay(now, zone),
  };
}

/** All that `admit` would refuse a report for, so that a person can be asked for it at once. Pure. */
export function obstaclesOf(submission: Judged, catalog: CatalogSnapshot, now: Date): DomainError[] {
  return checksOf(submission, catalog, now).flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof DomainError) return [error];
      throw error;
    }
  });
}

/** What a report must pass. Each check throws a refusal. */
function checksOf(submission: Judged, catalog: CatalogSnapshot, now: Date): (() => unknown)[] {
  const { report, channel } = submission;
  const zone = catalog.institution.timeZone;
  return [
    () => checkInstitution(report, catalog),
    () => checkIdentity(report),
    () => checkNotice(report, channel, catalog),
    () => checkPlace(report),
    () => checkDays(report, latestDay(now, zone)),
    () => checkCategory(report, catalog, localDay(now, zone)),
    () => checkMunicipality(report),
    () => narrativeOf(report),
    () => receivedOn(submission, now, zone),
  ];
}

function checkInstitution(report: Report, catalog: CatalogSnapshot): void {
  if (report.institution === undefined || report.institution === catalog.institution.code) return;
  throw invalidField(
    'institution',
    'MISMATCH',
    'La credencial es de otra institución; omite este campo.',
    'The credential belongs to another institution; leave this field out.',
  );
}

function checkCategory({ category: code }: Report, catalog: CatalogSnapshot, today: string): void {
  if (code === undefined) return;
  const category = findCategory(catalog, { code });
  if (!category || !validOn(category, today)) throw catalogErrors.categoryNotInForce();
}

function checkMunicipality({ municipality }: Report): void {
  if (municipality !== undefined && !findMunicipality(municipality))
    throw catalogErrors.municipalityUnknown();
}

/** The narrative is the one thing that a report cannot do without (LGRA 93). A voice is a narrative. */
function narrativeOf({ narrative, voice }: Report): string {
  if (narrative !== undefined) return narrative;
  if (voice) return VOICE_NARRATIVE;
  throw invalidField('narrative', 'REQUIRED', 'Falta el relato.', 'The narrative is missing.');
}

function checkIdentity(report: Report): ReporterIdentity | null {
  const { name, email, phone } = report.reporter ?? {};
  if (report.mode === 'anonymous') {
    if (report.reporter !== undefined) {
      throw invalidField(
        'reporter',
        'FORBIDDEN_WHEN_ANONYMOUS',
        'Una denuncia anónima no lleva tus datos. Quítalos o elige otra modalidad.',
        'An anonymous report carries none of your data. Remove them or choose another mode.',
      );
    }
    return null;
  }
  if (name === undefined && email === undefined && phone === undefined) {
    throw invalidField(
      'reporter',
      'REQUIRED',
      'Faltan tus datos (reporter): da al menos nombre, correo o teléfono, o elige la modalidad anónima.',
      'Your data are missing (reporter): give at least a name, e-mail or phone, or choose the anonymous mode.',
    );
  }
  const identity = { name, email, phone };
  // Only a text of four-byte characters is that long. A row longer than all others would be recognisable.
  if (Buffer.byteLength(JSON.stringify(identity)) > IDENTITY_BYTES) {
    throw invalidField('reporter', 'TOO_LONG', 'Es demasiado largo.', 'It is too long.');
  }
  return identity;
}

/**
 * Check the privacy notice. Whoever gives data must first accept a privacy notice (LGPDPPSO 20 and 22), and
 * the institution must have published it. On WhatsApp the general notice counts too. An anonymous report
 * gives no data, and a missing privacy notice must not cause its loss.
 */
function checkNotice({ mode, privacyNotice }: Report, channel: Channel, catalog: CatalogSnapshot): void {
  if (mode === 'anonymous') return;
  if (privacyNotice === undefined) {
    // The institution has published no privacy notice that anybody could accept.
    if (catalog.noticeVersions.length === 0) return;
    throw invalidField(
      'privacyNotice',
      'REQUIRED',
      'Falta aceptar el aviso de privacidad. Muéstralo (GET /public/privacy-notice?institution=…) y manda su versión.',
      'The privacy notice was not accepted. Show it (GET /public/privacy-notice?institution=…) and send its version.',
    );
  }
  const known =
    channel === 'whatsapp' ? [...catalog.noticeVersions, GENERAL_NOTICE.version] : catalog.noticeVersions;
  if (!known.includes(privacyNotice.version)) {
    throw invalidField(
      'privacyNotice.version',
      'UNKNOWN_VERSION',
      'La institución no ha publicado esa versión del aviso. Consulta GET /public/privacy-notice?institution=…',
      'The institution has not published that version of the notice. See GET /public/privacy-notice?institution=…',
    );
  }
}

function checkPlace({ place }: Report): void {
  if (place === undefined || (place.latitude === undefined) === (place.longitude === undefined)) return;
  throw invalidField(
    place.latitude === undefined ? 'place.latitude' : 'place.longitude',
    'REQUIRED',
    'Una coordenada necesita latitud y longitud. Manda las dos o ninguna.',
    'A coordinate needs latitude and longitude. Send both or neither.',
  );
}

/** Quintana Roo. Its day begins before that of any other part of the country. */
const EASTERNMOST = 'America/Cancun';

/**
 * The latest day on which the reporter may be today, in any zone of the country. A reporter's today must not
 * count as the future.
 */
function latestDay(now: Date, zone: string): string {
  const [own, east] = [localDay(now, zone), localDay(now, EASTERNMOST)];
  return own > east ? own : east;
}

function checkDays(report: Report, today: string): void {
  const { from, to } = report.occurred ?? {};
  if (from !== undefined && from > today) throw future('occurred.from');
  if (to !== undefined && to > today) throw future('occurred.to');
  if (from !== undefined && to !== undefined && from > to) {
    throw invalidField(
      'occurred.to',
      'BEFORE_FROM',
      'No puede ser anterior a «from».',
      'It cannot be before "from".',
    );
  }
}

function receivedOn({ report, channel, begunAt }: Judged, now: Date, zone: string): string {
  if (report.call === undefined) return localDay(now, zone);
  if (channel !== 'phone')
    throw invalidField(
      'call',
      'PHONE_ONLY',
      'Sólo va en denuncias por teléfono.',
      'Only for reports by phone.',
    );
  const started = callStart(report.call.startedAt, begunAt ?? now, 'call.startedAt');
  const age = now.getTime() - started.getTime();
  if (age > LATE_CALL && report.call.reason === undefined) {
    throw invalidField(
      'call.reason',
      'REQUIRED',
      'Falta el motivo (call.reason): la llamada fue hace más de un día; di por qué se registra hasta ahora.',
      'The reason is missing (call.reason): the call is older than one day; say why it is registered only now.',
    );
  }
  return localDay(new Date(Math.min(started.getTime(), now.getTime())), zone);
}

/**
 * The start of a call that may still be registered.
 * @param field name of the field, for the refusal
 * @throws InvalidRequest
 */
export function callStart(startedAt: string, now: Date, field: string): Date {
  const started = new Date(startedAt);
  const age = now.getTime() - started.getTime();
  if (age < -CLOCK_SKEW) throw future(field);
  if (age > OLDEST_CALL) {
    throw invalidField(
      field,
      'TOO_OLD',
      'La llamada fue hace más de 30 días.',
      'The call is more than 30 days old.',
    );
  }
  return started;
}

function future(field: string): Error {
  return invalidField(field, 'IN_THE_FUTURE', 'No puede estar en el futuro.', 'It cannot be in the future.');
}
