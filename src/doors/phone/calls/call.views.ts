import { ApiProperty } from '@nestjs/swagger';
import { LANGUAGE_LABELS } from '../../../foundations/catalogs/labels.js';
import { ApiCode } from '../../../platform/http/labels.js';
import { IntakeReceipt } from '../../../work/intake/report.receipt.js';
import { SpokenNumber, SpokenReceipt } from '../spoken.js';
import type { PhoneDraft } from './call.request.js';
import { MISSING_LABELS, type Missing } from './read-back.js';

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
      'La denuncia ya se presentó: `POST …/report` repite el acuse hasta que la llamada termine, o un día más. Del borrador no queda nada.',
  })
  filed!: boolean;

  @ApiCode(LANGUAGE_LABELS, { nullable: true, description: 'De la llamada; null cuando ya se presentó.' })
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
    description: 'Lo que falta para presentar la denuncia.',
  })
  missing!: Missing[];
}

export class PhoneReceipt extends IntakeReceipt {
  @ApiProperty({ type: SpokenReceipt, description: 'Folio y clave para leerlos.' })
  spoken!: SpokenReceipt;
}
