import { ApiProperty } from '@nestjs/swagger';
import { ApiCode } from '../../platform/http/labels.js';
import { EVIDENCE_STATE_LABELS, EvidenceItem, type EvidenceState } from '../cases/evidence-view.js';

export class EvidenceListItem extends EvidenceItem {
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Vista pequeña de la copia segura, como `data:image/jpeg;base64,…`; null cuando no la hay.',
  })
  thumbnail!: string | null;
}

/** What whoever sent a file is told of it. */
export class EvidenceReceipt {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 3, description: 'Número del archivo dentro del caso.' }) number!: number;
  @ApiProperty({ example: 1482113, description: 'Bytes que llegaron.' }) size!: number;
  @ApiProperty({
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    description: 'SHA-256 de lo que llegó: compáralo con el de tu archivo para comprobar que llegó completo.',
  })
  sha256!: string;
  @ApiCode(EVIDENCE_STATE_LABELS, { example: 'waiting' }) state!: EvidenceState;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
}
