import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { StaffActor } from '../../../platform/actor.js';
import { INVALID, refusal } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { catalogErrors } from '../errors.js';
import { AddClosures, CalendarQuery, ChangeCalendar } from './calendar-requests.js';
import { CalendarsService } from './calendars.service.js';
import { ApiIdParam, ForCatalogAdmin, PathId } from './support.js';
import { AdminCalendar, Closures } from './views.js';

const FROM_NOW_ON =
  'Los plazos que ya corren conservan sus fechas: el cambio cuenta para los que se abran desde ahora.';

@ApiTags('Administración')
@Controller('admin/calendars')
export class CalendarsController {
  constructor(private readonly calendars: CalendarsService) {}

  @Get()
  @ForCatalogAdmin(INVALID)
  @ApiOperation({ operationId: 'getCalendar', summary: 'Calendario de días inhábiles de un año' })
  @ApiOkResponse({ type: AdminCalendar })
  year(@CurrentStaff() staff: StaffActor, @Query() query: CalendarQuery): Promise<AdminCalendar> {
    return this.calendars.year(staff, query.year);
  }

  @Patch()
  @ForCatalogAdmin(INVALID)
  @ApiOperation({
    operationId: 'changeCalendar',
    summary: 'Cambiar la ley cuyos días inhábiles aplican',
    description: FROM_NOW_ON,
  })
  @ApiOkResponse({ type: AdminCalendar })
  change(@CurrentStaff() staff: StaffActor, @Body() input: ChangeCalendar): Promise<AdminCalendar> {
    return this.calendars.change(staff, input);
  }

  @Post('closures')
  @ForCatalogAdmin(
    INVALID,
    refusal(catalogErrors.calendarTooClosed(2027), 'El año quedaría casi sin días hábiles.'),
  )
  @ApiOperation({
    operationId: 'addClosures',
    summary: 'Agregar días de cierre de la institución',
    description: `Vacaciones, suspensiones acordadas, jornadas electorales. Un día que ya estaba cerrado queda como estaba, así que una lista puede enviarse de nuevo. Se aceptan hoy y días por venir; los pasados no. Un cierre agregado hoy para hoy cuenta desde ahora. ${FROM_NOW_ON}`,
  })
  @ApiCreatedResponse({ type: Closures, description: 'Los cierres en los días enviados.' })
  async addClosures(@CurrentStaff() staff: StaffActor, @Body() input: AddClosures): Promise<Closures> {
    return { items: await this.calendars.addClosures(staff, input) };
  }

  @Delete('closures/:id')
  @HttpCode(204)
  @ForCatalogAdmin(
    refusal(catalogErrors.closureUnknown(), 'Ese día de cierre no existe o ya se retiró.'),
    refusal(catalogErrors.closurePast(), 'Ese día ya pasó.'),
  )
  @ApiIdParam('Identificador del día de cierre.')
  @ApiOperation({
    operationId: 'withdrawClosure',
    summary: 'Retirar un día de cierre',
    description: `El registro se conserva como retirado. ${FROM_NOW_ON}`,
  })
  @ApiNoContentResponse({ description: 'Retirado.' })
  withdrawClosure(@CurrentStaff() staff: StaffActor, @PathId() id: string): Promise<void> {
    return this.calendars.withdrawClosure(staff, id);
  }
}
