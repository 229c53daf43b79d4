import { DETAILS, emptyDraft, narrative, textsOf, told, type ConfirmedReport, type Draft } from './draft.js';
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
export function reportOf(draft: Draft, { files }: ConversationState): ConfirmedReport {
  const { mode = 'anonymous', noticeVersion = '', place, details = {}, name, phone } = draft;
  const report: ConfirmedReport = {
    mode,
    narrative: told(draft),
    privacyNotice: { version: noticeVersion, accepted: true },
    language: 'es',
    filesNotKept: files,
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

/** The summary that the person sees before they send the report. */
export function summaryOf({ draft = emptyDraft(), files }: ConversationState): string {
  const account = narrative(draft);
  const beginning = excerpt(account, SUMMARY_EXCERPT);
  const lines = [TEXTS.summaryAccount(beginning, account.length, beginning.length < account.length), ''];
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
    const { text, from, to } = draft.details?.[name] ?? {};
    if (text === undefined) continue;
    const days = (from ?? to) === undefined ? '' : ` (${whenInWords({ from, to })})`;
    lines.push(`${TEXTS.summaryDetail[name]}: ${excerpt(text, SUMMARY_PLACE_EXCERPT)}${days}`);
  }
  if (files > 0) lines.push(TEXTS.summaryFiles(files));
  return lines.join('\n');
}
