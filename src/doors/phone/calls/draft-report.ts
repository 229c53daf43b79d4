import type { CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import type { StaffActor } from '../../../platform/actor.js';
import { DomainError, type Text } from '../../../platform/errors.js';
import { InvalidRequest, validation } from '../../../platform/http/validation.js';
import { obstaclesOf, type Report, type Submission } from '../../../work/intake/admission.js';
import { ReportRequest } from '../../reports/report.request.js';
import { withoutNulls } from '../../reports/without-nulls.js';
import type { Call } from './calls.js';

/** What stands in the way of filing. */
export const MISSING_LABELS = {
  mode: {
    es: 'la modalidad: anónima, confidencial o con datos',
    en: 'the mode: anonymous, confidential or identified',
  },
  narrative: { es: 'el relato, de al menos 10 caracteres', en: 'the account, of at least 10 characters' },
  reporter: {
    es: 'el nombre, correo o teléfono de la persona',
    en: 'the name, e-mail or phone of the person',
  },
  privacyNotice: {
    es: 'la aceptación del aviso de privacidad que está publicado',
    en: 'the acceptance of the privacy notice that is published',
  },
  callReason: {
    es: 'el motivo (call.reason) de registrarla más de un día después',
    en: 'the reason (call.reason) for registering it more than a day later',
  },
  category: { es: 'una categoría vigente, o ninguna', en: 'a category in force, or none' },
  municipality: { es: 'un municipio que exista, o ninguno', en: 'a municipality that exists, or none' },
  place: { es: 'la otra coordenada del lugar, o ninguna', en: 'the other coordinate of the place, or none' },
  occurred: {
    es: 'días en orden que no estén en el futuro',
    en: 'days in order that are not in the future',
  },
  other: { es: 'algo más: POST …/report dice qué', en: 'something else: POST …/report says what' },
} as const satisfies Record<string, Text>;
export type Missing = keyof typeof MISSING_LABELS;

/** In which language somebody talks with the caller. A draft corrects the beginning of the call. */
export function languageOf({ language, draft }: Call): 'es' | 'en' {
  return draft?.language ?? language;
}

/**
 * The draft as a report, checked like the body of `POST /reports`.
 * @throws InvalidRequest
 */
export async function submissionOf(call: Call, actor: StaffActor): Promise<Submission> {
  return { report: await shaped(call), channel: 'phone', actor, begunAt: new Date(call.begunAt) };
}

/** All for which the draft would be refused now, by the checks of `POST /reports` and of intake. */
export async function missingOf(call: Call, catalog: CatalogSnapshot, now: Date): Promise<Missing[]> {
  const refusals: DomainError[] = [];
  await shaped(call).catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
    refusals.push(error);
  });
  const judged = { report: lenient(call), channel: 'phone', begunAt: new Date(call.begunAt) } as const;
  refusals.push(...obstaclesOf(judged, catalog, now));
  const found = new Set(refusals.flatMap(missingIn));
  return (Object.keys(MISSING_LABELS) as Missing[]).filter((one) => found.has(one));
}

async function shaped(call: Call): Promise<Report> {
  const checked: unknown = await validation.transform(bodyOf(call), {
    type: 'body',
    metatype: ReportRequest,
  });
  return withoutNulls(checked) as Report;
}

/** The draft as it stands. Before the mode is known it is not asked for data of the person. */
function lenient(call: Call): Report {
  const { mode, reporter, ...rest } = bodyOf(call);
  if (mode === undefined) return { ...rest, mode: 'anonymous' };
  return reporter === undefined ? { ...rest, mode } : { ...rest, mode, reporter };
}

function bodyOf(call: Call): Omit<Report, 'mode'> & Partial<Pick<Report, 'mode'>> {
  const { startedAt, interpreterNeeded, recordingConsent, draft = {} } = call;
  return {
    ...draft,
    language: languageOf(call),
    call: { startedAt, interpreterNeeded, recordingConsent, ...draft.call },
  };
}

function missingIn(refusal: DomainError): Missing[] {
  if (refusal.code === catalogErrors.categoryNotInForce().code) return ['category'];
  if (refusal.code === catalogErrors.municipalityUnknown().code) return ['municipality'];
  if (!(refusal instanceof InvalidRequest)) return ['other'];
  return refusal.errors.map(({ field }) => {
    if (field === 'call.reason') return 'callReason';
    const [root] = field.split(/[.[]/);
    return root! in MISSING_LABELS ? (root as Missing) : 'other';
  });
}
