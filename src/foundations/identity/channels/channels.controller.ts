import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Requires } from '../../../platform/http/access.js';
import { Refuses, FORBIDDEN, INVALID, UNAUTHENTICATED, refusal } from '../../../platform/http/api-docs.js';
import { PageQuery } from '../../../platform/http/paging.js';
import { channelKeyNotFound } from '../errors.js';
import { CurrentSession, type SessionActor } from '../staff.js';
import { ChannelKeysService } from './channel-keys.service.js';
import { ChannelKeyPage, CreateChannelKeyRequest, CreatedChannelKey } from './channels.dto.js';

const ID = new ParseUUIDPipe({ exceptionFactory: channelKeyNotFound });

@ApiTags('Administración')
@Controller('admin/channels')
@Requires('admin.channels')
@Refuses(UNAUTHENTICATED, FORBIDDEN)
export class ChannelsController {
  constructor(private readonly keys: ChannelKeysService) {}

  @Get()
  @ApiOperation({
    operationId: 'listChannelKeys',
    summary: 'Listar las claves de canal',
    description: 'También las revocadas; las claves mismas no se pueden volver a ver.',
  })
  @ApiOkResponse({ description: 'Una página de claves.', type: ChannelKeyPage })
  @Refuses(INVALID)
  list(@CurrentSession() session: SessionActor, @Query() query: PageQuery): Promise<ChannelKeyPage> {
    return this.keys.list(session, query);
  }

  @Post()
  @ApiOperation({
    operationId: 'createChannelKey',
    summary: 'Crear una clave de canal',
    description:
      'Con la clave un sistema (formulario propio, centro de llamadas, pasarela) registra reportes en nombre de la institución.',
  })
  @ApiCreatedResponse({ description: 'Clave creada; no se vuelve a mostrar.', type: CreatedChannelKey })
  @Refuses(INVALID)
  create(
    @CurrentSession() session: SessionActor,
    @Body() body: CreateChannelKeyRequest,
  ): Promise<CreatedChannelKey> {
    return this.keys.create(session, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeChannelKey',
    summary: 'Revocar una clave de canal',
    description: 'La clave deja de valer en ese momento. Repetirlo no cambia nada.',
  })
  @ApiParam({ name: 'id', description: 'Identificador de la clave.', format: 'uuid' })
  @ApiNoContentResponse({ description: 'Clave revocada.' })
  @Refuses(refusal(channelKeyNotFound(), 'No hay una clave con ese identificador en tu institución.'))
  revoke(@CurrentSession() session: SessionActor, @Param('id', ID) id: string): Promise<void> {
    return this.keys.revoke(session, id);
  }
}
