import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Text } from '../../../platform/errors.js';
import { ApiCode, ApiText } from '../../../platform/http/labels.js';
import { PageQuery } from '../../../platform/http/paging.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { Account } from '../accounts/accounts.dto.js';
import { APPROVAL_KIND_LABELS, APPROVAL_STATE_LABELS, ROLE_LABELS } from '../labels.js';
import { APPROVAL_STATES, type ApprovalKind, type ApprovalState } from './approval.entity.js';

export class ApprovalsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: APPROVAL_STATES, description: 'Sólo las de este estado.', example: 'open' })
  @IsOptional()
  @IsIn(APPROVAL_STATES)
  state?: ApprovalState;
}

export class RefusalRequest {
  @ApiProperty({ description: 'Por qué no.', example: 'Nadie con ese nombre trabaja en el área.' })
  @IsPlainText(3, 500)
  reason!: string;
}

export class ApprovalPerson {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ example: 'Lucía Méndez' }) name!: string;
  @ApiProperty({ example: 'lucia.mendez@conavi.demo' }) email!: string;
}

/** What a request about a case is about. */
export class ApprovalSubjectView {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiProperty({ example: 3, description: 'Número de la prueba en el caso.' }) evidence!: number;
}

/** Which members are present depends on the act. */
export class RequestedAct {
  @ApiPropertyOptional({ example: 'lucia.mendez@conavi.demo' }) email?: string;
  @ApiPropertyOptional({ example: 'Lucía Méndez' }) name?: string;
  @ApiCode(ROLE_LABELS, { optional: true, isArray: true, as: 'roleLabels', example: 'investigator' })
  roles?: readonly string[];
  @ApiPropertyOptional({ type: [String], example: ['OBRA'] }) areas?: readonly string[];
  @ApiText({ required: false, isArray: true, example: ['Supervisión de obra'] }) areaLabels?: Text[];
  @ApiPropertyOptional({ type: Boolean }) active?: boolean;
}

export class Approval {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiCode(APPROVAL_KIND_LABELS, {
    description:
      '`account_creation`: una cuenta nueva que ve casos. `account_change`: una cuenta que pasa a ver casos, o más. `one_time_password`: otra contraseña para una cuenta que ve casos. `evidence_original`: abrir por una hora el original de una prueba (`subject`); sólo la ve quien ve el caso.',
  })
  kind!: ApprovalKind;
  @ApiCode(APPROVAL_STATE_LABELS, {
    description:
      '`unconfirmed`: se hizo cuando nadie podía estar de acuerdo todavía; falta que alguien lo confirme.',
  })
  state!: ApprovalState;
  @ApiProperty({ type: ApprovalPerson, nullable: true, description: 'La cuenta; null si aún no existe.' })
  account!: ApprovalPerson | null;
  @ApiProperty({ type: RequestedAct, description: 'Lo que se pide.' }) request!: RequestedAct;
  @ApiProperty({
    type: ApprovalSubjectView,
    nullable: true,
    example: null,
    description: 'La prueba y su caso; null cuando se trata de una cuenta.',
  })
  subject!: ApprovalSubjectView | null;
  @ApiProperty({ type: String, nullable: true }) reason!: string | null;
  @ApiProperty({ type: ApprovalPerson }) requestedBy!: ApprovalPerson;
  @ApiProperty({ example: '2026-11-20T10:00:00-06:00' }) requestedAt!: string;
  @ApiProperty({ example: '2026-11-27T10:00:00-06:00', description: 'Hasta cuándo se puede contestar.' })
  expiresAt!: string;
  @ApiProperty({
    type: ApprovalPerson,
    nullable: true,
    description: 'Quién contestó; null también si contestó quien opera el servidor porque nadie más podía.',
  })
  decidedBy!: ApprovalPerson | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null }) decidedAt!:
    string | null;
  @ApiProperty({ type: String, nullable: true, description: 'La razón de una negativa.', example: null })
  answer!: string | null;
  @ApiProperty({ type: Boolean, description: 'Si te toca contestarla.' }) mayDecide!: boolean;
}

export class ApprovalPage {
  @ApiProperty({ type: [Approval] }) items!: Approval[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor!: string | null;
}

/** The answer to an act that waits for a second person. */
export class ApprovalAsked {
  @ApiProperty({ type: Approval }) approval!: Approval;
}

export class AgreedApproval extends ApprovalAsked {
  @ApiProperty({
    type: Account,
    nullable: true,
    description: 'La cuenta como quedó; null si ya se había hecho.',
  })
  account!: Account | null;
  @ApiPropertyOptional({
    description:
      'Contraseña de un solo uso de la cuenta. Aparece sólo aquí: entrégala tú a la persona, no a quien la pidió. Vale 72 horas.',
    example: '7k3m-q9tx-4hbn-w2pd',
  })
  oneTimePassword?: string;
}
