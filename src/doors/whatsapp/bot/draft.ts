import { asList, asNumber, asRecord, asText } from '../../../platform/json-reading.js';
import { typedName, visibleLength } from '../../../platform/typed-text.js';
import type { MediaKind } from './messages.js';

export const MODES = ['anonymous', 'confidential', 'identified'] as const;
export type Mode = (typeof MODES)[number];

/** Limits of the narrative, the same as those of `POST /reports`. */
export const NARRATIVE_MIN = 10;
export const NARRATIVE_MAX = 20_000;
/**
 * Most pieces of a narrative. Each piece has its own key, so without a limit one-letter messages would make
 * the stored session very large.
 */
export const PIECES_MAX = 300;
/** Longest name. A longer text is part of the narrative that came while the bot asked for the name. */
export const NAME_MAX = 120;
/** Longest answer to where, when and who. A longer text is part of the narrative. */
export const DETAIL_MAX = 500;
/** Questions about the narrative that may stay without an answer. */
export const DETAILS = ['where', 'when', 'who'] as const;
export type DetailName = (typeof DETAILS)[number];
/** Most files of a report: as many as its case takes from a reporter. */
export const FILES_MAX = 50;
/** Most characters of the words below a file, as of evidence. */
export const CAPTION_MAX = 2_000;
/** A person who speaks in one of these has told what happened. */
const VOICES: ReadonlySet<MediaKind> = new Set(['voice', 'audio']);
const MEDIA_KINDS: readonly MediaKind[] = ['image', 'video', 'audio', 'voice', 'document', 'sticker'];
/** Deletions kept because they may arrive before the message they delete. The newest are remembered. */
const REVOKED_MAX = 100;

/** One message of the narrative. `key` identifies the message (a keyed hash, never the wamid). */
export interface Piece {
  key: string;
  text: string;
  /** Unix seconds of the message. Meta delivers in any order, so the narrative is sorted by this. */
  at: number;
}

/** A photo, a voice note, a video, a document. `id` is ours; the file itself is kept elsewhere. */
export interface DraftFile {
  key: string;
  id: string;
  media: MediaKind;
  /** Unix seconds of its message. */
  at: number;
  /** Somebody else made it: it tells nothing by itself. */
  forwarded?: true;
}

/** The answer to a question about the narrative, in the words of the person; no text when they gave none. */
export interface Detail {
  key: string;
  text?: string;
  /** The answer is the voice note of this message. */
  spoken?: true;
  /** The days that the words mean, 'YYYY-MM-DD'. Only of `when`. */
  from?: string;
  to?: string;
  /** The municipality that the words name. Only of `where`. */
  municipality?: NamedMunicipality;
}

/** A municipality with its INEGI key, and its name with that of the state. */
export interface NamedMunicipality {
  key: string;
  name: string;
}

export interface Draft {
  /** Version of the privacy notice that the person accepted; absent before that. */
  noticeVersion?: string;
  mode?: Mode;
  pieces: Piece[];
  files: DraftFile[];
  /** The person has no more files, or none. */
  filesDone?: true;
  revoked: string[];
  place?: { key: string; latitude: number; longitude: number; description?: string };
  details?: Partial<Record<DetailName, Detail>>;
  /** Unix seconds of the word or tap that ended the narrative; absent while it is open. */
  closedAt?: number;
  /** Only in confidential and identified mode. */
  name?: { key: string; text: string };
  nameSkipped?: boolean;
  phone?: string;
  phoneRefused?: boolean;
}

/**
 * The report as the person confirmed it. Nothing in it shows where it was sent from, unless the person gave
 * this.
 */
export interface ConfirmedReport {
  mode: Mode;
  /** Absent when a recording tells all of it. */
  narrative?: string;
  /** A recording tells what happened. */
  voice?: true;
  place?: { latitude?: number; longitude?: number; description?: string };
  /** INEGI key of five characters. */
  municipality?: string;
  occurred?: { from?: string; to?: string };
  accused?: { description: string }[];
  reporter?: { name?: string; phone?: string };
  privacyNotice: { version: string; accepted: true };
  language: 'es';
  /** A message told of danger. */
  urgent?: true;
  files: { id: string; caption?: string }[];
  filesNotKept: number;
}

export function emptyDraft(): Draft {
  return { pieces: [], files: [], revoked: [] };
}

/** The narrative in the order in which it was written, one message per line. */
export function narrative(draft: Draft): string {
  return [...draft.pieces]
    .sort((one, other) => one.at - other.at)
    .map((piece) => piece.text)
    .join('\n');
}

/** The narrative with the words that say when it happened. Days alone may say more than they know. */
export function told(draft: Draft): string {
  const when = draft.details?.when?.text;
  return when === undefined ? narrative(draft) : `${narrative(draft)}\nCuándo: ${when}`;
}

