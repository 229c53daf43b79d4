import { ApiProperty } from '@nestjs/swagger';
import type { Text } from '../../platform/errors.js';
import { ApiCode, ApiText } from '../../platform/http/labels.js';

/** Evidence as the answers about a case show it. `work/evidence` owns it and fills these. */

/** What a file is, found from its content. */
export const EVIDENCE_KIND_LABELS = {
  image: { es: 'Imagen', en: 'Image' },
  audio: { es: 'Audio', en: 'Audio' },
  video: { es: 'Video', en: 'Video' },
  pdf: { es: 'PDF', en: 'PDF' },
  document: { es: 'Documento', en: 'Document' },
  other: { es: 'Otro archivo', en: 'Other file' },
} as const satisfies Readonly<Record<string, Text>>;

/**
 * `waiting`: not examined yet. `ready`: a safe copy can be opened. `sealed`: kept, and cannot be shown.
 * `quarantined`: harmful.
 */
export const EVIDENCE_STATE_LABELS = {
  waiting: { es: 'Se recibió; falta revisarlo', en: 'Received; not examined yet' },
  ready: { es: 'Se puede abrir', en: 'Can be opened' },
  sealed: { es: 'Se conserva sellado; no se puede mostrar', en: 'Kept sealed; cannot be shown' },
  quarantined: {
    es: 'En cuarentena: contiene un programa dañino',
    en: 'In quarantine: it holds harmful software',
  },
} as const satisfies Readonly<Record<string, Text>>;
export type EvidenceState = keyof typeof EVIDENCE_STATE_LABELS;

export const EVIDENCE_SOURCE_LABELS = {
  reporter: { es: 'Quien denuncia', en: 'The reporter' },
  staff: { es: 'Personal', en: 'Staff' },
} as const satisfies Readonly<Record<string, Text>>;
export type EvidenceSource = keyof typeof EVIDENCE_SOURCE_LABELS;

/** A copy that is safe to open. */
export class EvidenceCopy {
  @ApiProperty({ example: 'image/jpeg' }) type!: string;
  @ApiProperty({ example: 482113, description: 'Bytes.' }) size!: number;
  @ApiProperty({ example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9' })
  sha256!: string;
}

/** The words of a file, as a handler wrote them down. */
export class TranscriptView {
  @ApiProperty({
    example: 1,
    description: 'Cuenta las transcripciones del archivo; las anteriores quedan en `entries`.',
  })
  version!: number;
  @ApiProperty({ example: 'Me pidieron dinero en la ventanilla tres.' }) text!: string;
  @ApiProperty({ type: String, nullable: true, example: 'Investigación', description: 'Quién la escribió.' })
  by!: string | null;
  @ApiProperty({ example: '2026-11-20' }) day!: string;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-20T10:15:00-06:00' }) at!: string | null;
}

/** A file of a case, as staff see it in the case. */
export class EvidenceItem {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 3, description: 'Número dentro del caso, en el orden en que llegaron.' })
  number!: number;
  @ApiCode(EVIDENCE_KIND_LABELS, { example: 'image' }) kind!: string;
  @ApiCode(EVIDENCE_STATE_LABELS, { example: 'ready' }) state!: EvidenceState;
  @ApiText({ description: 'El estado, con su razón.', example: 'Se puede abrir.' }) stateText!: Text;
  @ApiCode(EVIDENCE_SOURCE_LABELS, { example: 'reporter' }) source!: EvidenceSource;
  @ApiProperty({ example: '2026-11-20', description: 'Día local; nunca la hora.' }) receivedOn!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'recibo.jpg',
    description: 'Como lo llamó quien lo mandó.',
  })
  name!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'El recibo que me dieron.' }) caption!: string | null;
  @ApiProperty({ example: 1482113, description: 'Bytes del original.' }) size!: number;
  @ApiProperty({
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    description: 'SHA-256 del original, como llegó.',
  })
  sha256!: string;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: null,
    description: 'Duración de audio o video, en segundos.',
  })
  seconds!: number | null;
  @ApiProperty({ type: Number, nullable: true, example: null }) pages!: number | null;
  @ApiProperty({
    type: EvidenceCopy,
    nullable: true,
    description: 'La copia segura; null mientras no la hay.',
  })
  copy!: EvidenceCopy | null;
  @ApiProperty({
    type: TranscriptView,
    nullable: true,
    description: 'Su última transcripción.',
    example: null,
  })
  transcript!: TranscriptView | null;
}

/** What a case takes, told before an upload starts. */
export class EvidenceLimitsView {
  @ApiProperty({ example: 104857600, description: 'Bytes de un archivo, a lo más.' }) fileBytes!: number;
  @ApiProperty({ example: 47, description: 'Archivos que el caso todavía admite.' }) filesLeft!: number;
  @ApiProperty({ example: 419430400, description: 'Bytes que el caso todavía admite.' }) bytesLeft!: number;
}

/** What a reporter sees of the files that arrived: never a name, never content. */
export class EvidenceCount {
  @ApiProperty({ example: 3, description: 'Archivos tuyos que llegaron.' }) received!: number;
  @ApiProperty({ example: 1, description: 'De ellos, los que falta revisar.' }) waiting!: number;
  @ApiProperty({ example: 0, description: 'De ellos, los que se conservan sellados y no se pueden mostrar.' })
  sealed!: number;
  @ApiProperty({ type: EvidenceLimitsView }) limits!: EvidenceLimitsView;
}
