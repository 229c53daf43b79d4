import { Controller, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { ApiIdParam } from '../../foundations/catalogs/admin/support.js';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { IdentityModule } from '../../foundations/identity/identity.module.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import type { StaffActor } from '../../platform/actor.js';
import type { Text } from '../../platform/errors.js';
import { SignedIn } from '../../platform/http/access.js';
import { Refuses, INVALID, UNAUTHENTICATED, refusal } from '../../platform/http/api-docs.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { ApiCode, ApiText } from '../../platform/http/labels.js';
import { PageQuery } from '../../platform/http/paging.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { CasesModule } from '../cases/cases.module.js';
import { NOTICE_LABELS } from './notice-texts.js';
import { NoticeWriter } from './notice-writer.js';
import { Notices, noticeNotFound } from './notices.js';

export class NoticesQuery extends PageQuery {
  @ApiPropertyOptional({ type: Boolean, description: 'Sólo los no leídos.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  unread?: boolean;
}

export class NoticeAccount {
  @ApiProperty({ example: 'Lucía Méndez' }) name!: string;
  @ApiProperty({ example: 'lucia.mendez@conavi.demo' }) email!: string;
}

export class NoticeView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiCode(NOTICE_LABELS, {
    example: 'reporter_wrote',
    description:
      '`deadline_warning`, `deadline_breached`: un plazo está por vencer o venció. `reporter_wrote`: quien denuncia escribió o contestó; uno por caso mientras no se lea. Si el caso ya terminó llega además a quienes encabezan el área o, donde no hay, a auditoría.' +
      ' `case_assigned`: te asignaron el caso. `assignee_left`: se desactivó la cuenta que llevaba el caso. `approval_requested`: alguien pide que estés de acuerdo con algo sobre una cuenta que ve casos o, con `folio`, con abrir el original de una prueba. `approval_answered`: contestaron tu solicitud de un original, que se abre por una hora. `access_changed`: una cuenta pasó a ver casos, o recibió otra contraseña. `evidence_quarantined`: se encontró un programa dañino en un archivo del caso; uno por caso mientras no se lea. `trail_broken`: la bitácora no coincide con lo guardado. `whatsapp_number_down`: un número de WhatsApp dejó de funcionar. `whatsapp_free_messages`: un número de WhatsApp se acerca al final de los mensajes del mes que Meta no cobra; los dos llegan a quienes administran, uno mientras no se lea. `approval_requested`, `access_changed` y `trail_broken` no se pueden apagar.',
  })
  kind!: string;
  @ApiProperty({ type: String, nullable: true, example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string | null;
  @ApiCode(METRIC_LABELS, {
    nullable: true,
    example: 'triage',
    description: 'El plazo; null en los demás avisos.',
  })
  metric!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    format: 'uuid',
    example: null,
    description: 'Solicitud de `GET /approvals`.',
  })
  approval!: string | null;
  @ApiProperty({ type: NoticeAccount, nullable: true, description: 'La cuenta de que se trata.' })
  account!: NoticeAccount | null;
  @ApiProperty({
    example: '2026-11-25T00:00:00-06:00',
    description: 'El día: siempre su comienzo, nunca la hora.',
  })
  at!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) readAt!: string | null;
  @ApiText({
    description: 'El aviso, en una frase.',
    example: 'Quien denuncia escribió en el caso CNV-2026-7K3M-Q9TZ-4.',
  })
  summary!: Text;
}

export class NoticePage {
  @ApiProperty({ type: [NoticeView] }) items!: NoticeView[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

@ApiTags('Avisos')
@Controller('notifications')
@SignedIn()
export class NotificationsController {
  constructor(private readonly notices: Notices) {}

  @Get()
  @ApiOperation({
    operationId: 'listNotices',
    summary: 'Mis avisos',
    description:
      'Plazos por vencer y vencidos, mensajes de quienes denuncian, casos que me asignaron y casos sin quien los lleve; lo más nuevo primero.',
  })
  @ApiOkResponse({ type: NoticePage })
  @Refuses(INVALID, UNAUTHENTICATED)
  list(@CurrentStaff() staff: StaffActor, @Query() query: NoticesQuery): Promise<NoticePage> {
    return this.notices.list(staff, query);
  }

  @Post(':id/read')
  @HttpCode(204)
  @ApiIdParam('Identificador del aviso.')
  @ApiOperation({ operationId: 'markNoticeRead', summary: 'Marcar un aviso como leído' })
  @ApiNoContentResponse()
  @Refuses(INVALID, UNAUTHENTICATED, refusal(noticeNotFound(), 'No tienes un aviso con ese identificador.'))
  read(@CurrentStaff() staff: StaffActor, @PathUuid() id: string): Promise<void> {
    return this.notices.markRead(staff, id);
  }
}

@Module({
  imports: [CasesModule, CatalogsModule, IdentityModule],
  controllers: [NotificationsController],
  providers: [Notices, NoticeWriter],
  exports: [NoticeWriter],
})
export class NotificationsModule {}