/** Every text of the person in the draft. */
export function textsOf({ pieces, details = {} }: Draft): string[] {
  return [...pieces.map(({ text }) => text), ...Object.values(details).flatMap(({ text }) => text ?? [])];
}

/** Whether what was told is too short to be a report. A recording is never too short. */
export function isTooShort(draft: Draft): boolean {
  return !hasVoice(draft) && hasFewWords(draft);
}

/** Whether a recording may tell what happened. */
export function hasVoice({ files }: Draft): boolean {
  return files.some(({ media, forwarded }) => VOICES.has(media) && !forwarded);
}

/**
 * Whether the written narrative is too short. Count only visible characters, without line breaks. This is the
 * smallest possible count, so intake never counts less.
 */
export function hasFewWords({ pieces }: Draft): boolean {
  return pieces.reduce((sum, { text }) => sum + visibleLength(text, NARRATIVE_MIN), 0) < NARRATIVE_MIN;
}

/** Whether anything was told: words or files. */
export function hasContent({ pieces, files }: Draft): boolean {
  return pieces.length > 0 || files.length > 0;
}

/**
 * Add a message to the narrative; undefined when the text does not fit any more. A message that was deleted
 * or edited before it arrived keeps that change.
 */
export function addPiece(draft: Draft, piece: Piece): Draft | undefined {
  const text = piece.text.trim();
  if (
    visibleLength(text, 1) === 0 ||
    draft.revoked.includes(piece.key) ||
    draft.pieces.some(({ key }) => key === piece.key)
  ) {
    return draft;
  }
  return fitting({ ...draft, pieces: [...draft.pieces, { ...piece, text }] });
}

/** Add a file. One that was deleted before it arrived stays deleted. */
export function addFile(draft: Draft, file: DraftFile): Draft {
  const isKnown = draft.files.some(({ key }) => key === file.key);
  return isKnown || draft.revoked.includes(file.key) ? draft : { ...draft, files: [...draft.files, file] };
}

/** Remove files that could not be had from the chat, with the answers that were spoken in them. */
export function withoutFiles(draft: Draft, ids: readonly string[]): Draft {
  const gone = draft.files.filter(({ id }) => ids.includes(id));
  const answers = gone.reduce(
    (details, { key }) => withoutKey(details, key, ({ spoken }) => spoken === true),
    draft.details ?? {},
  );
  const { filesDone, ...rest } = draft;
  const files = draft.files.filter((file) => !gone.includes(file));
  return {
    ...rest,
    files,
    // Whoever sent files was not asked for them.
    ...(filesDone && files.length > 0 ? { filesDone } : {}),
    ...(draft.details ? { details: answers } : {}),
  };
}

/**
 * Replace a message by its edit. If the edit comes before its message, take the edit in the message's place.
 * Undefined when the text does not fit.
 */
export function editPiece(draft: Draft, piece: Piece): Draft | undefined {
  if (draft.name?.key === piece.key) {
    const name = nameIn(piece.text);
    return name === undefined ? draft : { ...draft, name: { key: piece.key, text: name } };
  }
  const text = piece.text.trim();
  const detail = DETAILS.find((name) => {
    const known = draft.details?.[name];
    return known?.text !== undefined && known.key === piece.key;
  });
  if (detail !== undefined) {
    if (isAnswer(text)) return withDetail(draft, detail, { key: piece.key, text });
    return addPiece(withoutDetail(draft, detail), piece);
  }
  if (!draft.pieces.some(({ key }) => key === piece.key)) return addPiece(draft, piece);
  const pieces = draft.pieces.map((old) => (old.key === piece.key ? { ...old, text } : old));
  return fitting({ ...draft, pieces: pieces.filter((old) => visibleLength(old.text, 1) > 0) });
}

/** Read a message as a name; undefined when the text has nothing visible or is longer than any name. */
export function nameIn(text: string): string | undefined {
  const name = typedName(text);
  return name.length <= NAME_MAX && visibleLength(name, 1) > 0 ? name : undefined;
}

/** Remove a message that the person deleted from the draft, whatever it was. */
export function dropMessage(draft: Draft, key: string): Draft {
  const { place, name, details, ...rest } = draft;
  return {
    ...rest,
    ...(details ? { details: withoutKey(details, key) } : {}),
    ...(place && place.key !== key ? { place } : {}),
    ...(name && name.key !== key ? { name } : {}),
    pieces: draft.pieces.filter((piece) => piece.key !== key),
    files: draft.files.filter((file) => file.key !== key),
    revoked: [...draft.revoked.filter((old) => old !== key), key].slice(-REVOKED_MAX),
  };
}

