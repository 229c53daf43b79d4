import {
  CAPTION_MAX,
  DETAILS,
  emptyDraft,
  hasFewWords,
  hasVoice,
  narrative,
  textsOf,
  told,
  type ConfirmedReport,
  type Draft,
  type DraftFile,
} from './draft.js';
import { excerpt } from './messages.js';
import type { ConversationState } from './state.js';
import { TEXTS } from './texts.js';
import { urgencyOf } from './urgency.js';
import { whenInWords } from './when.js';

/**
 * Longest parts of the summary. With these the summary stays below the 1,024 characters of a message with
 * buttons.
 */
const SUMMARY_EXCERPT = 400;
const SUMMARY_PLACE_EXCERPT = 100;

/** Make the report to submit. For an anonymous report leave out everything that identifies the person. */
export function reportOf(draft: Draft, { filesNotKept }: ConversationState): ConfirmedReport {
  const { mode = 'anonymous', noticeVersion = '', place, details = {}, name, phone } = draft;
  const report: ConfirmedReport = {
    mode,
    ...accountOf(draft),
    privacyNotice: { version: noticeVersion, accepted: true },
    language: 'es',
    files: [...draft.files].sort((one, other) => one.at - other.at).map((file) => withCaption(file, draft)),
    filesNotKept,
    ...(textsOf(draft).some((text) => urgencyOf(text) !== undefined) ? { urgent: true } : {}),
  };
  if (place) {
    const { key: _key, ...where } = place;
    report.place = where;
  }
  const { where, when, who } = details;
  if (where?.text !== undefined) {
    const description = [where.text, place?.description].filter(Boolean).join(', ');
    report.place = { ...report.place, description };
    if (where.municipality) report.municipality = where.municipality.key;
  }
  if (when && (when.from ?? when.to) !== undefined) {
    const { from, to } = when;
    report.occurred = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  }
  if (who?.text !== undefined) report.accused = [{ description: who.text }];
  if (mode !== 'anonymous') {
    report.reporter = { ...(name ? { name: name.text } : {}), ...(phone === undefined ? {} : { phone }) };
  }
  return report;
}

/** What happened: in words, or in a recording with a few words at most. */
function accountOf(draft: Draft): Pick<ConfirmedReport, 'narrative' | 'voice'> {
  const words = told(draft).trim();
  if (!hasVoice(draft) || !hasFewWords(draft)) return { narrative: words };
  return words === '' ? { voice: true } : { voice: true, narrative: TEXTS.accountByVoice(words) };
}

/** A file with the words that stood below it, or the question that it answers. */
function withCaption(
  { id, key }: DraftFile,
  { pieces, details = {} }: Draft,
): ConfirmedReport['files'][number] {
  const question = DETAILS.find((name) => details[name]?.key === key);
  const caption =
    question === undefined
      ? pieces.find((piece) => piece.key === key)?.text
      : TEXTS.spokenAnswer(TEXTS.summaryDetail[question]);
  return { id, ...(caption === undefined ? {} : { caption: excerpt(caption, CAPTION_MAX) }) };
}

/** The summary that the person sees before they send the report. */
export function summaryOf({ draft = emptyDraft(), filesNotKept }: ConversationState): string {
  const account = narrative(draft);
  const beginning = excerpt(account, SUMMARY_EXCERPT);
  const lines = [
    ...(hasVoice(draft) && hasFewWords(draft) ? [TEXTS.summaryVoice] : []),
    ...(account === ''
      ? []
      : [TEXTS.summaryAccount(beginning, account.length, beginning.length < account.length)]),
    '',
  ];
  if (draft.mode) lines.push(TEXTS.summaryMode(draft.mode));
  if (draft.name) lines.push(TEXTS.summaryName(draft.name.text));
  if (draft.phone !== undefined) lines.push(TEXTS.summaryPhone(draft.phone));
  if (draft.place) {
    const { description } = draft.place;
    lines.push(
      TEXTS.summaryPlace(description === undefined ? undefined : excerpt(description, SUMMARY_PLACE_EXCERPT)),
    );
  }
  for (const name of DETAILS) {
    const { text, spoken, from, to, municipality } = draft.details?.[name] ?? {};
    if (spoken) lines.push(`${TEXTS.summaryDetail[name]}: ${TEXTS.inVoiceNote}`);
    if (text === undefined) continue;
    const understood =
      municipality?.name ?? ((from ?? to) === undefined ? undefined : whenInWords({ from, to }));
    const behind = understood === undefined ? '' : ` (${understood})`;
    lines.push(`${TEXTS.summaryDetail[name]}: ${excerpt(text, SUMMARY_PLACE_EXCERPT)}${behind}`);
  }
  if (draft.files.length > 0) lines.push(TEXTS.summaryFiles(draft.files.map(({ media }) => media)));
  if (filesNotKept > 0) lines.push(TEXTS.summaryNotKept(filesNotKept));
  return lines.join('\n');
}
