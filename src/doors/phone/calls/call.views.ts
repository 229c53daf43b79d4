import { ApiProperty } from '@nestjs/swagger';
import type { CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { LANGUAGE_LABELS } from '../../../foundations/catalogs/labels.js';
import { isoWithOffset } from '../../../platform/clock.js';
import { ApiCode } from '../../../platform/http/labels.js';
import { IntakeReceipt } from '../../../work/intake/report.receipt.js';
import { spokenNumber, SpokenNumber, SpokenReceipt } from '../spoken.js';
import type { PhoneDraft } from './call.request.js';
import type { Call } from './calls.js';
import { languageOf, MISSING_LABELS, missingOf, type Missing } from './draft-report.js';
import { readBack } from './read-back.js';

export const EXAMPLE_CALL = '4821-0937-5566';

export class PhoneCall {
  @ApiProperty({
    example: EXAMPLE_CALL,
    description: 'Número de la llamada. Dáselo a la persona al empezar, por si la línea se corta.',
  })
  number!: string;

  @ApiProperty({ type: SpokenNumber, description: 'El número para leerlo.' })
  spokenNumber!: SpokenNumber;

  @ApiProperty({
    example: false,
    description:
      'La denuncia ya se presentó: `POST …/report` repite el acuse hasta que la llamada termine, o tres días más. Del borrador no queda nada.',
  })
  filed!: boolean;

  @ApiProperty({
    example: false,
    description:
      'Se mandó presentar y no se sabe todavía si se guardó. Repite `POST …/report`: da el acuse o la presenta, una sola vez. Hasta el día siguiente lo anotado no cambia.',
  })
  uncertain!: boolean;

  @ApiCode(LANGUAGE_LABELS, {
    nullable: true,
    description: 'En que se habla con la persona; `draft.language` lo corrige. Null cuando ya se presentó.',
  })
  language!: string | null;

  @ApiProperty({ type: Boolean, nullable: true, example: false, description: 'Si hace falta intérprete.' })
  interpreterNeeded!: boolean | null;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: true,
    description: 'Si la persona aceptó que se grabe; null cuando no se preguntó.',
  })
  recordingConsent!: boolean | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-20T09:55:00-06:00',
    description: 'Cuándo empezó. De la denuncia sólo queda el día.',
  })
  startedAt!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 3,
    description: 'Cuántas veces cambió lo anotado; para `If-Match`.',
  })
  version!: number | null;

  @ApiProperty({ type: Object, nullable: true, description: 'Lo anotado, como se guardó por última vez.' })
  draft!: PhoneDraft | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example:
      'Le leo lo que anoté. La denuncia es anónima. Usted contó lo siguiente: «Me pidieron dinero.» ¿Es correcto?',
    description: 'Lo anotado, para leérselo a la persona en el idioma de la llamada.',
  })
  readBack!: string | null;

  @ApiCode(MISSING_LABELS, {
    isArray: true,
    as: 'missingLabels',
    description: 'Lo que falta o no se admite para presentar la denuncia en este momento.',
  })
  missing!: Missing[];
}

export class PhoneReceipt extends IntakeReceipt {
  @ApiProperty({ type: SpokenReceipt, description: 'Folio y clave para leerlos.' })
  spoken!: SpokenReceipt;
}

/** A call that is not filed, for an operator. */
export async function callView(
  number: string,
  { call, uncertain, catalog, now }: { call: Call; uncertain: boolean; catalog: CatalogSnapshot; now: Date },
): Promise<PhoneCall> {
  const { draft = {} } = call;
  const language = languageOf(call);
  return {
    number,
    spokenNumber: spokenNumber(number),
    filed: false,
    uncertain,
    language,
    interpreterNeeded: draft.call?.interpreterNeeded ?? call.interpreterNeeded ?? false,
    recordingConsent: draft.call?.recordingConsent ?? call.recordingConsent ?? null,
    startedAt: isoWithOffset(new Date(call.startedAt), catalog.institution.timeZone),
    version: call.version,
    draft: call.draft ?? null,
    readBack: readBack(draft, catalog, language),
    missing: uncertain ? [] : await missingOf(call, catalog, now),
  };
}

/** A call whose report is filed. Nothing is known of it any more. */
export function filedView(number: string): PhoneCall {
  return {
    number,
    spokenNumber: spokenNumber(number),
    filed: true,
    uncertain: false,
    language: null,
    interpreterNeeded: null,
    recordingConsent: null,
    startedAt: null,
    version: null,
    draft: null,
    readBack: null,
    missing: [],
  };
}
