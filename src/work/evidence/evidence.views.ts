import { ApiProperty } from '@nestjs/swagger';
import { INTEGRITY_LABELS } from '../../foundations/audit/labels.js';
import type { ApprovalState } from '../../foundations/identity/approvals/approval.entity.js';
import { APPROVAL_STATE_LABELS } from '../../foundations/identity/labels.js';
import { AuditItem, type Integrity } from '../../foundations/audit/trail.views.js';
import type { Text } from '../../platform/errors.js';
import { ApiCode } from '../../platform/http/labels.js';
import { IsPlainText } from '../../platform/http/validation.js';
import {
  EVIDENCE_STATE_LABELS,
  EvidenceItem,
  TranscriptView,
  type EvidenceState,
} from '../cases/evidence-view.js';
import { ProposedRoute } from '../cases/views.js';

export class EvidenceListItem extends EvidenceItem {
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Vista pequeña de la copia segura, como `data:image/jpeg;base64,…`; null cuando no la hay.',
  })
  thumbnail!: string | null;
}

export const STORED_LABELS = {
  ok: { es: 'Igual que cuando llegó', en: 'The same as when it came' },
  broken: { es: 'Cambió después de guardarse', en: 'Changed after it was stored' },
  missing: { es: 'Ya no está en el almacén', en: 'No longer in the store' },
} as const satisfies Readonly<Record<string, Text>>;

/** A stored file, read to its end at this moment. */
export class StoredBytes {
  @ApiProperty({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
  sha256!: string;
  @ApiProperty({ example: 1482113, description: 'Bytes.' }) size!: number;
  @ApiProperty({ example: 'image/jpeg' }) type!: string;
  @ApiCode(STORED_LABELS, {
    example: 'ok',
    description: 'Se leyó entero para contestar: si su SHA-256 sigue siendo el de cuando se guardó.',
  })
  stored!: keyof typeof STORED_LABELS;
  @ApiProperty({ format: 'date-time', example: '2026-11-20T16:15:00.000Z' }) checkedAt!: string;
}

/** The chain of custody of a file. */
export class CustodyView extends EvidenceItem {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiProperty({ type: StoredBytes, description: 'Lo que llegó.' }) original!: StoredBytes;
  @ApiProperty({ type: StoredBytes, nullable: true, description: 'La copia segura; null si no la hay.' })
  derivative!: StoredBytes | null;
  @ApiCode(INTEGRITY_LABELS, {
    description:
      'De la bitácora entera del caso: `broken` si algo del caso o de este archivo ya no coincide con ella; `GET …/audit` dice qué.',
  })
  integrity!: Integrity;
  @ApiProperty({
    type: [AuditItem],
    description:
      'Lo que se hizo con el archivo, en orden y comprobado. Lo que sigue de inmediato a un acto de quien denuncia aparece al día siguiente, sin hora.',
  })
  entries!: AuditItem[];
}

export class TranscriptRequest {
  @ApiProperty({
    example: 'Me pidieron dinero en la ventanilla tres.',
    minLength: 1,
    maxLength: 20000,
    description: 'Lo que se oye o se lee, con las palabras de la persona.',
  })
  @IsPlainText(1, 20_000)
  text!: string;
}

export class WrittenTranscript {
  @ApiProperty({ type: TranscriptView }) transcript!: TranscriptView;
  @ApiProperty({
    type: ProposedRoute,
    nullable: true,
    description:
      'A dónde mandarían hoy las reglas un relato así: lo escrito y las transcripciones del caso. null si ninguna coincide. No cambia el caso; la mesa lo decide con `POST …/triage`.',
  })
  proposal!: ProposedRoute | null;
  @ApiProperty({ example: 4, description: 'Versión del caso, para `If-Match`.' }) caseVersion!: number;
}

export class OriginalRequest {
  @ApiProperty({
    example: 'El juzgado pide el archivo como llegó.',
    minLength: 10,
    maxLength: 1000,
    description: 'Para qué hace falta el original.',
  })
  @IsPlainText(10, 1000)
  reason!: string;
}

export class OriginalRequestView {
  @ApiProperty({ format: 'uuid', description: 'Para `POST /approvals/{id}/agreement` y `…/refusal`.' })
  id!: string;
  @ApiCode(APPROVAL_STATE_LABELS, { example: 'open' }) state!: ApprovalState;
  @ApiProperty({ example: 'El juzgado pide el archivo como llegó.' }) reason!: string;
  @ApiProperty({ type: String, nullable: true, example: 'Investigación' }) requestedBy!: string | null;
  @ApiProperty({ example: '2026-11-20T10:00:00-06:00' }) requestedAt!: string;
  @ApiProperty({ example: '2026-11-27T10:00:00-06:00', description: 'Hasta cuándo se puede contestar.' })
  expiresAt!: string;
  @ApiProperty({ type: String, nullable: true, example: null }) decidedBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null }) decidedAt!:
    string | null;
  @ApiProperty({ type: String, nullable: true, description: 'La razón de una negativa.', example: null })
  answer!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Hasta cuándo lo abre quien lo pidió; null si nadie estuvo de acuerdo.',
  })
  opensUntil!: string | null;
}

/** What whoever sent a file is told of it. */
export class EvidenceReceipt {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({
    example: 3,
    description:
      'Número del archivo: para el personal, dentro del caso; para quien denuncia, entre los suyos.',
  })
  number!: number;
  @ApiProperty({ example: 1482113, description: 'Bytes que llegaron.' }) size!: number;
  @ApiProperty({
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    description: 'SHA-256 de lo que llegó: compáralo con el de tu archivo para comprobar que llegó completo.',
  })
  sha256!: string;
  @ApiCode(EVIDENCE_STATE_LABELS, { example: 'waiting' }) state!: EvidenceState;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
}
