import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { StaffActor } from '../../../platform/actor.js';
import { Requires } from '../../../platform/http/access.js';
import { Refuses, FORBIDDEN, INVALID, UNAUTHENTICATED, refusal } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { IsTypedCode } from '../../../platform/http/typed-fields.js';
import { statisticsErrors } from '../errors.js';
import { ReleaseView } from '../published/views.js';
import { invalidPeriod } from '../release-domain.js';
import { TABLES, type TableName } from './release.entities.js';
import { Releases } from './releases.service.js';

export class PublishRelease {
  @ApiProperty({ enum: TABLES, example: 'reports' })
  @IsIn(TABLES)
  table!: TableName;

  @ApiProperty({ description: 'Mes `2026-10` o trimestre `2026-Q4`, ya terminado.', example: '2026-10' })
  @IsTypedCode(1, 10)
  period!: string;
}

@ApiTags('Estadísticas')
@Controller('stats/releases')
export class ReleasesController {
  constructor(private readonly releases: Releases) {}

  @Post()
  @Requires('stats.release')
  @ApiOperation({
    operationId: 'publishRelease',
    summary: 'Publicar un periodo terminado',
    description:
      'Una sola vez y sin corrección posterior: dos publicaciones con datos distintos mostrarían el dato exacto que cambió. Lo que nadie publica a mano sale el día 5 del mes siguiente. Un periodo se cierra 10 minutos después de su último día.',
  })
  @ApiCreatedResponse({ type: ReleaseView })
  @Refuses(
    INVALID,
    refusal(invalidPeriod(), 'El periodo no es como 2026-03 o 2026-Q1.'),
    UNAUTHENTICATED,
    FORBIDDEN,
    refusal(statisticsErrors.releaseExists('2026-03'), 'El periodo ya se publicó.'),
    refusal(statisticsErrors.periodOpen('2026-03'), 'El periodo aún no termina.'),
    refusal(
      statisticsErrors.releasesHeld(),
      'La base de datos se restauró, se actualizó o cambió de lugar: falta que quien opera confirme.',
    ),
    refusal(statisticsErrors.periodNotCovered('2026-03'), 'La institución no publica ese periodo.'),
  )
  publish(
    @CurrentStaff() staff: StaffActor,
    @Body() { table, period }: PublishRelease,
  ): Promise<ReleaseView> {
    return this.releases.publish(staff, table, period);
  }
}