/** Whether a text is an answer to a question about the narrative. A longer one is a part of the narrative. */
export function isAnswer(text: string): boolean {
  return text.length <= DETAIL_MAX && visibleLength(text, 1) > 0;
}

/** Keep an answer to a question about the narrative; undefined when it does not fit any more. */
export function withDetail(draft: Draft, name: DetailName, detail: Detail): Draft | undefined {
  return fitting({ ...draft, details: { ...draft.details, [name]: detail } });
}

/** Leave a question about the narrative without an answer. */
export function withoutAnswer(draft: Draft, name: DetailName, key: string): Draft {
  return { ...draft, details: { ...draft.details, [name]: { key } } };
}

/** Take an answer back, so that its question is open again. */
export function withoutDetail(draft: Draft, name: DetailName): Draft {
  const { [name]: _old, ...details } = draft.details ?? {};
  return { ...draft, details };
}

function withoutKey(
  details: NonNullable<Draft['details']>,
  key: string,
  counts: (detail: Detail) => boolean = () => true,
): NonNullable<Draft['details']> {
  return Object.fromEntries(
    Object.entries(details).filter(([, detail]) => detail.key !== key || !counts(detail)),
  );
}

/**
 * Set the mode. Anonymous mode removes everything that identifies the person, also when it was given earlier
 * under another mode.
 */
export function withMode(draft: Draft, mode: Mode | undefined): Draft {
  const { mode: _old, ...rest } = draft;
  if (mode === undefined) return rest;
  if (mode !== 'anonymous') return { ...rest, mode };
  const { name: _name, phone: _phone, nameSkipped: _skipped, phoneRefused: _refused, ...anonymous } = rest;
  return { ...anonymous, mode };
}

function fitting(draft: Draft): Draft | undefined {
  return told(draft).length > NARRATIVE_MAX || draft.pieces.length > PIECES_MAX ? undefined : draft;
}

/** Read what is still usable from a stored draft, which may come from another version of this program. */
export function readDraft(value: unknown): Draft | undefined {
  const saved = asRecord(value);
  if (!Array.isArray(saved.pieces)) return undefined;
  const draft: Draft = emptyDraft();
  for (const item of saved.pieces.slice(0, PIECES_MAX)) {
    const { key, text, at } = asRecord(item);
    if (typeof key === 'string' && typeof text === 'string')
      draft.pieces.push({ key, text, at: asNumber(at) ?? 0 });
  }
  for (const item of asList(saved.files).slice(0, FILES_MAX)) {
    const { key, id, media, at, forwarded } = asRecord(item);
    const kind = MEDIA_KINDS.find((known) => known === media);
    if (typeof key === 'string' && typeof id === 'string' && kind)
      draft.files.push({
        key,
        id,
        media: kind,
        at: asNumber(at) ?? 0,
        ...(forwarded === true ? { forwarded } : {}),
      });
  }
  if (saved.filesDone === true) draft.filesDone = true;
  draft.revoked = asList(saved.revoked).filter((key) => typeof key === 'string');
  const mode = MODES.find((known) => known === saved.mode);
  const noticeVersion = asText(saved.noticeVersion);
  const closedAt = asNumber(saved.closedAt);
  if (noticeVersion !== undefined) draft.noticeVersion = noticeVersion;
  if (closedAt !== undefined) draft.closedAt = closedAt;
  const { key, latitude, longitude, description } = asRecord(saved.place);
  if (typeof key === 'string' && typeof latitude === 'number' && typeof longitude === 'number') {
    draft.place = { key, latitude, longitude, ...(typeof description === 'string' ? { description } : {}) };
  }
  for (const detail of DETAILS) {
    const kept = readDetail(asRecord(saved.details)[detail]);
    if (kept) draft.details = { ...draft.details, [detail]: kept };
  }
  const name = asRecord(saved.name);
  if (typeof name.key === 'string' && typeof name.text === 'string')
    draft.name = { key: name.key, text: name.text };
  if (typeof saved.phone === 'string') draft.phone = saved.phone;
  if (saved.nameSkipped === true) draft.nameSkipped = true;
  if (saved.phoneRefused === true) draft.phoneRefused = true;
  return withMode(draft, mode);
}

function readDetail(value: unknown): Detail | undefined {
  const { key, text, spoken, from, to, municipality } = asRecord(value);
  const named = asRecord(municipality);
  if (typeof key !== 'string') return undefined;
  return {
    key,
    ...(spoken === true ? { spoken } : {}),
    ...(typeof text === 'string' ? { text } : {}),
    ...(typeof from === 'string' ? { from } : {}),
    ...(typeof to === 'string' ? { to } : {}),
    ...(typeof named.key === 'string' && typeof named.name === 'string'
      ? { municipality: { key: named.key, name: named.name } }
      : {}),
  };
}
