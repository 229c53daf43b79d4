import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { StaffActor } from '../../../platform/actor.js';
import { INVALID, refusal } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { catalogErrors } from '../errors.js';
import { NoticesService } from './notices.service.js';
import { PublishNotice } from './requests.js';
import { ForCatalogAdmin } from './support.js';
import { AdminNotice, AdminNotices } from './views.js';

@ApiTags('Administración')
@Controller('admin/privacy-notices')
export class NoticesController {
  constructor(private readonly notices: NoticesService) {}

  @Get()
  @ForCatalogAdmin()
  @ApiOperation({ operationId: 'listPrivacyNotices', summary: 'Versiones del aviso de privacidad' })
  @ApiOkResponse({ type: AdminNotices })
  async list(@CurrentStaff() staff: StaffActor): Promise<AdminNotices> {
    return { items: await this.notices.list(staff) };
  }

  @Post()
  @ForCatalogAdmin(INVALID, refusal(catalogErrors.noticeExists('2026-1'), 'Esa versión ya existe.'))
  @ApiOperation({
    operationId: 'publishPrivacyNotice',
    summary: 'Publicar una versión del aviso de privacidad',
    description:
      'Una versión publicada no se cambia ni se borra, porque alguien la aceptó; una corrección es otra versión. Vale la que empezó más tarde de las que ya empezaron.',
  })
  @ApiCreatedResponse({ type: AdminNotice })
  publish(@CurrentStaff() staff: StaffActor, @Body() input: PublishNotice): Promise<AdminNotice> {
    return this.notices.publish(staff, input);
  }
}
